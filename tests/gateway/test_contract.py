"""`asyncapi.yaml` and the running edge say the same."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest

from gateway import frames
from gateway.archive import TIMEOUT_S
from gateway.client.wire import GREETING_S, PROBE_S
from gateway.close_codes import CloseCode
from gateway.errors import REASON_CODES
from gateway.settings import GatewaySettings
from gateway.upload_frames import Chunk, encode_chunk
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.conftest import ROOT
from tests.fakes_orchestrator import STICKER_ID
from tests.gateway.client import CONTRACT, Client
from tests.gateway.conftest import Edge
from tests.gateway.pictures import album

pytestmark = pytest.mark.integration

HTTP_ONLY = {
    *("INVALID_QUERY", "NOT_FOUND", "METHOD_NOT_ALLOWED", "TOO_MANY_CONNECTIONS", "ORIGIN_FORBIDDEN"),
    *("TOKEN_MISSING", "REQUEST_TIMEOUT"),
    *("INVALID_UPLOAD", "IDEMPOTENCY_CONFLICT", "LINK_INVALID", "LINK_EXPIRED"),
    *("ENTRY_NOT_FOUND", "ENTRY_NOT_OURS", "INVALID_BODY"),
    *("ALREADY_TAKEN", "NOT_TAKEN", "APPROVAL_UNKNOWN", "APPROVAL_DECIDED"),
}


def _tags(union: object) -> set[str]:
    return {kind.__struct_config__.tag for kind in get_args(union)}


def test_the_document_lists_exactly_the_frames_of_the_code() -> None:
    """No frame is undocumented and none is made up, in both directions."""
    assert CONTRACT.types("receive") == _tags(frames.AnyClientFrame)
    assert CONTRACT.types("send") == _tags(frames.AnyServerFrame)


@pytest.mark.parametrize("kind", [*get_args(frames.AnyClientFrame), *get_args(frames.AnyServerFrame)])
def test_the_document_has_the_fields_of_the_code(kind: type[msgspec.Struct]) -> None:
    """Names of fields, and which of them are required."""
    way = "receive" if issubclass(kind, frames.ClientFrame) else "send"
    schema = CONTRACT.schema(way, str(kind.__struct_config__.tag))
    fields = msgspec.structs.fields(kind)
    assert set(schema["properties"]) == {"type", *(field.encode_name for field in fields)}
    required = {field.encode_name for field in fields if field.required}
    assert set(schema["required"]) == {"type", *required}


def _parts(
    kind: object, schema: dict[str, Any], where: str
) -> Iterator[tuple[type[msgspec.Struct], dict[str, Any], str]]:
    """Every struct within an annotation, with the schema that stands for it."""
    schema = CONTRACT.resolved(schema)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if "properties" not in schema:
            tag = kind.__struct_config__.tag
            schema = next(
                one for one in map(CONTRACT.resolved, schema["oneOf"]) if one["properties"]["kind"]["const"] == tag
            )
        yield kind, schema, where
        for field in msgspec.structs.fields(kind):
            yield from _parts(field.type, schema["properties"].get(field.encode_name, {}), f"{where}.{field.name}")
        return
    inner = [one for one in get_args(kind) if one not in (None, NoneType, Ellipsis)]
    below = schema.get("items", schema) if get_origin(kind) is tuple else schema
    for one in inner if get_origin(kind) in (tuple, Union, UnionType) else ():
        yield from _parts(one, below, where)


@pytest.mark.parametrize("kind", [*get_args(frames.AnyClientFrame), *get_args(frames.AnyServerFrame)])
def test_the_document_has_the_parts_of_frames(kind: type[msgspec.Struct]) -> None:
    """Cards, forms, pictures, stickers, notices …: their fields too, as deep as they go, and what is required."""
    way = "receive" if issubclass(kind, frames.ClientFrame) else "send"
    for part, schema, where in _parts(kind, CONTRACT.schema(way, str(kind.__struct_config__.tag)), kind.__name__):
        fields = msgspec.structs.fields(part)
        tag = part.__struct_config__.tag_field
        tagged = {tag} if tag else set()
        assert set(schema["properties"]) == {field.encode_name for field in fields} | tagged, where
        always = way == "send" and not part.__struct_config__.omit_defaults  # sent also when it is empty
        wanted = {field.encode_name for field in fields if field.required or always} | tagged
        assert set(schema.get("required", ())) == wanted, where


def test_parts_of_frames_are_found() -> None:
    """The walk above reaches what it is there for."""
    found = {part.__name__ for part, _, _ in _parts(frames.Entry, CONTRACT.schema("send", "entry"), "Entry")}
    assert {"OrderCard", "CardParcel", "TicketCard", "CouponCard", "Money", "FormChoice", "FilledSlot", "ImageView",
            "StickerView", "AltText", "Notice", "Revision", "Citation", "PictureUnderstood"} <= found  # fmt: skip


def test_the_document_lists_reasons_and_close_codes() -> None:
    """Every reason that a frame can carry and every close code of the edge."""
    reasons = CONTRACT.document["components"]["schemas"]["Reason"]
    assert set(reasons["enum"]) == set(REASON_CODES) - HTTP_ONLY
    assert all(f"{reason}" in reasons["description"] for reason in reasons["enum"])
    text = CONTRACT.document["info"]["description"]
    assert all(f"| {int(code)} |" in text for code in CloseCode)


async def _upload(client: Client) -> None:
    data = album.picture()
    await client.send(type="upload", upload_id="u1", media_type="image/png", size=len(data))
    await client.expect("upload_ready", offset=0)
    await client.send_raw(encode_chunk(Chunk("u1", 0, data)))
    await client.expect("upload_progress", received=len(data))
    await client.expect("upload_done")
    await client.send(type="upload_cancel", upload_id="u1")
    await client.expect("upload_cancelled")


async def test_every_documented_frame_is_exercised(make_edge: Callable[..., Awaitable[Edge]]) -> None:
    """One connection sees each frame of the document at least once, each valid."""
    seen = CONTRACT.watch()
    edge = await make_edge(heartbeat_s=0.05, token_days=40 / 86_400, away_s=0.01)
    client = await edge.join(locale="en")
    await client.send(type="message", client_msg_id="m1", text="hello")
    await client.expect("receipt", reader="assistant")
    await client.expect("turn_ended")
    await client.send(type="suggest", suggest_id="s1", text="x")
    await client.expect("suggestions")
    await client.send(type="typing", active=False)
    await client.expect("typing", author="agent")
    await client.send(type="feedback", sticker=STICKER_ID, kind="dismissed", position=3)
    await client.send(type="stop")
    await client.send(type="receipt", delivered=2, read=1)
    await client.send(type="rating", rating_id="r1", score=5, comment="good")
    await client.expect("ack", client_msg_id="r1", seq=0)
    await client.send(type="history", history_id="h1", before_seq=2)
    await client.expect("history", history_id="h1")
    await client.expect("expiring")
    await client.send(type="refresh")
    await client.expect("refreshed")
    edge.orchestrator.journal.conversations[client.welcome["conversation"]].tell(
        pb.ConverseResponse(queue=pb.QueueEvent(position=2))
    )
    await client.expect("queue", position=2)
    await _upload(client)
    await client.send(type="ping", t=1)
    await client.expect("pong")
    ping = await client.expect("ping")
    await client.send(type="pong", t=ping["t"])
    await client.error("garbage")
    conversation, epoch = client.welcome["conversation"], client.welcome["epoch"]
    await client.send(type="resume", conversation=conversation, last_seq=50, epoch=epoch)
    await client.expect("gap")
    await edge.orchestrator.kill()
    await client.expect("service", available=False)
    assert seen["send"] == CONTRACT.types("send")
    assert seen["receive"] == CONTRACT.types("receive")


def test_clients_are_more_patient_than_the_edge() -> None:
    """A greeting that waits in line and a page that is slow end at the edge, with a word, before a client gives up."""
    link = (ROOT / "gateway" / "web" / "sdk" / "link.js").read_text("utf-8")
    javascript = {
        name: int(value.replace("_", "")) / 1000 for name, value in re.findall(r"const (\w+)_MS = ([\d_]+);", link)
    }
    settings = GatewaySettings()
    for greeting_s, probe_s in ((GREETING_S, PROBE_S), (javascript["GREETING"], javascript["PROBE"])):
        assert greeting_s > settings.opening_s
        assert probe_s > TIMEOUT_S
