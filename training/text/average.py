"""Average two checkpoints of one run of training: the encoders and, if asked, the heads.

    python -m training.text.average before.pt after.pt --share 0.65 --out final.pt

Weights between a model and its own further training keep what both know (Wortsman et al., 2022, "Robust fine-tuning of
zero-shot models"): here the nearness to the teacher, which labels wear down, and the labels.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor

from training.text.distil import save

Weights = dict[str, Tensor]


def average(before: Weights, after: Weights, share: float) -> Weights:
    """Return `share` of `after` and the rest of `before`, name by name.

    Raises:
        ValueError: The two are not of one model; the message carries the names that only one of them has.
    """
    if before.keys() != after.keys():
        raise ValueError(f"not the same model: {sorted(before.keys() ^ after.keys())}")
    return {
        name: share * weight + (1 - share) * before[name] if weight.is_floating_point() else weight
        for name, weight in after.items()
    }


def only(before: Weights, after: Weights, parts: list[str]) -> Weights:
    """Return the weights of `after` for the parts named, such as `slots`, and those of `before` for all others."""
    return {name: after[name] if name.split(".")[0] in parts else weight for name, weight in before.items()}


def main() -> None:
    """Parse the command line, average and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--share", type=float, default=0.65, help="of the second checkpoint, 0 to 1")
    parser.add_argument("--heads-share", type=float, default=1.0, help="the same for the heads: 1 takes the second's")
    parser.add_argument("--parts", nargs="+", help="parts of the heads that are mixed; the others stay the first's")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    before, after = (torch.load(path, weights_only=True) for path in (arguments.before, arguments.after))
    shares = {"model": arguments.share, "heads": arguments.heads_share}
    if arguments.parts:
        after["heads"] = only(before["heads"], after["heads"], arguments.parts)
    mixed = {part: average(before[part], after[part], share) for part, share in shares.items()}
    save(arguments.out, mixed)


if __name__ == "__main__":
    main()
