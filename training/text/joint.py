"""Last stage: one encoder learns from the teacher and from labelled utterances at once, with the heads on top.

    python -m training.text.joint --init .cache/training/text/encoder.pt --samples 100000 --resume

Each step adds the distillation loss of one batch of pairs to the intent, emotion and slot losses of one batch of
utterances,
so that token states become useful to the heads while the sentence space stays the teacher's.
"""

import argparse
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

from training.text.distil import CHECKPOINT, Sampler, build_pools, embedder, save, student
from training.text.distil import loss_of as distance_of
from training.text.heads import UtteranceHeads
from training.text.pairs import unicode_pairs
from training.text.parallel import sentence_pairs
from training.text.paths import WORK
from training.text.teacher import Teacher, mean_pool, pad
from training.text.train_heads import JOINT, Examples, batches, drawn, fit_temperatures, loss_of, report

MASK_ID = 103  # [MASK] of the vocabulary that the encoder grew from


@dataclass
class Run:
    """Everything that one training run carries from step to step."""

    model: BertModel
    heads: UtteranceHeads
    optimisers: list[torch.optim.Optimizer]
    sampler: Sampler
    data: Examples
    val: Examples
    done: int = 0

    def state(self) -> dict[str, object]:
        """Return what a checkpoint keeps."""
        return {
            "model": self.model.state_dict(),
            "heads": self.heads.state_dict(),
            "optimisers": [o.state_dict() for o in self.optimisers],
            "samples": self.done,
        }


