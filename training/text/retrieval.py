"""Measure the bilingual space on held-out data: symbol names, keywords, and customer sentences."""

import numpy as np
from numpy.typing import NDArray

from training.text.pairs import held_out
from training.text.parallel import Embedder
from training.text.paths import DATA
from training.text.unicode_text import annotated_symbols

Ranks = NDArray[np.int64]


def ranks(queries: NDArray[np.float32], targets: NDArray[np.float32], right: list[set[int]]) -> Ranks:
    """Return for each query the rank, from 0, of its best right target by inner product."""
    order = np.argsort(-(queries @ targets.T), axis=1)
    found = [
        next(place for place, target in enumerate(row) if target in good)
        for row, good in zip(order.tolist(), right, strict=True)
    ]
    return np.array(found)


def symbol_ranks(embed: Embedder) -> dict[str, Ranks]:
    """Held-out symbols against all symbols: Chinese name → English text, Chinese keyword → any symbol that has it."""
    symbols = [
        s
        for s in annotated_symbols()
        if len(s.text.replace("\ufe0f", "")) == 1 or not any(0x1F1E6 <= ord(c) <= 0x1F3FF for c in s.text)
    ]
    targets = embed([", ".join([s.name_en, *s.keywords_en[:6]]) for s in symbols])
    kept = [index for index, symbol in enumerate(symbols) if held_out(symbol.base)]
    result = {
        "zh name": ranks(embed([symbols[i].name_zh for i in kept]), targets, [{i} for i in kept]),
        "en name": ranks(embed([symbols[i].name_en for i in kept]), targets, [{i} for i in kept]),
    }
    owners: dict[str, set[int]] = {}
    for index, symbol in enumerate(symbols):
        for keyword in symbol.keywords_zh:
            owners.setdefault(keyword, set()).add(index)
    unseen = [
        word
        for word in {k for i in kept for k in symbols[i].keywords_zh}
        if all(held_out(symbols[i].base) for i in owners[word])
    ]
    unseen.sort()
    result["zh keyword"] = ranks(embed(unseen), targets, [owners[word] for word in unseen])
    return result


def sentences() -> list[tuple[str, str]]:
    """Read the hand-written parallel (Chinese, English) customer sentences kept for evaluation."""
    lines = (DATA / "held_out_sentences.txt").read_text("utf-8").splitlines()
    return [
        (a.strip(), b.strip())
        for a, b in (line.split(" | ", 1) for line in lines if " | " in line and not line.startswith("#"))
    ]


def sentence_ranks(embed: Embedder) -> dict[str, Ranks]:
    """Rank each sentence's translation among all of them, both ways."""
    pairs = sentences()
    chinese, english = embed([a for a, _ in pairs]), embed([b for _, b in pairs])
    own = [{index} for index in range(len(pairs))]
    return {"zh → en": ranks(chinese, english, own), "en → zh": ranks(english, chinese, own)}
