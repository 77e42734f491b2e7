"""Caption words: English words and Chinese characters in one vocabulary."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

PAD, END, UNKNOWN, START = 0, 1, 2, 3
LANGUAGES = ("en", "zh")  # START + position is the start token of a language
MAX_TOKENS = 26
_SPECIAL = ("<pad>", "<end>", "<unk>", "<en>", "<zh>")
_PIECES = re.compile(r"[a-z0-9'-]+|[^\s]")


def split(text: str) -> list[str]:
    """Split a caption into English words, Chinese characters and punctuation."""
    return _PIECES.findall(text.lower())


class Vocabulary:
    """Maps caption pieces to numbers and back."""

    def __init__(self, pieces: Sequence[str]) -> None:
        """Take the pieces after the special ones, in order."""
        self.pieces = (*_SPECIAL, *pieces)
        self._numbers = {piece: number for number, piece in enumerate(self.pieces)}

    def __len__(self) -> int:
        """Return the number of pieces, special ones included."""
        return len(self.pieces)

    @classmethod
    def learn(cls, captions: Iterable[str], minimum: int = 2) -> Vocabulary:
        """Take every piece that occurs at least `minimum` times, frequent ones first."""
        counts = Counter(piece for caption in captions for piece in split(caption))
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls([piece for piece, count in ordered if count >= minimum])

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what `save` wrote."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def save(self, path: Path) -> None:
        """Write the pieces as a JSON list, without the special ones."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.pieces[len(_SPECIAL) :], ensure_ascii=False), encoding="utf-8")

    def encode(self, caption: str, language: int) -> list[int]:
        """Return start token, pieces, END and padding: MAX_TOKENS + 1 numbers; what is longer is cut."""
        pieces = [self._numbers.get(piece, UNKNOWN) for piece in split(caption)][: MAX_TOKENS - 1]
        return [START + language, *pieces, END, *[PAD] * (MAX_TOKENS - 1 - len(pieces))]

    def decode(self, ids: Iterable[int], language: int) -> str:
        """Return the caption: words with spaces between, Chinese without."""
        words = []
        for number in ids:
            if number == END:
                break
            if number > START + len(LANGUAGES) - 1:
                words.append(self.pieces[number])
        return "".join(words) if language == 1 else " ".join(words)
