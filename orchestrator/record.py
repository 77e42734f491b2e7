"""Step 6 of a turn: what it leaves in the journal, in the dialogue's state and in the decision log."""

from __future__ import annotations

import msgspec

from orchestrator.dialogue.state import DialogueState, decode_state, encode_state
from orchestrator.journal.entries import (
    Author,
    Body,
    ConversationState,
    Notice,
    NoticeKind,
    Outcome,
    Sticker,
)
from orchestrator.journal.ports import Begun, Result, TurnRef
from orchestrator.metrics import Metrics
from orchestrator.policy.decision import Decision
from orchestrator.policy.hours import SupportHours
from orchestrator.reply.engine import Brief, Closing
from orchestrator.reply.templates import ASK_FOR_PERSON, Templates
from orchestrator.understanding.utterance import Utterance
from servicekit.telemetry import get_logger

_MOST_CHARS = 4_000


class Recorder:
    """Writes results; the store makes them durable in one step.

    Args:
        templates: Wording of notices.
        hours: When people are there.
        metrics: Counts decisions.
    """

    def __init__(self, templates: Templates, hours: SupportHours, metrics: Metrics) -> None:
        self._templates, self._hours, self._metrics = templates, hours, metrics
        self._log = get_logger("decisions")

    def answered(
        self, turn: TurnRef, brief: Brief, text: str, closing: Closing, stickers: tuple[Sticker, ...]
    ) -> Result:
        """An answer was said."""
        self._decided(turn, brief.utterance, brief.decision, closing.engine)
        body = Body(
            author=Author.ASSISTANT,
            turn_id=turn.turn_id,
            text=text[:_MOST_CHARS],
            stickers=stickers,
            citations=closing.citations,
            engine=closing.engine,
            quick_replies=closing.quick_replies,
            seen=brief.utterance.picture.record() if brief.utterance.picture is not None else None,
            outcome=Outcome.ANSWERED,
        )
        state = brief.state.showed(tuple(sticker.id for sticker in stickers))
        state = msgspec.structs.replace(
            state,
            not_understood=0 if closing.understood else state.not_understood + 1,
            topic=closing.citations[0].article_id if closing.citations else state.topic,
            variants={**state.variants, **closing.variants},
        )
        return Result(Outcome.ANSWERED, (body,), language=brief.language, state=encode_state(state))

    def escalated(self, turn: TurnRef, utterance: Utterance, decision: Decision, state: DialogueState) -> Result:
        """A person takes over."""
        self._decided(turn, utterance, decision, "")
        text, used = self._templates.say(self._hours.handover_template(), utterance.language, state.variants)
        state = msgspec.structs.replace(state, not_understood=0, variants={**state.variants, **used})
        return Result(
            Outcome.ANSWERED,
            (self._notice(turn, NoticeKind.HANDED_OVER, text, Outcome.ANSWERED),),
            language=utterance.language,
            conversation=ConversationState.HANDED_OVER,
            state=encode_state(state),
        )

    def stopped(self, turn: TurnRef, begun: Begun, text: str) -> Result:
        """The customer stopped it: what was streamed stays."""
        body = Body(author=Author.ASSISTANT, turn_id=turn.turn_id, text=text[:_MOST_CHARS], outcome=Outcome.STOPPED)
        return Result(Outcome.STOPPED, (body,) if text.strip() else ())

    def given_up(self, turn: TurnRef, begun: Begun, why: str) -> Result:
        """There will be no answer: the customer is told and offered a person, and the turn is kept."""
        language = begun.head.language if begun.head is not None else "en"
        state = decode_state(begun.state)
        text, used = self._templates.say("turn_failed", language, state.variants)
        state = msgspec.structs.replace(state, variants={**state.variants, **used})
        self._log.error("turn given up", turn=turn.turn_id, why=why, attempt=begun.attempt)
        return Result(
            Outcome.FAILED,
            (self._notice(turn, NoticeKind.TURN_FAILED, text, Outcome.FAILED, (ASK_FOR_PERSON[language],)),),
            state=encode_state(state),
            dead_letter=why,
        )

    def _notice(
        self, turn: TurnRef, kind: NoticeKind, text: str, outcome: Outcome, quick_replies: tuple[str, ...] = ()
    ) -> Body:
        notice = Notice(kind, text)
        return Body(
            author=Author.SYSTEM, turn_id=turn.turn_id, notice=notice, quick_replies=quick_replies, outcome=outcome
        )

    def _decided(self, turn: TurnRef, utterance: Utterance, decision: Decision, engine: str) -> None:
        self._metrics.decisions.labels(decision.rule).inc()
        self._log.info(
            "decided",
            turn=turn.turn_id,
            rule=decision.rule,
            action=decision.action.value,
            intent=utterance.intent,
            certainty=round(utterance.certainty, 2),
            emotion=utterance.emotion.value,
            language=utterance.language,
            engine=engine,
        )
