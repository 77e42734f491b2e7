"""The emoji of Unicode with their names and keywords in English and Chinese.

Order, groups and subgroups come from `emoji-test.txt` (UTS #51, Debian `unicode-data`); names (`type="tts"`) and
keywords from CLDR's `annotations` and `annotationsDerived` (Debian `unicode-cldr-core`).
"""

from __future__ import annotations

import functools
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.emoji.debian import package_root

_VARIATION_SELECTOR = "\ufe0f"
_SKIN_TONES = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")


@dataclass(frozen=True, slots=True)
class Emoji:
    """One emoji, fully qualified.

    Attributes:
        codepoints: Code points in order, variation selectors included.
        char: The same as a string.
        group: Group of `emoji-test.txt`, for example `Smileys & Emotion`.
        subgroup: Subgroup, for example `face-smiling`.
        name_en: CLDR short name in English.
        name_zh: CLDR short name in Chinese.
        keywords_en: CLDR keywords in English, without the name.
        keywords_zh: CLDR keywords in Chinese, without the name.
    """

    codepoints: tuple[int, ...]
    char: str
    group: str
    subgroup: str
    name_en: str
    name_zh: str
    keywords_en: tuple[str, ...]
    keywords_zh: tuple[str, ...]

    @property
    def skin_tone(self) -> bool:
        """True for the variants that differ from a base emoji by a skin-tone modifier only."""
        return any(character in _SKIN_TONES for character in self.char) and len(self.codepoints) > 1

    @property
    def slug(self) -> str:
        """File-name-safe identity: code points in lower-case hex, joined by `-`, without variation selectors."""
        return "-".join(f"{point:x}" for point in self.codepoints if point != 0xFE0F)


@functools.cache
def load_emoji(*, skin_tones: bool = False, flags: bool = True) -> list[Emoji]:
    """Returns every fully qualified emoji that CLDR names in both languages, in Unicode order.

    Args:
        skin_tones: Whether skin-tone variants are included.
        flags: Whether the group `Flags` is included.

    Raises:
        SourceUnavailableError: The Debian packages cannot be had.
    """
    english, chinese = _annotations("en"), _annotations("zh")
    found = []
    for char, group, subgroup in _fully_qualified():
        key = char.replace(_VARIATION_SELECTOR, "")
        if key not in english or key not in chinese:
            continue
        (name_en, keywords_en), (name_zh, keywords_zh) = english[key], chinese[key]
        points = tuple(map(ord, char))
        emoji = Emoji(points, char, group, subgroup, name_en, name_zh, keywords_en, keywords_zh)
        if (skin_tones or not emoji.skin_tone) and (flags or group != "Flags"):
            found.append(emoji)
    return found


def _fully_qualified() -> Iterator[tuple[str, str, str]]:
    path = package_root("unicode-data") / "usr/share/unicode/emoji/emoji-test.txt"
    group = subgroup = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# group:"):
            group = line.partition(":")[2].strip()
        elif line.startswith("# subgroup:"):
            subgroup = line.partition(":")[2].strip()
        elif "; fully-qualified" in line:
            yield "".join(chr(int(point, 16)) for point in line.split(";")[0].split()), group, subgroup


def _annotations(language: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Maps an emoji without variation selectors to its name and keywords."""
    names: dict[str, str] = {}
    keywords: dict[str, tuple[str, ...]] = {}
    for folder in ("annotations", "annotationsDerived"):
        for char, kind, text in _annotation_elements(_cldr() / folder / f"{language}.xml"):
            if kind == "tts":
                names[char] = text
            else:
                keywords[char] = tuple(word for part in text.split("|") if (word := part.strip()))
    return {
        char: (name, tuple(word for word in keywords.get(char, ()) if word != name)) for char, name in names.items()
    }


def _annotation_elements(path: Path) -> Iterator[tuple[str, str, str]]:
    for element in ET.parse(path).getroot().iter("annotation"):
        char = (element.get("cp") or "").replace(_VARIATION_SELECTOR, "")
        yield char, element.get("type") or "keywords", (element.text or "").strip()


def _cldr() -> Path:
    return package_root("unicode-cldr-core") / "usr/share/unicode/cldr/common"
