"""The Python client against the real gateway, over a network that the test can break."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gateway.client import (
    Client,
    ClientError,
    Connected,
    Disconnected,
    Draft,
    Entry,
    FolderStore,
    MemoryStore,
    Refused,
    Reset,
    TurnEnded,
    Unreachable,
    connect,
)
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.browser.wire import Wire
from tests.fakes_orchestrator import STICKER_ID
from tests.gateway.conftest import Edge

pytestmark = pytest.mark.integration

_WAIT_S = 20.0


@pytest.fixture
async def wire(edge: Edge) -> AsyncIterator[Wire]:
    """The network in front of the gateway."""
    made = await Wire(edge.port).mend()
    yield made
    await made.cut()


def dial(wire: Wire, **options: Any) -> Client:
    """A client over the wire that does not wait long before it comes back."""
    return connect(f"http://127.0.0.1:{wire.port}", **({"random": lambda: 0.02} | options))


async def until(desk: Client, found: Callable[[Any], bool]) -> list[Any]:
    """Events up to the one that is wanted."""
    seen: list[Any] = []
    async with asyncio.timeout(_WAIT_S):
        async for event in desk:
            seen.append(event)
            if found(event):
                return seen
    raise AssertionError("the events ended")


def ends(count: int) -> Callable[[Any], bool]:
    """Becomes true with so many turns ended."""
    numbers = itertools.count(1)
    return lambda event: isinstance(event, TurnEnded) and next(numbers) == count


def texts(edge: Edge) -> list[str]:
    """What the journal has from its customer."""
    (conversation,) = edge.orchestrator.journal.conversations.values()
    return [entry.text.text for entry in conversation.entries if entry.client_msg_id]


def noise(side: int = 300) -> bytes:
    """A picture of some 270 KB."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(out, "PNG")
    return out.getvalue()


async def test_a_message_is_durable_and_answered(wire: Wire) -> None:
    """Ack, drafts that grow, the entries, the end of the turn."""
    async with dial(wire, locale="en") as desk:
        ack = await desk.send("hello")
        seen = await until(desk, ends(1))
    assert (ack.seq, ack.duplicate) == (1, False)
    assert [event.text for event in seen if isinstance(event, Entry)] == ["hello", "You said: hello"]
    drafts = [event.text for event in seen if isinstance(event, Draft)]
    assert drafts == ["You ", "You said: ", "You said: hello"]
    assert any(isinstance(event, Connected) and event.language == "en" for event in seen)


async def test_a_cut_loses_nothing_and_doubles_nothing(edge: Edge, wire: Wire) -> None:
    """Messages that were written without a network go out once, in order, under their first ids."""
    async with dial(wire) as desk:
        await desk.send("one")
        await wire.cut()
        waiting = [asyncio.create_task(desk.send(text)) for text in ("two", "three")]
        await until(desk, lambda event: isinstance(event, Disconnected))
        assert desk.pending == 2
        await wire.mend()
        acks = await asyncio.gather(*waiting)
        async with asyncio.timeout(_WAIT_S):
            while desk.last_seq < 6:  # the end of a turn is not told again to who was away, the answers are
                await anext(aiter(desk))
    assert texts(edge) == ["one", "two", "three"]
    assert acks[0].seq < acks[1].seq


async def test_an_ack_that_was_lost_is_not_a_second_message(edge: Edge, wire: Wire) -> None:
    """A server that dies after it took the message gets it again under the same id and knows it."""
    edge.orchestrator.script.silent_acks = True
    async with dial(wire) as desk:
        sending = asyncio.create_task(desk.send("once"))
        await until(desk, lambda event: isinstance(event, Entry))
        edge.orchestrator.script.silent_acks = False
        await wire.cut()
        await wire.mend()
        await sending
    assert texts(edge) == ["once"]


async def test_another_process_sends_what_was_left_behind(edge: Edge, wire: Wire, tmp_path: Path) -> None:
    """Token and messages survive in a private folder; the next process is the same visitor."""
    folder = tmp_path / "kept"
    async with dial(wire, store=FolderStore(folder)) as first:
        await first.send("before")
        await wire.cut()
        first.post("left behind")
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    await wire.mend()
    async with dial(wire, store=FolderStore(folder)) as second:
        await until(second, ends(1))
        assert second.pending == 0
    assert texts(edge) == ["before", "left behind"]
    assert FolderStore(folder).messages() == []


async def test_two_clients_of_one_visitor_see_the_same(wire: Wire) -> None:
    """Every entry, once and in order, also for who comes later."""
    store = MemoryStore()
    async with dial(wire, store=store) as first:
        await first.send("hello")
        mine = await until(first, ends(1))
        async with dial(wire, token=store.token) as second:
            await second.send(sticker=STICKER_ID)
            theirs = await until(second, ends(1))
            mine += await until(first, ends(1))
    seqs = [[event.seq for event in seen if isinstance(event, Entry)] for seen in (mine, theirs)]
    assert seqs[0] == seqs[1] == [1, 2, 3, 4]


