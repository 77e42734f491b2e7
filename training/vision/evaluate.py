"""Measures the exported models and writes their cards: `python -m training.vision.evaluate [tower|captioner]`.

Everything is computed by the graphs in `model_repository/`, that is with the weights as they are stored; what the
storage costs is measured beside it on the float32 checkpoints.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
import torch

from training.vision import artwork, captioner_card, served, tower_card
from training.vision import evaluate_tower as measure
from training.vision.augment import plain
from training.vision.evaluate_captioner import judge
from training.vision.export import CAPTIONER, SIZE, TOWER, VOCABULARY, load_captioner, load_tower
from training.vision.metrics import f1_per_class
from training.vision.paths import CACHE, CARDS, EMOTIONS
from training.vision.procedural import records
from training.vision.vocabulary import Vocabulary

_STORAGE_SAMPLE = 512


def evaluate_tower() -> None:
    """Measure the tower and write its card."""
    pictures, told = measure.stickers()
    seen = served.see(pictures)
    _say("emotion and polarity")
    classified = measure.classify(seen, told)
    _say(f"emotion macro-F1 {classified['emotion'].f1}")
    names = {vendor: measure.own_name(vendor) for vendor in (artwork.TEST_VENDOR, *artwork.TRAIN_VENDORS)}
    _say(f"own name {names[artwork.TEST_VENDOR].at_1}, {names[artwork.TEST_VENDOR].at_10}")
    across = {gallery: measure.across_vendors(artwork.TEST_VENDOR, gallery) for gallery in artwork.TRAIN_VENDORS}
    _say(f"across vendors {across['noto'][0].at_1}")
    queries = {language: measure.text_to_sticker(language) for language in ("en", "zh")}
    _say(f"text to sticker R@10 en {queries['en'].at_10}, zh {queries['zh'].at_10}")
    captions = {language: measure.caption_to_sticker(seen, told, language) for language in ("en", "zh")}
    examples = {language: measure.examples(language) for language in ("en", "zh")}
    results = tower_card.Results(
        classified, names, across, queries, captions, examples, _tower_cost(pictures, told), _facts("sticker_encoder")
    )
    tower_card.write(results, CARDS)


def evaluate_captioner() -> None:
    """Measure the captioner and write its card."""
    pictures, told = measure.stickers()
    vocabulary = Vocabulary.load(VOCABULARY)
    said = served.say(pictures)
    judged = judge(said, told, vocabulary)
    for language, result in judged.items():
        _say(f"{language}: BLEU-4 {result.bleu}, subject and emotion {result.subject_emotion}, exact {result.exact}")
    emoji, classes = artwork.pictures(artwork.TEST_VENDOR, pictures.shape[1])
    named = captioner_card.Named(emoji, [artwork.classes()[number] for number in classes], served.say(emoji))
    cost = _captioner_cost(pictures, told, vocabulary)
    facts = _facts("captioner")
    captioner_card.write(captioner_card.Results(pictures, told, said, judged, named, vocabulary, cost, facts), CARDS)


def _tower_cost(pictures: np.ndarray[Any, np.dtype[np.uint8]], told: list[dict[str, Any]]) -> tuple[float, float]:
    """Return emotion macro-F1 on the same stickers in float32 and as stored."""
    sample = pictures[:_STORAGE_SAMPLE]
    truth = np.array([EMOTIONS.index(record["emotion"]) for record in told[: len(sample)]])
    tower, _ = load_tower(TOWER)
    answers = []
    with torch.inference_mode():
        for start in range(0, len(sample), 32):
            images = plain(torch.from_numpy(sample[start : start + 32]), SIZE)
            answers.append(tower(images)[0].emotion.argmax(1).numpy())
    size = len(EMOTIONS)
    plain_f1 = f1_per_class(truth, np.concatenate(answers), size).mean()
    stored_f1 = f1_per_class(truth, served.see(sample).emotion.argmax(1), size).mean()
    return float(plain_f1), float(stored_f1)


def _captioner_cost(
    pictures: np.ndarray[Any, np.dtype[np.uint8]], told: list[dict[str, Any]], vocabulary: Vocabulary
) -> tuple[float, float]:
    """Return English BLEU-4 on the same stickers in float32 and as stored."""
    from training.vision.beam import BeamSearch

    sample, records_ = pictures[:_STORAGE_SAMPLE], told[:_STORAGE_SAMPLE]
    search = BeamSearch(load_captioner(CAPTIONER)[0]).eval()
    tower, _ = load_tower(TOWER)
    parts = []
    with torch.inference_mode():
        for start in range(0, len(sample), 32):
            images = plain(torch.from_numpy(sample[start : start + 32]), SIZE)
            languages = torch.tensor([[0, 1]]).expand(len(images), 2)
            output, concepts = tower(images)
            parts.append([tensor.numpy() for tensor in search(images, languages, output.joint, concepts)])
    exact = served.Said(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    both = (judge(one, records_, vocabulary)["en"].bleu.value for one in (exact, served.say(sample)))
    return next(both), next(both)


def _facts(model: str) -> dict[str, Any]:
    """Return what is known of the export, the training and the data of a model."""
    facts: dict[str, Any] = json.loads((CACHE / f"export_{model}.json").read_text(encoding="utf-8"))
    history = CACHE / f"history_{'tower' if model == 'sticker_encoder' else 'captioner'}.json"
    facts["history"] = json.loads(history.read_text(encoding="utf-8")) if history.exists() else []
    facts["train_stickers"], facts["test_stickers"] = len(records("train")), len(records("test"))
    facts["classes"] = len(artwork.classes())
    return facts


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    """Evaluate what is named, or both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="?", choices=["tower", "captioner"], help="both if none is named")
    only = parser.parse_args().only
    torch.set_num_threads(1)
    if only != "captioner":
        evaluate_tower()
    if only != "tower":
        evaluate_captioner()


if __name__ == "__main__":
    main()
