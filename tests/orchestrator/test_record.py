"""What a turn leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from prometheus_client import CollectorRegistry

from orchestrator.cases.told import Part, Told
from orchestrator.journal.feed import Hub
from orchestrator.journal.ports import TurnRef
from orchestrator.metrics import Metrics
from orchestrator.policy.hours import SupportHours
from orchestrator.record import Recorder
from orchestrator.reply.engine import Closing
from orchestrator.reply.templates import Templates
from orchestrator.turns.writing import AnswerWriter
from tests.orchestrator.harness import knowledge
from tests.orchestrator.reply.briefs import brief

pytestmark = pytest.mark.unit


class Silent:
    """A bus that goes nowhere."""

    def publish(self, conversation_id: str, raw: bytes) -> None:
        """Loses it."""


@pytest.mark.parametrize("asides", [(), ("yes", "no", "later", "agent")], ids=["plain", "with a question in between"])
def test_an_answer_has_no_more_quick_replies_than_the_contract_says(asides: tuple[str, ...]) -> None:
    """Four, each once; those of the question that waits come first."""
    hours = SupportHours(time(9), time(21), "Asia/Shanghai", lambda: datetime.now(UTC))
    recorder = Recorder(Templates(knowledge()), hours, Metrics(CollectorRegistry()))
    turn = TurnRef("c", "t", 1, "0-1", "", b"")
    writer = AnswerWriter(Hub(Silent(), "o"), None, turn, 1)  # type: ignore[arg-type]  # nothing starts anew
    about = brief()
    if asides:
        about = replace(about, aside=Told((Part("kind_word", {}),), quick_replies=asides))
    closing = Closing("retrieval", quick_replies=("a", "b", "later", "d", "e"))
    closing = recorder.add_aside(about, writer, closing)
    (body,) = recorder.answered(turn, about, "text", closing, ()).bodies
    assert body.quick_replies == (asides or ("a", "b", "later", "d"))
