"""What happens when an engine cannot."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry

from orchestrator.journal.feed import Hub, TextStreamed
from orchestrator.journal.ports import TurnRef
from orchestrator.metrics import Metrics
from orchestrator.reply.chain import EngineChain
from orchestrator.turns.writing import AnswerWriter
from servicekit.errors import ServiceError, unavailable
from servicekit.resilience import Deadline
from tests.fakes import MemoryStore, ScriptedEngine, SilentBus, said
from tests.orchestrator.reply.briefs import brief
from tests.orchestrator.stores import LIMITS

pytestmark = pytest.mark.unit

DOWN = unavailable("LLM_UNAVAILABLE", "down")


class Listener:
    def __init__(self) -> None:
        self.heard: list[tuple[int, int, str]] = []

    def on_event(self, event: object) -> None:
        if isinstance(event, TextStreamed):
            self.heard.append((event.attempt, event.offset, event.text))

    def on_missed(self) -> None:
        pass


async def writing() -> tuple[AnswerWriter, Listener]:
    store, hub, ear = MemoryStore(LIMITS, lambda: 0), Hub(SilentBus(), "o"), Listener()
    head, _ = await store.open(conversation_id="", tenant="t", customer_id="u", language="en")
    posted = await store.post(head.conversation_id, said("hello"), owner="o")
    assert posted.turn is not None
    turn: TurnRef = posted.turn
    await store.begin(turn, owner="o")
    hub.join(head.conversation_id, ear)
    return AnswerWriter(hub, store, turn, 1), ear


async def chain(*engines: ScriptedEngine) -> tuple[str, str, Listener]:
    writer, ear = await writing()
    closing = await EngineChain(engines, Metrics(CollectorRegistry())).write(brief(), writer, Deadline.after(9))
    return closing.engine, writer.text, ear


async def test_the_first_that_can_answers() -> None:
    """The others are not asked."""
    second = ScriptedEngine("other", name="b")
    assert (await chain(ScriptedEngine("Hel", "lo", name="a"), second))[:2] == ("a", "Hello")
    assert second.runs == 0


async def test_a_fallback_begins_where_nothing_was_said() -> None:
    """Failing before the first word costs no attempt."""
    engine, text, ear = await chain(ScriptedEngine(error=DOWN, name="a"), ScriptedEngine("Hi", name="b"))
    assert (engine, text, ear.heard) == ("b", "Hi", [(1, 0, "Hi")])


async def test_a_fallback_replaces_what_was_half_said() -> None:
    """The half sentence is void: a higher attempt starts from nothing."""
    engine, text, ear = await chain(ScriptedEngine("Hel", error=DOWN, name="a"), ScriptedEngine("Hi", name="b"))
    assert (engine, text) == ("b", "Hi")
    assert ear.heard == [(1, 0, "Hel"), (2, 0, "Hi")]


async def test_an_engine_that_says_nothing_has_failed() -> None:
    """An empty answer is no answer."""
    assert (await chain(ScriptedEngine(name="a"), ScriptedEngine("Hi", name="b")))[0] == "b"


async def test_the_last_error_is_told_when_nobody_can() -> None:
    """The runner then tries again or gives up."""
    writer, _ = await writing()
    with pytest.raises(ServiceError) as caught:
        await EngineChain([ScriptedEngine(error=DOWN)], Metrics(CollectorRegistry())).write(
            brief(), writer, Deadline.after(9)
        )
    assert caught.value.reason == "LLM_UNAVAILABLE"
