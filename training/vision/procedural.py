"""Procedural stickers, drawn once into shards: `python -m training.vision.procedural --split train --count 40960`.

A shard is `stickers_v<version>/<split>/<number>.npy` (uint8 RGBA [4096, 128, 128, 4]), the same at half size, and
`<number>.jsonl` with one record per sticker. A shard appears by atomic rename, so that training can use what is there.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from training.stickers.spec import GENERATOR_VERSION, Spec, Split
from training.vision import teacher
from training.vision.augment import composite
from training.vision.batches import IGNORED
from training.vision.paths import CACHE, EMOTIONS, POLARITIES

FULL, HALF = 128, 64
SHARD = 4096
FACTORS = ("expression", "gesture", "prop", "placement", "scene")
CLASSES = ("emotion", "polarity", "subject", *FACTORS)
_OUTSIDE_PORTRAITS = ("gesture", "prop", "placement", "scene")
_PARAPHRASES = 3
_SEEDS = {"train": 1, "val": 2, "test": 3}


@dataclass(frozen=True, slots=True)
class CaptionedBatch:
    """One batch of procedural stickers; some, the first, show little more than the head.

    Attributes:
        portraits: how many.
        rows: row of each sticker in `records` [B].
        images: [B, 3, S, S] in -1..1.
        captions: teacher embeddings of an English paraphrase of each caption [B, 384].
        groups: numbers [B]; stickers that show the same thing share one.
        targets: class numbers [B] for each of `CLASSES`; `IGNORED` for what a portrait does not show.
    """

    portraits: int
    rows: torch.Tensor
    images: torch.Tensor
    captions: torch.Tensor
    groups: torch.Tensor
    targets: dict[str, torch.Tensor]


def folder(split: Split) -> Path:
    """Return where the current generator's shards of a split are drawn to."""
    return CACHE / f"stickers_v{GENERATOR_VERSION}" / split


def _bases(split: str) -> list[Path]:
    """Return the shards to read, without suffix: of all versions to train on, of the newest drawn to judge by.

    The generator's versions share their words and classes; they differ in how things are drawn.
    """
    found = sorted(CACHE.glob(f"stickers_v*/{split}/*.jsonl"), key=lambda path: (_version(path), path.name))
    newest = _version(found[-1]) if found else 0
    return [path.with_suffix("") for path in found if split == "train" or _version(path) == newest]


def _version(path: Path) -> int:
    return int(path.parent.parent.name.removeprefix("stickers_v"))


def is_rendered(split: str) -> bool:
    """Tell whether at least one shard of a split exists."""
    return bool(_bases(split))


