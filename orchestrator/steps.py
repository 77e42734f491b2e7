"""Times and traces the steps of a turn; spans are made by hand, for a stream is one RPC with many turns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from orchestrator.journal.ports import TurnRef
from orchestrator.metrics import Metrics

_propagator = TraceContextTextMapPropagator()


def trace_parent() -> str:
    """The current span as a W3C traceparent; empty outside a trace."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent", "")


class Steps:
    """One span and one observation per step.

    Args:
        tracer: Makes the spans.
        metrics: Takes the times.
    """

    def __init__(self, tracer: trace.Tracer, metrics: Metrics) -> None:
        self._tracer, self._metrics = tracer, metrics

    @contextmanager
    def turn(self, turn: TurnRef, attempt: int) -> Iterator[None]:
        """A whole turn, in the trace of the message that asked for it, on whichever process it runs."""
        parent = _propagator.extract({"traceparent": turn.trace_parent}) if turn.trace_parent else None
        begun_s = time.monotonic()
        facts: dict[str, str | int] = {"turn.id": turn.turn_id, "turn.attempt": attempt}
        with self._tracer.start_as_current_span("turn", context=parent, attributes=facts):
            yield
        self._metrics.turn_seconds.observe(time.monotonic() - begun_s)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step."""
        begun_s = time.monotonic()
        with self._tracer.start_as_current_span(name):
            yield
        self._metrics.step_seconds.labels(name).observe(time.monotonic() - begun_s)
