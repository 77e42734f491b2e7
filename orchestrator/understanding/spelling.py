"""What a message means to say, letter by letter: scripts, short forms and slips, each traced to what was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).with_name("spelling.yaml")
_TRADITIONAL = Path(__file__).with_name("traditional.txt")
_WORD = re.compile(r"(?<![\w@./-])[A-Za-z]+(?:'[A-Za-z]+)?(?![\w@]|\.\w|-\w|://)")
_SHORTEST_SLIP = 4
_LONG = 8  # letters from which two slips are believed
# Of a longer message the beginning and the end are read: who tells a long story asks there. Rules look at every place
# for what may follow, which costs the square of the length, on the loop that all conversations share.
_FIRST_CHARS, _LAST_CHARS = 1_200, 800
_REPEATED = re.compile(r"(\W)\1{3,}")


@dataclass(frozen=True)
class Spelt:
    """A message in plain spelling.

    Attributes:
        text: As it is read.
        written: As it was written.
        starts: Where each sign of `text` begins in `written`, and its end.
    """

    text: str
    written: str
    starts: tuple[int, ...]

    def as_written(self, piece: str) -> str:
        """A piece of the text as the customer wrote it; the piece itself when it does not stand there as a whole."""
        at = self.text.find(piece)
        if at < 0 or not piece:
            return piece
        return self.written[self.starts[at] : self.starts[at + len(piece)]].strip()


class Speller:
    """Reads what was meant. Pure: the same text gives the same.

    Of a very long message the middle is left out, and of a sign that is repeated ("!!!!!!!!", many blanks) three are
    kept.

    Args:
        path: The data file.
    """

    def __init__(self, path: Path = _DATA) -> None:
        self._raw: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._words: tuple[str, ...] = tuple(self._raw["words"].split())
        self._known = frozenset((*self._words, *self._raw["real"].split(), *self._raw["en"]))
        self._meant = lru_cache(maxsize=4096)(self._nearest)

    def spelt(self, written: str) -> Spelt:
        """The message in simplified characters, plain digits and the words that were meant."""
        plain, places = _read(written.translate(_scripts()))
        pieces, starts, at = [], [], 0
        for begin, end, meant in self._changes(plain):
            pieces.append(plain[at:begin] + meant)
            starts += [*range(at, begin), *(min(begin + step, end) for step in range(len(meant)))]
            at = end
        pieces.append(plain[at:])
        places.append(len(written))
        return Spelt("".join(pieces), written, tuple(places[start] for start in (*starts, *range(at, len(places)))))

    def _changes(self, plain: str) -> Iterator[tuple[int, int, str]]:
        """Where something else was meant, from left to right."""
        at = 0
        for match in self._runs.finditer(plain):
            if match.start() < at:
                continue
            meant = self._raw["zh"].get(match[0]) or self._english(match[0], first=not plain[: match.start()].strip())
            if meant and meant != match[0]:
                at = match.end()
                yield match.start(), at, meant

    def _english(self, word: str, *, first: bool) -> str:
        low = " ".join(word.lower().split())
        if stated := self._raw["en"].get(low):
            return str(stated)
        if not (word.islower() or first or word.isupper()):  # a name
            return ""
        return self._meant(low)

    def _nearest(self, word: str) -> str:
        """The word of the shop that is a slip away from one that is no word; empty when none is."""
        if len(word) < _SHORTEST_SLIP or "'" in word or word in self._known:
            return ""
        found = [(slips(word, one), place, one) for place, one in enumerate(self._words) if _alike(word, one)]
        fit = [(far, place, one) for far, place, one in found if far <= (2.0 if len(one) >= _LONG else 1.0)]
        return min(fit)[2] if fit else ""

    @cached_property
    def _runs(self) -> re.Pattern[str]:
        """Chinese slips, English runs of words, single words: the longest first."""
        chinese = sorted(self._raw["zh"], key=len, reverse=True)
        runs = [rf"\b{re.escape(one)}\b" for one in self._raw["en"] if " " in one]
        return re.compile("|".join([*map(re.escape, chinese), *runs, _WORD.pattern]), re.IGNORECASE)


def _read(plain: str) -> tuple[str, list[int]]:
    """What is read, three of a repeated sign and both ends of a very long message, and where each sign of it stood."""
    places = list(range(len(plain)))
    for match in reversed(list(_REPEATED.finditer(plain))):
        del places[match.start() + 3 : match.end()]
    if len(places) <= _FIRST_CHARS + _LAST_CHARS:
        return "".join([plain[place] for place in places]), places
    first, last = places[:_FIRST_CHARS], places[-_LAST_CHARS:]
    return "".join([*(plain[place] for place in first[:-1]), "\n", *(plain[place] for place in last)]), first + last


def slips(word: str, meant: str) -> float:
    """How many slips are between two words; letters that changed places count a little less than one that is wrong.

    The restricted edit distance of Damerau (1964) with that weight.
    """
    rows = [[float(column) for column in range(len(meant) + 1)]]
    for row, letter in enumerate(word, 1):
        rows.append([float(row)])
        for column, other in enumerate(meant, 1):
            cost = min(
                rows[row - 1][column] + 0.9, rows[row][column - 1] + 0.9, rows[row - 1][column - 1] + (letter != other)
            )
            if row > 1 and column > 1 and letter == meant[column - 2] and word[row - 2] == other:
                cost = min(cost, rows[row - 2][column - 2] + 0.8)
            rows[row].append(cost)
    return rows[-1][-1]


def _alike(word: str, meant: str) -> bool:
    """Whether it is worth while to count: slips are rare at the first letter."""
    return word[0] == meant[0] and abs(len(word) - len(meant)) <= (2 if len(meant) >= _LONG else 1) and len(meant) > 4


@lru_cache(maxsize=1)
def _scripts() -> dict[int, str]:
    """Sign for sign: full-width letters and digits, circled digits, traditional characters."""
    table: dict[int, str] = {0x3000: " ", 0xFF20: "@", 0xFF03: "#"}
    for sign in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), *range(0x2460, 0x2469)):
        table[sign] = unicodedata.normalize("NFKC", chr(sign))
    for line in _TRADITIONAL.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            table |= {ord(old): new for old, new in zip(line[::2], line[1::2], strict=True)}
    return table
