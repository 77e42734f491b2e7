"""Fits the text projection to the finished tower and the served text encoder: `python -m training.vision.align`.

The tower learns against the English teacher. The served encoder is a student of it that reads Chinese too, and close is
not equal. With the pictures' embeddings fixed, one 384 x 256 matrix is refitted on the emoji's texts in both languages;
a tenth of the texts is held out and decides when to stop. The result is what `text_encoder` puts behind its embedding.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as f

from training.emoji import Emoji
from training.vision import artwork, served
from training.vision.export import PROJECTION
from training.vision.procedural import records, shards

_EDGE, _SCALE, _STICKERS = 128, 30.0, 4096
_VARIANTS = 12
_STAY = 20.0  # pull towards the trained projection, per squared entry


@dataclass(frozen=True, slots=True)
class Pairs:
    """Texts [N, 384] and, of each, the number of the picture group that it describes."""

    texts: torch.Tensor
    groups: torch.Tensor


def main() -> None:
    """Refit the projection and write it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--lr", type=float, default=2e-4)
    options = parser.parse_args()
    torch.manual_seed(3)
    torch.set_num_threads(1)
    emoji = _emoji_pairs()
    prototypes = _prototypes()
    stickers, sticker_images = _sticker_pairs()
    start = torch.from_numpy(np.load(PROJECTION)).clone()
    best = _fit(start, emoji, prototypes, stickers, sticker_images, options.steps, options.lr)
    np.save(PROJECTION, best.numpy())


def _fit(
    start: torch.Tensor,
    emoji: Pairs,
    prototypes: torch.Tensor,
    stickers: Pairs,
    sticker_images: torch.Tensor,
    steps: int,
    lr: float,
) -> torch.Tensor:
    generator = torch.Generator().manual_seed(5)
    held_out = torch.rand(len(emoji.texts), generator=generator) < 0.1
    learned = (~held_out).nonzero().flatten()
    matrix = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([matrix], lr=lr)
    best, best_recall = start, _recall(start, emoji, held_out, prototypes)
    print(json.dumps({"step": 0, "held_out_r10": round(best_recall, 4)}), flush=True)
    for step in range(1, steps + 1):
        rows = learned[torch.randint(0, len(learned), (512,), generator=generator)]
        logits = _SCALE * f.normalize(emoji.texts[rows] @ matrix, dim=1) @ prototypes.T
        drawn = torch.randint(0, len(stickers.texts), (256,), generator=generator)
        captions = (
            _SCALE * f.normalize(stickers.texts[drawn] @ matrix, dim=1) @ sticker_images[stickers.groups[drawn]].T
        )
        same = stickers.groups[drawn][:, None] == stickers.groups[drawn][None]
        matched = -(captions.log_softmax(1) * same / same.sum(1, keepdim=True)).sum(1).mean()
        loss = f.cross_entropy(logits, emoji.groups[rows]) + 0.5 * matched + _STAY * (matrix - start).square().mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if step % 25 == 0:
            recall = _recall(matrix.detach(), emoji, held_out, prototypes)
            print(
                json.dumps({"step": step, "loss": round(loss.item(), 3), "held_out_r10": round(recall, 4)}), flush=True
            )
            if recall > best_recall:
                best, best_recall = matrix.detach().clone(), recall
    return best


def _recall(matrix: torch.Tensor, emoji: Pairs, rows: torch.Tensor, prototypes: torch.Tensor) -> float:
    scores = f.normalize(emoji.texts[rows] @ matrix, dim=1) @ prototypes.T
    own = scores.gather(1, emoji.groups[rows][:, None])
    return float(((scores > own).sum(1) < 10).float().mean())


def _emoji_pairs() -> Pairs:
    rng = random.Random(17)
    texts, groups = [], []
    for number, emoji in enumerate(artwork.classes()):
        variants = _texts(emoji, rng)
        texts += variants
        groups += [number] * len(variants)
    return Pairs(torch.from_numpy(served.read(texts)), torch.tensor(groups))


def _texts(emoji: Emoji, rng: random.Random) -> list[str]:
    """Return the names and random groups of keywords in both languages."""
    texts = [emoji.name_en, emoji.name_zh]
    for keywords, comma in ((emoji.keywords_en, ", "), (emoji.keywords_zh, "，")):
        for _ in range(_VARIANTS // 2 if keywords else 0):
            texts.append(comma.join(rng.sample(keywords, rng.randint(1, min(3, len(keywords))))))
    return list(dict.fromkeys(texts))


def _prototypes() -> torch.Tensor:
    """Return the mean joint embedding of each class over the training vendors: unit vectors [C, 256]."""
    total = np.zeros((len(artwork.classes()), 256), np.float32)
    for vendor in artwork.TRAIN_VENDORS:
        pictures, classes = artwork.pictures(vendor, _EDGE)
        np.add.at(total, classes, served.see(pictures).joint)
    return f.normalize(torch.from_numpy(total), dim=1)


def _sticker_pairs() -> tuple[Pairs, torch.Tensor]:
    told = records("train")[:_STICKERS]
    pictures = np.asarray(shards("train", _EDGE)[0][: len(told)])
    texts = served.read([record[language] for language in ("en", "zh") for record in told])
    groups = torch.arange(len(told)).repeat(2)
    return Pairs(torch.from_numpy(texts), groups), torch.from_numpy(served.see(pictures).joint)


if __name__ == "__main__":
    main()