def sparse_new_rows(first_new: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return a gradient hook for a sparse embedding table that drops what the first `first_new` rows would learn."""

    def hook(grad: torch.Tensor) -> torch.Tensor:
        grad = grad.coalesce()
        keep = grad.indices()[0] >= first_new
        return torch.sparse_coo_tensor(grad.indices()[:, keep], grad.values()[keep], grad.shape)

    return hook


def optimisers(
    model: BertModel, heads: UtteranceHeads, first_new: int, arguments: argparse.Namespace
) -> list[torch.optim.Optimizer]:
    """Build a sparse optimiser for the new embedding rows and AdamW for the layers and the heads."""
    embedding = model.get_input_embeddings()
    embedding.sparse = True
    embedding.weight.register_hook(sparse_new_rows(first_new))
    layers = [p for p in model.parameters() if p is not embedding.weight]
    adam = torch.optim.AdamW(
        [
            {"params": layers, "lr": arguments.rate, "weight_decay": 0.01},
            {"params": list(heads.parameters()), "lr": arguments.head_rate, "weight_decay": 0.02},
        ],
        betas=(0.9, 0.98),
    )
    rows = torch.optim.SparseAdam([embedding.weight], lr=4 * arguments.rate)
    for group in (*adam.param_groups, *rows.param_groups):
        group["base"] = group["lr"]
    return [adam, rows]


def prepare(arguments: argparse.Namespace) -> tuple[Run, Tokenizer]:
    """Build data, models and optimiser, and load the checkpoints that the command line names."""
    model, tokenizer, first_new = student(arguments.pretrained)
    heads = UtteranceHeads()
    model.load_state_dict(torch.load(arguments.align, weights_only=True)["model"])
    pairs = unicode_pairs(share=arguments.pairs) + sentence_pairs(
        arguments.sentence_seed, arguments.sentences, embedder(model, tokenizer)
    )
    pools = build_pools(pairs, Teacher(arguments.pretrained), tokenizer)
    model.set_attn_implementation("eager")  # twice as fast as the fused attention here: its backward pass is slow
    start = torch.load(arguments.init, weights_only=True)
    model.load_state_dict(start["model"])
    if "heads" in start:
        heads.load_state_dict(start["heads"])
    both = optimisers(model, heads, first_new, arguments)
    run = Run(
        model,
        heads,
        both,
        Sampler(pools, arguments.pairs_batch, arguments.seed),
        drawn(arguments.count, arguments.seed, tokenizer),
        drawn(800, 0, tokenizer, "val"),
    )
    if arguments.resume and Path(arguments.out).exists():
        stored = torch.load(arguments.out, weights_only=True)
        model.load_state_dict(stored["model"])
        heads.load_state_dict(stored["heads"])
        for one, state in zip(both, stored["optimisers"], strict=True):
            one.load_state_dict(state)
        run.done = stored["samples"]
    return run, tokenizer


def hide(ids: torch.Tensor, mask: torch.Tensor, share: float) -> torch.Tensor:
    """Put the mask token in place of a random share of the words, so that no single word decides an utterance."""
    lengths = mask.sum(1, keepdim=True)
    places = torch.arange(ids.shape[1]).unsqueeze(0)
    words = (places > 0) & (places < lengths - 1) & (lengths > 5)
    return ids.masked_fill(words & (torch.rand(ids.shape) < share), MASK_ID)


def step(run: Run, chosen: list[int], weight: float, hidden: float = 0.0) -> tuple[float, float]:
    """Take one step and return the distillation loss and the utterance loss."""
    ids, mask, targets = run.sampler.next()
    own_ids, own_mask = pad([run.data.rows[index] for index in chosen])
    with torch.autocast("cpu", torch.bfloat16):
        states = run.model(input_ids=ids, attention_mask=mask).last_hidden_state
        own = run.model(input_ids=hide(own_ids, own_mask, hidden), attention_mask=own_mask).last_hidden_state
    distance = distance_of(mean_pool(states.float(), mask), targets)
    labels = loss_of(run.heads, own.float(), own_mask, run.data, chosen)
    for one in run.optimisers:
        one.zero_grad(set_to_none=True)
    (distance + weight * labels).backward()
    nn.utils.clip_grad_norm_([p for group in run.optimisers[0].param_groups for p in group["params"]], 1.0)
    for one in run.optimisers:
        one.step()
    run.done += len(chosen)
    return distance.item(), labels.item()


def train(arguments: argparse.Namespace) -> None:
    """Run the training that the command line asks for."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    run, _ = prepare(arguments)
    rng, queue = random.Random(arguments.seed + run.done), list[list[int]]()
    started, first, saved, means = time.monotonic(), run.done, time.monotonic(), [0.0, 0.0]
    run.model.train()
    share = run.done / arguments.samples
    while share < 1:
        if not queue:
            queue = batches(run.data, arguments.batch, rng)
        factor = min(1.0, (share + 1e-4) / 0.03) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
        for group in (group for one in run.optimisers for group in one.param_groups):
            group["lr"] = group["base"] * factor
        run.heads.train()
        losses = step(run, queue.pop(), arguments.weight, arguments.hidden)
        means = [new if old == 0 else 0.97 * old + 0.03 * new for old, new in zip(means, losses, strict=True)]
        spent = (time.monotonic() - started) / (60 * arguments.minutes)
        share = max(run.done / arguments.samples, spent)
        if time.monotonic() - saved > 240 or share >= 1:
            fit_temperatures(run.heads, run.model, run.val)
            save(Path(arguments.out), run.state())
            speed = (run.done - first) / (time.monotonic() - started)
            scores = report(run.heads, run.model, run.val)
            progress = f"{run.done}/{arguments.samples} distil {means[0]:.3f} labels {means[1]:.3f} {speed:.0f}/s"
            print(f"{progress} {scores}", flush=True)
            saved = time.monotonic()


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--init", default=str(CHECKPOINT), help="distilled encoder to start from")
    parser.add_argument(
        "--align", default=str(WORK / "encoder_a.pt"), help="encoder that pairs templates across languages"
    )
    parser.add_argument("--pretrained", help="folder or hub id of the English encoder that it grew from")
    parser.add_argument(
        "--samples", type=int, default=100_000, help="utterances to train on; the rate falls to 2 %% there"
    )
    parser.add_argument("--count", type=int, default=60_000, help="training utterances to draw")
    parser.add_argument("--sentences", type=int, default=30_000, help="parallel sentences to draw")
    parser.add_argument(
        "--sentence-seed", type=int, default=1, help="the distillation's seed: reuses the teacher's cached embeddings"
    )
    parser.add_argument("--batch", type=int, default=40, help="utterances in a step")
    parser.add_argument("--pairs-batch", type=int, default=64, help="distillation pairs in a step")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--head-rate", type=float, default=1e-3)
    parser.add_argument(
        "--weight", type=float, default=0.3, help="weight of the utterance losses beside the distillation"
    )
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="end by this time, however many samples; the rate falls with it"
    )
    parser.add_argument("--hidden", type=float, default=0.07, help="share of an utterance's tokens hidden in training")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", default=str(JOINT))
    parser.add_argument("--pairs", type=float, default=1.0, help="share of the pairs of Unicode data")
    parser.add_argument("--resume", action="store_true", help="continue the checkpoint at --out")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
