"""Engines in order of preference: the first that can, answers; the last one always can."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, cast

from orchestrator.metrics import Metrics
from orchestrator.reply.engine import Anew, Brief, Closing, ReplyEngine
from orchestrator.turns.writing import AnswerWriter
from servicekit.errors import ServiceError, internal, unavailable
from servicekit.resilience import Deadline
from servicekit.telemetry import get_logger

_HOPS = 3
"""Tasks between an answer and its client's connection: the stream's own, and those of a link that carries many."""


class EngineChain:
    """Tries engines until one has said all it wanted to say.

    An engine that fails after it has begun is not continued by another in the middle of a sentence: the answer starts
    anew, as a higher attempt that replaces what was streamed.

    Args:
        engines: Best first; the last should not depend on anything that can fail.
        metrics: Counts.
        reserve_s: What is left of a deadline for the engines after one.
    """

    def __init__(self, engines: Sequence[ReplyEngine], metrics: Metrics, *, reserve_s: float = 3.0) -> None:
        if not engines:
            raise ValueError("at least one engine is needed")
        self._engines, self._metrics, self._reserve_s = tuple(engines), metrics, reserve_s
        self._log = get_logger("reply")

    async def write(self, brief: Brief, writer: AnswerWriter, deadline: Deadline) -> Closing:
        """Streams an answer through `writer`.

        Raises:
            ServiceError: Not even the last engine could.
        """
        last: ServiceError = internal()
        exact = brief.told is not None and brief.told.exact  # no model may put it otherwise
        for engine in self._engines[-1:] if exact else self._engines:
            final = engine is self._engines[-1]
            budget = deadline if final else deadline.shrink(max(0.1, deadline.remaining_s - self._reserve_s))
            await writer.start_anew()
            try:
                closing = await self._one(engine, brief, writer, budget)
            except ServiceError as error:
                last = error
                self._metrics.engine_errors.labels(engine.name, error.reason).inc()
                self._log.warning("engine failed", engine=engine.name, reason=error.reason, streamed=bool(writer.text))
                continue
            self._metrics.engines.labels(engine.name).inc()
            return closing
        raise last

    async def _one(self, engine: ReplyEngine, brief: Brief, writer: AnswerWriter, deadline: Deadline) -> Closing:
        async with aclosing(cast(Any, engine.stream(brief, deadline))) as stream:
            async for part in stream:
                if isinstance(part, Closing):
                    if not writer.text.strip():
                        raise unavailable("EMPTY_ANSWER", "the engine said nothing")
                    return part
                if isinstance(part, Anew):
                    await writer.start_anew()
                    continue
                first = not writer.text
                writer.write(part)
                if first:
                    self._metrics.first_text_seconds.observe(time.monotonic() - writer.begun_s)
                    await _let_it_out()
        raise unavailable("TRUNCATED_ANSWER", "the engine broke off")


async def _let_it_out() -> None:
    """Lets those who wait for the first word send it on.

    A provider that writes fast fills its connection ahead of us: without this the rest of the answer is read, checked
    and recorded before anybody else gets a turn at the loop.
    """
    for _ in range(_HOPS):
        await asyncio.sleep(0)
