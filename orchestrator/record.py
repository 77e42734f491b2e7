"""Step 6 of a turn: what it leaves in the journal, in the dialogue's state and in the decision log."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from orchestrator.cases.cards import journal_cards
from orchestrator.cases.told import Part
from orchestrator.dialogue.state import Captioned, decode_state, encode_state
from orchestrator.journal.cards import FormPrompt
from orchestrator.journal.entries import (
    Author,
    Body,
    ConversationState,
    ImageSeen,
    Notice,
    NoticeKind,
    Outcome,
    Sticker,
)
from orchestrator.journal.ports import Begun, Result, TurnRef
from orchestrator.metrics import Metrics
from orchestrator.policy.decision import Decision
from orchestrator.policy.hours import SupportHours
from orchestrator.policy.planning import Escalation, Heard
from orchestrator.reply.engine import Brief, Closing
from orchestrator.reply.templates import ASK_FOR_PERSON, Templates
from orchestrator.tools.tool import Card
from orchestrator.turns.writing import AnswerWriter
from orchestrator.understanding.utterance import Utterance
from servicekit.telemetry import get_logger

_MOST_CHARS = 4_000
_MOST_QUICK_REPLIES = 4  # as the contract says
_GAP = {"en": " ", "zh": ""}


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

    def add_aside(self, brief: Brief, writer: AnswerWriter, closing: Closing) -> Closing:
        """Says after an answer what the message had interrupted, whichever engine gave the answer."""
        if brief.aside is None or not brief.aside.parts or closing.pending:  # one question at a time
            return closing
        used = {**brief.state.variants, **closing.variants}
        text, also = self._templates.tell(brief.aside.parts, brief.language, used)
        writer.write(f"{_GAP[brief.language]}{text}")
        quick = tuple(dict.fromkeys((*brief.aside.quick_replies, *closing.quick_replies)))
        return replace(closing, variants={**closing.variants, **also}, quick_replies=quick)

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
            quick_replies=closing.quick_replies[:_MOST_QUICK_REPLIES],
            seen=brief.utterance.picture.record() if brief.utterance.picture is not None else None,
            outcome=Outcome.ANSWERED,
            cards=journal_cards(_cards(brief, closing), brief.language),
            form=_form(brief),
        )
        state = brief.state.showed(tuple(sticker.id for sticker in stickers))
        state = msgspec.structs.replace(
            state,
            not_understood=0 if closing.understood else state.not_understood + 1,
            topic=closing.citations[0].article_id if closing.citations else state.topic,
            variants={**state.variants, **closing.variants},
            pending=closing.pending,
        )
        return Result(
            Outcome.ANSWERED,
            (body,),
            language=brief.language,
            conversation=ConversationState.HANDED_OVER if closing.handed_over else None,
            state=encode_state(state),
        )

    def left_to_words(self, turn: TurnRef, heard: Heard) -> Result:
        """Words came right after a picture: their answer is the answer to both, and knows what the picture shows."""
        picture = heard.utterance.picture
        seen = picture.record() if picture is not None else ImageSeen()
        state = msgspec.structs.replace(heard.state, captioned=Captioned(turn.seq, seen))
        return Result(Outcome.ANSWERED, (), state=encode_state(state))

    def escalated(self, turn: TurnRef, utterance: Utterance, escalation: Escalation) -> Result:
        """A person takes over."""
        state, ticket, language = escalation.state, escalation.ticket, utterance.language
        self._decided(turn, utterance, escalation.decision, "")
        parts = [Part(self._hours.handover_template(), {})]
        if "self_harm" in utterance.risk_words:
            parts.insert(0, Part("kind_word", {}))
        if ticket is not None:
            parts.append(Part("handover_ticket", {"ticket": str(ticket.facts["ticket"])}))
        text, used = self._templates.tell(parts, language, state.variants)
        state = msgspec.structs.replace(state, not_understood=0, variants={**state.variants, **used})
        notice = self._notice(turn, NoticeKind.HANDED_OVER, text, Outcome.ANSWERED)
        if ticket is not None and ticket.card is not None:
            notice = msgspec.structs.replace(notice, cards=journal_cards((ticket.card,), language))
        return Result(
            Outcome.ANSWERED,
            (notice,),
            language=utterance.language,
            conversation=ConversationState.HANDED_OVER,
            state=encode_state(state),
        )

    def attended(self, utterance: Utterance) -> Result:
        """A person has the conversation: nothing is said, and the dialogue stays where it was."""
        return Result(Outcome.ATTENDED, language=utterance.language)

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


def _cards(brief: Brief, closing: Closing) -> tuple[Card, ...]:
    told = (*(brief.told.cards if brief.told is not None else ()), *(brief.aside.cards if brief.aside else ()))
    return (*told, *closing.cards)


def _form(brief: Brief) -> FormPrompt | None:
    """The question that waits for an answer: of the form itself, or of the one that was left for a moment."""
    told = (brief.told, brief.aside)
    return next((one.form for one in told if one is not None and one.form is not None), None)
