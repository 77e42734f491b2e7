"""Everything for the text models in order: distil, learn jointly, heads, layers for them, export, measure.

    python -m training.text [--scale SHARE] [--pretrained PATH|HUB_ID]

Each stage is its own process, prints its progress, keeps a checkpoint under `.cache/training/text` and continues
it when the command is given again.
"""

import argparse
import subprocess
import sys

from training.text.paths import WORK


def stages(scale: float, pretrained: str | None = None) -> list[list[str]]:
    """Return the stages in order: module and arguments, with the number of samples multiplied by `scale`.

    The samples are about those of the published weights. Those were trained while the data still grew, in runs that
    continued each other, so this gives like results, not the same bytes.
    """
    samples = {
        "distil": 145_000,
        "joint": 200_000,
        "drawn": 150_000,
        "sentences": 20_000,
        "heads": 60_000,
        "branch": 26_000,
        "messages": 12_000,
    }
    count = {name: str(max(256, round(number * scale))) for name, number in samples.items()}
    start = ["--pretrained", pretrained] if pretrained else []
    pairs = ["--pairs", f"{min(1.0, max(0.01, scale)):g}"]
    first = str(WORK / "encoder_a.pt")
    distil = ["--samples", count["distil"], "--sentences", "0", "--out", first, "--resume"]
    joint = ["--init", first, "--samples", count["joint"], "--count", count["drawn"], "--sentences", count["sentences"]]
    joint += ["--batch", "64", "--pairs-batch", "32", "--weight", "0.4", "--resume"]
    runs = [str(WORK / f"branch_{name}.pt") for name in "ab"]
    branch = ["--count", count["branch"], "--messages", count["messages"]]
    texts = str(min(4000, max(400, round(4000 * scale))))
    return [
        ["distil", *distil, *pairs, *start],
        ["joint", *joint, *pairs, *start],
        ["train_heads", "--count", count["heads"], "--epochs", "3", *start],
        ["train_branch", *branch, "--seed", "3", "--out", runs[0], "--resume", *start],
        ["train_branch", *branch, "--seed", "4", "--out", runs[1], "--resume", *start],
        ["soup", *runs, *start],
        ["export", *start],
        ["evaluate", "--exact", str(WORK / "final.pt"), "--texts", texts, *start],
    ]


def main() -> None:
    """Run the stages; stop at the first that fails, with its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies all numbers of samples")
    parser.add_argument("--pretrained", help="folder or hub id of the English encoder (default: the installed package)")
    options = parser.parse_args()
    for stage in stages(options.scale, options.pretrained):
        print(f"== training.text.{' '.join(stage)}", flush=True)
        status = subprocess.run([sys.executable, "-m", f"training.text.{stage[0]}", *stage[1:]], check=False).returncode
        if status:
            sys.exit(status)


if __name__ == "__main__":
    main()
