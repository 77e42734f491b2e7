"""Train the utterance model's own upper layers, and its heads on them; the shared layers stay as they are.

    python -m training.text.train_branch --heads .cache/training/text/heads.pt

The heads before learnt on the states of an encoder that is fixed since other things hang on it. What people write
freely they read worse than what templates say. Here the last layers are copied (`branch.py`) and learn with the heads,
on templates and on the messages that were written one by one. Each epoch draws other texts, and
computes the states where the copy begins once, with other tokens hidden. `soup.py` makes one model of several runs.
"""

import argparse
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

from training.text.branch import Branch, Branched, SharedLayers, branch_of
from training.text.distil import save
from training.text.grammar import Utterance, dataset, messages, validation_messages
from training.text.heads import UtteranceHeads
from training.text.joint import hide
from training.text.paths import WORK
from training.text.teacher import pad
from training.text.train_heads import (
    HEADS,
    Examples,
    States,
    batches,
    drawn,
    examples,
    load_encoder,
    loss_of,
    report,
)

BRANCH = WORK / "branch.pt"
_WARM_UP_STEPS = 150
_DROPOUT = 0.1


class BranchTrainer:
    """Trains a branch and the heads on it; `done` epochs are behind it."""

    def __init__(
        self, model: BertModel, branch: Branch, heads: UtteranceHeads, steps: int, arguments: argparse.Namespace
    ) -> None:
        """Prepare the optimiser and its schedule over a number of steps."""
        self._below, self._branch, self._heads = SharedLayers(model, branch), branch, heads
        self._hidden, self._batch, self._total, self.done = arguments.hidden, arguments.batch, steps, 0
        for module in branch.modules():
            if isinstance(module, nn.Dropout):
                module.p = _DROPOUT
        matrices = [weight for weight in branch.parameters() if weight.ndim > 1]
        others = [weight for weight in branch.parameters() if weight.ndim < 2]
        self._adam = torch.optim.AdamW(
            [
                {"params": matrices, "lr": arguments.rate, "weight_decay": 0.02},
                {"params": others, "lr": arguments.rate, "weight_decay": 0.0},
                {"params": list(heads.parameters()), "lr": arguments.head_rate, "weight_decay": 0.02},
            ],
            betas=(0.9, 0.98),
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._adam, self._factor)

    def _factor(self, step: int) -> float:
        falling = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / self._total)))
        return min(1.0, (step + 1) / _WARM_UP_STEPS) * falling

    def state(self) -> dict[str, object]:
        """Return what a run that goes on needs beside the weights."""
        return {"adam": self._adam.state_dict(), "schedule": self._schedule.state_dict(), "epochs": self.done}

    def go_on(self, state: dict[str, Any]) -> None:
        """Take up the state that a checkpoint holds."""
        self._adam.load_state_dict(state["adam"])
        self._schedule.load_state_dict(state["schedule"])
        self.done = state["epochs"]

    def epoch(self, data: Examples, seed: int) -> float:
        """Run over all examples once and return the mean loss."""
        states = States(self._below, data, lambda ids, mask: hide(ids, mask, self._hidden))
        self._branch.train()
        self._heads.train()
        losses = [self._step(states, data, chosen) for chosen in batches(data, self._batch, random.Random(seed))]
        self.done += 1
        return float(np.mean(losses))

    def _step(self, states: States, data: Examples, chosen: list[int]) -> float:
        _, mask = pad([data.rows[index] for index in chosen])
        with torch.autocast("cpu", torch.bfloat16):
            own = self._branch(states.take(chosen, mask.shape[1]), mask)
            loss = loss_of(self._heads, own.float(), mask, data, chosen, fast=True)
        self._adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_([*self._branch.parameters(), *self._heads.parameters()], 1.0)
        self._adam.step()
        self._schedule.step()
        return loss.item()


def mixture(count: int, written: int, seed: int, tokenizer: Tokenizer) -> Examples:
    """Draw `count` utterances of the grammar and `written` messages, and label the distinct ones."""
    found: dict[str, Utterance] = {}
    for utterance in (*dataset(count, seed), *messages(written, seed)):
        found.setdefault(utterance.text, utterance)
    return examples(list(found.values()), tokenizer)


def validation(tokenizer: Tokenizer) -> dict[str, Examples]:
    """Return what is looked at while training: templates, and messages of each language."""
    told = validation_messages()
    return {
        "templates": drawn(1500, 0, tokenizer, "val"),
        **{code: examples([u for u in told if u.language == code], tokenizer) for code in ("en", "zh")},
    }


def train(arguments: argparse.Namespace) -> None:
    """Run the training that the command line asks for."""
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    model, tokenizer = load_encoder(Path(arguments.heads), arguments.pretrained)
    model.set_attn_implementation("eager")
    heads, out = UtteranceHeads(), Path(arguments.out)
    stored = torch.load(out, weights_only=True) if arguments.resume and out.exists() else {}
    start = stored or torch.load(arguments.heads, weights_only=True)
    heads.load_state_dict(start["heads"])
    branch = branch_of(model, start["branch"]) if "branch" in start else Branch(model, arguments.depth)
    steps = arguments.epochs * ((arguments.count + arguments.messages) // arguments.batch + 1)
    trainer, whole = BranchTrainer(model, branch, heads, steps, arguments), Branched(model, branch)
    if stored:
        trainer.go_on(stored["run"])
    known = validation(tokenizer)
    while trainer.done < arguments.epochs:
        seed = 100 * arguments.seed + trainer.done
        torch.manual_seed(seed)
        data = mixture(arguments.count, arguments.messages, seed, tokenizer)
        loss = trainer.epoch(data, seed)
        scores = {name: report(heads, whole, part) for name, part in known.items()}
        print(f"epoch {trainer.done}: {len(data)} texts, loss {loss:.3f}, {scores}", flush=True)
        weights = {"model": model.state_dict(), "heads": heads.state_dict(), "branch": branch.state_dict()}
        save(out, {**weights, "run": trainer.state()})


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--heads", default=str(HEADS), help="what to start from: encoder, heads, and a branch if it has one"
    )
    parser.add_argument("--pretrained", help="folder or hub id of the English encoder that it grew from")
    parser.add_argument("--depth", type=int, default=2, help="layers that the utterance model gets for itself")
    parser.add_argument("--count", type=int, default=30_000, help="utterances of the grammar to draw for an epoch")
    parser.add_argument("--messages", type=int, default=15_000, help="messages written one by one to draw for an epoch")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1.5e-4, help="of the layers")
    parser.add_argument("--head-rate", type=float, default=4e-4)
    parser.add_argument("--hidden", type=float, default=0.07, help="share of an utterance's tokens hidden in training")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", default=str(BRANCH))
    parser.add_argument("--resume", action="store_true", help="continue the checkpoint at --out")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
