"""Every metric of the orchestrator, in one place. No label carries what a customer wrote or who wrote it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_TURN_BUCKETS_S = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0, 30.0)
_STEP_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Metrics:
    """The orchestrator's metrics on one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.streams = Gauge("stickerdesk_conversations_connected", "Open Converse streams", registry=registry)
        self.messages = Counter(
            "stickerdesk_messages", "Messages by what became of them", ("result",), registry=registry
        )
        self.turns = Counter("stickerdesk_turns", "Turns that ended", ("outcome",), registry=registry)
        self.turn_seconds = Histogram(
            "stickerdesk_turn_seconds",
            "From beginning a turn to its result",
            registry=registry,
            buckets=_TURN_BUCKETS_S,
        )
        self.first_text_seconds = Histogram(
            "stickerdesk_first_text_seconds",
            "From beginning a turn to its first text",
            registry=registry,
            buckets=_TURN_BUCKETS_S,
        )
        self.step_seconds = Histogram(
            "stickerdesk_turn_step_seconds", "Time per step", ("step",), registry=registry, buckets=_STEP_BUCKETS_S
        )
        self.turn_failures = Counter("stickerdesk_turn_failures", "Tries that broke down", registry=registry)
        self.turns_taken_over = Counter("stickerdesk_turns_taken_over", "Turns claimed from others", registry=registry)
        self.turns_released = Counter("stickerdesk_turns_released", "Turns given back on drain", registry=registry)
        self.decisions = Counter("stickerdesk_decisions", "Branches of the decision tree", ("rule",), registry=registry)
        self.engines = Counter("stickerdesk_replies", "Answers by engine kind", ("engine",), registry=registry)
        self.engine_errors = Counter(
            "stickerdesk_reply_errors", "Failed tries of an engine", ("engine", "reason"), registry=registry
        )
        self.breaker_state = Gauge(
            "stickerdesk_breaker_state", "0 closed, 1 half-open, 2 open", ("part",), registry=registry
        )
        self.degraded = Counter("stickerdesk_degraded", "Steps that did without a part", ("part",), registry=registry)
        self.slow_readers = Counter("stickerdesk_slow_readers", "Streams ended for not reading", registry=registry)
