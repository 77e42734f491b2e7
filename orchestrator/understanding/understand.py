"""Step 1 of a turn: a message becomes an `Utterance`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace

from orchestrator.dialogue.phrases import PHRASES
from orchestrator.journal.entries import Body, Emotion, Sticker
from orchestrator.metrics import Metrics
from orchestrator.retrieval.search import Hit, KnowledgeSearch
from orchestrator.understanding.language import detect
from orchestrator.understanding.lexicon import Feeling, Lexicon
from orchestrator.understanding.picture import PictureSense, Seen
from orchestrator.understanding.reading import Reader, Reading, asks_for_rules, feeling_of, intent_of
from orchestrator.understanding.spelling import Speller
from orchestrator.understanding.utterance import Utterance
from servicekit.errors import ServiceError

# What a sticker may express, in the words for messages.
_OF_STICKER = {Emotion.LOVE: Emotion.JOY, Emotion.SURPRISE: Emotion.CONFUSION}
_STICKER_INTENSITY = 0.6
_WORDS_ON_STICKER = re.compile(r"\s*[(（]")  # what is drawn stands in brackets behind what is written
_MINE = re.compile(r"\b(my|mine|our|ours)\b|我们?的", re.IGNORECASE)
_WHERE_IS = re.compile(r"\bwhere(?:'s|s| is| are)\b|在哪|到哪|去哪", re.IGNORECASE)
_MERE_SIGNS = ("greeting", "thanks", "goodbye")
_FEW_WORDS = 2
_BETWEEN_LINES = {"en": 28, "zh": 9}  # characters of an answer from which a feeling may be read between them

GoingOn = Callable[[str, str], str]
"""A text and its language to the text with its topic before it; empty where it does not go on from anything."""


class Understanding:
    """Language, intent, emotion and near knowledge of one message.

    Args:
        reader: The trained model; when it is out of reach, words alone decide.
        search: The knowledge base.
        lexicon: Feelings and fixed wishes.
        pictures: What is seen in pictures.
        metrics: Counts what went without the model.
        timeout_s: For one reading.
        speller: Reads slips and other scripts.
    """

    def __init__(
        self,
        reader: Reader,
        search: KnowledgeSearch,
        lexicon: Lexicon,
        pictures: PictureSense,
        metrics: Metrics,
        timeout_s: float,
        speller: Speller | None = None,
    ) -> None:
        self._reader, self._search, self._lexicon, self._pictures = reader, search, lexicon, pictures
        self._metrics, self._timeout_s = metrics, timeout_s
        self._speller = speller or Speller()

    async def understand(
        self, body: Body, language: str, preview: bytes = b"", *, answering: bool = False,
        going_on: GoingOn | None = None,
    ) -> Utterance:  # fmt: skip
        """Understands a customer's message.

        Args:
            body: The message.
            language: The conversation's so far.
            preview: A small copy of the picture, when it is one.
            answering: Whether a form asks for something: a word or two in the other language are an answer then, no
                change of language.
            going_on: Puts a text that may go on from the last answer behind its topic. Both are read at the same time.
        """
        if body.image is not None:
            return await self._of_picture(await self._pictures.look(preview), language)
        if body.sticker is not None:
            sticker = body.sticker
            if (asked := await self._of_sticker_that_asks(sticker, language)) is not None:
                return asked
            emotion = _OF_STICKER.get(sticker.emotion, sticker.emotion) if sticker.emotion else Emotion.NEUTRAL
            alt = sticker.alt_zh if language == "zh" else sticker.alt_en
            return Utterance(
                text=alt, language=language, sticker=sticker, intent="chitchat", certainty=1.0, emotion=emotion,
                intensity=_STICKER_INTENSITY if emotion is not Emotion.NEUTRAL else 0.0,
            )  # fmt: skip
        return await self._of_text(body.text or "", language, answering=answering, going_on=going_on)

    def small_talk(self, text: str) -> str:
        """The template that answers small talk; empty when it is none."""
        return self._lexicon.small_talk(text) or ""

    async def _of_sticker_that_asks(self, sticker: Sticker, language: str) -> Utterance | None:
        """A sticker on which a shop matter is written ("Where is my parcel?") is that question; None for others."""
        words = _WORDS_ON_STICKER.split(sticker.alt_zh if language == "zh" else sticker.alt_en)[0]
        stated = self._lexicon.intent(words)
        if stated is None or stated in _MERE_SIGNS:
            return None
        said = await self._of_text(words, language)
        emotion = _OF_STICKER.get(sticker.emotion, sticker.emotion) if sticker.emotion else Emotion.NEUTRAL
        if said.emotion is Emotion.NEUTRAL and emotion in (Emotion.ANGER, Emotion.SADNESS, Emotion.ANXIETY):
            said = replace(said, emotion=emotion, intensity=_STICKER_INTENSITY)
        return replace(said, language=language)

    async def _of_picture(self, seen: Seen, language: str) -> Utterance:
        """Words in a picture are treated like words, but they do not tell which language the customer speaks."""
        emotion = _OF_STICKER.get(seen.emotion, seen.emotion) if seen.emotion else Emotion.NEUTRAL
        intensity = _STICKER_INTENSITY if emotion is not Emotion.NEUTRAL else 0.0
        if not seen.words:
            return Utterance(
                text=seen.caption.get(language, ""), language=language, picture=seen, intent="chitchat",
                certainty=1.0, emotion=emotion, intensity=intensity,
            )  # fmt: skip
        said = replace(await self._of_text(seen.words, language), language=language, picture=seen)
        if said.emotion is Emotion.NEUTRAL:
            said = replace(said, emotion=emotion, intensity=intensity)
        return said

    async def _of_text(
        self, text: str, language: str, *, answering: bool = False, going_on: GoingOn | None = None
    ) -> Utterance:
        language = detect(text, language, keep_words=_FEW_WORDS if answering else 0)
        spelt = self._speller.spelt(text)
        text = spelt.text
        feeling = self._lexicon.feeling(text)
        said = Utterance(
            text=text, language=language, spelt=spelt, emotion=feeling.emotion, intensity=feeling.intensity,
            outspoken=feeling.emotion is Emotion.ANGER,
            risk_words=self._lexicon.risks(text), general=self._lexicon.general(text),
        )  # fmt: skip
        if stated := self._lexicon.intent(text):
            said = replace(said, intent=stated, certainty=1.0)
            if stated in ("greeting", "thanks", "goodbye", "human_agent"):
                return replace(said, emotion=_at_least(feeling, stated))
        elif template := self._lexicon.small_talk(text) or self._lexicon.signs_alone(text):
            return replace(said, intent="chitchat", certainty=1.0, small_talk=template)
        whole = going_on(text, language) if going_on is not None and said.certainty < 1.0 else ""
        reading, together = await asyncio.gather(self._read(text), self._together(whole, language))
        found = self._search.search(text, language, reading.vector)
        by_words_alone = bool(stated) and stated not in reading.intents
        hits = tuple(self._search.stated(stated, found) if stated and by_words_alone else found)
        short = answering and len(text) < _BETWEEN_LINES[language]
        felt = feeling if short else feeling_of(reading, feeling)
        said = replace(said, vector=reading.vector, hits=hits, emotion=felt.emotion, intensity=felt.intensity)
        said = replace(said, slots=reading.slots, following=together)
        if said.certainty < 1.0:
            intent, certainty = intent_of(reading, hits)
            said = replace(said, intent=intent, certainty=certainty)
        asks = PHRASES.has("asks", text)
        mine = _MINE.search(text) is not None or (stated == "parcel_status" and _WHERE_IS.search(text) is not None)
        rules = asks_for_rules(hits, said.intent, outright=bool(stated), asks=asks, mine=mine)
        return replace(said, general=said.general or rules)

    async def _together(self, text: str, language: str) -> tuple[Hit, ...] | None:
        """Knowledge near a text with its topic before it."""
        return (await self._of_text(text, language)).hits if text else None

    async def _read(self, text: str) -> Reading:
        try:
            return await self._reader.read(text, timeout_s=self._timeout_s)
        except ServiceError:
            self._metrics.degraded.labels("encoder").inc()
            return Reading()


def _at_least(feeling: Feeling, stated: str) -> Emotion:
    if feeling.emotion is Emotion.NEUTRAL and stated == "thanks":
        return Emotion.GRATITUDE
    return feeling.emotion
