"""Everything for the text models in order: distil, learn jointly, polish the heads, export, measure.

    python -m training.text [--pretrained PATH|HUB_ID]

Each stage is its own process, prints its progress, keeps a checkpoint under `.cache/training/text` and continues
it when the command is given again.
"""

import argparse
import subprocess
import sys

from training.text.paths import WORK

# About the samples of the published weights. Those were trained while the data still grew, in runs that continued each
# other, so this gives like results, not the same bytes.
_STAGES: tuple[tuple[str, ...], ...] = (
    ("distil", "--samples", "145000", "--sentences", "0", "--out", str(WORK / "encoder_a.pt"), "--resume"),
    (
        *("joint", "--init", str(WORK / "encoder_a.pt"), "--samples", "200000", "--count", "150000"),
        *("--sentences", "20000", "--batch", "64", "--pairs-batch", "32", "--weight", "0.4", "--resume"),
    ),
    ("train_heads", "--count", "60000", "--epochs", "3"),
)


def main() -> None:
    """Run the stages; stop at the first that fails, with its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pretrained", help="folder or hub id of the English encoder (default: the installed package)")
    pretrained: str | None = parser.parse_args().pretrained
    extra = ("--pretrained", pretrained) if pretrained else ()
    final = str(WORK / "final.pt")
    for stage in (
        *((*stage, *extra) for stage in _STAGES),
        ("export", "--checkpoint", final, *extra),
        ("evaluate", "--exact", final),
    ):
        print(f"== training.text.{' '.join(stage)}", flush=True)
        status = subprocess.run([sys.executable, "-m", f"training.text.{stage[0]}", *stage[1:]], check=False).returncode
        if status:
            sys.exit(status)


if __name__ == "__main__":
    main()
