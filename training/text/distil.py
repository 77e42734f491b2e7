"""Train the bilingual encoder: student(any language) ≈ teacher(English).

    python -m training.text.distil --samples 250000 --resume

Loss: one minus cosine to the teacher's embedding, plus a contrastive term over the batch. Embedding rows of the English
vocabulary stay as they are; the new rows learn faster than the layers. After Reimers and Gurevych (2020), "Making
Monolingual
Sentence Embeddings Multilingual using Knowledge Distillation".
"""

import argparse
import math
import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import BertModel

from training.text.pairs import Pair, unicode_pairs
from training.text.parallel import Embedder, sentence_pairs
from training.text.paths import WORK
from training.text.teacher import Teacher, embed_ids, mean_pool, pad
from training.text.vocabulary import extend_model, extend_tokenizer, load_base, new_tokens

CHECKPOINT = WORK / "encoder.pt"
TOKENIZER = WORK / "tokenizer.json"
_WEIGHTS = {
    "cldr_zh": 2.0,
    "cldr_en": 1.6,
    "emoji": 0.5,
    "keyword_zh": 1.0,
    "keyword_en": 0.8,
    "display_zh": 0.3,
    "display_en": 0.1,
    "unihan": 1.0,
    "lexicon_zh": 1.5,
    "lexicon_en": 0.3,
    "sentence_zh": 5.0,
    "sentence_en": 4.0,
    "sticker_zh": 1.2,
    "sticker_en": 1.0,
}
_LENGTH_LIMIT = 64


@dataclass
class Pool:
    """Tokenised pairs of one source with their targets (texts, 384)."""

    rows: list[list[int]]
    targets: NDArray[np.float16]


def build_pools(pairs: list[Pair], teacher: Teacher, tokenizer: Tokenizer) -> dict[str, Pool]:
    """Embed all targets, tokenise all student texts, and group them by source."""
    texts = list(dict.fromkeys(text for pair in pairs for text in pair.teacher))
    place = {text: index for index, text in enumerate(texts)}
    vectors = teacher.embed(texts)
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.source].append(pair)
    pools = {}
    for source, members in groups.items():
        targets = np.stack([vectors[[place[text] for text in pair.teacher]].mean(0) for pair in members])
        targets /= np.linalg.norm(targets, axis=1, keepdims=True)
        rows = [encoding.ids[:_LENGTH_LIMIT] for encoding in tokenizer.encode_batch([pair.student for pair in members])]
        pools[source] = Pool(rows, targets.astype(np.float16))
    return pools


