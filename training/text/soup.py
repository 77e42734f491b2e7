"""Make the served utterance model of several runs of `train_branch` and of what they started from.

    python -m training.text.soup branch_a.pt branch_b.pt --before heads.pt --share 0.4 --out final.pt

Runs that start from the same weights end near enough to each other that the mean of their weights reads better than
each of them, and the weights before keep what the runs forgot (Wortsman et al., 2022, "Model soups" and "Robust
fine-tuning of zero-shot models"). Out of scope and the temperatures are fitted to the result, on templates and
messages that no run has seen.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor

from training.text.average import Weights, average
from training.text.branch import Branch, Branched, branch_of
from training.text.distil import save
from training.text.heads import UtteranceHeads
from training.text.train_branch import validation
from training.text.train_heads import (
    FINAL,
    HEADS,
    drawn,
    examples,
    fit_temperatures,
    lean_out_of_scope,
    load_encoder,
    report,
)

_REFUSED = 0.001  # share of texts in scope that out of scope may gain; twice as much cost messages and found no more


def mean(models: list[Weights]) -> Weights:
    """Return the mean of the weights of at least one model.

    Raises:
        ValueError: They are not of one model.
    """
    mixed = models[0]
    for place, weights in enumerate(models[1:], 2):
        mixed = average(mixed, weights, 1 / place)
    return mixed


def cook(arguments: argparse.Namespace) -> None:
    """Mix, fit, report and save as the command line asks."""
    torch.set_num_threads(arguments.threads)
    model, tokenizer = load_encoder(arguments.before, arguments.pretrained)
    runs = [torch.load(path, weights_only=True) for path in arguments.runs]
    branch = branch_of(model, mean([run["branch"] for run in runs]))
    before: dict[str, dict[str, Tensor]] = {
        "branch": Branch(model, len(branch.layer)).state_dict(),
        "heads": torch.load(arguments.before, weights_only=True)["heads"],
    }
    heads = UtteranceHeads()
    heads.load_state_dict(average(before["heads"], mean([run["heads"] for run in runs]), arguments.heads_share))
    branch.load_state_dict(average(before["branch"], branch.state_dict(), arguments.share))
    whole, known = Branched(model, branch), validation(tokenizer)
    texts = [u for part in (drawn(4000, 0, tokenizer, "val"), known["en"], known["zh"]) for u in part.utterances]
    val = examples(texts, tokenizer)
    raised = lean_out_of_scope(heads, whole, val, allowed=_REFUSED)
    fit_temperatures(heads, whole, val)
    scores = {name: report(heads, whole, part) for name, part in known.items()}
    print(f"out_of_scope raised by {raised:.2f}, temperatures {heads.temperatures.tolist()}, {scores}", flush=True)
    save(arguments.out, {"model": model.state_dict(), "heads": heads.state_dict(), "branch": branch.state_dict()})


def main() -> None:
    """Parse the command line and make the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, help="checkpoints of `train_branch`")
    parser.add_argument("--before", type=Path, default=HEADS, help="the checkpoint that all of them started from")
    parser.add_argument("--pretrained", help="folder or hub id of the English encoder that it grew from")
    parser.add_argument(
        "--share", type=float, default=0.4, help="of the runs in the layers, 0 to 1; the rest is before's"
    )
    parser.add_argument("--heads-share", type=float, default=1.0, help="the same for the heads")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=FINAL)
    cook(parser.parse_args())


if __name__ == "__main__":
    main()
