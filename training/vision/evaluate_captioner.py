"""Measures the captioner on unseen characters and styles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.stickers.catalogue import EXPRESSIONS, GESTURES, PROPS, SCENES, SPECIES
from training.vision import served
from training.vision.metrics import Estimate, bleu4, mean
from training.vision.vocabulary import LANGUAGES, Vocabulary, split


@dataclass(frozen=True, slots=True)
class Captioned:
    """One language: captions and how good they are.

    Attributes:
        captions: what was said.
        bleu: BLEU-4 against the one canonical caption, words or characters.
        exact: share of captions that equal it.
        subject_emotion: share whose subject and emotion are both right.
        factors: share of stickers where a factor is right, by its name.
        confidence: mean probability of a word where the caption is exact, and where it is not.
    """

    captions: list[str]
    bleu: Estimate
    exact: Estimate
    subject_emotion: Estimate
    factors: dict[str, Estimate]
    confidence: tuple[float, float]


def judge(said: served.Said, told: list[dict[str, Any]], vocabulary: Vocabulary) -> dict[str, Captioned]:
    """Judge the captions of procedural stickers, by language."""
    return {
        language: _judge_language(said, told, vocabulary, number, language) for number, language in enumerate(LANGUAGES)
    }


def _judge_language(
    said: served.Said, told: list[dict[str, Any]], vocabulary: Vocabulary, number: int, language: str
) -> Captioned:
    captions = [vocabulary.decode(ids, number) for ids in said.ids[:, number]]
    references = [" ".join(split(record[language])) if number == 0 else record[language] for record in told]
    exact = np.array([one == other for one, other in zip(captions, references, strict=True)])
    read = {field: np.array([_find(field, text, language) for text in captions]) for field in _TABLES}
    truth = {field: np.array([record[field] for record in told]) for field in _TABLES}
    right = {field: read[field] == truth[field] for field in _TABLES}
    surest = said.probs[:, number].mean(1)
    return Captioned(
        captions,
        bleu4([split(text) for text in references], [split(text) for text in captions]),
        mean(exact),
        mean(right["subject"] & right["emotion"]),
        {field: mean(values) for field, values in right.items()},
        (float(surest[exact].mean()) if exact.any() else 0.0, float(surest[~exact].mean()) if (~exact).any() else 0.0),
    )


def _forms(words: Any, language: str) -> Sequence[str]:
    forms: Sequence[str] = getattr(words, language)[:1]  # captions are canonical: the first form
    return forms


_TABLES: dict[str, dict[str, tuple[Any, str]]] = {
    "subject": {key: (item.words, key) for key, item in SPECIES.items()},
    "expression": {key: (item.words, key) for key, item in EXPRESSIONS.items()},
    "emotion": {key: (item.words, item.emotion) for key, item in EXPRESSIONS.items()},
    "gesture": {key: (item.words, key) for key, item in GESTURES.items()},
    "prop": {key: (item.words, key) for key, item in PROPS.items()},
    "scene": {key: (words, key) for key, words in SCENES.items()},
}


def _find(field: str, caption: str, language: str) -> str:
    """Return what a caption says of a factor: the longest of the factor's words in it, else "none"."""
    spoken = f" {caption} "
    found = [
        (len(form), value)
        for words, value in _TABLES[field].values()
        for form in _forms(words, language)
        if (f" {' '.join(split(form))} " if language == "en" else form) in spoken
    ]
    return max(found)[1] if found else "none"
