"""What traces and metrics say of a turn's steps."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import CollectorRegistry

from orchestrator.journal.ports import TurnRef
from orchestrator.metrics import Metrics
from orchestrator.steps import Steps
from servicekit.errors import unavailable

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("error", "kind"),
    [(ValueError("no number: my card is 4111"), "ValueError"), (unavailable("TRITON_AWAY", "gone"), "TRITON_AWAY")],
)
def test_a_failed_step_is_marked_without_its_words(error: Exception, kind: str) -> None:
    """The kind of error, on the step and on its turn; no message and no stack, which may hold what was written."""
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    steps = Steps(provider.get_tracer("t"), Metrics(CollectorRegistry()))
    turn = TurnRef("c", "t", 1, "0-1", "", b"")
    with pytest.raises(type(error)), steps.turn(turn, 1), steps.step("act"):
        raise error
    told = spans.get_finished_spans()
    assert [span.name for span in told] == ["act", "turn"]
    for span in told:
        assert span.status.status_code is StatusCode.ERROR
        assert span.attributes is not None
        assert span.attributes["error.type"] == kind
        assert "4111" not in span.to_json()
