"""Pictures in chunks over a real WebSocket: sent, resumed at another gateway, cancelled, refused, while S3 is away."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.upload_frames import CHUNK_BYTES, Chunk, encode_chunk
from tests.gateway.client import Client
from tests.gateway.conftest import Edge
from tests.gateway.pictures import album

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]


async def _begin(client: Client, data: bytes, upload_id: str = "u1", **told: Any) -> dict[str, Any]:
    said = {"media_type": "image/png", "size": len(data), **told}
    await client.send(type="upload", upload_id=upload_id, **said)
    return await client.expect("upload_ready", upload_id=upload_id)


async def _send(client: Client, data: bytes, start: int, end: int | None = None, name: str = "u1") -> None:
    end = len(data) if end is None else end
    for at in range(start, end, CHUNK_BYTES):
        await client.send_raw(encode_chunk(Chunk(name, at, data[at : min(at + CHUNK_BYTES, end)])))


def _files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def test_a_picture_is_sent_in_chunks_and_shown(edge: Edge) -> None:
    """Progress rises to the end; the picture is like one that was uploaded by POST and may be sent."""
    client, data = await edge.join(), album.noisy(600)
    ready = await _begin(client, data, name="holiday.png")
    assert (ready["offset"], ready["chunk_bytes"]) == (0, CHUNK_BYTES)
    await _send(client, data, 0)
    done = await client.expect("upload_done", upload_id="u1")
    told = [frame["received"] for frame in client.frames if frame["type"] == "upload_progress"]
    assert told == sorted(told)
    assert told[-1] == len(data)
    await client.send(type="message", client_msg_id="m1", image=done["image"]["id"])
    entry = await client.expect("entry", client_msg_id="m1")
    assert entry["image"]["id"] == done["image"]["id"]
    async with httpx.AsyncClient(base_url=edge.http) as http:
        assert (await http.get(done["image"]["thumb_url"])).status_code == 200
        headers = {"authorization": f"Bearer {client.welcome['token']}", "content-type": "image/png"}
        posted = (await http.post("/v1/images", content=data, headers=headers)).json()
    assert posted["id"] == done["image"]["id"]
    assert edge.metric("stickerdesk_edge_uploads_total", outcome="kept") == 2


async def test_uploads_of_two_customers_under_one_id_do_not_meet(edge: Edge) -> None:
    """Each begins at nothing and ends with their own picture; a cancel of one leaves the other's."""
    kim, lee = await edge.join(), await edge.join()
    hers, his = album.noisy(400), album.picture()
    await _begin(kim, hers)
    await _send(kim, hers, 0, CHUNK_BYTES)
    await kim.expect("upload_progress")
    assert (await _begin(lee, hers, sha256=hashlib.sha256(hers).hexdigest()))["offset"] == 0
    await lee.send(type="upload_cancel", upload_id="u1")
    await lee.expect("upload_cancelled")
    await _begin(lee, his)
    await _send(lee, his, 0)
    await _send(kim, hers, CHUNK_BYTES)
    done = [(await client.expect("upload_done"))["image"] for client in (kim, lee)]
    assert [(image["width"], image["height"]) for image in done] == [(400, 400), (40, 30)]
    assert done[0]["id"] != done[1]["id"]


@pytest.mark.parametrize("kind", ["folder", "s3"])
async def test_an_upload_goes_on_at_another_gateway(
    make_edge: MakeEdge, kind: str, request: pytest.FixtureRequest
) -> None:
    """What came before the connection broke is not sent again; nothing unfinished is left at the end."""
    settings = {"pictures_url": request.getfixturevalue("s3_url")} if kind == "s3" else {}
    first, second = await make_edge(**settings), await make_edge(**settings)
    client, data = await first.join(), album.noisy(700)
    sha256 = hashlib.sha256(data).hexdigest()
    await _begin(client, data, sha256=sha256)
    await _send(client, data, 0, 8 * CHUNK_BYTES)
    while True:
        if (await client.expect("upload_progress"))["received"] == 8 * CHUNK_BYTES:
            break
        await client.send_raw(encode_chunk(Chunk("u1", 0, data[:CHUNK_BYTES])))  # in the wrong place: tells where it is
        if (await client.expect("upload_ready"))["offset"] == 8 * CHUNK_BYTES:
            break
    await client.close()
    async with asyncio.timeout(20):
        while len(first.gateway.hub):
            await asyncio.sleep(0.01)
    other = await second.join(token=client.welcome["token"])
    ready = await _begin(other, data, sha256=sha256)
    assert ready["offset"] == 8 * CHUNK_BYTES
    await _send(other, data, ready["offset"])
    await other.expect("upload_done")
    assert second.metric("stickerdesk_edge_uploads_resumed_total") == 1
    assert [item async for item in second.gateway._desk._store.list("partial/")] == []
    again = await first.join(token=client.welcome["token"])
    await again.send(type="upload", upload_id="u9", media_type="image/png", size=len(data), sha256=sha256)
    assert (await again.expect("upload_done", upload_id="u9"))["image"]["width"] == 700, "known bytes are not sent"


