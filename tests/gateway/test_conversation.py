"""The protocol as a client lives it, against the real server and a real gRPC stream behind it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from gateway.edge.actions import Visitor
from gateway.tokens import VisitorTokens
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.fakes_orchestrator import STICKER_ID
from tests.gateway.conftest import SECRET, Edge

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]


async def test_a_message_is_acknowledged_streamed_and_entered(edge: Edge) -> None:
    """ack, the customer's entry, deltas from 0 without holes, the answer's entry, turn_ended."""
    client = await edge.join(locale="en-GB", client="tests/1")
    await client.send(type="message", client_msg_id="m1", text="快递三天没更新了")
    ended = await client.expect("turn_ended", outcome="answered")
    deltas = [frame for frame in client.frames if frame["type"] == "delta"]
    assert [delta["index"] for delta in deltas] == [0, 1, 2]
    answer = next(frame for frame in client.frames if frame["type"] == "entry" and frame["author"] == "assistant")
    assert answer["text"] == "".join(delta["text"] for delta in deltas) == "You said: 快递三天没更新了"
    assert answer["turn"] == ended["turn"]
    assert answer["stickers"][0]["url"] == "/stickers/noto-emoji/1f600/abababababababab"
    assert client.entries() == [1, 2]
    ack = next(frame for frame in client.frames if frame["type"] == "ack")
    assert ack["client_msg_id"] == "m1"
    assert ack["seq"] == 1
    assert not ack["duplicate"]
    assert edge.metric("stickerdesk_edge_connections") == 1


async def test_a_sticker_is_sent_and_comes_back_whole(edge: Edge) -> None:
    """A message may be a sticker; the entry carries all of it."""
    client = await edge.join()
    await client.send(type="message", client_msg_id="m1", sticker=STICKER_ID)
    entry = await client.expect("entry", client_msg_id="m1")
    assert entry["sticker"]["alt"] == {"en": "grinning face", "zh": "嘿嘿"}
    await client.send(type="message", client_msg_id="m2", sticker="noto-emoji/none")
    assert (await client.expect("error"))["reason"] == "STICKER_NOT_FOUND"


async def test_small_frames_reach_their_place(edge: Edge) -> None:
    """suggest, typing, feedback, stop and ping do what they say."""
    client = await edge.join()
    await client.send(type="suggest", suggest_id="s1", text="x" * 300, limit=5)
    found = await client.expect("suggestions", suggest_id="s1")
    assert found["stickers"][0]["id"] == STICKER_ID
    await client.send(type="typing", active=True)
    assert (await client.expect("typing"))["author"] == "agent"
    await client.send(type="feedback", sticker=STICKER_ID, kind="clicked", position=0, text="hi")
    await client.send(type="stop", turn="t9")
    await client.send(type="ping", t=12.5)
    assert (await client.expect("pong"))["t"] == 12.5
    await client.send(type="pong", t=0)
    await client.send(type="suggest", suggest_id="s2", text="")
    await client.expect("suggestions", suggest_id="s2")
    seen = edge.orchestrator.servicer.seen
    suggest = next(item.suggest for item in seen if item.WhichOneof("event") == "suggest")
    assert len(suggest.text) == 200
    feedback = next(item.sticker_feedback for item in seen if item.WhichOneof("event") == "sticker_feedback")
    assert feedback.kind == pb.StickerFeedback.KIND_CLICKED
    assert any(item.stop.turn_id == "t9" for item in seen if item.WhichOneof("event") == "stop")


async def test_the_same_visitor_finds_the_same_conversation(edge: Edge) -> None:
    """The token of welcome is all that a reload needs; a stranger gets a conversation of his own."""
    first = await edge.join()
    await first.send(type="message", client_msg_id="m1", text="hello")
    await first.expect("turn_ended")
    await first.close()
    again = await edge.join(token=first.welcome["token"])
    assert again.welcome["conversation"] == first.welcome["conversation"]
    assert again.welcome["resumed"]
    assert again.entries() == [1, 2]
    stranger = await edge.join()
    assert stranger.welcome["conversation"] != first.welcome["conversation"]


async def test_resume_replays_exactly_what_is_missing(edge: Edge) -> None:
    """With last_seq and epoch a reconnect gets the entries after it and no others; so does resume on the socket."""
    client = await edge.join()
    for number in range(3):
        await client.send(type="message", client_msg_id=f"m{number}", text="x")
        await client.expect("turn_ended")
    known = {key: client.welcome[key] for key in ("token", "conversation", "epoch")}
    again = await edge.join(**known, last_seq=4)
    assert again.entries() == [5, 6]
    await again.send(type="resume", conversation=known["conversation"], last_seq=2, epoch=known["epoch"])
    assert (await again.expect("welcome"))["epoch"] == known["epoch"]
    await again.expect("caught_up", last_seq=6)
    assert again.entries() == [5, 6, 3, 4, 5, 6]
    await again.send(type="resume", conversation="another", last_seq=0, epoch="e1")
    assert (await again.expect("error"))["reason"] == "CONVERSATION_FORBIDDEN"


async def test_gaps_are_told(edge: Edge) -> None:
    """Trimmed history, a changed epoch and a client that is ahead: one gap each, then what there is, then live."""
    client = await edge.join()
    for number in range(3):
        await client.send(type="message", client_msg_id=f"m{number}", text="x")
        await client.expect("turn_ended")
    known = {key: client.welcome[key] for key in ("token", "conversation")}
    journal = edge.orchestrator.journal.conversations[known["conversation"]]
    journal.first_kept = 5
    trimmed = await edge.join(**known, last_seq=1, epoch="e1")
    assert (trimmed.frames[1]["reason"], trimmed.entries()) == ("history_trimmed", [5, 6])
    journal.first_kept, journal.epoch = 1, "e2"
    changed = await edge.join(**known, last_seq=4, epoch="e1")
    assert (changed.frames[1]["reason"], changed.entries()) == ("epoch_changed", [1, 2, 3, 4, 5, 6])
    ahead = await edge.join(**known, last_seq=99, epoch="e2")
    assert (ahead.frames[1]["reason"], ahead.entries()) == ("ahead_of_journal", [])
    await ahead.send(type="message", client_msg_id="m9", text="x")
    await ahead.expect("turn_ended")
    assert ahead.entries() == [7, 8]


async def test_a_repeated_message_counts_once(edge: Edge) -> None:
    """The same id with the same content is acknowledged again as duplicate; with other content it is refused."""
    client = await edge.join()
    await client.send(type="message", client_msg_id="m1", text="hello")
    first = await client.expect("ack")
    await client.expect("turn_ended")
    await client.send(type="message", client_msg_id="m1", text="hello")
    second = await client.expect("ack")
    assert (second["seq"], second["duplicate"]) == (first["seq"], True)
    await client.send(type="message", client_msg_id="m1", text="other")
    conflict = await client.expect("error", client_msg_id="m1")
    assert (conflict["code"], conflict["reason"]) == (409, "MESSAGE_ID_CONFLICT")
    assert client.entries() == [1, 2]


async def test_two_tabs_see_one_journal(edge: Edge) -> None:
    """What is said in one tab is seen in the other, in the same order."""
    left = await edge.join()
    right = await edge.join(token=left.welcome["token"])
    await left.send(type="message", client_msg_id="m1", text="hello")
    await left.expect("turn_ended")
    await right.expect("turn_ended")
    assert left.entries() == right.entries() == [1, 2]


async def test_a_closed_conversation_refuses_messages(edge: Edge) -> None:
    """409 CONVERSATION_CLOSED, the connection stays, and welcome says the state."""
    client = await edge.join()
    journal = edge.orchestrator.journal.conversations[client.welcome["conversation"]]
    journal.state = pb.CONVERSATION_STATE_CLOSED
    await client.send(type="message", client_msg_id="m1", text="hello")
    error = await client.expect("error", client_msg_id="m1")
    assert (error["code"], error["reason"]) == (409, "CONVERSATION_CLOSED")
    await client.send(type="ping", t=1)
    await client.expect("pong")
    again = await edge.join(token=client.welcome["token"])
    assert again.welcome["state"] == "closed"


async def test_tokens_are_judged(make_edge: MakeEdge) -> None:
    """Garbage: 401 and 4401. Expired: 403 and 4403. Half-aged: a fresh one for the same visitor."""
    edge = await make_edge(token_days=2.0)
    garbage = await edge.dial()
    await garbage.send(type="hello", token="garbage", locale="zh")
    error = await garbage.expect("error")
    assert (error["code"], error["reason"]) == (401, "TOKEN_INVALID")
    assert "令牌" in error["message"]
    assert (await garbage.closed())[0] == 4401
    day_s = 86_400.0
    minted, visitor = _mint(issued_days_ago=3, life_s=2 * day_s)
    expired = await edge.dial()
    await expired.send(type="hello", token=minted)
    assert (await expired.expect("error"))["reason"] == "TOKEN_EXPIRED"
    assert (await expired.closed())[0] == 4403
    minted, visitor = _mint(issued_days_ago=1.5, life_s=2 * day_s)
    aged = await edge.join(token=minted)
    assert aged.welcome["token"] != minted
    opened = edge.orchestrator.servicer.seen[-1].open
    assert opened.customer_id == visitor.subject


def _mint(issued_days_ago: float, life_s: float) -> tuple[str, Visitor]:
    then_s = time.time() - issued_days_ago * 86_400.0
    return VisitorTokens(SECRET.encode(), tenant="default", life_s=life_s, clock=lambda: then_s).issue()


async def test_foreign_and_unknown_conversations_are_refused(edge: Edge) -> None:
    """403 for somebody else's, 404 for one that is not; both end with 4403."""
    owner = await edge.join()
    thief = await edge.dial()
    await thief.send(type="hello", conversation=owner.welcome["conversation"])
    assert (await thief.expect("error"))["reason"] == "CONVERSATION_FORBIDDEN"
    assert (await thief.closed())[0] == 4403
    lost = await edge.dial()
    await lost.send(type="hello", conversation="nowhere")
    assert (await lost.expect("error"))["reason"] == "CONVERSATION_NOT_FOUND"
    assert (await lost.closed())[0] == 4403


