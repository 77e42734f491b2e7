"""What the customer sees when parts die, clients do not read, or the edge goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.gateway.conftest import Edge

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]


async def test_an_orchestrator_killed_mid_reply_is_invisible(edge: Edge) -> None:
    """The socket stays; the answer is complete, once; the higher attempt replaces what the lower one streamed."""
    orchestrator = edge.orchestrator
    orchestrator.script.gate(2)
    client = await edge.join()
    await client.send(type="message", client_msg_id="m1", text="hello")
    await client.expect("delta", index=1)
    await orchestrator.kill()
    orchestrator.script.gates.clear()
    await orchestrator.start()
    await client.expect("turn_ended", outcome="answered")
    kinds = [frame["type"] for frame in client.frames]
    assert kinds.count("welcome") == kinds.count("caught_up") == kinds.count("ack") == 1
    assert "error" not in kinds
    assert client.entries() == [1, 2]
    first = [frame for frame in client.frames if frame["type"] == "delta" and frame["attempt"] == 1]
    second = [frame for frame in client.frames if frame["type"] == "delta" and frame["attempt"] == 2]
    assert [delta["index"] for delta in first] == [0, 1]
    assert "".join(delta["text"] for delta in second) == "You said: hello"
    assert edge.metric("stickerdesk_edge_upstream_reconnects_total") >= 1


async def test_an_unacknowledged_message_is_offered_again(edge: Edge) -> None:
    """The orchestrator dies between append and ack: the edge offers the message again and it counts once."""
    orchestrator = edge.orchestrator
    orchestrator.script.silent_acks = True
    client = await edge.join()
    await client.send(type="message", client_msg_id="m1", text="hello")
    await client.expect("entry", client_msg_id="m1")
    await orchestrator.kill()
    orchestrator.script.silent_acks = False
    await orchestrator.start()
    while not {"ack", "turn_ended"} <= {frame["type"] for frame in client.frames}:
        await client.receive()
    acks = [(frame["client_msg_id"], frame["seq"]) for frame in client.frames if frame["type"] == "ack"]
    assert acks == [("m1", 1)]
    assert client.entries() == [1, 2]


async def test_an_outage_is_told_and_its_end_too(make_edge: MakeEdge) -> None:
    """A client hears that the service is away, once, and that it is back; what it wrote meanwhile arrives."""
    edge = await make_edge(away_s=0.01)
    client = await edge.join()
    await edge.orchestrator.kill()
    await client.expect("service", available=False)
    await client.send(type="message", client_msg_id="m1", text="anybody there?")
    await edge.orchestrator.start()
    await client.expect("service", available=True)
    await client.expect("turn_ended", outcome="answered")
    told = [frame["available"] for frame in client.frames if frame["type"] == "service"]
    assert told == [False, True]


async def test_messages_sent_during_an_outage_arrive_after_it(edge: Edge) -> None:
    """The edge holds messages and the newest suggest; what it cannot hold is refused as RECONNECTING."""
    orchestrator = edge.orchestrator
    client = await edge.join()
    await orchestrator.kill()
    await _until(lambda: edge.metric("stickerdesk_edge_upstream_reconnects_total") >= 1)
    for number in range(5):
        await client.send(type="message", client_msg_id=f"m{number}", text=f"{number}")
    await client.send(type="message", client_msg_id="m0", text="0")
    await client.send(type="suggest", suggest_id="old", text="a")
    await client.send(type="suggest", suggest_id="new", text="ab")
    await client.send(type="typing", active=True)
    await client.send(type="stop")
    refused = await client.expect("error")
    assert (refused["code"], refused["reason"], refused["retryable"]) == (503, "RECONNECTING", True)
    await orchestrator.start()
    for _ in range(5):
        await client.expect("turn_ended")
    assert client.entries() == list(range(1, 11))
    journal = orchestrator.journal.conversations[client.welcome["conversation"]]
    asked = [entry.text.text for entry in journal.entries if entry.author == pb.AUTHOR_CUSTOMER]
    assert asked == ["0", "1", "2", "3", "4"]
    suggested = [
        item.suggest.suggest_id for item in orchestrator.servicer.seen if item.WhichOneof("event") == "suggest"
    ]
    assert suggested == ["new"]


async def test_more_than_can_be_held_is_refused(make_edge: MakeEdge) -> None:
    """A full book: RECONNECTING in an outage, TOO_MANY_PENDING otherwise, each with the message's id."""
    edge = await make_edge(max_pending=2)
    edge.orchestrator.script.silent_acks = True
    client = await edge.join()
    for number in range(3):
        await client.send(type="message", client_msg_id=f"m{number}", text="x")
    error = await client.expect("error", client_msg_id="m2")
    assert (error["code"], error["reason"]) == (429, "TOO_MANY_PENDING")
    await client.send(type="message", client_msg_id="m1", text="other")
    assert (await client.expect("error", client_msg_id="m1"))["reason"] == "MESSAGE_ID_CONFLICT"
    await edge.orchestrator.kill()
    await _until(lambda: edge.metric("stickerdesk_edge_upstream_reconnects_total") >= 1)
    await client.send(type="message", client_msg_id="m2", text="x")
    assert (await client.expect("error", client_msg_id="m2"))["reason"] == "RECONNECTING"


