"""What the recommender knows: stickers in packs, as an immutable snapshot."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Generic, TypeVar

T = TypeVar("T")

EMOTIONS = ("neutral", "joy", "gratitude", "love", "surprise", "anxiety", "sadness", "anger", "confusion")
POLARITIES = ("positive", "neutral", "negative")
PACK_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
STICKER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")

_EMOJI_MODIFIERS = dict.fromkeys(map(ord, "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"))


@dataclass(frozen=True, slots=True)
class Localized(Generic[T]):
    """One thing in both first-class languages."""

    en: T
    zh: T


@dataclass(frozen=True, slots=True)
class Sticker:
    """One sticker; the picture itself lives in the pack it came from.

    Attributes:
        id: `<pack>/<name>`.
        pack: Id of its pack.
        media_type: IANA media type of the stored picture.
        width_px: Width in pixels.
        height_px: Height in pixels.
        size_bytes: Size of the stored picture.
        sha256: Lower-case hexadecimal digest of the stored picture.
        alt: What it shows, in words.
        keywords: Words by which it is found.
        emoji: The emoji that it draws, or empty.
        emotion: One of `EMOTIONS`, or empty when nobody judged it.
        polarity: One of `POLARITIES`, or empty when nobody judged it.
        licence: SPDX expression.
        category: Group within the pack, or empty.
        variant_group: Equal for stickers of one pack that look alike; its own name when there are none.
        language: Language of words drawn in the picture, "en" or "zh"; empty when it has none.
    """

    id: str
    pack: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int
    sha256: str
    alt: Localized[str]
    keywords: Localized[tuple[str, ...]]
    emoji: str
    emotion: str
    polarity: str
    licence: str
    category: str
    variant_group: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack of stickers.

    Attributes:
        id: Lower-case id.
        title: Its name.
        licence: SPDX expression.
        version: As its maker wrote it.
        digest: SHA-256 of the archive in hex; changes whenever anything in it does.
        stickers: In the pack's order.
        added_at: Unix time at which an operator added it; None for packs that ship with the recommender.
        source: Where artwork and words come from, in its maker's words.
    """

    id: str
    title: Localized[str]
    licence: str
    version: str
    digest: str
    stickers: tuple[Sticker, ...]
    added_at: float | None = None
    source: str = ""

    def without(self, sticker_ids: Collection[str]) -> Pack:
        """Returns the pack without some stickers."""
        return replace(self, stickers=tuple(sticker for sticker in self.stickers if sticker.id not in sticker_ids))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All packs and pictures at one moment. Changing it makes another one, so a reader never sees half a change."""

    packs: Mapping[str, Pack] = field(default_factory=lambda: MappingProxyType({}))
    stickers: Mapping[str, Sticker] = field(default_factory=lambda: MappingProxyType({}))
    pictures: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, packs: Iterable[Pack], pictures: Mapping[str, bytes] | None = None) -> Catalogue:
        """Builds a catalogue; of two packs with one id the later wins.

        Args:
            packs: The packs.
            pictures: Encoded picture by sticker id; may know more stickers than the packs have.
        """
        by_id = {pack.id: pack for pack in packs}
        ordered = {pack_id: by_id[pack_id] for pack_id in sorted(by_id)}
        stickers = {sticker.id: sticker for pack in ordered.values() for sticker in pack.stickers}
        held = {sticker_id: pictures[sticker_id] for sticker_id in stickers} if pictures is not None else {}
        return cls(MappingProxyType(ordered), MappingProxyType(stickers), MappingProxyType(held))


def plain_emoji(text: str) -> str:
    """Drops variation selectors and skin tones, so that variants of one emoji compare equal."""
    return text.translate(_EMOJI_MODIFIERS)
