"""The answer while it is being written: what listeners see of it."""

from __future__ import annotations

from orchestrator.journal.entries import Author
from orchestrator.journal.feed import Hub, TextStreamed, TypingChanged
from orchestrator.journal.ports import TurnLog, TurnRef


class AnswerWriter:
    """Streams one attempt of a turn to everybody who follows the conversation.

    Attributes:
        text: What this attempt has streamed so far.
        attempt: From 1; rises when the answer starts anew.
    """

    def __init__(self, hub: Hub, log: TurnLog, turn: TurnRef, attempt: int) -> None:
        self._hub, self._log, self._turn = hub, log, turn
        self._thinking = False
        self.attempt = attempt
        self.text = ""

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
