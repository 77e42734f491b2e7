"""What is kept of a customer from one conversation to the next: only what they agreed to, and gone when they say so."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import msgspec

from orchestrator.cases.told import Part, Told
from orchestrator.dialogue.consent import consent
from orchestrator.dialogue.forgetting import to_forget
from orchestrator.dialogue.notes import Refusal, asks_what_is_remembered, note_of
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState, Profile
from orchestrator.tools.tool import ToolContext
from orchestrator.understanding.utterance import Utterance
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger

_OFFER = "remember:"
_TOLD = "forget"  # what is offered once the customer was told what is remembered
_NOTE = "note:"
_MOST_NOTES = 8
_SHORT = {"en": 40, "zh": 14}
_LABELS = {
    "email": {"en": "e-mail address", "zh": "邮箱"},
    "address": {"en": "delivery address", "zh": "收货地址"},
    "name": {"en": "name", "zh": "称呼"},
}


class Memory(Protocol):
    """Keeps facts about customers."""

    async def recall(self, tenant: str, customer_id: str) -> Profile | None:
        """What is known; None of somebody who was never here.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE.
        """
        ...

    async def remember(self, tenant: str, customer_id: str, name: str, value: str) -> None:
        """Keeps a fact that the customer agreed to.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE.
        """
        ...

    async def note_case(self, tenant: str, customer_id: str, conversation_id: str, turn_id: str, text: str) -> None:
        """Keeps a line about something that was closed; once per turn and text.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE.
        """
        ...

    async def forget_fact(self, tenant: str, customer_id: str, name: str) -> None:
        """Deletes one fact; that there is none does no harm.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE.
        """
        ...

    async def forget_facts(self, tenant: str, customer_id: str) -> int:
        """Deletes the facts and the lines; how many there were.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE.
        """
        ...


class RememberingCase:
    """Asks, keeps, forgets.

    Args:
        memory: Where facts are kept.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._log = get_logger("memory")

    async def recall(self, context: ToolContext) -> Profile | None:
        """What is known of the customer; None when nothing is, or it is out of reach."""
        try:
            return await self._memory.recall(context.tenant, context.customer_id)
        except ServiceError as error:
            self._log.warning("profile out of reach", reason=error.reason)
            return None

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """The customer's word on an offer, or the wish that something be kept, told or forgotten; None for others."""
        if state.offered.startswith(_OFFER) and (agreed := consent(utterance)) is not None and _only(utterance):
            name, _, value = state.offered.removeprefix(_OFFER).partition("=")
            return await self._decided(name, value, agreed, context, state)
        if utterance.sticker is not None or utterance.picture is not None:
            return None
        if (some := self._meant(utterance.text, state)) is not None:
            return await self._forgotten(some, context, state)
        away = _told(state) and PHRASES.has("forgets_it", utterance.text)
        if away or PHRASES.has("forgets", utterance.text):
            await self._memory.forget_facts(context.tenant, context.customer_id)
            profile = msgspec.structs.replace(state.profile or Profile(), facts={}, cases=())
            after = msgspec.structs.replace(state, profile=profile, offered="")
            return Told((Part("facts_forgotten", {}),), "privacy-delete", after=after, exact=True)
        if asks_what_is_remembered(utterance.text):
            return self._listed(state, utterance.language)
        if (note := note_of(utterance.text)) is not None:
            return await self._noted(note, context, state)
        return None

    def _meant(self, text: str, state: DialogueState) -> tuple[str, ...] | None:
        """The facts of which alone it is said that they should go; None where it is said of none, or of all."""
        facts = state.profile.facts if state.profile is not None else {}
        _, _, noted = state.offered.partition(":") if _told(state) else ("", "", "")
        return to_forget(text, facts, noted, listed=state.offered == _TOLD)

    async def _forgotten(self, names: tuple[str, ...], context: ToolContext, state: DialogueState) -> Told:
        """Deletes what is meant and says what it was; what cannot be told apart is listed instead."""
        profile = state.profile or Profile()
        if not names:
            return self._listed(state, context.language)
        for name in names:
            await self._memory.forget_fact(context.tenant, context.customer_id, name)
        left = {name: value for name, value in profile.facts.items() if name not in names}
        gone = _quoted({name: profile.facts[name] for name in names}, context.language)
        after = msgspec.structs.replace(state, profile=msgspec.structs.replace(profile, facts=left), offered="")
        return Told((Part("note_forgotten", {"remembered": gone}),), after=after, exact=True)

    async def note(self, told: Told, context: ToolContext) -> None:
        """Keeps a line about what was done, for the next conversation; that it fails does no harm."""
        for fact in told.facts:
            if fact.get("outcome") in ("done", "approval_needed"):
                text = f"{fact['tool']} {_number(fact['facts'])}".strip()
                try:
                    await self._memory.note_case(
                        context.tenant, context.customer_id, context.conversation_id, context.turn_id, text
                    )
                except ServiceError as error:
                    self._log.warning("case not noted", reason=error.reason)

    def _listed(self, state: DialogueState, language: str) -> Told:
        facts = state.profile.facts if state.profile is not None else {}
        if not facts:
            return Told((Part("nothing_remembered", {}),), "privacy-data", exact=True)
        remembered = _quoted(facts, language)
        after = msgspec.structs.replace(state, offered=_TOLD)
        return Told((Part("what_is_remembered", {"remembered": remembered}),), "privacy-data", after=after, exact=True)

    async def _noted(self, note: str | Refusal, context: ToolContext, state: DialogueState) -> Told:
        """Keeps the customer's own words: to ask for it is to agree to it."""
        if isinstance(note, Refusal):
            return Told((Part(note.value, {}),), exact=True)
        profile = state.profile or Profile()
        name = _NOTE + hashlib.sha256(note.casefold().encode()).hexdigest()[:12]
        if name not in profile.facts and sum(one.startswith(_NOTE) for one in profile.facts) >= _MOST_NOTES:
            return Told((Part("too_many_notes", {}),), exact=True)
        told = await self._decided(name, note, True, context, state)
        after = msgspec.structs.replace(told.after or state, offered=f"{_TOLD}:{name}")
        return replace(told, parts=(Part("noted", {"remembered": note}),), after=after)

    async def _decided(self, name: str, value: str, agreed: bool, context: ToolContext, state: DialogueState) -> Told:
        after = msgspec.structs.replace(state, offered="")
        if not agreed:
            return Told((Part("not_remembered", {}),), after=after, exact=True)
        await self._memory.remember(context.tenant, context.customer_id, name, value)
        profile = state.profile or Profile()
        after = msgspec.structs.replace(
            after, profile=msgspec.structs.replace(profile, facts={**profile.facts, name: value})
        )
        return Told((Part("remembered", {}),), after=after, exact=True)


