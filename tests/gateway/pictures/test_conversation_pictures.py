"""Pictures in a conversation: by name, inline, on other devices, refused."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from PIL import ExifTags, Image

from tests.gateway.client import Client
from tests.gateway.conftest import Edge
from tests.gateway.pictures import album

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]


async def _upload(edge: Edge, client: Client, data: bytes) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {client.welcome['token']}", "content-type": "image/png"}
    async with httpx.AsyncClient(base_url=edge.http) as http:
        found: dict[str, Any] = (await http.post("/v1/images", content=data, headers=headers)).json()
    return found


def _inline(data: bytes, kind: str = "image/png", **metadata: Any) -> dict[str, Any]:
    picture: dict[str, Any] = {"type": kind, "data": base64.b64encode(data).decode()}
    return picture | ({"metadata": metadata} if metadata else {})


async def test_an_uploaded_picture_is_sent_and_seen(edge: Edge) -> None:
    """The entry has links that work, on every device; the orchestrator gets a preview, the client never does."""
    client = await edge.join()
    kept = await _upload(edge, client, album.picture())
    await client.send(type="message", client_msg_id="m1", image=kept["id"])
    entry = await client.expect("entry", client_msg_id="m1")
    assert entry["image"] == {key: kept[key] for key in ("id", "url", "thumb_url", "width", "height", "animated")}
    answer = await client.expect("entry", author="assistant")
    assert answer["picture_understood"] == {"caption": {"en": "an orange field", "zh": ""}, "text": "Order 4711"}
    await client.expect("turn_ended")
    sent = next(one.user_message.image for one in edge.orchestrator.servicer.seen if one.HasField("user_message"))
    assert (sent.image_id, sent.media_type, sent.width_px, sent.size_bytes) == (
        kept["id"], "image/webp", 40, kept["size"],
    )  # fmt: skip
    assert sent.preview.startswith(b"\xff\xd8\xff")
    other = await edge.join(token=client.welcome["token"])
    replayed = next(frame for frame in other.frames if frame["type"] == "entry" and "image" in frame)
    async with httpx.AsyncClient(base_url=edge.http) as http:
        assert (await http.get(replayed["image"]["thumb_url"])).status_code == 200


async def test_a_small_picture_goes_inline_and_counts_once(edge: Edge) -> None:
    """It is kept like an uploaded one; sent again under its id it is the same message."""
    client = await edge.join()
    data = album.picture()
    picture = _inline(data, format="png", width=40, height=30, size=len(data))
    for duplicate in (False, True):
        await client.send(type="message", client_msg_id="m1", picture=picture)
        assert (await client.expect("ack", client_msg_id="m1"))["duplicate"] is duplicate
    assert len([frame for frame in client.frames if frame["type"] == "entry" and "image" in frame]) == 1
    assert (await _upload(edge, client, data))["id"] == next(
        frame["image"]["id"] for frame in client.frames if "image" in frame
    )


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (_inline(b"nonsense"), "PICTURE_TYPE_UNSUPPORTED"),
        (_inline(album.picture(), "image/jpeg"), "PICTURE_TYPE_MISMATCH"),
        (_inline(album.picture(), format="gif"), "PICTURE_TYPE_MISMATCH"),
        (_inline(album.picture(), size=5), "PICTURE_BROKEN"),
        (_inline(album.picture(), width=41), "PICTURE_BROKEN"),
        (_inline(album.picture(), width=40, height=40), "PICTURE_BROKEN"),
        (_inline(album.picture(), height=2**60), "PICTURE_BROKEN"),
        (_inline(album.bomb(), width=30_000, height=30_000), "PICTURE_TOO_LARGE"),
        (_inline(b"GIF89a", "image/gif", width=1), "PICTURE_BROKEN"),
        (_inline(b""), "PICTURE_EMPTY"),
        (_inline(album.bomb()), "PICTURE_TOO_LARGE"),
        ({"type": "image/png", "data": "not base64!"}, "INVALID_FRAME"),
        ({"data": ""}, "INVALID_FRAME"),
    ],
)
async def test_a_bad_inline_picture_is_refused(edge: Edge, picture: dict[str, Any], reason: str) -> None:
    """One error that names the message; the connection and later messages go on."""
    client = await edge.join()
    error = await client.error({"type": "message", "client_msg_id": "m1", "picture": picture})
    assert (error["reason"], error["client_msg_id"]) == (reason, "m1")
    await client.send(type="message", client_msg_id="m1", text="then in words")
    await client.expect("turn_ended")


async def test_a_turned_photo_may_be_told_as_it_is_seen(edge: Edge) -> None:
    """A phone writes it lying and says so; a browser tells the sides of what it shows. Both are right."""
    client = await edge.join()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    photo = album.picture("JPEG", exif=exif)
    for number, (width, height) in enumerate([(40, 30), (30, 40)]):
        picture = _inline(photo, "image/jpeg", format="jpeg", width=width, height=height)
        await client.send(type="message", client_msg_id=f"m{number}", picture=picture)
        entry = await client.expect("entry", client_msg_id=f"m{number}")
        assert (entry["image"]["width"], entry["image"]["height"]) == (30, 40)


async def test_only_the_owner_may_send_a_picture(edge: Edge) -> None:
    """Somebody else's, an unknown one: IMAGE_NOT_FOUND, the same for both."""
    kim, lee = await edge.join(), await edge.join()
    kept = await _upload(edge, kim, album.picture())
    for name in (kept["id"], "ab" * 16):
        error = await lee.error({"type": "message", "client_msg_id": f"m-{name[:4]}", "image": name})
        assert (error["code"], error["reason"]) == (404, "IMAGE_NOT_FOUND")
    bad = await lee.error({"type": "message", "client_msg_id": "m2", "image": "../../etc/passwd"})
    assert bad["reason"] == "INVALID_FRAME"
    both = await lee.error({"type": "message", "client_msg_id": "m3", "image": kept["id"], "text": "x"})
    assert both["reason"] == "INVALID_FRAME"


async def test_a_picture_outlasts_an_orchestrator_outage(edge: Edge) -> None:
    """It waits with its order and is handed over when the orchestrator is back."""
    client = await edge.join()
    kept = await _upload(edge, client, album.picture())
    await edge.orchestrator.kill()
    await client.send(type="message", client_msg_id="m1", image=kept["id"])
    await client.send(type="message", client_msg_id="m2", text="what is this")
    await edge.orchestrator.start()
    first = await client.expect("entry", author="customer")
    second = await client.expect("entry", author="customer")
    assert (first["client_msg_id"], second["client_msg_id"]) == ("m1", "m2")
    assert first["image"]["id"] == kept["id"]


async def test_inline_pictures_are_rationed(make_edge: MakeEdge) -> None:
    """The same quota as over HTTP; retryable."""
    edge = await make_edge(upload_burst=1, uploads_per_minute=1)
    client = await edge.join()
    await client.send(type="message", client_msg_id="m1", picture=_inline(album.picture()))
    await client.expect("ack")
    await client.send(type="message", client_msg_id="m2", picture=_inline(album.picture(colour="red")))
    error = await client.expect("error", client_msg_id="m2")
    assert (error["reason"], error["retryable"]) == ("RATE_LIMITED", True)
    assert error["retry_after_ms"] > 1000
