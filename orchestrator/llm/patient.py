"""How long a model is waited for: one retry loop, before the first token only; explicit time limits; a breaker."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing

from orchestrator.llm.chat import CallBegun, ChatEvent, ChatRequest, End, TextDelta, Wire
from orchestrator.llm.faults import truncated
from orchestrator.llm.provider import Provider
from servicekit.errors import timeout, unavailable
from servicekit.resilience import Bulkhead, CircuitBreaker, Deadline, retry

Stream = AsyncGenerator[ChatEvent, None]


class PatientChat:
    """The `ChatModel` port on a wire. A stream that ends without an end is an error, whatever it said.

    Args:
        provider: Where and how long.
        wire: Speaks the provider's dialect.
        breaker: Spares a provider that fails.
        rng: For jitter.
    """

    def __init__(
        self, provider: Provider, wire: Wire, breaker: CircuitBreaker, rng: random.Random | None = None
    ) -> None:
        self._provider, self._wire, self._breaker = provider, wire, breaker
        self._rng = rng or random.Random()
        self._places = Bulkhead(provider.model, limit=provider.concurrency, queue=provider.concurrency)

    @property
    def name(self) -> str:
        """The model's name, as the operator configured it."""
        return self._provider.model

    @property
    def sees(self) -> bool:
        """Whether it takes pictures."""
        return self._provider.sees

    @property
    def patience_s(self) -> float:
        """For a whole answer, rounds of tools included."""
        return self._provider.total_s

    async def warm(self) -> None:
        """Imports the SDK, so that the first customer does not wait for it."""
        await self._wire.warm()

    async def close(self) -> None:
        """Closes the connections."""
        await self._wire.close()

    async def stream(self, request: ChatRequest, deadline: Deadline) -> Stream:
        """See the port."""
        deadline = deadline.shrink(self._provider.total_s)
        async with self._places, self._breaker:
            begun, first = await retry(
                lambda: self._begin(request, deadline),
                attempts=self._provider.attempts,
                deadline=deadline,
                rng=self._rng,
            )
            async with aclosing(begun) as events:
                yield first
                while (event := await self._next(events, deadline)) is not None:
                    yield event
                    if isinstance(event, End):
                        break
                else:
                    raise truncated()

    async def _begin(self, request: ChatRequest, deadline: Deadline) -> tuple[Stream, ChatEvent]:
        """A stream that has produced its first piece, and that piece.

        Raises:
            ServiceError: What kept it from that; retryable or not by the provider's own words.
        """
        events = self._wire.stream(request)
        try:
            async with asyncio.timeout(min(self._provider.first_token_s, deadline.remaining_s)):
                async for event in events:
                    if isinstance(event, TextDelta | CallBegun):
                        return events, event
                    if isinstance(event, End):
                        raise unavailable("LLM_EMPTY", "the language model said nothing")
            raise truncated()
        except BaseException as error:
            await events.aclose()
            if isinstance(error, TimeoutError):
                raise timeout("LLM_TIMEOUT", "the language model did not begin in time") from error
            raise

    async def _next(self, events: Stream, deadline: Deadline) -> ChatEvent | None:
        try:
            async with asyncio.timeout(min(self._provider.idle_s, deadline.remaining_s)):
                return await anext(events, None)
        except TimeoutError as error:
            raise timeout("LLM_TIMEOUT", "the language model stopped in the middle") from error
