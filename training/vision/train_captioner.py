"""Trains the captioner: `python -m training.vision.train_captioner --size 64 --samples 200000 [--resume]`.

First the CNN alone as a classifier of what a sticker is made of, then words as well (English and Chinese of each
picture), at last emoji with their names are mixed in. Augmentation ramps from light to strong throughout.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as f

from training.vision import artwork
from training.vision.augment import composite
from training.vision.captioner import LAST_CHANNELS, Captioner
from training.vision.export import TOWER, load_tower
from training.vision.gemm import use_gemm
from training.vision.paths import CACHE, EMOTIONS, JOINT_DIM
from training.vision.procedural import CaptionedBatch, StickerSource, records
from training.vision.vocabulary import LANGUAGES, PAD, Vocabulary

CHECKPOINT, VOCABULARY = CACHE / "captioner.pt", CACHE / "vocabulary.json"
_LOG_EVERY, _SAVE_EVERY = 40, 100
_HEADS = ("emotion", "subject", "expression", "gesture", "prop", "placement", "scene")
_HEAD_WEIGHT, _SMOOTHING = 0.3, 0.02


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    size: int
    samples: int
    batch: int
    lr: float
    warm: float
    emoji: float
    emoji_from: float
    strength: float
    ramp_from: float
    portraits: float
    seed: int
    checkpoint: Path
    resume: bool
    start: Path | None
    tower: Path
    freeze: bool
    pretrained: str | None
    threads: int


class Trainer:
    """Holds the network, the optimiser and the sources; `run` trains to the end."""

    def __init__(self, options: Options) -> None:
        """Create everything, then read the checkpoint when there is one to resume or to start from."""
        self.options, self.seen = options, 0
        self._history: list[dict[str, int]] = []
        torch.manual_seed(options.seed)
        self._generator = torch.Generator().manual_seed(options.seed)
        told = records("train")
        self.vocabulary = vocabulary(told)
        self._stickers = StickerSource("train", options.size, self._generator, read=False)
        self._tokens = torch.tensor(
            [[self.vocabulary.encode(one[name], number) for number, name in enumerate(LANGUAGES)] for one in told],
            dtype=torch.int16,
        )
        self._load_emoji()
        self._tower, _ = load_tower(options.tower)
        use_gemm(self._tower).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
        known = JOINT_DIM + len(EMOTIONS) + sum(head.out_features for head in self._tower.concepts)
        self.captioner = Captioner(len(self.vocabulary), known, options.pretrained)
        use_gemm(self.captioner).to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        sizes = self._stickers.sizes
        self.heads = nn.ModuleDict({name: nn.Linear(LAST_CHANNELS, sizes[name]) for name in _HEADS})
        named = [*self.captioner.named_parameters(), *self.heads.named_parameters()]
        groups = [
            {"params": [p for _, p in named if p.ndim > 1], "weight_decay": 0.03},
            {"params": [p for _, p in named if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self._optimiser = torch.optim.AdamW(groups, lr=options.lr, fused=True)
        if options.resume and options.checkpoint.exists():
            self._load(options.checkpoint, everything=True)
        elif options.start:
            self._load(options.start, everything=False)

    def run(self) -> None:
        """Train until `samples` pictures were seen, log and save on the way."""
        step, began, from_seen = 0, time.monotonic(), self.seen
        running: dict[str, float] = {}
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
            "captioner": self.captioner.state_dict(),
            "heads": self.heads.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "seen": self.seen,
            "history": [*self._history, {"size": self.options.size, "samples": self.seen}],
            "generator": self._generator.get_state(),
        }
        partial = self.options.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.rename(self.options.checkpoint)

    def _load(self, path: Path, *, everything: bool) -> None:
        state: dict[str, Any] = torch.load(path, weights_only=True)
        self.captioner.load_state_dict(state["captioner"], strict=everything)
        self.heads.load_state_dict(state["heads"])
        past: list[dict[str, int]] = state.get("history", [])
        self._history = past[:-1] if everything else past
        if everything:
            self.seen = state["seen"]
            self._optimiser.load_state_dict(state["optimiser"])
            self._generator.set_state(state["generator"])
        print(f"loaded {path} at {state['seen']} samples", flush=True)

    def _load_emoji(self) -> None:
        edge = 128 if self.options.size > 48 else 64
        stored = [artwork.pictures(vendor, edge) for vendor in artwork.TRAIN_VENDORS]
        self._emoji = torch.cat([torch.from_numpy(pictures) for pictures, _ in stored])
        emoji = artwork.classes()
        encode = self.vocabulary.encode
        tokens = torch.tensor([[encode(one.name_en, 0), encode(one.name_zh, 1)] for one in emoji])
        self._emoji_tokens = torch.cat([tokens[torch.from_numpy(classes)] for _, classes in stored])

    def _step(self) -> dict[str, float]:
        progress = self.seen / self.options.samples
        strength = self.options.ramp_from + (1 - self.options.ramp_from) * min(1.0, progress / 0.9)
        strength *= self.options.strength
        for group in self._optimiser.param_groups:
            group["lr"] = self.options.lr * _schedule(progress)
        count = round(self.options.batch * self.options.emoji) if progress >= self.options.emoji_from else 0
        portraits = self.options.portraits * max(0.0, 1 - progress)
        batch = self._stickers.batch(self.options.batch - count, strength, portraits)
        images, tokens = batch.images, self._tokens[batch.rows].long()
        if count:
            rows = torch.randint(0, len(self._emoji), (count,), generator=self._generator)
            images = torch.cat([images, composite(self._emoji[rows], self.options.size, strength, self._generator)])
            tokens = torch.cat([tokens, self._emoji_tokens[rows]])
        if self.options.freeze:
            self.captioner.annotator.eval()
        with torch.autocast("cpu", torch.bfloat16):
            terms = self._terms(images, tokens, batch, words=progress >= self.options.warm)
        loss = torch.stack(list(terms.values())).sum()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.captioner.parameters(), 2.0)
        self._optimiser.step()
        self.seen += len(images)
        return {name: float(term.detach()) for name, term in terms.items()}

    def _terms(
        self, images: torch.Tensor, tokens: torch.Tensor, batch: CaptionedBatch, *, words: bool
    ) -> dict[str, torch.Tensor]:
        with torch.set_grad_enabled(not self.options.freeze):
            grid, pooled = self.captioner.annotator(images)
        terms = {
            name: _HEAD_WEIGHT * f.cross_entropy(self.heads[name](pooled[: len(target)]).float(), target)
            for name, target in batch.targets.items()
            if name in _HEADS and not self.options.freeze
        }
        if words:
            images, grid, pooled, tokens = (tensor[batch.portraits :] for tensor in (images, grid, pooled, tokens))
            with torch.no_grad():
                output, concepts = self._tower(images)
            known = torch.cat([output.joint, concepts], 1)
            longest = int((tokens != PAD).sum(2).max())
            logits = self.captioner.teach(grid, pooled, known, tokens[:, :, : longest - 1])
            wanted = tokens[:, :, 1:longest].flatten()
            terms["words"] = f.cross_entropy(
                logits.flatten(0, 2).float(), wanted, ignore_index=PAD, label_smoothing=_SMOOTHING
            )
        return terms


def vocabulary(told: list[dict[str, Any]]) -> Vocabulary:
    """Return the stored vocabulary, or learn it from captions and emoji names and store it."""
    if not VOCABULARY.exists():
        captions = [one[name] for one in told for name in LANGUAGES]
        names = [name for emoji in artwork.classes() for name in (emoji.name_en, emoji.name_zh)]
        Vocabulary.learn(captions + names).save(VOCABULARY)
    return Vocabulary.load(VOCABULARY)


def _schedule(progress: float) -> float:
    if progress < 0.03:
        return max(progress / 0.03, 0.01)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min((progress - 0.03) / 0.97, 1.0)))


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=64, help="edge of the pictures in pixels")
    parser.add_argument("--samples", type=int, default=200_000, help="pictures to see before the end")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--warm", type=float, default=0.1, help="share of the samples before words are learned")
    parser.add_argument("--emoji", type=float, default=0.2, help="share of emoji in a batch")
    parser.add_argument("--emoji-from", type=float, default=0.5, help="share of the samples before emoji are mixed in")
    parser.add_argument("--strength", type=float, default=0.4, help="strongest augmentation")
    parser.add_argument("--ramp-from", type=float, default=0.0, help="augmentation at the start, as a share")
    parser.add_argument("--portraits", type=float, default=0.6, help="share of stickers cut to the head, at the start")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint if it exists")
    parser.add_argument("--start", type=Path, help="weights of another run to start from, with a new schedule")
    parser.add_argument("--tower", type=Path, default=TOWER, help="checkpoint of the tower that the decoder is told by")
    parser.add_argument("--freeze", action="store_true", help="train the decoder only")
    parser.add_argument("--pretrained", help="path or hub id of an EfficientNet-B0 checkpoint")
    parser.add_argument("--threads", type=int, default=1)
    options = Options(**vars(parser.parse_args()))
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    Trainer(options).run()


if __name__ == "__main__":
    main()
