"""What the wires of all SDKs share: one client with our pool, a stream that is read to its end and closed."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any, ClassVar, Protocol

from orchestrator.llm.chat import ChatEvent, ChatRequest, End
from orchestrator.llm.faults import translated
from orchestrator.llm.provider import Provider

_REST_S = 0.2  # for what follows the end of an answer, which is a few bytes that have been sent already


class Reading(Protocol):
    """What the chunks of one response have said so far."""

    def events(self, chunk: Any) -> Iterator[ChatEvent]:
        """What a chunk adds."""
        ...

    def last(self) -> Iterator[ChatEvent]:
        """What only the end of the stream tells."""
        ...


class SdkWire(ABC):
    """The `Wire` port on an SDK of the OpenAI kind. It is imported when the first request is made: half a second.

    Args:
        provider: Where the endpoint is.
    """

    sdk: ClassVar[str]
    """The module."""
    client: ClassVar[str]
    """Its client's class."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._client: Any = None

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """See the port."""
        with translated():
            raw = await self._asked(await self._connected(), request)
        chunks, reading, ended = aiter(raw), self._reading(), False
        try:
            while True:
                with translated():
                    chunk = await anext(chunks, None)
                if chunk is None:
                    break
                for event in reading.events(chunk):
                    ended = isinstance(event, End)
                    yield event
        finally:
            if ended:
                await _read_out(chunks)
            with suppress(Exception):  # it is going away; how does not matter
                await raw.close()
        for event in reading.last():
            yield event

    async def warm(self) -> None:
        """See the port."""
        await self._connected()

    async def close(self) -> None:
        """See the port."""
        if self._client is not None:
            await self._client.close()

    @abstractmethod
    async def _asked(self, client: Any, request: ChatRequest) -> Any:
        """The SDK's stream for a request."""

    @abstractmethod
    def _reading(self) -> Reading:
        """What reads a response."""

    async def _connected(self) -> Any:
        if self._client is None:
            sdk = await asyncio.to_thread(import_module, self.sdk)
            self._client = getattr(sdk, self.client)(
                base_url=self._provider.base_url or None,
                api_key=self._provider.api_key or "none",
                max_retries=0,
                http_client=_pooled(sdk, self._provider),
            )
        return self._client


async def _read_out(chunks: AsyncIterator[Any]) -> None:
    """Reads what follows an end: a connection whose response was not read to its last byte cannot be used again."""
    with suppress(Exception):
        async with asyncio.timeout(_REST_S):
            while await anext(chunks, None) is not None:
                pass


def _pooled(sdk: Any, provider: Provider) -> Any:
    """An HTTP client of an SDK with this provider's pool and patience."""
    base = next(one for one in sdk.DefaultAsyncHttpxClient.__mro__ if one.__module__.startswith("httpx"))
    http = import_module(base.__module__.partition(".")[0])  # httpx or httpx2, as the SDK's version has it
    return sdk.DefaultAsyncHttpxClient(
        timeout=sdk.Timeout(provider.total_s, connect=provider.connect_s),
        limits=http.Limits(
            max_connections=provider.connections,
            max_keepalive_connections=provider.connections,
            keepalive_expiry=provider.keep_alive_s,
        ),
    )
