"""Who waits for an answer, by the id of the question."""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.client.errors import ClientError


class Answers:
    """Futures that end with an answer, a refusal, or the end of the connection."""

    def __init__(self) -> None:
        self._open: dict[str, asyncio.Future[Any]] = {}

    async def wait(self, identity: str) -> Any:
        """Waits for the answer to a question.

        Raises:
            ClientError: It was refused, or there will be no answer.
        """
        future = self._open[identity] = asyncio.get_running_loop().create_future()
        try:
            return await future
        finally:
            if self._open.get(identity) is future:
                del self._open[identity]

    def resolve(self, identity: str, result: Any) -> None:
        """Answers; a question that nobody asked is no error."""
        future = self._open.get(identity)
        if future is None or future.done():
            return
        if isinstance(result, ClientError):
            future.set_exception(result)
        else:
            future.set_result(result)

    def end(self, error: ClientError) -> None:
        """There will be no more answers."""
        for identity in tuple(self._open):
            self.resolve(identity, error)
