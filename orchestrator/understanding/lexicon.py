"""Feelings, wishes and risks that stand in the words themselves; the words are data (`lexicon.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from orchestrator.journal.entries import Emotion

_DEFAULT = Path(__file__).with_name("lexicon.yaml")
_SMALL_TALK = Path(__file__).with_name("small_talk.yaml")
_NEGATION_REACH = 2  # words between a negation and what it negates
_NEGATION_REACH_ZH = 3  # characters
_BOOST = 0.25
_ENOUGH = 0.3
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")
_WHOLE = ("greeting", "thanks", "goodbye")  # a message is that as a whole
_WORD_SIGN = re.compile(r"[^\W_]")
_PUNCTUATION = re.compile(r"[?？]")
_EMOJI = re.compile(r"[\u2600-\u27bf\ufe0f\u200d\U0001f000-\U0001faff]+")


@dataclass(frozen=True)
class Feeling:
    """An emotion and how strong it is, in [0, 1]."""

    emotion: Emotion
    intensity: float


class Lexicon:
    """Reads feelings, fixed wishes, small talk and risks.

    Args:
        path: The data file.
        small_talk: The same for small talk.
    """

    def __init__(self, path: Path = _DEFAULT, small_talk: Path = _SMALL_TALK) -> None:
        self._raw: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._intents = _compiled(self._raw["intents"])
        self._chitchat = _compiled(yaml.safe_load(small_talk.read_text(encoding="utf-8")))
        self._general = _compiled({"general": self._raw["general"]})
        self._risks = {
            name: (_any_of_words(words["en"]), _any_of(words["zh"])) for name, words in self._raw["risks"].items()
        }

    @cached_property
    def _words(self) -> list[tuple[re.Pattern[str], Emotion, float, str]]:
        """Longest first."""
        out = []
        for name, languages in self._raw["emotions"].items():
            for word, weight in languages["en"].items():
                out.append((_word(word), Emotion(name), float(weight), "en"))
            for word, weight in languages["zh"].items():
                out.append((re.compile(re.escape(word)), Emotion(name), float(weight), "zh"))
        return sorted(out, key=lambda row: -len(row[0].pattern))

    def intent(self, text: str) -> str | None:
        """The wish that the words state outright, whole or in one of the sentences; None when they do not."""
        if stated := _first_match(self._intents, text):
            return stated
        sentences = [one for one in _SENTENCE.findall(text) if one.strip()]
        found = [_first_match(self._intents, one) for one in sentences] if len(sentences) > 1 else []
        return next((one for one in found if one and one not in _WHOLE), None)

    def small_talk(self, text: str) -> str | None:
        """The name of the template that answers small talk; None when it is none."""
        return _first_match(self._chitchat, _EMOJI.sub("", text))

    def signs_alone(self, text: str) -> str | None:
        """The template for a message of nothing but emoji and punctuation; None when there are words in it."""
        if not text.strip() or _WORD_SIGN.search(text):
            return None
        if any(sign in text for sign in self._raw["nods"]):
            return "small_talk_ack"
        felt = self.feeling(text).emotion
        if felt is Emotion.NEUTRAL and _PUNCTUATION.search(text):
            felt = Emotion.CONFUSION
        return "small_talk_listening" if felt is Emotion.NEUTRAL else f"sticker_{felt}"

    def general(self, text: str) -> bool:
        """Whether it asks how something is done or what the rule is, rather than about the customer's own."""
        return _first_match(self._general, text) is not None

    def risks(self, text: str) -> tuple[str, ...]:
        """Kinds of risk that are named."""
        lowered = text.lower()
        return tuple(name for name, (en, zh) in self._risks.items() if en.search(lowered) or zh.search(lowered))

    def feeling(self, text: str) -> Feeling:
        """The strongest feeling of a text; neutral when no word tells."""
        lowered = text.lower().replace("’", "'")
        totals: dict[Emotion, float] = {}
        read: set[int] = set()
        for pattern, emotion, weight, language in self._words:
            for match in pattern.finditer(lowered):
                if not read.isdisjoint(range(*match.span())):
                    continue  # part of a longer word that was read already
                read.update(range(*match.span()))
                felt, strength = self._in_context(lowered[: match.start()], emotion, weight, language)
                totals[felt] = max(totals.get(felt, 0.0), strength) + (0.1 if felt in totals else 0.0)
        for name, signs in self._raw["emoji"].items():
            if any(sign in text for sign in signs):
                totals[Emotion(name)] = max(totals.get(Emotion(name), 0.0), 0.7)
        return self._strongest(totals, text)

    def _in_context(self, before: str, emotion: Emotion, weight: float, language: str) -> tuple[Emotion, float]:
        if language == "en":
            tail = re.findall(r"[a-z']+", before)[-_NEGATION_REACH:]
            negated = any(word in self._raw["negations"]["en"] for word in tail)
            boosted = bool(tail) and tail[-1] in self._raw["intensifiers"]["en"]
        else:
            near = before[-_NEGATION_REACH_ZH:]
            negated = any(near.endswith(word) for word in self._raw["negations"]["zh"])
            boosted = any(near.endswith(word) for word in self._raw["intensifiers"]["zh"])
        if negated:
            turned = Emotion.SADNESS if emotion in (Emotion.JOY, Emotion.GRATITUDE) else Emotion.NEUTRAL
            return turned, weight * 0.5
        return emotion, min(1.0, weight + (_BOOST if boosted else 0.0))

    def _strongest(self, totals: dict[Emotion, float], text: str) -> Feeling:
        totals.pop(Emotion.NEUTRAL, None)
        if not totals:
            return Feeling(Emotion.NEUTRAL, 0.0)
        emotion = max(totals, key=lambda one: (totals[one], one in _UNPLEASANT))
        loud = text.count("!") + text.count("！") >= 2 or (len(text) > 8 and text.isupper())
        intensity = min(1.0, totals[emotion] + (_BOOST if loud else 0.0))
        return Feeling(emotion, intensity) if intensity >= _ENOUGH else Feeling(Emotion.NEUTRAL, intensity)


_UNPLEASANT = (Emotion.ANGER, Emotion.ANXIETY, Emotion.SADNESS, Emotion.CONFUSION)
_Rules = list[tuple[str, tuple[re.Pattern[str], ...]]]


def _compiled(raw: Mapping[str, Mapping[str, Sequence[str]]]) -> _Rules:
    return [
        (name, tuple(re.compile(pattern, re.IGNORECASE) for many in languages.values() for pattern in many))
        for name, languages in raw.items()
    ]


def _first_match(rules: _Rules, text: str) -> str | None:
    stripped = text.strip().replace("’", "'")
    return next((name for name, patterns in rules if any(one.search(stripped) for one in patterns)), None)


def _word(word: str) -> re.Pattern[str]:
    ending = r"\w*" if word.endswith("*") else ""
    return re.compile(rf"(?<!\w){re.escape(word.rstrip('*'))}{ending}(?!\w)")


def _any_of_words(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(_word(word).pattern for word in words))


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in words))