def loss_of(vectors: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Cosine distance plus half-weight in-batch contrast that leaves near-equal targets out of the negatives."""
    distance = (1 - (vectors * targets).sum(-1)).mean()
    scores = vectors @ targets.T * 20
    same = (targets @ targets.T > 0.92) & ~torch.eye(len(targets), dtype=torch.bool)
    contrast = functional.cross_entropy(scores.masked_fill(same, -1e4), torch.arange(len(targets)))
    return distance + 0.1 * contrast


class Sampler:
    """Draws batches of similar length from the pools by source weight; every draw is seeded."""

    def __init__(self, pools: dict[str, Pool], batch: int, seed: int) -> None:
        self._pools, self._batch, self._rng = pools, batch, random.Random(seed)
        self._sources = sorted(pools)
        self._weights = [_WEIGHTS.get(source, 1.0) for source in self._sources]
        self._waiting: list[list[tuple[list[int], NDArray[np.float16]]]] = []

    def next(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return ids, mask and targets of one batch."""
        if not self._waiting:
            self._refill()
        chosen = self._waiting.pop()
        ids, mask = pad([row for row, _ in chosen])
        return ids, mask, torch.from_numpy(np.stack([target for _, target in chosen]).astype(np.float32))

    def _refill(self) -> None:
        drawn = []
        for source in self._rng.choices(self._sources, self._weights, k=16 * self._batch):
            pool = self._pools[source]
            index = self._rng.randrange(len(pool.rows))
            drawn.append((pool.rows[index], pool.targets[index]))
        drawn.sort(key=lambda item: len(item[0]))
        self._waiting = [drawn[start : start + self._batch] for start in range(0, len(drawn), self._batch)]
        self._rng.shuffle(self._waiting)


def student(pretrained: str | None) -> tuple[BertModel, Tokenizer, int]:
    """Return the extended, untrained encoder, its tokenizer, and the index of its first new token."""
    model, base = load_base(pretrained)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    model.config.attention_probs_dropout_prob = 0.0
    first = model.get_input_embeddings().weight.shape[0]
    tokens = new_tokens()
    extended = extend_tokenizer(base, list(tokens))
    extend_model(model, base, tokens, extended)
    return model, extended, first


def embedder(model: BertModel, tokenizer: Tokenizer) -> Embedder:
    """Return a function from texts to unit vectors (texts, width) by the weights that `model` has when it is called."""

    def embed(texts: list[str]) -> NDArray[np.float32]:
        rows = [encoding.ids[:_LENGTH_LIMIT] for encoding in tokenizer.encode_batch(texts)]
        return embed_ids(model, rows).numpy()

    return embed


def only_new_rows(first_new: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return a gradient hook that leaves the first `first_new` rows of an embedding table as they are."""

    def hook(grad: torch.Tensor) -> torch.Tensor:
        grad[:first_new] = 0
        return grad

    return hook


def optimiser(model: BertModel, first_new: int, rate: float) -> torch.optim.AdamW:
    """Build AdamW: new embedding rows at five times `rate`, layers at `rate`, the English rows fixed."""
    table = model.get_input_embeddings().weight
    table.register_hook(only_new_rows(first_new))
    layers = [p for p in model.parameters() if p is not table]
    groups = [
        {"params": [table], "lr": 5 * rate, "weight_decay": 0.0},
        {"params": layers, "lr": rate, "weight_decay": 0.01},
    ]
    for group in groups:
        group["base"] = group["lr"]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98))


def save(path: Path, payload: dict[str, object]) -> None:
    """Write a checkpoint so that a reader sees the old or the new one, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(payload, part)
    part.replace(path)


def train(arguments: argparse.Namespace) -> None:
    """Run the distillation that the command line asks for."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    model, tokenizer, first_new = student(arguments.pretrained)
    WORK.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(TOKENIZER))
    adam = optimiser(model, first_new, arguments.rate)
    done = 0
    for path in (Path(arguments.out) if arguments.resume else None, Path(arguments.init) if arguments.init else None):
        if path and path.exists():
            stored = torch.load(path, weights_only=True)
            model.load_state_dict(stored["model"])
            if path == Path(arguments.out):
                adam.load_state_dict(stored["optimiser"])
                done = stored["samples"]
            print(f"continued from {path} at {done} samples", flush=True)
            break
    pairs = unicode_pairs(share=arguments.pairs)
    if arguments.sentences:
        pairs += sentence_pairs(arguments.seed, arguments.sentences, embedder(model, tokenizer))
    pools = build_pools(pairs, Teacher(arguments.pretrained), tokenizer)
    print({source: len(pool.rows) for source, pool in pools.items()}, flush=True)
    _loop(model, adam, Sampler(pools, arguments.batch, arguments.seed + done), arguments, done)


def _loop(
    model: BertModel, adam: torch.optim.AdamW, sampler: Sampler, arguments: argparse.Namespace, done: int
) -> None:
    model.train()
    started, saved, average, first = time.monotonic(), time.monotonic(), 0.0, done
    warm = 0.03 * arguments.samples
    while done < arguments.samples:
        factor = min(1.0, (done + 1) / warm) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * done / arguments.samples)))
        for group in adam.param_groups:
            group["lr"] = group["base"] * factor
        ids, mask, targets = sampler.next()
        with torch.autocast("cpu", torch.bfloat16):
            states = model(input_ids=ids, attention_mask=mask).last_hidden_state
        loss = loss_of(mean_pool(states.float(), mask), targets)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        done += len(ids)
        average = loss.item() if average == 0 else 0.98 * average + 0.02 * loss.item()
        if (done // len(ids)) % 50 == 0:
            speed = (done - first) / (time.monotonic() - started)
            print(f"{done}/{arguments.samples} loss {average:.4f} {speed:.0f}/s", flush=True)
        if time.monotonic() - saved > 120 or done >= arguments.samples:
            save(Path(arguments.out), {"model": model.state_dict(), "optimiser": adam.state_dict(), "samples": done})
            saved = time.monotonic()


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--samples", type=int, default=600_000, help="texts to train on, the learning rate falls to 3 %% there"
    )
    parser.add_argument("--sentences", type=int, default=60_000, help="parallel sentences drawn from the grammar")
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pretrained", help="folder or hub id of the English encoder (default: the installed package)")
    parser.add_argument("--init", help="start from the weights of this checkpoint, with a fresh schedule")
    parser.add_argument("--out", default=str(CHECKPOINT), help="checkpoint to write")
    parser.add_argument("--pairs", type=float, default=1.0, help="share of the pairs of Unicode data")
    parser.add_argument("--resume", action="store_true", help="continue the checkpoint at --out")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
