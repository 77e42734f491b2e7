"""What one client says about a conversation rather than in it: how far it has got, and how it was."""

from __future__ import annotations

import asyncio

from orchestrator.converse.events import Ack, Rate
from orchestrator.journal.entries import Author, Receipt
from orchestrator.journal.ports import Marks
from orchestrator.metrics import Metrics
from servicekit.errors import ServiceError

_RETRY_S = 1.0


class Marking:
    """One stream's marks.

    Args:
        marks: Where they are kept.
        metrics: Counts scores.
        stream_id: Names the stream, which need not hear of its own receipts.
    """

    def __init__(self, marks: Marks, metrics: Metrics, stream_id: str) -> None:
        self._marks, self._metrics, self._stream_id = marks, metrics, stream_id
        self._wanted = Receipt()
        self._noted = Receipt()
        self._noting: asyncio.Task[None] | None = None

    def received(self, conversation_id: str, receipt: Receipt) -> None:
        """Notes how far the client has got; while one note is under way, later ones become one."""
        self._wanted = Receipt(max(self._wanted.delivered, receipt.delivered), max(self._wanted.read, receipt.read))
        if self._wanted != self._noted and (self._noting is None or self._noting.done()):
            self._noting = asyncio.create_task(self._note(conversation_id), name="converse-receipts")

    async def _note(self, conversation_id: str) -> None:
        while self._wanted != self._noted:
            wanted = self._wanted
            try:
                await self._marks.receive(
                    conversation_id, reader=Author.CUSTOMER, receipt=wanted, stream_id=self._stream_id
                )
            except ServiceError as error:
                if not error.retryable:
                    return
                await asyncio.sleep(_RETRY_S)
                continue
            self._noted = wanted

    async def rated(self, conversation_id: str, request: Rate) -> Ack:
        """Keeps a judgement.

        Raises:
            ServiceError: See `Marks.rate`.
        """
        duplicate = await self._marks.rate(conversation_id, rating_id=request.rating_id, rating=request.rating)
        if not duplicate:
            self._metrics.ratings.observe(request.rating.score)
        return Ack(request.rating_id, 0, duplicate, "")

    def close(self) -> None:
        """The stream ends; what is not noted is lost, and the client says it again on its next."""
        if self._noting is not None:
            self._noting.cancel()
