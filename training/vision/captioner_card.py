"""The card of `captioner`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.emoji import Emoji
from training.vision import figures, served
from training.vision.evaluate_captioner import Captioned
from training.vision.vocabulary import END, Vocabulary, split

_LANGUAGE = {"en": "English", "zh": "Chinese"}
_SAMPLES, _EMOJI_SAMPLES = 12, 12


@dataclass(frozen=True, slots=True)
class Named:
    """Emoji of the vendor never trained on, and what was said of them."""

    pictures: npt.NDArray[np.uint8]
    emoji: list[Emoji]
    said: served.Said


@dataclass(frozen=True, slots=True)
class Results:
    """All that the card reports; see `evaluate`."""

    pictures: npt.NDArray[np.uint8]
    told: list[dict[str, Any]]
    said: served.Said
    judged: dict[str, Captioned]
    named: Named
    vocabulary: Vocabulary
    cost: tuple[float, float]
    facts: dict[str, Any]


def write(results: Results, folder: Path) -> None:
    """Write `captioner.md` and its figures."""
    _draw_samples(results, folder / "figures" / "captioner_samples.png")
    _draw_emoji(results, folder / "figures" / "captioner_openmoji.png")
    for number, language in enumerate(results.judged):
        _draw_attention(results, number, folder / "figures" / f"captioner_attention_{language}.png")
    sections = [_opening(results), _quality(results), _samples(), _limits(results)]
    (folder / "captioner.md").write_text("\n\n".join(sections) + "\n", encoding="utf-8")


def _opening(results: Results) -> str:
    facts = results.facts
    plain, stored = results.cost
    phases = "; ".join(f"{phase['samples']:,} pictures at {phase['size']} px" for phase in facts["history"])
    return f"""# captioner

Written by `python -m training.vision.evaluate`; every number is measured with the stored weights. Brackets are 95 %
bootstrap intervals.

**What it is.** EfficientNet-B0 (from scratch) → a 4 × 4 grid of annotations → LSTM with attention, beam search of width
3 inside the graph, English and Chinese from one vocabulary of {len(results.vocabulary):,} words and characters. The
decoder is also told what `sticker_encoder` knows of the picture (joint embedding and concept probabilities): within the
samples that could be had, EfficientNet alone did not learn expressions (emotion right in 0.18 of the captions, English
BLEU-4 0.22 on 400 validation stickers). Outputs the probability of each word and where it looked.

**Data.** {facts["train_stickers"]:,} procedural stickers, each with its caption in both languages, then
{facts["classes"]:,} emoji of two vendors with their CLDR names mixed in. Test: {facts["test_stickers"]:,} procedural
stickers of characters and styles never trained on. Training: {phases or "see the training log"}.

**Size.** {facts["megabytes"]} MB: 8-bit weights, one scale per channel. English BLEU-4 on the same 512 test stickers:
{plain:.3f} in float32, {stored:.3f} as stored. Largest difference between the graph and torch with the same stored
weights: {facts["largest_difference"]:.1e}."""


def _quality(results: Results) -> str:
    rows, factors = [], []
    for language, judged in results.judged.items():
        name = _LANGUAGE[language]
        rows.append(f"| {name} | {judged.bleu} | {judged.subject_emotion} | {judged.exact} |")
        factors.append(
            f"| {name} | " + " | ".join(f"{estimate.value:.3f}" for estimate in judged.factors.values()) + " |"
        )
    names = list(next(iter(results.judged.values())).factors)
    certainty = "; ".join(
        f"{_LANGUAGE[language]} {sure:.2f} where the caption is exact, {unsure:.2f} where not"
        for language, (sure, unsure) in ((key, judged.confidence) for key, judged in results.judged.items())
    )
    return "\n\n".join(
        [
            "## Captions of unseen characters and styles",
            "| language | BLEU-4 | subject and emotion both right | whole caption exact |\n|---|---|---|---|\n"
            + "\n".join(rows),
            "Share of captions in which a factor is right:",
            f"| language | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}\n" + "\n".join(factors),
            f"Mean probability of a word: {certainty}.",
        ]
    )


def _samples() -> str:
    return """## Samples

The first test stickers, not chosen; red is not exact.

![Captions of procedural test stickers](figures/captioner_samples.png)

Where it looked at each word:

![Attention, English](figures/captioner_attention_en.png)

![Attention, Chinese](figures/captioner_attention_zh.png)

Emoji of the vendor never trained on (OpenMoji), not chosen; red differs from the CLDR name:

![Captions of OpenMoji](figures/captioner_openmoji.png)"""


def _limits(results: Results) -> str:
    judged = results.judged["en"]
    worst = sorted((estimate.value, name) for name, estimate in judged.factors.items())[:3]
    said = [results.vocabulary.decode(ids, 0) for ids in results.named.said.ids[:, 0]]
    exact = np.mean([text == " ".join(split(one.name_en)) for text, one in zip(said, results.named.emoji, strict=True)])
    return f"""## What it is bad at

- Factors most often wrong in English: {", ".join(f"{name} ({value:.2f})" for value, name in worst)}.
- Emoji of an unseen vendor: {exact:.3f} of the captions equal the CLDR name. Names of unrelated emoji are a poor
  teacher; look at the probabilities before a caption of something that is no procedural sticker is used.
- It can say only what its {len(results.vocabulary):,} words say. A photograph gets the caption of the drawing it
  resembles most.
- Words drawn on a sticker are not read here; reading them is the OCR library's work."""


def _draw_samples(results: Results, path: Path) -> None:
    lines = []
    for row in range(_SAMPLES):
        record = results.told[row]
        lines.append(
            [
                (judged.captions[row], judged.captions[row].replace(" ", "") == record[language].replace(" ", ""))
                for language, judged in results.judged.items()
            ]
        )
    figures.captions(results.pictures[:_SAMPLES], lines, path)


def _draw_emoji(results: Results, path: Path) -> None:
    named = results.named
    rows = np.linspace(0, len(named.emoji) - 1, _EMOJI_SAMPLES).astype(int)
    lines = []
    for row in rows:
        english, chinese = (results.vocabulary.decode(named.said.ids[row, number], number) for number in (0, 1))
        one = named.emoji[row]
        lines.append([(english, english == " ".join(split(one.name_en))), (chinese, chinese == one.name_zh)])
    figures.captions(named.pictures[rows], lines, path)


def _draw_attention(results: Results, number: int, path: Path) -> None:
    ids = results.said.ids[:, number]
    row = int(np.argmax((ids[:_SAMPLES] != END).sum(1)))  # the longest of the samples shows most
    words = [results.vocabulary.pieces[token] for token in ids[row] if token != END]
    figures.attention(results.pictures[row], words, results.said.attention[row, number], path)