async def test_stop_ends_an_answer(edge: Edge) -> None:
    """Stop goes up while the answer streams; turn_ended says so."""
    gate = edge.orchestrator.script.gate(1)
    client = await edge.join()
    await client.send(type="message", client_msg_id="m1", text="hello")
    await client.expect("delta", index=0)
    await client.send(type="stop")
    await client.send(type="suggest", suggest_id="after", text="x")
    await client.expect("suggestions", suggest_id="after")
    gate.set()
    await client.expect("turn_ended", outcome="stopped")


async def test_a_client_without_subprotocol_is_served(edge: Edge) -> None:
    """The subprotocol may be left out; one that is not ours is not echoed."""
    plain = await edge.dial(subprotocols=None)
    await plain.hello()
    assert plain.socket.subprotocol is None
    named = await edge.dial()
    assert named.socket.subprotocol == "stickerdesk.v1"


async def test_many_conversations_at_once_keep_apart(edge: Edge) -> None:
    """Thirty clients talk at once; each sees its own journal only, complete and in order."""

    async def talk(number: int) -> None:
        client = await edge.join()
        for turn in range(3):
            await client.send(type="message", client_msg_id=f"m{turn}", text=f"{number}/{turn}")
            await client.expect("turn_ended")
        said = [frame["text"] for frame in client.frames if frame["type"] == "entry" and frame["author"] == "assistant"]
        assert said == [f"You said: {number}/{turn}" for turn in range(3)]
        assert client.entries() == [1, 2, 3, 4, 5, 6]

    await asyncio.gather(*(talk(number) for number in range(30)))