async def test_an_orchestrator_that_stays_away_ends_with_4503(make_edge: MakeEdge) -> None:
    """At hello and in the middle: UNAVAILABLE, then 4503, so that the client comes back later."""
    edge = await make_edge(opening_s=0.2, patience_s=0.2)
    live = await edge.join()
    await edge.orchestrator.kill()
    newcomer = await edge.dial()
    await newcomer.send(type="hello")
    for client in (live, newcomer):
        assert (await client.closed())[0] == 4503
        assert client.frames[-1]["reason"] == "UNAVAILABLE"


async def test_refused_opens_are_tried_again(edge: Edge) -> None:
    """A draining orchestrator refuses; the edge backs off and comes through."""
    edge.orchestrator.script.refuse_opens = 2
    client = await edge.join()
    assert client.entries() == []


async def test_a_replaced_journal_closes_4409(edge: Edge) -> None:
    """The orchestrator comes back with another epoch: the client is sent to resume in the ordinary way."""
    client = await edge.join()
    await client.send(type="message", client_msg_id="m1", text="x")
    await client.expect("turn_ended")
    await edge.orchestrator.kill()
    edge.orchestrator.journal.conversations[client.welcome["conversation"]].epoch = "e2"
    await edge.orchestrator.start()
    assert (await client.closed())[0] == 4409
    again = await edge.join(token=client.welcome["token"], conversation="c1", last_seq=2, epoch="e1")
    assert again.frames[1]["reason"] == "epoch_changed"
    assert again.entries() == [1, 2]


async def test_a_slow_consumer_is_closed_and_resumes(make_edge: MakeEdge) -> None:
    """A client that does not read is cut off after its time; it resumes and misses nothing. Others do not notice."""
    edge = await make_edge(slow_consumer_s=0.3)
    slow = await edge.join()
    slow_transport: Any = slow.socket.transport
    slow_transport.pause_reading()
    journal = edge.orchestrator.journal.conversations[slow.welcome["conversation"]]
    for _ in range(150):
        journal.append(pb.Entry(author=pb.AUTHOR_AGENT, text=pb.TextContent(text="x" * 100_000)))
    other = await edge.join()
    await other.send(type="message", client_msg_id="m1", text="hello")
    await other.expect("turn_ended")
    await _until(lambda: edge.metric("stickerdesk_edge_closes_total", code="4410") == 1)
    await _until(lambda: len(edge.gateway.hub) == 1)
    slow_transport.abort()
    again = await edge.join(token=slow.welcome["token"], last_seq=0, epoch=slow.welcome["epoch"])
    assert again.entries() == list(range(1, 151))