def _told(state: DialogueState) -> bool:
    """Whether the last answer told what is remembered, all of it or what was just noted."""
    return state.offered.partition(":")[0] == _TOLD


def _quoted(facts: Mapping[str, str], language: str) -> str:
    opening, closing, between = ("“", "”", "; ") if language == "en" else ("「", "」", "")
    said = (one if name.startswith(_NOTE) else f"{_label(name, language)}: {one}" for name, one in facts.items())
    return between.join(f"{opening}{one}{closing}" for one in said)


def _only(utterance: Utterance) -> bool:
    """Whether it says little more than yes or no: "no, it's Elm Street" corrects what was done."""
    text = utterance.text
    return len(text) <= _SHORT[utterance.language] and not any(sign.isdigit() for sign in text)


def label_of(offered: str, language: str) -> str:
    """What an offer is about, in words; empty when it is none."""
    if not offered.startswith(_OFFER):
        return ""
    return _label(offered.removeprefix(_OFFER).partition("=")[0], language)


def _label(name: str, language: str) -> str:
    return _LABELS.get(name, {}).get(language, name)


def _number(facts: object) -> str:
    if not isinstance(facts, dict):
        return ""
    names = ("return", "exchange", "refund", "invoice", "coupon", "ticket", "order")
    return " ".join(str(facts[name]) for name in names if isinstance(facts.get(name), str))
