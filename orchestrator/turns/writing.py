"""The answer while it is being written: what listeners see of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from orchestrator.journal.entries import Author
from orchestrator.journal.feed import Hub, TextStreamed, TypingChanged
from orchestrator.journal.ports import TurnLog, TurnRef

_LOOK_S = 0.02


class AnswerWriter:
    """Streams one attempt of a turn to everybody who follows the conversation.

    Attributes:
        text: What this attempt has streamed so far.
        attempt: From 1; rises when the answer starts anew.
        begun_s: When this try of the turn began, on the monotonic clock.
    """

    def __init__(
        self, hub: Hub, log: TurnLog, turn: TurnRef, attempt: int, followed: Callable[[], bool] = lambda: False
    ) -> None:
        self._hub, self._log, self._turn, self._followed = hub, log, turn, followed
        self._thinking = False
        self.attempt = attempt
        self.begun_s = time.monotonic()
        self.text = ""

    async def followed_by_words(self, within_s: float) -> bool:
        """Whether the customer's next message, which is no picture, has come; waits for it so long."""
        until_s = time.monotonic() + within_s
        while not self._followed():
            if time.monotonic() >= until_s:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    def thinking(self) -> None:
        """Says that the assistant is at it."""
        self._typing(True)

    def quiet(self) -> None:
        """Says that it is not any more, if it was said that it is."""
        self._typing(False)

    def write(self, text: str) -> None:
        """Streams a piece."""
        if not text:
            return
        self._typing(False)
        self._hub.tell(
            TextStreamed(
                conversation_id=self._turn.conversation_id,
                turn_id=self._turn.turn_id,
                attempt=self.attempt,
                offset=len(self.text),
                text=text,
            )
        )
        self.text += text

    async def start_anew(self) -> None:
        """Voids what was streamed: the next piece belongs to a higher attempt."""
        if self.text:
            self.attempt = await self._log.restart(self._turn)
            self.text = ""

    def _typing(self, active: bool) -> None:
        if active != self._thinking:
            self._thinking = active
            self._hub.tell(
                TypingChanged(
                    conversation_id=self._turn.conversation_id,
                    author=Author.ASSISTANT,
                    active=active,
                    turn_id=self._turn.turn_id,
                )
            )
