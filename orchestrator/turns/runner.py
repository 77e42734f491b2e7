"""Runs turns: one at a time and in order per conversation, with claims kept alive and taken over from the dead.

What a turn does is the use case's affair (`Answering`); here is only who runs it, when, how often and until when.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Callable
from typing import Protocol

from orchestrator.journal.entries import NoticeKind, Outcome
from orchestrator.journal.feed import (
    EntryAppended,
    FeedEvent,
    Hub,
    StopAsked,
    TurnOver,
    TurnReleased,
)
from orchestrator.journal.ports import BeginStatus, Begun, Result, TurnLog, TurnRef
from orchestrator.metrics import Metrics
from orchestrator.turns.writing import AnswerWriter
from servicekit.background import keep_running
from servicekit.errors import Code, ServiceError
from servicekit.resilience import Deadline, backoff
from servicekit.telemetry import get_logger


class Answering(Protocol):
    """The use case: one turn from what was said to what is left behind."""

    async def answer(self, turn: TurnRef, begun: Begun, writer: AnswerWriter, deadline: Deadline) -> Result:
        """Answers; streams through `writer`."""
        ...

    def stopped(self, turn: TurnRef, begun: Begun, text: str) -> Result:
        """What is left behind when the customer stopped it after `text`."""
        ...

    def given_up(self, turn: TurnRef, begun: Begun, why: str) -> Result:
        """What is left behind when there will be no answer."""
        ...


class Pace:
    """Times of the runner, in seconds.

    Attributes:
        renew_s: Between renewals of claims; well below the lease.
        sweep_s: Between looks for abandoned turns.
        turn_s: For one turn from beginning to answer.
        wait_s: Before a turn that waits for its predecessor looks again unasked.
    """

    def __init__(self, lease_s: float, turn_s: float) -> None:
        self.renew_s = lease_s / 4
        self.sweep_s = lease_s / 4
        self.turn_s = turn_s
        self.wait_s = lease_s / 2


class TurnRunner:
    """Runs the turns that this process has claimed.

    Args:
        log: Where turns are claimed and finished.
        use_case: Answers one.
        hub: Tells listeners what happens, and the runner what others do.
        owner: Names this process in claims and locks.
        pace: Its times.
        limit: Turns that run at once; the rest waits in line.
        metrics: Counts.
        rng: For jitter.
        after: Hears of each turn that this process finished, with what it began from. Must not block.
    """

    def __init__(
        self,
        log: TurnLog,
        use_case: Answering,
        hub: Hub,
        *,
        owner: str,
        pace: Pace,
        limit: int,
        metrics: Metrics,
        rng: random.Random | None = None,
        after: Callable[[TurnRef, Begun], None] | None = None,
    ) -> None:
        self.owner = owner
        self._after = after
        self._log, self._use_case, self._hub, self._pace = log, use_case, hub, pace
        self._metrics = metrics
        self._rng = rng or random.Random()
        self._slots = asyncio.Semaphore(limit)
        self._lines: dict[str, _Line] = {}
        self._background: list[asyncio.Task[None]] = []
        self._sweep_now = asyncio.Event()
        self._draining = False
        self._stopping = False
        self._logger = get_logger("turns")
        hub.watch(self)

    async def start(self) -> None:
        """Begins to renew and to look for abandoned turns."""
        self._background = [
            asyncio.create_task(keep_running(self._renew_forever, name="turns-renew")),
            asyncio.create_task(keep_running(self._sweep_forever, name="turns-sweep")),
        ]

    def idle(self, conversation_id: str) -> bool:
        """Whether a turn of this conversation would run at once: who posts its message may begin it in one step."""
        return not self._draining and conversation_id not in self._lines and not self._slots.locked()

    def submit(self, turn: TurnRef, begun: Begun | None = None) -> None:
        """Puts a claimed turn in its conversation's line. A turn that is in it already is not put twice.

        Args:
            turn: Claimed by this process.
            begun: What came of beginning it, where that was done with the claim.
        """
        line = self._lines.get(turn.conversation_id)
        if line is None:
            line = self._lines[turn.conversation_id] = _Line()
            if begun is not None:
                line.begun[turn.turn_id] = begun
            line.task = asyncio.create_task(self._work(turn.conversation_id, line), name="turns-line")
        if all(turn.turn_id != known.turn_id for known in line.turns):
            line.turns = deque(sorted((*line.turns, turn), key=lambda one: one.seq))
            line.wake.set()

    @property
    def owned(self) -> list[TurnRef]:
        """Turns that run or wait here."""
        return [turn for line in self._lines.values() for turn in line.turns]

    async def drain(self) -> None:
        """Lets running turns end; waiting ones go back at once. `abandon` is what follows when time is up."""
        self._draining = True
        waiting = [turn for line in self._lines.values() for turn in line.turns if turn is not line.running]
        for line in self._lines.values():
            line.turns = deque(turn for turn in line.turns if turn is line.running)
            line.wake.set()
        await self._give_back(waiting)
        lines = [line.task for line in self._lines.values() if line.task is not None]
        if lines:
            await asyncio.wait(lines)

    async def stop(self) -> None:
        """Gives everything back and ends."""
        self._draining = self._stopping = True  # a cancellation alone may be lost inside the store's client
        self._sweep_now.set()
        owned = self.owned
        tasks = [*self._background, *(line.task for line in self._lines.values() if line.task is not None)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._give_back(owned)

    async def _give_back(self, turns: list[TurnRef]) -> None:
        if turns:
            with contextlib.suppress(ServiceError):  # then the lease ends the claim
                await self._log.release(turns, owner=self.owner)
            self._metrics.turns_released.inc(len(turns))

    def on_event(self, event: FeedEvent) -> None:
        """News that concern the runner, of any conversation."""
        if isinstance(event, TurnReleased):
            self._sweep_now.set()
            return
        line = self._lines.get(event.conversation_id)
        if line is None:
            return
        if isinstance(event, TurnOver) or (isinstance(event, EntryAppended) and event.body.outcome is not None):
            line.wake.set()
        elif isinstance(event, EntryAppended) and _agent_came(event):
            line.stop("")
        elif isinstance(event, StopAsked):
            line.stop(event.turn_id)

    def on_missed(self) -> None:
        """News may be lost: let everybody who waits look again."""
        self._sweep_now.set()
        for line in self._lines.values():
            line.wake.set()

    async def _work(self, conversation_id: str, line: _Line) -> None:
        try:
            while line.turns:
                turn = line.turns[0]
                if await self._advance(turn, line):
                    with contextlib.suppress(ValueError, IndexError):
                        line.turns.remove(turn)
                elif self._draining:
                    await self._give_back(list(line.turns))
                    break
        finally:
            if self._lines.get(conversation_id) is line:
                del self._lines[conversation_id]

    async def _advance(self, turn: TurnRef, line: _Line) -> bool:
        """One try of the first turn in line; whether it is off the line."""
        line.wake.clear()
        try:
            async with self._slots:
                begun = line.begun.pop(turn.turn_id, None) or await self._log.begin(turn, owner=self.owner)
                if begun.status in (BeginStatus.RUN, BeginStatus.POISON):
                    line.running = turn
                    return await _Try(self, turn, begun, line).run()
        except ServiceError as error:
            self._logger.warning("turn could not begin", turn=turn.turn_id, reason=error.reason)
            await asyncio.sleep(backoff(line.failures, base_s=0.2, cap_s=2.0, rng=self._rng))
            line.failures = min(line.failures + 1, 10)
            return False
        finally:
            line.running = None
        if begun.status is not BeginStatus.WAIT:
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pace.wait_s):
                await line.wake.wait()
        return False

    async def _renew_forever(self) -> None:
        while not self._stopping:
            await asyncio.sleep(self._pace.renew_s)
            owned = self.owned
            try:
                alive = await self._log.renew(owned, owner=self.owner) if owned else []
            except ServiceError:
                continue  # the store is away; claims may be lost, the fence decides
            for turn, mine in zip(owned, alive, strict=True):
                line = self._lines.get(turn.conversation_id)
                if not mine and line is not None and line.running is not turn and turn in line.turns:
                    line.turns.remove(turn)

    async def _sweep_forever(self) -> None:
        while not self._stopping:
            if not self._draining:
                with contextlib.suppress(ServiceError):
                    for turn in await self._log.take_over(owner=self.owner):
                        self._metrics.turns_taken_over.inc()
                        self._logger.info("turn taken over", turn=turn.turn_id)
                        self.submit(turn)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pace.sweep_s * self._rng.uniform(0.7, 1.3)):
                    await self._sweep_now.wait()
            self._sweep_now.clear()


def _agent_came(event: EntryAppended) -> bool:
    return event.body.notice is not None and event.body.notice.kind is NoticeKind.AGENT_JOINED


class _Line:
    """The turns of one conversation that this process has claimed, first come first."""

    def __init__(self) -> None:
        self.turns: deque[TurnRef] = deque()
        self.wake = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.running: TurnRef | None = None
        self.answering: asyncio.Task[Result] | None = None
        self.begun: dict[str, Begun] = {}
        self.stopped: set[str] = set()
        self.failures = 0

    def stop(self, turn_id: str) -> None:
        """Cancels the running turn if it is meant; remembers one that waits."""
        if self.running is not None and turn_id in ("", self.running.turn_id):
            self.stopped.add(self.running.turn_id)
            if self.answering is not None:
                self.answering.cancel()
        elif any(turn.turn_id == turn_id for turn in self.turns):
            self.stopped.add(turn_id)


class _Try:
    """One try of one turn under its fence."""

    def __init__(self, runner: TurnRunner, turn: TurnRef, begun: Begun, line: _Line) -> None:
        self._runner, self._turn, self._begun, self._line = runner, turn, begun, line
        self._writer = AnswerWriter(runner._hub, runner._log, turn, begun.attempt, self._followed)

    async def run(self) -> bool:
        """Answers and finishes; whether the turn is off the line."""
        result = await self._result()
        if result is None:
            return False
        self._writer.quiet()
        await self._finish(result)
        return True

    def _followed(self) -> bool:
        return any(not other.preview for other in self._line.turns if other.turn_id != self._turn.turn_id)

    async def _result(self) -> Result | None:
        use_case, turn, begun = self._runner._use_case, self._turn, self._begun
        if begun.status is BeginStatus.POISON:
            return use_case.given_up(turn, begun, "tried too often")
        if turn.turn_id in self._line.stopped:
            return use_case.stopped(turn, begun, "")
        if begun.head is None or begun.head.agent is None:
            self._writer.thinking()
        deadline = Deadline.after(self._runner._pace.turn_s)
        task = asyncio.create_task(use_case.answer(turn, begun, self._writer, deadline))
        self._line.answering = task
        try:
            async with asyncio.timeout(self._runner._pace.turn_s):
                return await task
        except TimeoutError:
            return use_case.given_up(turn, begun, "deadline")
        except asyncio.CancelledError:
            if turn.turn_id not in self._line.stopped or not task.cancelled():
                task.cancel()
                raise
            return use_case.stopped(turn, begun, self._writer.text)
        except Exception as error:
            self._runner._logger.error("turn failed", turn=turn.turn_id, attempt=begun.attempt, exc_info=error)
            self._runner._metrics.turn_failures.inc()
            await asyncio.sleep(backoff(begun.attempt, base_s=0.1, cap_s=1.0, rng=self._runner._rng))
            return None
        finally:
            self._line.answering = None

    async def _finish(self, result: Result) -> None:
        """Writes the result, however long the store is away: the answer is not made twice."""
        for attempt in range(10_000):
            try:
                entries = await self._runner._log.finish(
                    self._turn, owner=self._runner.owner, fence=self._begun.fence, result=result
                )
                break
            except ServiceError as error:
                if error.code is Code.CONFLICT:
                    self._runner._logger.info("turn was finished elsewhere", turn=self._turn.turn_id)
                    return
            await asyncio.sleep(backoff(attempt, base_s=0.1, cap_s=2.0, rng=self._runner._rng))
        outcome = Outcome.ATTENDED if result.bodies and entries == () else result.outcome
        self._runner._metrics.turns.labels(outcome.value).inc()
        for entry in entries or ():
            self._runner._hub.tell(EntryAppended.of(self._turn.conversation_id, entry))
        self._runner._hub.tell(
            TurnOver(conversation_id=self._turn.conversation_id, turn_id=self._turn.turn_id, outcome=outcome)
        )
        if self._runner._after is not None:
            self._runner._after(self._turn, self._begun)
