"""Whatever a client sends wrong earns a typed error or a documented close code, and the rest goes on."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.gateway.client import Client
from tests.gateway.conftest import Edge

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]

BAD_FRAMES: list[tuple[str, str | bytes, str, str | None]] = [
    ("not JSON", "{nope", "MALFORMED_JSON", None),
    ("empty", "", "MALFORMED_JSON", None),
    ("cut short", '{"type":"ping","t":', "MALFORMED_JSON", None),
    ("deeply nested", '{"type":"ping","t":1,"x":' + "[" * 60_000, "MALFORMED_JSON", None),
    ("lone surrogate", r'{"type":"message","client_msg_id":"a","text":"\ud800"}', "MALFORMED_JSON", None),
    ("an array", "[1]", "MALFORMED_JSON", None),
    ("null", "null", "MALFORMED_JSON", None),
    ("a number", "5", "MALFORMED_JSON", None),
    ("no type", "{}", "INVALID_FRAME", "type"),
    ("type of a wrong type", '{"type":7}', "INVALID_FRAME", "type"),
    ("unknown type", '{"type":"teleport"}', "UNKNOWN_FRAME", "type"),
    ("field missing", '{"type":"typing"}', "INVALID_FRAME", "active"),
    ("wrong type", '{"type":"typing","active":"yes"}', "INVALID_FRAME", "active"),
    ("text is a number", '{"type":"message","client_msg_id":"a","text":5}', "INVALID_FRAME", "text"),
    ("blank text", '{"type":"message","client_msg_id":"a","text":"  "}', "INVALID_FRAME", "text"),
    ("neither text nor sticker", '{"type":"message","client_msg_id":"a"}', "INVALID_FRAME", "text"),
    ("both", '{"type":"message","client_msg_id":"a","text":"x","sticker":"p/n"}', "INVALID_FRAME", "text"),
    ("id with a newline", '{"type":"message","client_msg_id":"a\\n","text":"x"}', "INVALID_FRAME", "client_msg_id"),
    ("sticker path", '{"type":"message","client_msg_id":"a","sticker":"../x"}', "INVALID_FRAME", "sticker"),
    ("negative seq", '{"type":"resume","conversation":"c","last_seq":-1,"epoch":"e"}', "INVALID_FRAME", "last_seq"),
    ("huge seq", '{"type":"resume","conversation":"c","last_seq":1e300,"epoch":"e"}', "INVALID_FRAME", "last_seq"),
    ("limit", '{"type":"suggest","suggest_id":"s","text":"","limit":99}', "INVALID_FRAME", "limit"),
    ("kind", '{"type":"feedback","sticker":"p/n","kind":"liked","position":0}', "INVALID_FRAME", "kind"),
    ("binary garbage", b"\x00\xff\x13garbage", "INVALID_CHUNK", None),
    ("hello twice", '{"type":"hello"}', "INVALID_FRAME", "type"),
]


@pytest.mark.parametrize(
    ("data", "reason", "field"), [row[1:] for row in BAD_FRAMES], ids=[row[0] for row in BAD_FRAMES]
)
async def test_a_bad_frame_is_answered_and_the_connection_kept(
    edge: Edge, data: str | bytes, reason: str, field: str | None
) -> None:
    """One error that names the reason and the field; the next good frame is served."""
    client = await edge.join()
    error = await client.error(data)
    assert (error["code"], error["reason"], error.get("field")) == (400, reason, field)
    assert not error["retryable"]
    assert len(error["trace_id"]) == 32
    await client.send(type="message", client_msg_id="good", text="x")
    await client.expect("turn_ended")


async def test_a_text_over_4000_characters_is_too_long(edge: Edge) -> None:
    """413 TEXT_TOO_LONG with the message's id, in the client's language; 4000 is taken."""
    client = await edge.join(locale="zh-CN")
    error = await client.error({"type": "message", "client_msg_id": "m1", "text": "长" * 4001})
    assert (error["code"], error["reason"], error["client_msg_id"]) == (413, "TEXT_TOO_LONG", "m1")
    assert "4000" in error["message"]
    assert "字符" in error["message"]
    await client.send(type="message", client_msg_id="m2", text="长" * 4000)
    await client.expect("ack", client_msg_id="m2")


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10 * 1024 * 1024], ids=["64 KiB and one", "10 MB"])
async def test_a_frame_over_the_limit_closes_4413(edge: Edge, size: int) -> None:
    """The error is told before the close, and the close arrives although the client is still sending."""
    client = await edge.join()
    sending = asyncio.ensure_future(client.send_raw("x" * size))
    assert (await client.expect("error"))["reason"] == "FRAME_TOO_LARGE"
    assert (await client.closed())[0] == 4413
    await asyncio.wait([sending])
    sending.exception()


async def test_a_fragmented_frame_over_the_limit_closes_4413(edge: Edge) -> None:
    """Fragments count together."""
    client = await edge.join()
    fragments = ["y" * 20_000 for _ in range(5)]
    sending = asyncio.create_task(client.socket.send(fragments))
    assert (await client.closed())[0] == 4413
    await asyncio.wait([sending])
    sending.exception()


async def test_text_that_is_not_utf8_closes_1007(edge: Edge, caplog: pytest.LogCaptureFixture) -> None:
    """RFC 6455 wants it so; it is no error of the edge, so nobody can fill its log with them."""
    client = await edge.join()
    await client.socket.send(b"\xff\xfe{", text=True)
    assert (await client.closed())[0] == 1007
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_refused_handshake_is_no_error_of_the_edge(edge: Edge, caplog: pytest.LogCaptureFixture) -> None:
    """It is answered; a scanner that tries addresses leaves no errors in the log."""
    with pytest.raises(InvalidStatus):
        await Client.dial(f"ws://127.0.0.1:{edge.port}/v1/nothing")
    await (await edge.join()).send(type="ping", t=1)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_hello_must_come_first(edge: Edge) -> None:
    """Any other good frame first: HELLO_REQUIRED and 4400."""
    client = await edge.dial()
    await client.send(type="ping", t=1)
    assert (await client.expect("error"))["reason"] == "HELLO_REQUIRED"
    assert (await client.closed())[0] == 4400


async def test_hello_must_come_soon(make_edge: MakeEdge) -> None:
    """Silence after the handshake: 4408."""
    edge = await make_edge(hello_s=0.05)
    client = await edge.dial()
    assert (await client.closed())[0] == 4408


async def test_twenty_bad_frames_are_enough(edge: Edge) -> None:
    """The nineteenth is answered, the twentieth closes 4400."""
    client = await edge.join()
    for _ in range(20):
        await client.send_raw("garbage")
    assert (await client.closed())[0] == 4400
    assert sum(frame["type"] == "error" for frame in client.frames) == 20


async def test_too_many_frames_are_slowed_down_then_closed(make_edge: MakeEdge) -> None:
    """Over the bucket: 429 with retry_after_ms and the message's id; going on and on: 4429."""
    edge = await make_edge(frames_per_s=1.0, frame_burst=5)
    client = await edge.join()
    for number in range(6):
        await client.send(type="message", client_msg_id=f"m{number}", text="x")
    error = await client.expect("error")
    assert (error["code"], error["reason"], error["retryable"]) == (429, "RATE_LIMITED", True)
    assert 0 < error["retry_after_ms"] <= 1000
    assert error["client_msg_id"]
    for _ in range(250):
        await client.send_raw('{"type":"ping","t":1}')
    assert (await client.closed())[0] == 4429


