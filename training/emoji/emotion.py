"""Which emotion and polarity an emoji carries, from the curated table `emotions.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from training.emoji.source import Emoji

EMOTIONS = ("neutral", "joy", "gratitude", "love", "surprise", "anxiety", "sadness", "anger", "confusion")
POLARITIES = ("positive", "neutral", "negative")
_POLARITY_OF = dict.fromkeys(("joy", "gratitude", "love"), "positive") | dict.fromkeys(
    ("anxiety", "sadness", "anger"), "negative"
)
_MODIFIERS = dict.fromkeys(map(ord, "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"))
_GENDERS = {"\U0001f468": "\U0001f9d1", "\U0001f469": "\U0001f9d1"}


@dataclass(frozen=True, slots=True)
class Feeling:
    """What a picture says about its sender: `emotion` is one of `EMOTIONS`, `polarity` one of `POLARITIES`."""

    emotion: str
    polarity: str


def feeling(emoji: Emoji) -> Feeling:
    """Returns the emotion and polarity of an emoji; what the table does not name is neutral."""
    table = _table()
    base = base_form(emoji.char)
    emotion = table.emotions.get(base) or table.subgroups.get(emoji.subgroup, "neutral")
    return Feeling(emotion, table.polarities.get(base) or _POLARITY_OF.get(emotion, "neutral"))


def base_form(char: str) -> str:
    """Returns an emoji without variation selector, skin tone and gender; equal for variants of one emoji."""
    plain = char.translate(_MODIFIERS)
    for sign in ("\u200d\u2642", "\u200d\u2640"):
        plain = plain.removesuffix(sign)
    if "\u200d" in plain and plain[0] in _GENDERS:
        plain = _GENDERS[plain[0]] + plain[1:]
    return plain


@dataclass(frozen=True, slots=True)
class _Table:
    subgroups: Mapping[str, str]
    emotions: Mapping[str, str]
    polarities: Mapping[str, str]


@functools.cache
def _table() -> _Table:
    raw = tomllib.loads((resources.files(__package__) / "emotions.toml").read_text(encoding="utf-8"))
    return _Table(raw["subgroups"], _by_emoji(raw["emoji"], EMOTIONS), _by_emoji(raw["polarity"], POLARITIES))


def _by_emoji(lists: Mapping[str, str], allowed: tuple[str, ...]) -> dict[str, str]:
    if unknown := set(lists) - set(allowed):
        raise ValueError(f"emotions.toml names unknown classes: {sorted(unknown)}")
    return {base_form(char): label for label, chars in lists.items() for char in chars.split()}
