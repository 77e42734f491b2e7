"""Makes the vision models from nothing: `python -m training.vision.pipeline`.

Each stage is a command of its own, goes on from its checkpoint when it was interrupted, and returns at once when it is
done. `align` and `evaluate` read the text encoder that `model_repository/` holds; run them again after it changes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from training.vision.paths import CACHE

_FIRST, _TOWER = CACHE / "tower_first.pt", CACHE / "tower.pt"
_SEEING, _CAPTIONER = CACHE / "captioner_first.pt", CACHE / "captioner.pt"

_LEAST_STICKERS = 1280  # a tenth of them is the test split, which holds every emotion and subject only when not tiny


def stages(scale: float) -> dict[str, list[str]]:
    """Return the stages in order: module and arguments, with the number of samples multiplied by `scale`."""
    samples = {"first": 80_000, "tower": 540_000, "captioner": 90_000, "decoder": 30_000, "stickers": 40_960}
    least = {"stickers": _LEAST_STICKERS}
    count = {name: str(max(least.get(name, 64), round(number * scale))) for name, number in samples.items()}
    first = ["--size", "48", "--stickers", "0", "--samples", count["first"], "--checkpoint", str(_FIRST)]
    tower = ["--size", "64", "--batch", "64", "--lr", "8e-4", "--ramp-from", "0.3", "--samples", count["tower"]]
    tower += ["--stickers", "0.75", "--portraits", "0.4", "--start", str(_FIRST), "--checkpoint", str(_TOWER)]
    captioner = ["--size", "64", "--batch", "48", "--lr", "1.6e-3", "--warm", "0.6", "--emoji-from", "0.75"]
    captioner += ["--samples", count["captioner"], "--checkpoint", str(_SEEING)]
    decoder = ["--size", "64", "--batch", "32", "--lr", "1.5e-3", "--warm", "0", "--freeze", "--portraits", "0"]
    decoder += ["--emoji", "0.15", "--emoji-from", "0", "--ramp-from", "0.3", "--samples", count["decoder"]]
    decoder += ["--start", str(_SEEING), "--checkpoint", str(_CAPTIONER)]
    return {
        "artwork": ["artwork", "--sizes", "64", "85", "128"],
        "stickers": ["procedural", "--count", count["stickers"]],
        "emoji": ["train_tower", *first, "--resume"],
        "tower": ["train_tower", *tower, "--resume"],
        "captioner": ["train_captioner", *captioner, "--resume"],
        "decoder": ["train_captioner", *decoder, "--resume"],
        "export": ["export"],
        "align": ["align"],
        "evaluate": ["evaluate"],
    }


def main() -> None:
    """Run the stages, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="stages to run; all of them if none is named")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies all sample counts")
    options = parser.parse_args()
    if unknown := set(options.only) - set(stages(1)):
        parser.error(f"no such stage: {', '.join(sorted(unknown))}; there are {', '.join(stages(1))}")
    for name, (module, *arguments) in stages(options.scale).items():
        if not options.only or name in options.only:
            print(f"== {name}", flush=True)
            subprocess.run([sys.executable, "-m", f"training.vision.{module}", *arguments], check=True)


if __name__ == "__main__":
    main()