async def test_random_bytes_never_break_the_edge(edge: Edge) -> None:
    """Random frames of both kinds: typed errors only, and the edge serves the next client."""
    client = await edge.join()
    for _ in range(15):
        await client.send_raw(os.urandom(200))
        assert (await client.expect("error"))["code"] == 400
    await (await edge.join()).close()


async def test_a_socket_that_speaks_no_websocket_harms_nobody(edge: Edge) -> None:
    """Garbage instead of a handshake and after one; the edge serves the next client."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(os.urandom(400) + b"\r\n\r\n")
    await reader.read()
    writer.close()
    client = await edge.join()
    transport: Any = client.socket.transport
    transport.write(b"\xf7" * 64)
    assert (await client.closed())[0] == 1002
    await edge.join()


async def test_handshakes_are_refused_with_an_answer(make_edge: MakeEdge) -> None:
    """Wrong path 404, foreign origin 403, too many 503 with Retry-After; a plain GET on the path is no upgrade."""
    edge = await make_edge(max_connections=1, origins="https://shop.example, https://other.example")
    base = f"ws://127.0.0.1:{edge.port}"
    with pytest.raises(InvalidStatus) as wrong_path:
        await Client.dial(f"{base}/v1/nothing")
    assert wrong_path.value.response.status_code == 404
    with pytest.raises(InvalidStatus) as foreign:
        await edge.dial(origin="https://evil.example")
    assert foreign.value.response.status_code == 403
    await (await edge.dial(origin="https://shop.example")).hello()
    with pytest.raises(InvalidStatus) as full:
        await edge.dial(origin="https://shop.example")
    assert full.value.response.status_code == 503
    assert full.value.response.headers["retry-after"] == "2"
    assert json.loads(full.value.response.body or b"")["reason"] == "TOO_MANY_CONNECTIONS"
    async with httpx.AsyncClient() as http:
        assert (await http.get(f"{edge.http}/v1/ws")).status_code == 404
