"""Trains the sticker tower: `python -m training.vision.train_tower --size 48 --samples 150000 [--resume]`.

The recipe: each picture against the texts of all emoji classes, a symmetric term within the batch, auxiliary
classification heads, augmentation that ramps from light to strong, AdamW with a cosine schedule. Procedural stickers
(`training.vision.procedural`) join when their cache exists: against their captions, and with emotion and polarity.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as f

from training.vision.batches import IGNORED, Batch, EmojiSource
from training.vision.gemm import use_gemm
from training.vision.paths import CACHE
from training.vision.procedural import FACTORS, CaptionedBatch, StickerSource, is_rendered
from training.vision.tower import Auxiliary, StickerTower, TextProjection, TowerOutput

CHECKPOINT = CACHE / "tower.pt"
_LOG_EVERY, _SAVE_EVERY = 20, 40
_FACTOR_WEIGHTS = {"expression": 1.0, "gesture": 0.6, "prop": 0.5, "placement": 0.2, "scene": 0.2}
_EMOJI_FEELING_WEIGHT = 0.3
_RAMP_SHARE = 0.9
# Expressions are a few pixels: what teaches emoji to cross vendors would wipe them out.
_STICKER_STRENGTH = 0.3
_CLASS_HEADS = ("emoji", "subgroup", "subject", *FACTORS)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    size: int
    samples: int
    batch: int
    lr: float
    decay: float
    warmup: float
    final: float
    seed: int
    checkpoint: Path
    resume: bool
    start: Path | None
    stickers: float
    ramp_from: float
    portraits: float
    threads: int
    pretrained: str | None


class Trainer:
    """Holds the networks, the optimiser and the sources; `run` trains to the end."""

    def __init__(self, options: Options) -> None:
        """Create everything, then read the checkpoint when there is one to resume or to start from."""
        self.options, self.seen = options, 0
        self._history: list[dict[str, int]] = []
        torch.manual_seed(options.seed)
        self._generator = torch.Generator().manual_seed(options.seed)
        self._emoji = EmojiSource(options.size, self._generator)
        rendered = options.stickers > 0 and is_rendered("train")
        self._stickers = StickerSource("train", options.size, self._generator) if rendered else None
        heads = self._emoji.heads | (self._stickers.heads if self._stickers else {})
        self.tower = StickerTower(options.pretrained)
        use_gemm(self.tower).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.text = TextProjection(self._emoji.names())
        self.heads = Auxiliary(heads)
        self._optimiser = torch.optim.AdamW(self._groups(), lr=options.lr, fused=True)
        if options.resume and options.checkpoint.exists():
            self._load(options.checkpoint, everything=True)
        elif options.start:
            self._load(options.start, everything=False)

    def run(self) -> None:
        """Train until `samples` pictures were seen, log and save on the way."""
        step, began, from_seen = 0, time.monotonic(), self.seen
        running: dict[str, float] = {}
        self.tower.train()
        while self.seen < self.options.samples:
            for name, value in self._step().items():
                running[name] = 0.95 * running.get(name, value) + 0.05 * value
            step += 1
            if step % _LOG_EVERY == 0:
                rate = (self.seen - from_seen) / (time.monotonic() - began)
                shown = {name: round(value, 3) for name, value in running.items()}
                print(json.dumps({"seen": self.seen, "rate": round(rate, 1), **shown}), flush=True)
            if step % _SAVE_EVERY == 0:
                self.save()
        self.save()

    def save(self) -> None:
        """Write the checkpoint by an atomic rename."""
        state = {
            "tower": self.tower.state_dict(),
            "text": self.text.state_dict(),
            "heads": self.heads.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "seen": self.seen,
            "history": [*self._history, {"size": self.options.size, "samples": self.seen}],
            "generator": self._generator.get_state(),
        }
        partial = self.options.checkpoint.with_suffix(".partial")
        partial.parent.mkdir(parents=True, exist_ok=True)
        torch.save(state, partial)
        partial.rename(self.options.checkpoint)

    def _load(self, path: Path, *, everything: bool) -> None:
        state: dict[str, Any] = torch.load(path, weights_only=True)
        self.tower.load_state_dict(state["tower"])
        self.text.load_state_dict(state["text"], strict=False)
        missing = self.heads.load_state_dict(state["heads"], strict=False)
        past: list[dict[str, int]] = state.get("history", [])
        self._history = past[:-1] if everything else past
        if everything:
            self.seen = state["seen"]
            self._generator.set_state(state["generator"])
            if not missing.missing_keys:
                self._optimiser.load_state_dict(state["optimiser"])
        print(f"loaded {path} at {state['seen']} samples; new heads: {missing.missing_keys}", flush=True)

    def _groups(self) -> list[dict[str, Any]]:
        modules = (("tower", self.tower), ("text", self.text), ("heads", self.heads))
        named = [(f"{prefix}.{name}", p) for prefix, module in modules for name, p in module.named_parameters()]
        slow = [p for name, p in named if name.startswith("text.linear")]
        matrices = [p for name, p in named if p.ndim > 1 and not name.startswith("text.")]
        rest = [p for name, p in named if p.ndim <= 1 and not name.startswith("text.linear")]
        return [
            {"params": matrices, "weight_decay": self.options.decay, "factor": 1.0},
            {"params": rest, "weight_decay": 0.0, "factor": 1.0},
            {"params": slow, "weight_decay": 0.0, "factor": 0.1},
        ]

    def _step(self) -> dict[str, float]:
        progress = self.seen / self.options.samples
        strength = self.options.ramp_from + (1 - self.options.ramp_from) * min(1.0, progress / _RAMP_SHARE)
        for group in self._optimiser.param_groups:
            group["lr"] = self.options.lr * group["factor"] * self._schedule(progress)
        count = round(self.options.batch * self.options.stickers) if self._stickers else 0
        emoji = self._emoji.batch(self.options.batch - count, strength)
        stickers = self._sticker_batch(count, progress, strength) if self._stickers else None
        images = torch.cat([emoji.images, stickers.images]) if stickers else emoji.images
        with torch.autocast("cpu", torch.bfloat16):
            output = self.tower(images)
        terms = self._emoji_terms(emoji, output)
        if stickers:
            terms |= self._sticker_terms(stickers, output, len(emoji.images))
        loss = torch.stack(list(terms.values())).sum()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.tower.parameters(), 2.0)
        self._optimiser.step()
        self.seen += len(images)
        return {name: float(term.detach()) for name, term in terms.items()}

    def _sticker_batch(self, count: int, progress: float, strength: float) -> CaptionedBatch:
        assert self._stickers is not None
        portraits = self.options.portraits * max(0.0, 1 - progress)
        return self._stickers.batch(count, _STICKER_STRENGTH * strength, portraits)

    def _schedule(self, progress: float) -> float:
        if progress < self.options.warmup:
            return max(progress / self.options.warmup, 0.01)
        rest = (progress - self.options.warmup) / (1 - self.options.warmup)
        return self.options.final + (1 - self.options.final) * 0.5 * (1 + math.cos(math.pi * min(rest, 1.0)))

    def _emoji_terms(self, batch: Batch, output: TowerOutput) -> dict[str, torch.Tensor]:
        count = len(batch.images)
        classes = batch.targets["emoji"]
        texts = self.text(self._emoji.class_texts())
        logits = self.text.scale() * output.joint[:count] @ texts.T
        inverse = self._contrast(texts[classes], output.joint[:count], classes)
        emotion = _known_cross_entropy(output.emotion[:count], batch.targets["emotion"])
        polarity = _known_cross_entropy(output.polarity[:count], batch.targets["polarity"])
        terms = {
            "match": f.cross_entropy(logits, classes),
            "inverse": 0.5 * inverse,
            "emoji_feeling": _EMOJI_FEELING_WEIGHT * (emotion + 0.5 * polarity),
        }
        return terms | self._head_terms(batch.targets, output.features[:count])

    def _sticker_terms(self, batch: CaptionedBatch, output: TowerOutput, start: int) -> dict[str, torch.Tensor]:
        whole = slice(batch.portraits, None)  # a caption tells more than a portrait shows
        joint, texts = output.joint[start:][whole], self.text(batch.captions[whole])
        forward = self._contrast(joint, texts, batch.groups[whole])
        backward = self._contrast(texts, joint, batch.groups[whole])
        emotion = f.cross_entropy(output.emotion[start:], batch.targets["emotion"], label_smoothing=0.05)
        polarity = f.cross_entropy(output.polarity[start:], batch.targets["polarity"], label_smoothing=0.05)
        terms = {"caption": 0.5 * (forward + backward), "emotion": 2.0 * emotion, "polarity": 0.5 * polarity}
        return terms | self._head_terms(batch.targets, output.features[start:])

    def _head_terms(self, targets: dict[str, torch.Tensor], features: torch.Tensor) -> dict[str, torch.Tensor]:
        weights = {name: _FACTOR_WEIGHTS.get(name, 0.5) for name in _CLASS_HEADS if name in targets}
        features = features.float()
        return {
            f"head_{name}": weight * f.cross_entropy(self.heads[name](features), targets[name])
            for name, weight in weights.items()
        }

    def _contrast(self, queries: torch.Tensor, keys: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
        """Contrast within the batch; all keys of a query's group are right answers."""
        logits = self.text.scale() * queries @ keys.T
        same = groups[:, None] == groups[None]
        return -(logits.log_softmax(1) * same / same.sum(1, keepdim=True)).sum(1).mean()


def _known_cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Cross entropy over the rows whose label is known; zero, not NaN, where none is."""
    known = (targets != IGNORED).sum().clamp(min=1)
    return f.cross_entropy(logits, targets, ignore_index=IGNORED, reduction="sum") / known


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=48, help="edge of the pictures in pixels")
    parser.add_argument("--samples", type=int, default=300_000, help="pictures to see before the end")
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--decay", type=float, default=0.05)
    parser.add_argument("--warmup", type=float, default=0.05, help="share of the samples")
    parser.add_argument("--final", type=float, default=0.02, help="last learning rate, as a share")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint if it exists")
    parser.add_argument("--start", type=Path, help="weights of another run to start from, with a new schedule")
    parser.add_argument("--stickers", type=float, default=0.5, help="share of procedural stickers in a batch")
    parser.add_argument("--ramp-from", type=float, default=0.0, help="augmentation strength at the start")
    parser.add_argument("--portraits", type=float, default=0.6, help="share of stickers cut to the head, at the start")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pretrained", help="path or hub id of a ResNet-50 checkpoint")
    options = Options(**vars(parser.parse_args()))
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    random.seed(options.seed)
    np.random.seed(options.seed)
    Trainer(options).run()


if __name__ == "__main__":
    main()
