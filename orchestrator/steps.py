"""Times and traces the steps of a turn; spans are made by hand, for a stream is one RPC with many turns."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from orchestrator.journal.ports import TurnRef
from orchestrator.metrics import Metrics
from servicekit.errors import ServiceError

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
        with self._span("turn", parent, {"turn.id": turn.turn_id, "turn.attempt": attempt}):
            yield
        self._metrics.turn_seconds.observe(time.monotonic() - begun_s)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step."""
        begun_s = time.monotonic()
        with self._span(name):
            yield
        self._metrics.step_seconds.labels(name).observe(time.monotonic() - begun_s)

    @contextmanager
    def _span(
        self, name: str, parent: Context | None = None, facts: Mapping[str, str | int] | None = None
    ) -> Iterator[None]:
        """A span that, when it fails, has the kind of error; an error's text may hold what a customer wrote."""
        with self._tracer.start_as_current_span(
            name, context=parent, attributes=facts, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except Exception as error:
                kind = error.reason if isinstance(error, ServiceError) else type(error).__name__
                span.set_attribute("error.type", kind)
                span.set_status(trace.Status(trace.StatusCode.ERROR))
                raise