async def test_a_journal_that_was_replaced_is_told(edge: Edge, wire: Wire) -> None:
    """After another epoch what was told is void, and what is true follows."""
    async with dial(wire) as desk:
        await desk.send("old")
        await until(desk, ends(1))
        (conversation,) = edge.orchestrator.journal.conversations.values()
        await wire.cut()
        conversation.epoch = "e2"
        del conversation.entries[:]
        conversation.append(pb.Entry(author=pb.AUTHOR_SYSTEM, notice=pb.NoticeContent(kind="info", text="fresh")))
        await wire.mend()
        seen = await until(desk, lambda event: isinstance(event, Entry))
    assert any(isinstance(event, Reset) for event in seen)
    assert seen[-1].seq == desk.last_seq == 1


async def test_refusals_are_exceptions_with_the_servers_word(edge: Edge, wire: Wire) -> None:
    """What cannot be sent is refused once and forgotten; the next message goes."""
    async with dial(wire) as desk:
        with pytest.raises(Refused, match=r".+") as refused:
            await desk.send(sticker="noto-emoji/none")
        assert refused.value.reason == "STICKER_NOT_FOUND"
        assert desk.pending == 0
        with pytest.raises(ValueError, match="exactly one"):
            await desk.send("a", sticker=STICKER_ID)
        with pytest.raises(Refused) as long:
            await desk.send("x" * 4001)
        assert long.value.reason == "TEXT_TOO_LONG"
        await desk.send("still here")
    assert texts(edge) == ["still here"]


async def test_what_no_frame_can_carry_poisons_nothing(edge: Edge, wire: Wire, tmp_path: Path) -> None:
    """Half of a surrogate pair becomes a mark; a text that is too long is refused at once and not kept for ever."""
    async with dial(wire, store=FolderStore(tmp_path)) as desk:
        with pytest.raises(Refused, match="4000"):
            await desk.send("长" * 30_000)  # more than a frame holds
        sent = await desk.send("cut \ud83d emoji")
        assert sent.seq == 1
        assert desk.pending == 0
    assert texts(edge) == ["cut \ufffd emoji"]


async def test_a_picture_goes_on_after_a_cut(edge: Edge, wire: Wire) -> None:
    """It arrives whole, its progress only rises to one, and a message may name it."""
    shares: list[float] = []
    cut = asyncio.Event()

    def progress(share: float) -> None:
        shares.append(share)
        if share > 0.1:
            cut.set()

    async with dial(wire) as desk:
        uploading = asyncio.create_task(desk.upload(noise(), "image/png", on_progress=progress))
        await cut.wait()
        await wire.cut()
        await wire.mend()
        image = await uploading
        assert (image["width"], image["height"]) == (300, 300)
        await desk.send(image=image["id"])
    assert shares[-1] <= 1.0


async def test_a_large_picture_does_not_wait_to_be_told(wire: Wire) -> None:
    """A server that tells of its progress now and then only still gets all of it."""
    async with dial(wire) as desk:
        image = await desk.upload(noise(1200), "image/png")
    assert image["width"] == 1200


async def test_a_picture_that_is_none_is_refused(wire: Wire) -> None:
    """With the server's reason, and the connection goes on."""
    async with dial(wire) as desk:
        with pytest.raises(Refused) as refused:
            await desk.upload(b"hello, I am no picture", "image/png")
        assert refused.value.reason.startswith("PICTURE_")
        await desk.send("never mind")


async def test_history_and_receipts(edge: Edge, wire: Wire) -> None:
    """Older entries come oldest first; how far one got reaches the orchestrator."""
    async with dial(wire) as desk:
        for text in ("one", "two"):
            await desk.send(text)
        await until(desk, ends(2))
        entries, more = await desk.history(before=4, limit=2)
        assert [entry["seq"] for entry in entries] == [2, 3]
        assert more
        desk.mark_read(desk.last_seq)
        async with asyncio.timeout(_WAIT_S):
            while not any(
                request.receipt.read_seq == 4
                for request in edge.orchestrator.servicer.seen
                if request.WhichOneof("event") == "receipt"
            ):
                await asyncio.sleep(0.02)


async def test_nobody_there_and_a_bad_token_are_told_at_once(edge: Edge, wire: Wire) -> None:
    """Entering fails with the reason instead of trying for ever."""
    with pytest.raises(Refused) as refused:
        async with dial(wire, token="garbage"):
            pass
    assert refused.value.reason == "TOKEN_INVALID"
    await wire.cut()
    with pytest.raises(Unreachable):
        async with dial(wire):
            pass


async def test_closing_ends_everything(wire: Wire) -> None:
    """The iteration ends, what waits is told, and closing twice is closing once."""
    desk = await dial(wire).__aenter__()
    await wire.cut()
    waiting = asyncio.create_task(desk.send("too late"))
    await asyncio.sleep(0)
    await desk.close()
    await desk.close()
    with pytest.raises(ClientError):
        await waiting
    assert [event async for event in desk if isinstance(event, TurnEnded)] == []


async def test_a_drained_gateway_is_come_back_to(
    make_edge: Callable[..., Awaitable[Edge]], edge: Edge, wire: Wire
) -> None:
    """A 1012 is a reason to come back, not to stop."""
    async with dial(wire) as desk:
        await desk.send("one")
        port = edge.port
        await edge.gateway.stop()
        await until(desk, lambda event: isinstance(event, Disconnected) and event.retry_in_s is not None)
        again = await make_edge(listen=f"127.0.0.1:{port}")
        await desk.send("two")
    assert texts(again) == ["one", "two"]
