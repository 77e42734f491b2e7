"""Who runs a turn, in which order, how often and until when."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable

import pytest
from prometheus_client import CollectorRegistry

from orchestrator.journal.entries import Author, Body, Notice, NoticeKind, Outcome
from orchestrator.journal.feed import FeedEvent, Hub, StopAsked, TextStreamed, TurnOver, TypingChanged
from orchestrator.journal.ports import Begun, Result, TurnRef
from orchestrator.metrics import Metrics
from orchestrator.turns.runner import Pace, TurnRunner
from orchestrator.turns.writing import AnswerWriter
from servicekit.resilience import Deadline
from tests.fakes import MemoryStore, SilentBus, said
from tests.orchestrator.stores import LIMITS

pytestmark = pytest.mark.unit


class Script:
    """A use case that does what a test tells it, and counts."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.errors: list[Exception] = []

    async def answer(self, turn: TurnRef, begun: Begun, writer: AnswerWriter, deadline: Deadline) -> Result:
        text = begun.history[-1].body.text or ""
        self.begun.append(text)
        writer.write(f"about {text}")
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        return self._result(turn, f"about {text}", Outcome.ANSWERED)

    def stopped(self, turn: TurnRef, begun: Begun, text: str) -> Result:
        return self._result(turn, text, Outcome.STOPPED) if text else Result(Outcome.STOPPED)

    def given_up(self, turn: TurnRef, begun: Begun, why: str) -> Result:
        body = Body(author=Author.SYSTEM, turn_id=turn.turn_id, notice=Notice(NoticeKind.TURN_FAILED, why))
        return Result(Outcome.FAILED, (body,), dead_letter=why)

    def _result(self, turn: TurnRef, text: str, outcome: Outcome) -> Result:
        return Result(outcome, (Body(author=Author.ASSISTANT, turn_id=turn.turn_id, text=text, outcome=outcome),))


class Ear:
    """Hears a conversation."""

    def __init__(self) -> None:
        self.heard: list[FeedEvent] = []
        self.changed = asyncio.Event()

    def on_event(self, event: FeedEvent) -> None:
        self.heard.append(event)
        self.changed.set()

    def on_missed(self) -> None:
        pass

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not happened():
                self.changed.clear()
                await self.changed.wait()

    def ended(self) -> list[Outcome]:
        return [event.outcome for event in self.heard if isinstance(event, TurnOver)]


class World:
    """A runner over a store in memory."""

    def __init__(self) -> None:
        self.now = [1_000_000]
        self.store = MemoryStore(LIMITS, lambda: self.now[0])
        self.ear = Ear()
        self.script = Script()
        self.runners: list[TurnRunner] = []
        self.conversation_id = ""

    def runner(self, owner: str, *, turn_s: float = 30.0, lease_s: float = 0.2) -> tuple[TurnRunner, Hub]:
        hub = Hub(SilentBus(), owner)
        runner = TurnRunner(
            self.store, self.script, hub, owner=owner, pace=Pace(lease_s, turn_s), limit=8,
            metrics=Metrics(CollectorRegistry()),
        )  # fmt: skip
        hub.join(self.conversation_id, self.ear)
        self.runners.append(runner)
        return runner, hub

    async def ask(self, text: str, owner: str = "a") -> TurnRef:
        posted = await self.store.post(self.conversation_id, said(text, secrets.token_hex(4)), owner=owner)
        assert posted.turn is not None
        return posted.turn

    async def texts(self) -> list[str | None]:
        page = await self.store.read(self.conversation_id, after_seq=0, limit=50)
        return [entry.body.notice.text if entry.body.notice else entry.body.text for entry in page.entries]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    head, _ = await made.store.open(conversation_id="", tenant="t", customer_id="u", language="en")
    made.conversation_id = head.conversation_id
    yield made
    for runner in made.runners:
        await runner.stop()


async def test_turns_run_one_at_a_time_in_order(world: World) -> None:
    """Three messages at once are answered in order."""
    runner, _ = world.runner("a")
    turns = [await world.ask(text) for text in ("one", "two", "three")]
    for turn in reversed(turns):
        runner.submit(turn)
    runner.submit(turns[0])
    await world.ear.until(lambda: len(world.ear.ended()) == 3)
    assert world.script.begun == ["one", "two", "three"]
    assert await world.texts() == ["one", "two", "three", "about one", "about two", "about three"]


async def test_listeners_see_thinking_text_and_end(world: World) -> None:
    """Typing on, typing off at the first text, text, end."""
    runner, _ = world.runner("a")
    runner.submit(await world.ask("one"))
    await world.ear.until(lambda: bool(world.ear.ended()))
    kinds = [event for event in world.ear.heard if isinstance(event, TypingChanged | TextStreamed | TurnOver)]
    assert [type(event) for event in kinds] == [TypingChanged, TypingChanged, TextStreamed, TurnOver]
    assert [event.active for event in kinds if isinstance(event, TypingChanged)] == [True, False]


async def test_a_failed_try_is_tried_again(world: World) -> None:
    """One exception costs one attempt; the answer comes once."""
    world.script.errors = [RuntimeError("boom")]
    runner, _ = world.runner("a")
    runner.submit(await world.ask("one"))
    await world.ear.until(lambda: bool(world.ear.ended()))
    assert world.script.begun == ["one", "one"]
    assert await world.texts() == ["one", "about one"]


