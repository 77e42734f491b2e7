"""Makes every model anew, from data to cards: what `make models` runs in the training environment.

    python -m training [--scale SHARE] [--pretrained PATH|HUB_ID]

Each stage is a process of its own that prints its progress, keeps checkpoints under `.cache/training` and goes on from
them, or returns at once, when the command is given again after an interruption. With a small `--scale` the whole way
is gone in minutes: the models are then good for nothing, and the cards say so by their figures.
"""

import argparse
import os
import subprocess
import sys
import time

from training.text.paths import ROOT


def stages(scale: float, pretrained: str | None) -> list[list[str]]:
    """Return the stages in order: module and arguments."""
    start = ["--pretrained", pretrained] if pretrained else []
    share = ["--scale", f"{scale:g}"]
    return [
        ["training.emoji.build_pack"],
        ["training.stickers.house_pack"],
        ["training.text", *share, *start],
        ["training.vision.pipeline", *share],
        ["training.text.export", *start],  # once more, with the projection into the joint space that vision fitted
    ]


def main() -> None:
    """Run the stages; stop at the first that fails, with its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies all numbers of samples")
    parser.add_argument("--pretrained", help="folder or hub id of the English encoder (default: the installed package)")
    options = parser.parse_args()
    begun_s = time.monotonic()
    for number, (module, *arguments) in enumerate(wanted := stages(options.scale, options.pretrained), 1):
        minutes = (time.monotonic() - begun_s) / 60
        print(f"== {number}/{len(wanted)} {' '.join([module, *arguments])} (after {minutes:.0f} min)", flush=True)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        status = subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, check=False
        ).returncode
        if status:
            sys.exit(status)


if __name__ == "__main__":
    main()
