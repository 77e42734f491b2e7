"""One turn: understand, decide, act, reply, recommend, record. The list of the design, on one screen.

Locks, limits, retries and the deadline are around it (`turns/runner.py`); who does the work is behind ports.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from orchestrator.attending.hinting import hint_of
from orchestrator.dialogue.state import decode_state
from orchestrator.journal.entries import ConversationState, Summary
from orchestrator.journal.feed import HintMade
from orchestrator.journal.ports import Begun, Result, TurnRef
from orchestrator.policy.planning import Escalation, Heard, Planning
from orchestrator.recommendation import Recommendation
from orchestrator.record import Recorder
from orchestrator.reply.chain import EngineChain
from orchestrator.steps import Steps
from orchestrator.tools.tool import ToolContext
from orchestrator.turns.writing import AnswerWriter
from orchestrator.understanding.beside import beside_picture
from orchestrator.understanding.understand import Understanding
from servicekit.resilience import Deadline

_CAPTION_S = 0.2
"""A picture with words beneath it comes as two messages, one right after the other: the words say what it is about."""


class Turn:
    """The use case: a customer's message in, what is left behind out.

    Args:
        understanding: Step 1.
        planning: Steps 2 and 3.
        replying: Step 4.
        recommending: Step 5.
        recording: Step 6.
        steps: Times and traces each step.
        state_ms: Life of the dialogue's state; what was left half done may be resumed after it.
        hint: Told what was understood when a person answers.
    """

    def __init__(
        self,
        understanding: Understanding,
        planning: Planning,
        replying: EngineChain,
        recommending: Recommendation,
        recording: Recorder,
        steps: Steps,
        state_ms: int = 600_000,
        hint: Callable[[HintMade], None] = lambda hint: None,
    ) -> None:
        self._understanding, self._planning, self._replying = understanding, planning, replying
        self._recommending, self._recording, self._steps = recommending, recording, steps
        self._state_ms, self._hint = state_ms, hint

    async def answer(self, turn: TurnRef, begun: Begun, writer: AnswerWriter, deadline: Deadline) -> Result:
        """Answers one message."""
        with self._steps.turn(turn, begun.attempt):
            heard = await self._understand(turn, begun, deadline)
            if begun.head is not None and begun.head.agent is not None:
                self._hint(hint_of(turn, heard.utterance))
                return self._recording.attended(heard.utterance)
            if turn.preview and await writer.followed_by_words(_CAPTION_S):
                return self._recording.left_to_words(turn, heard)
            with self._steps.step("act"):
                brief = await self._planning.plan(heard)
            if isinstance(brief, Escalation):
                return self._recording.escalated(turn, heard.utterance, brief)
            stickers = asyncio.create_task(self._recommending.recommend(brief))
            noting = asyncio.create_task(self._planning.note(brief))
            try:
                with self._steps.step("reply"):
                    closing = await self._replying.write(brief, writer, deadline)
                    closing = self._recording.add_aside(brief, writer, closing)
                with self._steps.step("recommend"):
                    offered = await stickers
                await noting
            finally:
                stickers.cancel()
                noting.cancel()
            return self._recording.answered(turn, brief, writer.text, closing, offered)

    def stopped(self, turn: TurnRef, begun: Begun, text: str) -> Result:
        """What is left behind when the customer stopped it after `text`."""
        return self._recording.stopped(turn, begun, text)

    def given_up(self, turn: TurnRef, begun: Begun, why: str) -> Result:
        """What is left behind when there will be no answer."""
        return self._recording.given_up(turn, begun, why)

    async def _understand(self, turn: TurnRef, begun: Begun, deadline: Deadline) -> Heard:
        with self._steps.step("understand"):
            language, message = begun.head.language if begun.head else "en", begun.history[-1]
            before = decode_state(begun.state).after_silence(message.at_ms, self._state_ms)
            utterance = await self._understanding.understand(
                message.body,
                language,
                turn.preview,
                answering=before.form is not None,
                going_on=partial(self._planning.with_topic, before),
            )
            if before.captioned is not None and before.captioned.seq == message.seq - 1:
                utterance = beside_picture(utterance, before.captioned.seen)
            context = _context(turn, begun, utterance.language, deadline)
            state = await self._planning.know(before.heard(utterance), context)
            handed_over = begun.head is not None and begun.head.state is ConversationState.HANDED_OVER
            return Heard(utterance, state, handed_over, context, begun.history, turn.preview, _summary(begun))


def _summary(begun: Begun) -> Summary | None:
    return begun.head.summary if begun.head is not None else None


def _context(turn: TurnRef, begun: Begun, language: str, deadline: Deadline) -> ToolContext:
    """For whom tools run: from the journal, never from what was written."""
    tenant, customer_id = (begun.head.tenant, begun.head.customer_id) if begun.head else ("", "")
    return ToolContext(tenant, customer_id, turn.conversation_id, turn.turn_id, language, deadline)
