"""Whether what an answer states has a source: tool facts, articles, earlier words; and whether it may promise it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import yaml

from orchestrator.reply.claims import Claim, Kind, any_unit, claims, money, reference, span, weekday

_DEFAULT = Path(__file__).with_name("promises.yaml")
_MINOR = Decimal(100)
_SUFFIXES = {"minutes": "minute", "hours": "hour", "days": "day", "weeks": "week", "months": "month", "years": "year"}
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$")
FOREIGN = "__"
"""Stands in the names of tools of other systems: their numbers may mean any unit."""
_WORD = re.compile(r"[A-Za-z]+|[一-鿿]{1,2}")
_BARE_WORDS = 3
_GIVEN = (Kind.MONEY, Kind.PERCENT)
_LIST_MARK = re.compile(r"^\s*(?:\d{1,2}[.)、]|[-*•])\s+")


class _Words(msgspec.Struct, frozen=True):
    en: list[str]
    zh: list[str]


class _Deed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tools: list[str]
    proof: list[str]
    en: list[str]
    zh: list[str]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    giving: _Words
    only_with_a_source: list[_Words]
    deeds: list[_Deed]
    conditions: _Words


class Promises:
    """The words of promising, compiled.

    Args:
        path: The data.

    Raises:
        ValueError: The file does not fit.
    """

    def __init__(self, path: Path = _DEFAULT) -> None:
        try:
            file = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), _File)
        except msgspec.ValidationError as error:
            raise ValueError(f"{path.name}: {error}") from error
        self.giving = _pattern(file.giving.en, file.giving.zh)
        self.sourced = [_pattern(one.en, one.zh) for one in file.only_with_a_source]
        self.deeds = [(one, _pattern(one.en, one.zh)) for one in file.deeds]
        self.conditions = _pattern(file.conditions.en, file.conditions.zh)

    @cached_property
    def any(self) -> re.Pattern[str]:
        """Any word with which a promise may begin."""
        parts = [self.giving, *self.sourced, *(pattern for _, pattern in self.deeds)]
        return re.compile("|".join(f"(?:{one.pattern})" for one in parts), re.IGNORECASE)


@dataclass
class Evidence:
    """What an answer may rest on.

    Attributes:
        zone: In which people read the times of facts.
        known: Claims that a tool or an article makes.
        said: Claims of the conversation so far.
        words: The text of articles.
        facts: What tools told, as JSON.
        told: The text of earlier answers.
        done: Tools that did something.
    """

    zone: ZoneInfo
    known: set[Claim] = field(default_factory=set)
    said: set[Claim] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)

    def article(self, text: str) -> None:
        """An article, or another text of the shop's own."""
        self.known.update(_of_the_shop(text))
        self.words.append(text)

    def customer(self, text: str) -> None:
        """What a customer wrote."""
        self.said.update(claims(text))

    def answer(self, text: str) -> None:
        """What was answered before, and so was checked then."""
        self.said.update(claims(text))
        self.told.append(text)

    def tool(self, name: str, outcome: str, facts: Mapping[str, Any]) -> None:
        """What a tool found or did."""
        if outcome not in ("found", "none"):
            self.done.add(name)
        self.facts.append(msgspec.json.encode(facts).decode())
        self._walk("", facts, foreign=FOREIGN in name)

    def today(self, now: datetime) -> None:
        """The date, which a model is told."""
        self.known.update(self._moment(now))

    def _walk(self, key: str, value: Any, *, foreign: bool) -> None:
        if isinstance(value, Mapping):
            if "minor" in value and "currency" in value:
                self.known.add(money(Decimal(value["minor"]) / _MINOR, str(value["currency"])))
            for name, inner in value.items():
                self._walk(str(name), inner, foreign=foreign)
        elif isinstance(value, str):
            self._string(value)
        elif isinstance(value, Sequence):
            self.known.add(Claim(Kind.NUMBER, str(len(value))))
            for inner in value:
                self._walk(key, inner, foreign=foreign)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self._number(key, Decimal(str(value)), foreign=foreign)

    def _string(self, text: str) -> None:
        if _ISO.match(text):
            at = datetime.fromisoformat(text)
            self.known.update(self._moment(at if at.tzinfo else at.replace(tzinfo=self.zone)))
            return
        # What reads like a sentence was written by somebody, a customer even: it is no source for giving.
        (self.known if len(_WORD.findall(text)) <= _BARE_WORDS else self.said).update(claims(text))
        if any(sign.isdigit() for sign in text):
            self.known.add(Claim(Kind.REFERENCE, reference(text)))

    def _number(self, key: str, value: Decimal, *, foreign: bool) -> None:
        stem, _, last = key.rpartition("_")
        if last in _SUFFIXES:
            unit = _SUFFIXES[last]
            self.known.add(span(value, "working_day" if unit == "day" and stem.endswith("working") else unit))
        elif key != "minor":
            self.known.add(Claim(Kind.NUMBER, f"{value.normalize():f}"))
            if foreign:
                self.known.update(any_unit(value))

    def _moment(self, at: datetime) -> Iterator[Claim]:
        for local in (at.astimezone(UTC), at.astimezone(self.zone)):
            yield from claims(local.strftime("%Y-%m-%dT%H:%M"))
            yield weekday(local.weekday())


class FactCheck:
    """Reads sentences against evidence.

    Args:
        promises: The words of promising.
    """

    def __init__(self, promises: Promises) -> None:
        self.promises = promises

    def faults(self, sentence: str, evidence: Evidence) -> list[str]:
        """What is wrong with a sentence, as kinds; nothing when it may leave."""
        giving = bool(self.promises.giving.search(sentence))
        stated = set(claims(_LIST_MARK.sub("", sentence)))
        out = [str(claim.kind) for claim in stated if not _supported(claim, evidence, giving=giving)]
        return out + list(self._promised(sentence, evidence)) + list(self._done(sentence, evidence))

    def _promised(self, sentence: str, evidence: Evidence) -> Iterator[str]:
        for pattern in self.promises.sourced:
            if pattern.search(sentence) and not _any(pattern, (*evidence.words, *evidence.facts, *evidence.told)):
                yield "promise"

    def _done(self, sentence: str, evidence: Evidence) -> Iterator[str]:
        if sentence.rstrip().endswith(("?", "？")):
            return
        for deed, pattern in self.promises.deeds:
            found = pattern.search(sentence)
            if found is None or self.promises.conditions.search(sentence[: found.start()]):
                continue
            shown = any(re.search(proof, facts) for proof in deed.proof for facts in evidence.facts)
            if not (shown or evidence.done.intersection(deed.tools) or _any(pattern, evidence.told)):
                yield "deed"


def _supported(claim: Claim, evidence: Evidence, *, giving: bool) -> bool:
    plain = Claim(claim.kind, claim.value)
    if claim.small or plain in evidence.known:
        return True
    return plain in evidence.said and not (giving and claim.kind in _GIVEN)


@lru_cache(maxsize=1024)
def _of_the_shop(text: str) -> frozenset[Claim]:
    """Articles are the same from turn to turn; what customers write is not kept."""
    return frozenset(claims(text))


def _any(pattern: re.Pattern[str], texts: Iterable[str]) -> bool:
    return any(pattern.search(text) for text in texts)


def _pattern(en: Iterable[str], zh: Iterable[str]) -> re.Pattern[str]:
    english = "|".join(rf"\b(?:{one})\b" for one in en)
    return re.compile("|".join([english, *zh]), re.IGNORECASE)
