"""An OpenAI-compatible chat model, streamed: OpenAI, Qwen/DashScope, DeepSeek, vLLM, Ollama by base URL.

One retry loop, before the first token only; explicit time limits; a stream that ends without a finish reason is an
error; a breaker and a limit per provider. The SDK is imported when the first request is made: it costs half a second.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from orchestrator.journal.entries import Citation
from orchestrator.policy.decision import Action
from orchestrator.reply.engine import Brief, Closing
from orchestrator.reply.prompt import Prompt
from orchestrator.reply.templates import ASK_FOR_PERSON
from servicekit.errors import Code, ServiceError, exhausted, timeout, unavailable
from servicekit.resilience import Bulkhead, CircuitBreaker, Deadline, retry

_MOST_TOKENS = 700
_GOOD_ENDS = ("stop", "length", "tool_calls")


@dataclass(frozen=True)
class Provider:
    """Where a model is and how long it is waited for, in seconds.

    Attributes:
        base_url: Up to and including /v1; empty: OpenAI's own.
        api_key: Empty: none is needed.
        first_token_s: From the request to the first token.
        idle_s: Between tokens.
        total_s: For the whole answer.
        attempts: Tries before the first token.
        concurrency: Requests at once; as many may wait.
    """

    model: str
    base_url: str = ""
    api_key: str = ""
    connect_s: float = 3.0
    first_token_s: float = 8.0
    idle_s: float = 5.0
    total_s: float = 20.0
    attempts: int = 2
    concurrency: int = 32


class OpenAIEngine:
    """The `ReplyEngine` port on a chat completions endpoint.

    Args:
        provider: Where and how long.
        prompt: Builds the messages.
        breaker: Spares a provider that fails.
        rng: For jitter.
    """

    def __init__(
        self, provider: Provider, prompt: Prompt, breaker: CircuitBreaker, rng: random.Random | None = None
    ) -> None:
        self._provider, self._prompt, self._breaker = provider, prompt, breaker
        self._rng = rng or random.Random()
        self._places = Bulkhead(provider.model, limit=provider.concurrency, queue=provider.concurrency)
        self._client: Any = None

    @property
    def name(self) -> str:
        """The model's name, as the operator configured it."""
        return self._provider.model

    async def warm(self) -> None:
        """Imports the SDK, so that the first customer does not wait for it."""
        await self._connected()

    async def close(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            await self._client.close()

    async def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Closing]:
        """See the port."""
        deadline = deadline.shrink(self._provider.total_s)
        messages = self._prompt.messages(brief)
        async with self._places, self._breaker:
            answer = await retry(
                lambda: self._begin(messages, deadline),
                attempts=self._provider.attempts,
                deadline=deadline,
                rng=self._rng,
            )
            try:
                async for piece in answer.pieces(deadline, self._provider.idle_s):
                    yield piece
            finally:
                await answer.close()
        yield self._closing(brief)

    async def _begin(self, messages: list[dict[str, str]], deadline: Deadline) -> _Answer:
        """A stream that has produced its first piece of text.

        Raises:
            ServiceError: What kept it from that; retryable or not by the provider's own words.
        """
        answer: _Answer | None = None
        try:
            async with asyncio.timeout(min(self._provider.first_token_s, deadline.remaining_s)):
                with _translated():
                    client = await self._connected()
                    raw = await client.chat.completions.create(
                        model=self._provider.model, messages=messages, stream=True, max_tokens=_MOST_TOKENS
                    )
                answer = _Answer(raw)
                await answer.first()
                return answer
        except BaseException as error:
            if answer is not None:
                await answer.close()
            if isinstance(error, TimeoutError):
                raise timeout("LLM_TIMEOUT", "the language model did not begin in time") from error
            raise

    async def _connected(self) -> Any:
        if self._client is None:
            openai = await asyncio.to_thread(_sdk)
            self._client = openai.AsyncOpenAI(
                base_url=self._provider.base_url or None,
                api_key=self._provider.api_key or "none",
                max_retries=0,
                timeout=openai.Timeout(self._provider.total_s, connect=self._provider.connect_s),
            )
        return self._client

    def _closing(self, brief: Brief) -> Closing:
        cited = brief.facts[:1] if brief.decision.action in (Action.ANSWER, Action.ACT) else ()
        return Closing(
            self._provider.model,
            citations=tuple(Citation(hit.article.id, hit.article.title[brief.language]) for hit in cited),
            quick_replies=(ASK_FOR_PERSON[brief.language],) if brief.decision.action is Action.ASK else (),
            understood=brief.decision.action is not Action.ASK,
        )


class _Answer:
    """One response stream."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._chunks = aiter(raw)
        self._first = ""
        self._finished = False

    async def first(self) -> None:
        """Waits for the first text."""
        while not self._first:
            text = await self._next()
            if text is None:
                raise unavailable("LLM_EMPTY", "the language model said nothing")
            self._first = text

    async def pieces(self, deadline: Deadline, idle_s: float) -> AsyncIterator[str]:
        """The text, from the first piece on."""
        yield self._first
        while True:
            try:
                async with asyncio.timeout(min(idle_s, deadline.remaining_s)):
                    text = await self._next()
            except TimeoutError as error:
                raise timeout("LLM_TIMEOUT", "the language model stopped in the middle") from error
            if text is None:
                return
            if text:
                yield text

    async def _next(self) -> str | None:
        """The next piece, perhaps empty; None at a proper end."""
        with _translated():
            try:
                chunk = await anext(self._chunks)
            except StopAsyncIteration:
                if self._finished:
                    return None
                raise unavailable("LLM_TRUNCATED", "the language model broke off") from None
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        if choice.finish_reason is not None:
            self._finished = True
            if choice.finish_reason not in _GOOD_ENDS:
                raise ServiceError(Code.INVALID, "LLM_REFUSED", "the language model refused", retryable=False)
        return choice.delta.content or ""

    async def close(self) -> None:
        """Hangs up: the provider stops computing."""
        with suppress(Exception):  # it is going away; how does not matter
            await self._raw.close()


def _sdk() -> Any:
    import openai

    return openai


@contextmanager
def _translated() -> Iterator[None]:
    """Turns the SDK's and the connection's errors into ours; texts of providers are not passed on."""
    try:
        yield
    except (ServiceError, TimeoutError):
        raise
    except Exception as error:
        raise _meaning(error) from error


def _meaning(error: Exception) -> ServiceError:
    status = getattr(error, "status_code", None)
    if status == 429:
        return exhausted("LLM_RATE_LIMITED", "the language model is busy", retry_after_s=_retry_after_s(error))
    if isinstance(status, int) and 400 <= status < 500 and status not in (408, 409):
        return ServiceError(Code.INTERNAL, "LLM_MISCONFIGURED", "the language model refused the request")
    if type(error).__name__ in ("APITimeoutError", "ReadTimeout", "ConnectTimeout"):
        return timeout("LLM_TIMEOUT", "the language model took too long")
    return unavailable("LLM_UNAVAILABLE", "the language model is out of reach")


def _retry_after_s(error: Exception) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", {})
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None