async def test_a_cancel_leaves_nothing(edge: Edge, tmp_path: Path) -> None:
    """Neither in the middle nor from another connection; an unknown id is cancelled too."""
    client, data = await edge.join(), album.noisy(700)
    folder = tmp_path / "gateway" / "pictures"
    await _begin(client, data)
    await _send(client, data, 0, 10 * CHUNK_BYTES)
    await client.send(type="upload_cancel", upload_id="u1")
    await client.expect("upload_cancelled", upload_id="u1")
    assert _files(folder) == []
    await _begin(client, data, "u2")
    await _send(client, data, 0, 10 * CHUNK_BYTES, "u2")
    await client.send(type="ping", t=1)
    await client.expect("pong")
    await client.close()
    async with asyncio.timeout(20):
        while len(edge.gateway.hub):
            await asyncio.sleep(0.01)
    assert _files(folder) != []
    other = await edge.join(token=client.welcome["token"])
    for name in ("u2", "never"):
        await other.send(type="upload_cancel", upload_id=name)
        await other.expect("upload_cancelled", upload_id=name)
    assert _files(folder) == []


@pytest.mark.parametrize(
    ("data", "told", "reason"),
    [
        (album.picture("JPEG"), {"media_type": "image/png"}, "PICTURE_TYPE_MISMATCH"),
        (album.picture(), {"name": "cat.png.exe"}, "PICTURE_TYPE_MISMATCH"),
        (album.picture(), {"sha256": "ab" * 32}, "CHECKSUM_MISMATCH"),
        (album.truncated(), {}, "PICTURE_BROKEN"),
        (album.bomb(), {}, "PICTURE_TOO_LARGE"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, "PICTURE_TYPE_UNSUPPORTED"),
    ],
    ids=["declared type", "double extension", "checksum", "cut off", "bomb", "svg"],
)
async def test_what_is_no_picture_is_refused_at_its_end(
    edge: Edge, tmp_path: Path, data: bytes, told: dict[str, str], reason: str
) -> None:
    """With the upload's id; nothing is kept, and the next one is taken."""
    client = await edge.join()
    await _begin(client, data, **told)
    await _send(client, data, 0)
    error = await client.expect("error", upload_id="u1")
    assert (error["reason"], error["retryable"]) == (reason, False)
    assert _files(tmp_path / "gateway" / "pictures") == []
    await _begin(client, album.picture(), "u2")
    await _send(client, album.picture(), 0, name="u2")
    await client.expect("upload_done", upload_id="u2")


async def test_what_is_announced_too_large_is_refused_at_once(edge: Edge) -> None:
    """Before a byte of it is sent; and a broken announcement names its upload."""
    client = await edge.join()
    await client.send(type="upload", upload_id="u1", media_type="image/png", size=5 * 1024 * 1024 + 1)
    assert (await client.expect("error", upload_id="u1"))["reason"] == "PICTURE_TOO_LARGE"
    error = await client.error({"type": "upload", "upload_id": "u2", "media_type": "image/png", "size": 0})
    assert (error["reason"], error["upload_id"], error["field"]) == ("INVALID_FRAME", "u2", "size")
    error = await client.error({"type": "upload", "upload_id": "../u", "media_type": "image/png", "size": 1})
    assert (error["reason"], "upload_id" in error) == ("INVALID_FRAME", False)


async def test_chunks_before_hello_and_of_nothing(edge: Edge) -> None:
    """Before hello the connection ends; after it an unknown upload is an error that names it."""
    early = await edge.dial()
    error = await early.error(encode_chunk(Chunk("u1", 0, b"x")))
    assert error["reason"] == "HELLO_REQUIRED"
    assert (await early.closed())[0] == 4400
    client = await edge.join()
    error = await client.error(encode_chunk(Chunk("u1", 0, b"x")))
    assert (error["code"], error["reason"], error["upload_id"]) == (404, "UPLOAD_NOT_FOUND", "u1")


async def test_a_flood_of_crumbs_is_slowed_and_five_mebibytes_are_not(make_edge: MakeEdge) -> None:
    """Tiny chunks count as frames; whole ones do not, so that a large picture is not refused for its size."""
    edge = await make_edge(frames_per_s=1.0, frame_burst=20)
    client, data = await edge.join(), album.noisy(1200)
    assert len(data) / CHUNK_BYTES > 40
    await _begin(client, data)
    await _send(client, data, 0)
    await client.expect("upload_done", upload_id="u1")
    await _begin(client, data, "u2", name="again.png")
    for at in range(30):
        await client.send_raw(encode_chunk(Chunk("u2", at, data[at : at + 1])))
    error = await client.expect("error", upload_id="u2")
    assert (error["reason"], error["retryable"]) == ("RATE_LIMITED", True)


