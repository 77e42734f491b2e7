"""Every metric of the orchestrator, in one place. No label carries what a customer wrote or who wrote it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_TURN_BUCKETS_S = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0, 30.0)
_ITEMS_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_STEP_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Metrics:
    """The orchestrator's metrics on one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.streams = Gauge("stickerdesk_conversations_connected", "Open Converse streams", registry=registry)
        self.trunks = Gauge("stickerdesk_trunks", "Open ConverseMany calls", registry=registry)
        self.lanes = Gauge("stickerdesk_lanes", "Open lanes on them", registry=registry)
        self.trunk_items = Histogram(
            "stickerdesk_trunk_items", "Items per message of a ConverseMany call", ("direction",), registry=registry,
            buckets=_ITEMS_BUCKETS,
        )  # fmt: skip
        self.watches = Gauge("stickerdesk_desk_watches", "Open watches of agents", registry=registry)
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
        self.knowledge_embedded = Gauge(
            "stickerdesk_knowledge_embedded", "Whether the knowledge base is searched by meaning too", registry=registry
        )
        self.ratings = Histogram(
            "stickerdesk_rating_score", "Scores that customers gave, 1 to 5", registry=registry, buckets=(1, 2, 3, 4, 5)
        )
        self.slow_readers = Counter("stickerdesk_slow_readers", "Streams ended for not reading", registry=registry)
        self.llm_tokens = Counter(
            "stickerdesk_llm_tokens", "Tokens of language models", ("model", "kind"), registry=registry
        )
        self.llm_cost = Counter(
            "stickerdesk_llm_cost", "What language models cost, in the price list's currency", ("model",),
            registry=registry,
        )  # fmt: skip
        self.llm_unpriced = Counter(
            "stickerdesk_llm_unpriced", "Requests to models without a price", ("model",), registry=registry
        )
        self.llm_budget = Gauge(
            "stickerdesk_llm_budget_state", "0 within, 1 over the soft, 2 over the hard budget", ("tenant",),
            registry=registry,
        )  # fmt: skip
        self.llm_withheld = Counter(
            "stickerdesk_llm_withheld", "Drafts that stated what has no source", ("kind",), registry=registry
        )
        self.llm_summaries = Counter(
            "stickerdesk_llm_summaries", "Summaries of older messages by what became of them", ("result",),
            registry=registry,
        )  # fmt: skip
        self.llm_calls = Counter(
            "stickerdesk_llm_tool_calls", "Tools that language models asked for", ("tool", "result"),
            registry=registry,
        )  # fmt: skip
