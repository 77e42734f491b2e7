"""Parallel Chinese and English text from Unicode: emoji annotations, display names, Unihan glosses."""

import bz2
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from training.emoji.debian import package_root

_UNICODE = "usr/share/unicode"

_SKIP_GLOSS = re.compile(
    r"\([^)]*\)|same as .*|variant of .*|U\+[0-9A-F]+|Kangxi radical.*|non-?standard.*|simplified form of.*"
)
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass
class Annotated:
    """One annotated symbol: its character sequence, names and keywords in both languages."""

    text: str
    name_en: str = ""
    name_zh: str = ""
    keywords_en: list[str] = field(default_factory=list)
    keywords_zh: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        """First character: all skin tones and genders of one symbol share it."""
        return self.text[0]


def _annotations(path: Path) -> Iterator[tuple[str, bool, str]]:
    for node in ET.parse(path).getroot().iter("annotation"):
        yield node.attrib["cp"], node.attrib.get("type") == "tts", (node.text or "").strip()


def annotated_symbols() -> list[Annotated]:
    """Read every CLDR annotation that has a name in both languages, in file order."""
    common = package_root("unicode-cldr-core") / _UNICODE / "cldr" / "common"
    found: dict[str, Annotated] = {}
    for folder in ("annotations", "annotationsDerived"):
        for language in ("en", "zh"):
            for cp, is_name, text in _annotations(common / folder / f"{language}.xml"):
                entry = found.setdefault(cp, Annotated(cp))
                if is_name:
                    setattr(entry, f"name_{language}", text)
                else:
                    setattr(entry, f"keywords_{language}", [word.strip() for word in text.split("|") if word.strip()])
    return [entry for entry in found.values() if entry.name_en and entry.name_zh]


def display_names() -> list[tuple[str, str]]:
    """Read (Chinese, English) names of languages, territories and currencies from the CLDR locales."""
    main = package_root("unicode-cldr-core") / _UNICODE / "cldr" / "common" / "main"
    tables = [_locale_names(main / f"{language}.xml") for language in ("zh", "en")]
    shared = tables[0].keys() & tables[1].keys()
    return sorted({(tables[0][key], tables[1][key]) for key in shared if _HAN.search(tables[0][key])})


def _locale_names(path: Path) -> dict[tuple[str, str], str]:
    root = ET.parse(path).getroot()
    names = {
        (tag, node.attrib["type"]): node.text
        for tag in ("language", "territory", "script")
        for node in root.iter(tag)
        if "type" in node.attrib and "alt" not in node.attrib and node.text
    }
    for currency in root.iter("currency"):
        label = currency.find("displayName")
        if label is not None and label.text and "type" in currency.attrib:
            names["currency", currency.attrib["type"]] = label.text
    return names


def glosses() -> dict[str, list[str]]:
    """Map each Chinese character of everyday use to the senses of its Unihan definition."""
    result: dict[str, list[str]] = {}
    for line in _unihan("Unihan_Readings.txt.bz2", "kDefinition"):
        code, _, definition = line.split("\t", 2)
        character = chr(int(code[2:], 16))
        senses = [_SKIP_GLOSS.sub("", sense).strip(" ,.") for sense in re.split(r"[;,]", definition)]
        senses = [sense for sense in senses if len(sense) > 1]
        if senses and _everyday(character):
            result[character] = senses[:5]
    return result


def simplified_variants() -> dict[str, str]:
    """Map traditional characters to their simplified form, where it is one character and differs."""
    result: dict[str, str] = {}
    for line in _unihan("Unihan_Variants.txt.bz2", "kSimplifiedVariant"):
        code, _, targets = line.split("\t", 2)
        character, target = chr(int(code[2:], 16)), chr(int(targets.split()[0][2:], 16))
        if character != target:
            result[character] = target
    return result


def _unihan(name: str, field_name: str) -> Iterator[str]:
    with bz2.open(package_root("unicode-data") / _UNICODE / name, "rt", encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#") and f"\t{field_name}\t" in line:
                yield line.rstrip("\n")


def _everyday(character: str) -> bool:
    """Tell whether GB 2312 or the frequent half of Big5 has the character."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        try:
            return b"\xa4\x40" <= character.encode("big5") <= b"\xc6\x7e"
        except UnicodeEncodeError:
            return False
    return True