def draw(split: Split, count: int) -> None:
    """Draw the shards of a split that are missing, by a seed that depends on split and shard only."""
    folder(split).mkdir(parents=True, exist_ok=True)
    for number in range((count + SHARD - 1) // SHARD):
        if not (folder(split) / f"{number:03d}.jsonl").exists():
            began, size = time.monotonic(), min(SHARD, count - number * SHARD)
            _draw_shard(split, number, size)
            print(f"{split} shard {number}: {size / (time.monotonic() - began):.0f} stickers/s", flush=True)


def _draw_shard(split: Split, number: int, size: int) -> None:
    from training.stickers import (
        caption,
        labels,
        paraphrases,
        render,
        sample_spec,
    )  # the drawing library is needed only here

    rng = random.Random(f"{_SEEDS[split]}/{number}")
    pictures = np.empty((size, FULL, FULL, 4), np.uint8)
    records = []
    for row in range(size):
        spec = sample_spec(rng, split)
        pictures[row] = np.asarray(render(spec, FULL))
        told = {"en": caption(spec, "en"), "zh": caption(spec, "zh"), "style": spec.style}
        factors = {field: getattr(spec, field) for field in FACTORS}
        texts = [*rng.choices(paraphrases(spec, "en"), k=_PARAPHRASES), told["en"]]
        records.append(told | asdict(labels(spec)) | factors | {"texts": texts, "head": head_box(spec)})
    base = folder(split) / f"{number:03d}"
    _write(base.with_suffix(".npy"), pictures)
    _write(base.with_name(f"{base.name}_half.npy"), halved(pictures))
    partial = base.with_suffix(".partial")
    partial.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    partial.rename(base.with_suffix(".jsonl"))


def head_box(spec: Spec) -> tuple[float, float, float]:
    """Return roughly where the head is: centre x and y and half the edge, in -1..1 of the picture.

    It repeats the generator's staging, and only closely enough for random crops that show the face.
    """
    x, y, scale = 50.0, 95.0, 0.97
    if spec.placement in ("beside", "thought"):
        x, scale = (63.0 if spec.flip else 37.0), 0.79
    if spec.scene != "none":
        scale *= 0.9
    if spec.lettering is not None and spec.gesture != "sign":
        scale *= 0.84
        y = 97.0 if spec.lettering.place == "top" else 82.0
    inner = 0.92  # the generator leaves a margin of four percent
    return (x / 50 - 1) * inner, ((y - 50 * scale) / 50 - 1) * inner, 0.62 * scale * inner


def halved(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Halve straight-alpha pictures [N, 2S, 2S, 4] without dark fringes."""
    result = np.empty((len(pictures), pictures.shape[1] // 2, pictures.shape[2] // 2, 4), np.uint8)
    for start in range(0, len(pictures), 256):
        part = pictures[start : start + 256].astype(np.float32)
        part[..., :3] *= part[..., 3:] / 255
        n, height, width, _ = part.shape
        pooled = part.reshape(n, height // 2, 2, width // 2, 2, 4).mean((2, 4))
        pooled[..., :3] /= np.maximum(pooled[..., 3:], 1) / 255
        result[start : start + 256] = pooled.round().clip(0, 255).astype(np.uint8)
    return result


def _write(path: Path, pictures: npt.NDArray[np.uint8]) -> None:
    partial = path.with_suffix(".partial.npy")
    np.save(partial, pictures)
    partial.rename(path)


def records(split: str) -> list[dict[str, Any]]:
    """Return the records of all shards of a split, in the order of `shards`."""
    texts = [base.with_suffix(".jsonl").read_text(encoding="utf-8") for base in _bases(split)]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def shards(split: str, size: int) -> list[npt.NDArray[np.uint8]]:
    """Return the pictures of a split, memory-mapped: RGBA of 128 pixels, or 64 where that is enough for `size`."""
    suffix = "_half" if size * 4 / 3 <= HALF else ""
    return [np.load(base.with_name(f"{base.name}{suffix}.npy"), mmap_mode="r") for base in _bases(split)]


def numbers(told: list[dict[str, Any]], field: str) -> list[str]:
    """Return the class names of a field, in a fixed order."""
    fixed = {"emotion": EMOTIONS, "polarity": POLARITIES}
    return list(fixed[field]) if field in fixed else sorted({record[field] for record in told})


class StickerSource:
    """Random augmented batches of one split."""

    def __init__(self, split: str, size: int, generator: torch.Generator, *, read: bool = True) -> None:
        """Open the shards.

        Args:
            split: whose shards.
            size: edge of the pictures the network gets.
            generator: the source of all randomness.
            read: whether captions are embedded by the teacher; without, batches have zeros in their place.
        """
        told = records(split)
        self._shards = shards(split, size)
        self._bounds = np.cumsum([0, *(len(shard) for shard in self._shards)])
        texts = [text for record in told for text in record["texts"]]
        flat = teacher.embed(texts) if read else np.zeros((len(texts), 1), np.float16)
        self._texts = torch.from_numpy(flat.reshape(len(told), _PARAPHRASES + 1, -1))
        meanings = ["/".join(record[field] for field in ("subject", *FACTORS)) for record in told]
        known = {meaning: number for number, meaning in enumerate(sorted(set(meanings)))}
        self._groups = torch.tensor([known[meaning] for meaning in meanings])
        classes = {field: numbers(told, field) for field in CLASSES}
        self._targets = {
            field: torch.tensor([names.index(record[field]) for record in told]) for field, names in classes.items()
        }
        self._heads = torch.tensor([record["head"] for record in told])
        self._size, self._generator = size, generator
        self.sizes = {field: len(names) for field, names in classes.items()}
        self.heads = {field: self.sizes[field] for field in ("subject", *FACTORS)}

    def batch(self, count: int, strength: float, portraits: float = 0.0) -> CaptionedBatch:
        """Draw stickers at random and augment them.

        Args:
            count: how many.
            strength: of the augmentation, see `composite`.
            portraits: share of them that show little more than the head, where expressions are learned sooner.
        """
        rows = torch.randint(0, len(self._groups), (count,), generator=self._generator)
        heads = round(count * portraits)
        images = composite(
            torch.from_numpy(self.pictures(rows.numpy())),
            self._size,
            strength,
            self._generator,
            self._views(rows, heads),
        )
        variants = torch.randint(0, _PARAPHRASES + 1, (count,), generator=self._generator)
        texts = self._texts[rows, variants].float()
        targets = {field: values[rows] for field, values in self._targets.items()}
        for field in _OUTSIDE_PORTRAITS:
            targets[field][:heads] = IGNORED
        return CaptionedBatch(heads, rows, images, texts, self._groups[rows], targets)

    def _views(self, rows: torch.Tensor, heads: int) -> torch.Tensor:
        views = torch.tensor([[0.0, 0.0, 1.0]]).repeat(len(rows), 1)
        jitter = torch.randn((heads, 2), generator=self._generator) * 0.06
        zoom = torch.rand((heads, 1), generator=self._generator) * 0.5 + 0.9
        views[:heads] = self._heads[rows[:heads]] * torch.cat([torch.ones(heads, 2), zoom], 1)
        views[:heads, :2] += jitter
        return views

    def pictures(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """Return the RGBA pictures of some rows."""
        homes = np.searchsorted(self._bounds, rows, side="right") - 1
        return np.stack([self._shards[home][row - self._bounds[home]] for home, row in zip(homes, rows, strict=True)])


def main() -> None:
    """Draw the splits named on the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--split", choices=sorted(_SEEDS), nargs="+", default=["val", "test", "train"])
    parser.add_argument("--count", type=int, default=40_960, help="of the training split; the others have a tenth")
    options = parser.parse_args()
    for split in options.split:
        draw(split, options.count if split == "train" else options.count // 10)


if __name__ == "__main__":
    main()
