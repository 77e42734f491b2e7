"""The phrases of `phrases.yaml`, compiled once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

_DEFAULT = Path(__file__).with_name("phrases.yaml")
_FROM_EACH_END = 20
_RECENT = 2_048
_SHORT = 500  # characters; what is longer is not kept
_ENDS = " ,，.。;；"
_OTHERWISE = ("cuts", "emoji", "statuses", "by_state", "unwanted")  # not a list of patterns by language


class Phrases:
    """Tells what a message does, by its words alone.

    Args:
        path: The data file.
    """

    def __init__(self, path: Path = _DEFAULT) -> None:
        self._raw: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._lately = lru_cache(_RECENT)(self._holds)  # a message is asked the same by one rule after the other

    def has(self, kind: str, text: str) -> bool:
        """Whether a text holds a phrase of a kind, such as "gives_up"."""
        return self._lately(kind, text) if len(text) <= _SHORT else self._holds(kind, text)

    def _holds(self, kind: str, text: str) -> bool:
        return bool(self._patterns[kind].search(plain(text)))

    def after(self, kind: str, text: str) -> str:
        """What stands behind the last phrase of a kind; empty when there is none."""
        found = list(self._patterns[kind].finditer(plain(text)))
        return plain(text)[found[-1].end() :].strip() if found else ""

    def without(self, kind: str, text: str) -> str:
        """A text without the phrases of a kind."""
        return self._patterns[kind].sub(" ", plain(text))

    def clauses(self, text: str, language: str) -> tuple[str, ...]:
        """A message in the pieces that may each be a wish of its own; of very many the first and the last."""
        pattern = self._cuts[language]
        found = [piece.strip(_ENDS) for piece in pattern.split(plain(text)) if piece and piece.strip(_ENDS)]
        if len(found) > 2 * _FROM_EACH_END:  # nobody writes so; each costs a look at all forms
            found = found[:_FROM_EACH_END] + found[-_FROM_EACH_END:]
        return tuple(found)

    def status(self, text: str) -> str:
        """The status of an order that is named by how it stands; empty for none."""
        return next((name for name, pattern in self._statuses.items() if pattern.search(plain(text))), "")

    def state_asked(self, text: str) -> str:
        """Of which state orders are asked about ("which haven't been sent?"); empty for none."""
        return next((name for name, pattern in self._states.items() if pattern.search(plain(text))), "")

    def unwanted(self, kind: str, deeds: Sequence[str]) -> re.Pattern[str]:
        """What says that something is not wanted: "firm" by itself, "beside" against something else; deeds name it."""
        deed = "(?:" + "|".join(deeds) + ")"
        frames = self._raw["unwanted"][kind]
        return any_of([one.replace("{deed}", deed) for one in (*frames["en"], *frames["zh"])] if deeds else [])

    def emoji(self, text: str) -> bool | None:
        """What an emoji at the heart of a text answers."""
        signs = self._raw["emoji"]
        if any(sign in text for sign in signs["refuses"]):
            return False
        return True if any(sign in text for sign in signs["agrees"]) else None

    @cached_property
    def _patterns(self) -> Mapping[str, re.Pattern[str]]:
        kinds = {name: many for name, many in self._raw.items() if name not in _OTHERWISE}
        return {name: any_of([*many["en"], *many["zh"]]) for name, many in kinds.items()}

    @cached_property
    def _statuses(self) -> Mapping[str, re.Pattern[str]]:
        return {name: any_of([*many["en"], *many["zh"]]) for name, many in self._raw["statuses"].items()}

    @cached_property
    def _states(self) -> Mapping[str, re.Pattern[str]]:
        return {name: any_of([*many["en"], *many["zh"]]) for name, many in self._raw["by_state"].items()}

    @cached_property
    def _cuts(self) -> Mapping[str, re.Pattern[str]]:
        return {language: re.compile(one, re.IGNORECASE) for language, one in self._raw["cuts"].items()}


def any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    """One pattern for several; nothing matches none."""
    return re.compile("|".join(f"(?:{one})" for one in patterns) or r"(?!)", re.IGNORECASE)


def plain(text: str) -> str:
    """A text without the white space around it, with plain apostrophes."""
    return text.strip().replace("’", "'")


PHRASES = Phrases()