async def test_a_poison_turn_is_buried_and_the_next_one_runs(world: World) -> None:
    """After the allowed tries the customer gets a notice, the turn a place among the dead, the next its answer."""
    world.script.errors = [RuntimeError("boom")] * LIMITS.max_tries
    runner, _ = world.runner("a")
    first = await world.ask("one")
    runner.submit(first)
    runner.submit(await world.ask("two"))
    await world.ear.until(lambda: len(world.ear.ended()) == 2)
    assert world.ear.ended() == [Outcome.FAILED, Outcome.ANSWERED]
    assert await world.texts() == ["one", "two", "tried too often", "about two"]
    assert world.store.dead == [(first.turn_id, "tried too often")]


async def test_a_turn_over_its_deadline_ends_with_a_notice(world: World) -> None:
    """No turn lasts longer than it may."""
    world.script.gate.clear()
    runner, _ = world.runner("a", turn_s=0.05)
    runner.submit(await world.ask("one"))
    await world.ear.until(lambda: bool(world.ear.ended()))
    assert await world.texts() == ["one", "deadline"]


async def test_stop_keeps_what_was_streamed(world: World) -> None:
    """The engine is cancelled and the text so far becomes the entry."""
    world.script.gate.clear()
    runner, hub = world.runner("a")
    runner.submit(await world.ask("one"))
    await world.ear.until(lambda: any(isinstance(event, TextStreamed) for event in world.ear.heard))
    hub.tell(StopAsked(conversation_id=world.conversation_id))
    await world.ear.until(lambda: bool(world.ear.ended()))
    assert world.ear.ended() == [Outcome.STOPPED]
    assert await world.texts() == ["one", "about one"]


async def test_a_waiting_turn_can_be_stopped_before_it_runs(world: World) -> None:
    """It ends without words, and its engine is never asked."""
    world.script.gate.clear()
    runner, hub = world.runner("a")
    runner.submit(await world.ask("one"))
    second = await world.ask("two")
    runner.submit(second)
    await world.ear.until(lambda: bool(world.script.begun))
    hub.tell(StopAsked(conversation_id=world.conversation_id, turn_id=second.turn_id))
    world.script.gate.set()
    await world.ear.until(lambda: len(world.ear.ended()) == 2)
    assert world.ear.ended() == [Outcome.ANSWERED, Outcome.STOPPED]
    assert world.script.begun == ["one"]


async def test_another_runner_finishes_what_a_dead_one_began(world: World) -> None:
    """The dead one's late answer is refused; the customer gets one answer."""
    world.script.gate.clear()
    dead, _ = world.runner("a", lease_s=1000)  # it renews nothing: silent as a process that hangs
    dead.submit(await world.ask("one"))
    await world.ear.until(lambda: bool(world.script.begun))
    world.now[0] += LIMITS.lease_ms
    heir, _ = world.runner("b")
    await heir.start()
    await world.ear.until(lambda: len(world.script.begun) == 2)
    world.script.gate.set()
    await world.ear.until(lambda: bool(world.ear.ended()))
    await dead.drain()
    await heir.drain()
    assert await world.texts() == ["one", "about one"]


async def test_drain_finishes_what_runs_and_gives_back_what_waits(world: World) -> None:
    """The running turn ends here; the waiting one is taken by another without waiting for a lease."""
    world.script.gate.clear()
    runner, _ = world.runner("a")
    runner.submit(await world.ask("one"))
    second = await world.ask("two")
    runner.submit(second)
    await world.ear.until(lambda: bool(world.script.begun))
    draining = asyncio.create_task(runner.drain())
    await asyncio.sleep(0)
    world.script.gate.set()
    await draining
    assert await world.store.take_over(owner="b") == [second]
    assert await world.texts() == ["one", "two", "about one"]


async def test_a_store_that_is_away_at_the_end_gets_the_answer_later(world: World) -> None:
    """The answer is made once and written when the store is back."""
    world.script.gate.clear()
    runner, _ = world.runner("a")
    runner.submit(await world.ask("one"))
    await world.ear.until(lambda: bool(world.script.begun))
    world.store.down = True
    world.script.gate.set()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(world.ear.until(lambda: bool(world.ear.ended())), 0.3)
    world.store.down = False
    await world.ear.until(lambda: bool(world.ear.ended()))
    assert world.script.begun == ["one"]
    assert await world.texts() == ["one", "about one"]


async def test_a_turn_that_was_begun_with_its_message_runs_at_once(world: World) -> None:
    """It is not begun again, and only where nothing of the conversation runs may it be begun so."""
    runner, _ = world.runner("a")
    world.script.gate.clear()
    assert runner.idle(world.conversation_id)
    posted = await world.store.post(world.conversation_id, said("one", "m1"), owner="a", begin=True)
    assert posted.turn is not None
    runner.submit(posted.turn, posted.begun)
    assert not runner.idle(world.conversation_id)
    world.script.gate.set()
    await world.ear.until(lambda: bool(world.ear.ended()))
    assert world.script.begun == ["one"]
    assert [event.attempt for event in world.ear.heard if isinstance(event, TextStreamed)] == [1]


async def test_a_draining_runner_begins_nothing(world: World) -> None:
    """What it had not begun to answer goes back, and its try does not count."""
    runner, _ = world.runner("a")
    posted = await world.store.post(world.conversation_id, said("one", "m1"), owner="a", begin=True)
    assert posted.turn is not None
    runner.submit(posted.turn, posted.begun)
    await runner.drain()
    assert not runner.idle(world.conversation_id)
    other, _ = world.runner("b")
    (taken,) = await world.store.take_over(owner="b")
    other.submit(taken)
    await world.ear.until(lambda: bool(world.ear.ended()))
    assert world.script.begun == ["one"]
