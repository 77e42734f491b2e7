"""Measures the tower on held-out data: emotion, across vendors, and text to sticker."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.vision import artwork, served
from training.vision.metrics import Estimate, confusion, f1_per_class, first_right, macro_f1, mean
from training.vision.paths import EMOTIONS, POLARITIES
from training.vision.procedural import records, shards

QUERIES = Path(__file__).with_name("data") / "queries.json"
_EDGE = 128
_VARIATION_SELECTOR = "\ufe0f"
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Classified:
    """Emotion or polarity on procedural test stickers."""

    labels: tuple[str, ...]
    f1: Estimate
    accuracy: Estimate
    per_class: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recall:
    """R@1 and R@10, and the number of queries and of things to choose from."""

    at_1: Estimate
    at_10: Estimate
    queries: int
    choices: int


def stickers(split: str = "test", limit: int | None = None) -> tuple[npt.NDArray[np.uint8], list[dict[str, Any]]]:
    """Return the pictures and records of a split."""
    told = records(split)[:limit]
    return np.concatenate([np.asarray(shard) for shard in shards(split, _EDGE)])[: len(told)], told


def classify(seen: served.Seen, told: list[dict[str, Any]]) -> dict[str, Classified]:
    """Judge the emotion and polarity heads."""
    result = {}
    for field, labels, scores in (
        ("emotion", EMOTIONS, seen.emotion),
        ("polarity", POLARITIES, seen.polarity),
    ):
        truth = np.array([labels.index(record[field]) for record in told])
        answer = scores.argmax(1)
        size = len(labels)
        result[field] = Classified(
            labels,
            macro_f1(truth, answer, size),
            mean(truth == answer),
            f1_per_class(truth, answer, size),
            confusion(truth, answer, size),
        )
    return result


def recall(scores: Floats, right: npt.NDArray[np.bool_]) -> Recall:
    """Judge a ranking; see `metrics.first_right`."""
    rank = first_right(scores, right)
    return Recall(mean(rank < 1), mean(rank < 10), *scores.shape)


def own_name(vendor: str) -> Recall:
    """Find the English name of each of a vendor's emoji among all names, through the served text encoder."""
    _, classes = artwork.pictures(vendor, _EDGE)
    names = served.project(served.read([emoji.name_en for emoji in artwork.classes()]))
    scores = _joint(vendor) @ names.T
    return recall(scores, np.arange(len(names))[None] == classes[:, None])


def across_vendors(query: str, gallery: str) -> tuple[Recall, Recall, Estimate, Estimate]:
    """Find each of a vendor's emoji among another vendor's, by its picture alone.

    Returns:
        The tower, the colour-histogram baseline, and the differences of R@1 and R@10 over the same queries.
    """
    (asked, asked_classes), (stored, stored_classes) = (artwork.pictures(name, _EDGE) for name in (query, gallery))
    right = asked_classes[:, None] == stored_classes[None]
    keep = right.any(1)
    right = right[keep]
    tower = _joint(query)[keep] @ _joint(gallery).T
    colour = _histograms(asked[keep]) @ _histograms(stored).T
    ranks = first_right(tower, right), first_right(colour, right)
    first, tenth = (_difference(ranks[0] < k, ranks[1] < k) for k in (1, 10))
    return recall(tower, right), recall(colour, right), first, tenth


@functools.cache
def _joint(vendor: str) -> Floats:
    """Return the joint embeddings of a vendor's emoji, computed once."""
    return served.see(artwork.pictures(vendor, _EDGE)[0]).joint


def _difference(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> Estimate:
    return mean(one.astype(np.float64) - other.astype(np.float64))


def _histograms(pictures: npt.NDArray[np.uint8]) -> Floats:
    """Return the square roots of joint RGB histograms of 6 x 6 x 6 bins over what is opaque (Bhattacharyya)."""
    bins = (pictures[..., :3].astype(np.int64) * 6) // 256
    number = (bins[..., 0] * 36 + bins[..., 1] * 6 + bins[..., 2]).reshape(len(pictures), -1)
    weight = pictures[..., 3].reshape(len(pictures), -1) / 255.0
    counts = np.stack([np.bincount(n, w, 216) for n, w in zip(number, weight, strict=True)])
    result: Floats = np.sqrt(counts / counts.sum(1, keepdims=True).clip(1e-9)).astype(np.float32)
    return result


def queries(language: str) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """Return the held-out queries that are in no CLDR name or keyword, and their right answers [Q, C]."""
    emoji = artwork.classes()
    known = {word.lower() for one in emoji for word in (one.name_en, one.name_zh, *one.keywords_en, *one.keywords_zh)}
    rows = {_bare(one.char): number for number, one in enumerate(emoji)}
    stored: list[tuple[str, str]] = json.loads(QUERIES.read_text(encoding="utf-8"))[language]
    texts, right = [], []
    for text, answers in stored:
        numbers = [rows[_bare(char)] for char in answers.split() if _bare(char) in rows]
        if text.lower() not in known and numbers:
            texts.append(text)
            right.append(np.isin(np.arange(len(emoji)), numbers))
    return texts, np.stack(right)


def text_to_sticker(language: str, vendor: str = "noto") -> Recall:
    """Find a fitting sticker for each held-out query, by the joint space alone."""
    texts, right = queries(language)
    _, classes = artwork.pictures(vendor, _EDGE)
    scores = served.project(served.read(texts)) @ _joint(vendor).T
    return recall(scores, right[:, classes])


def caption_to_sticker(seen: served.Seen, told: list[dict[str, Any]], language: str) -> Recall:
    """Find the unseen procedural sticker that a caption describes."""
    texts = [record[language] for record in told]
    scores = served.project(served.read(texts)) @ seen.joint.T
    right = np.array(texts)[:, None] == np.array(texts)[None]
    return recall(scores, right)


def _bare(char: str) -> str:
    return char.replace(_VARIATION_SELECTOR, "")


def examples(language: str, vendor: str = "noto", shown: int = 3) -> tuple[list[str], list[str]]:
    """Return queries that are answered well and ones that are not, each as a line with the first three names."""
    texts, right = queries(language)
    _, classes = artwork.pictures(vendor, _EDGE)
    scores = served.project(served.read(texts)) @ _joint(vendor).T
    ranks = first_right(scores, right[:, classes])
    emoji = artwork.classes()
    lines = [
        f"“{text}” → " + ", ".join(emoji[classes[row]].name_en for row in np.argsort(-scores[number])[:shown])
        for number, text in enumerate(texts)
    ]
    good = [lines[number] for number in np.flatnonzero(ranks == 0)]
    poor = [lines[number] for number in np.flatnonzero(ranks >= 10)]
    return good, poor