async def test_a_slow_consumer_that_reads_again_is_told_why(make_edge: MakeEdge) -> None:
    """What was on its way comes whole and in order, then a close code of its own: too slow, come back and resume."""
    edge = await make_edge(slow_consumer_s=0.3)
    slow = await edge.join()
    transport: Any = slow.socket.transport
    transport.pause_reading()
    journal = edge.orchestrator.journal.conversations[slow.welcome["conversation"]]
    for _ in range(150):
        journal.append(pb.Entry(author=pb.AUTHOR_AGENT, text=pb.TextContent(text="x" * 100_000)))
    await _until(lambda: edge.metric("stickerdesk_edge_closes_total", code="4410") == 1)
    transport.resume_reading()
    assert await slow.closed() == (4410, "too slow")
    have = slow.entries()
    assert have == list(range(1, len(have) + 1))
    again = await edge.join(token=slow.welcome["token"], last_seq=len(have), epoch=slow.welcome["epoch"])
    assert have + again.entries() == list(range(1, 151))


async def test_missed_heartbeats_close_4408(make_edge: MakeEdge) -> None:
    """A silent client is asked twice, then closed; one that answers is kept and its round trip measured."""
    edge = await make_edge(heartbeat_s=0.05)
    silent, lively = await edge.join(), await edge.join()
    closing = asyncio.ensure_future(silent.closed())
    while not closing.done():
        ping = await lively.expect("ping")
        await lively.send(type="pong", t=ping["t"])
    assert (await closing)[0] == 4408
    assert sum(frame["type"] == "ping" for frame in silent.frames) == 2
    assert edge.metric("stickerdesk_edge_rtt_seconds_count") >= 1


async def test_draining_finishes_what_is_in_flight(make_edge: MakeEdge) -> None:
    """Idle ones go at once with 1012 and a hint; an answer in writing is finished first; newcomers are refused."""
    edge = await make_edge(drain_s=20.0)
    gate = edge.orchestrator.script.gate(1)
    idle, busy = await edge.join(), await edge.join()
    await busy.send(type="message", client_msg_id="m1", text="hello")
    await busy.expect("delta", index=0)
    draining = asyncio.ensure_future(edge.gateway.hub.drain(20.0))
    code, reason = await idle.closed()
    assert code == 1012
    assert 100 <= int(reason.removeprefix("retry_after_ms=")) < 3000
    async with httpx.AsyncClient() as http:
        ready = await http.get(f"{edge.http}/readyz")
        assert (ready.status_code, ready.json()["parts"]["accepting"]) == (503, False)
        assert (await http.get(f"{edge.http}/healthz")).status_code == 200
    with pytest.raises(InvalidStatus) as refused:
        await edge.dial()
    assert refused.value.response.status_code == 503
    await busy.send(type="message", client_msg_id="m2", text="late")
    late = await busy.expect("error", client_msg_id="m2")
    assert (late["reason"], late["retryable"]) == ("UNAVAILABLE", True)
    gate.set()
    assert (await busy.closed())[0] == 1012
    assert busy.entries() == [1, 2]
    await draining
    assert len(edge.gateway.hub) == 0


async def test_a_drain_sends_clients_back_at_different_times(make_edge: MakeEdge) -> None:
    """The hints are spread, so that the next edge is not run over by all at once."""
    edge = await make_edge()
    clients = [await edge.join() for _ in range(12)]
    closing = [asyncio.ensure_future(client.closed()) for client in clients]
    await edge.gateway.hub.drain(20.0)
    hints = [int(reason.removeprefix("retry_after_ms=")) for _, reason in await asyncio.gather(*closing)]
    assert all(100 <= hint < 3000 for hint in hints)
    assert len(set(hints)) > 6


async def test_draining_ends_in_time(make_edge: MakeEdge) -> None:
    """An answer that never ends does not hold the edge: 1012 when the time is over."""
    edge = await make_edge()
    edge.orchestrator.script.gate(1)
    busy = await edge.join()
    await busy.send(type="message", client_msg_id="m1", text="hello")
    await busy.expect("ack")
    await edge.gateway.hub.drain(0.1)
    assert (await busy.closed())[0] == 1012


async def test_clients_that_vanish_leave_nothing_behind(edge: Edge) -> None:
    """Aborted sockets free their connection and their upstream stream."""
    clients = [await edge.join() for _ in range(5)]
    for client in clients:
        transport: Any = client.socket.transport
        transport.abort()
    await _until(lambda: len(edge.gateway.hub) == 0)
    conversations = edge.orchestrator.journal.conversations.values()
    await _until(lambda: not any(conversation.listeners for conversation in conversations))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)