async def test_who_uploads_can_write_meanwhile(edge: Edge) -> None:
    """Messages between chunks are answered; the picture arrives whole."""
    client, data = await edge.join(), album.noisy(500)
    await _begin(client, data)
    for at in range(0, len(data), CHUNK_BYTES):
        await _send(client, data, at, min(at + CHUNK_BYTES, len(data)))
        await client.send(type="message", client_msg_id=f"m{at}", text="still sending")
    await client.expect("upload_done")
    await client.send(type="message", client_msg_id="last", text="there")
    await client.expect("ack", client_msg_id="last")
    assert not [frame for frame in client.frames if frame["type"] == "error"]


async def test_s3_that_is_away_stops_pictures_and_nothing_else(
    make_edge: MakeEdge, unused: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with Retry-After over HTTP, a retryable error over the socket; the conversation goes on, the edge is up."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    edge = await make_edge(pictures_url=f"s3://bucket?endpoint=http://127.0.0.1:{unused()}")
    client, data = await edge.join(), album.picture()
    await client.send(type="upload", upload_id="u1", media_type="image/png", size=len(data))
    error = await client.expect("error", upload_id="u1")
    assert (error["reason"], error["retryable"]) == ("UNAVAILABLE", True)
    assert error["retry_after_ms"] > 0
    async with httpx.AsyncClient(base_url=edge.http, timeout=60) as http:
        headers = {"authorization": f"Bearer {client.welcome['token']}", "content-type": "image/png"}
        answer = await http.post("/v1/images", content=data, headers=headers)
        assert (answer.status_code, answer.json()["reason"]) == (503, "UNAVAILABLE")
        assert int(answer.headers["retry-after"]) >= 1
        assert (await http.get("/readyz")).status_code == 200
    await client.send(type="message", client_msg_id="m1", text="hello?")
    await client.expect("turn_ended")


async def test_pictures_in_s3_are_shown_and_sent(make_edge: MakeEdge, s3_url: str) -> None:
    """The whole way over a bucket: taken, attached to a message, shown, erased."""
    edge = await make_edge(pictures_url=s3_url)
    client = await edge.join()
    async with httpx.AsyncClient(base_url=edge.http, timeout=60) as http:
        headers = {"authorization": f"Bearer {client.welcome['token']}", "content-type": "image/png"}
        kept = (await http.post("/v1/images", content=album.picture(), headers=headers)).json()
        await client.send(type="message", client_msg_id="m1", image=kept["id"])
        await client.expect("entry", client_msg_id="m1")
        for accept in ("image/webp", "*/*"):
            assert (await http.get(kept["url"], headers={"accept": accept})).status_code == 200
        visitor = edge.gateway._guard.authenticator.visitors.verify(client.welcome["token"])
        assert await edge.gateway._desk.forget(visitor.tenant, visitor.subject) == 4
        for accept in ("image/webp", "*/*"):
            assert (await http.get(kept["url"], headers={"accept": accept})).status_code == 404


async def test_the_allowance_is_one_over_all_gateways(make_edge: MakeEdge, redis_url: str) -> None:
    """What was sent at one gateway counts at the others, whatever way it came."""
    settings = {"redis_url": redis_url, "redis_prefix": f"t{uuid.uuid4().hex[:8]}", "upload_burst": 2,
                "uploads_per_minute": 1}  # fmt: skip
    first, second = await make_edge(**settings), await make_edge(**settings)
    client = await first.join()
    for number in range(2):
        data = album.picture(size=(10, 10 + number))
        await _begin(client, data, f"u{number}")
        await _send(client, data, 0, name=f"u{number}")
        await client.expect("upload_done", upload_id=f"u{number}")
    await first.gateway._guard.pictures.report()
    other = await second.join(token=client.welcome["token"])
    async with asyncio.timeout(30):
        for number in range(100):  # the second learns of it with its own first report
            data = album.picture(size=(20, 10 + number))
            await other.send(type="upload", upload_id=f"v{number}", media_type="image/png", size=len(data))
            answer = await _answer(other, f"v{number}")
            if answer["type"] == "error":
                break
            await second.gateway._guard.pictures.report()
    assert (answer["reason"], answer["retryable"]) == ("RATE_LIMITED", True)
    assert number <= 2


async def _answer(client: Client, name: str) -> dict[str, Any]:
    while True:
        frame = await client.receive()
        if frame.get("upload_id") == name:
            return frame


async def test_a_drain_keeps_what_came(make_edge: MakeEdge) -> None:
    """An edge that goes away refuses new uploads with a retryable error, and hands over what it has of the others."""
    first, second = await make_edge(), await make_edge()
    client, data = await first.join(), album.noisy(400)
    await _begin(client, data)
    await _send(client, data, 0, 3 * CHUNK_BYTES)
    await client.send(type="ping", t=1)
    await client.expect("pong")
    await first.gateway.stop()
    code, reason = await client.closed()
    assert code == 1012, reason
    other = await second.join(token=client.welcome["token"])
    assert (await _begin(other, data))["offset"] == 3 * CHUNK_BYTES
