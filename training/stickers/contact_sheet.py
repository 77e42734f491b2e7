"""Draws a sheet of stickers to look at: `python -m training.stickers.contact_sheet sheet.png`."""

from __future__ import annotations

import argparse
import dataclasses
import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from training.stickers.catalogue import EXPRESSIONS, GESTURES, PROPS, SCENES, SPECIES, STYLES
from training.stickers.render import render
from training.stickers.sampling import sample_spec
from training.stickers.spec import Character, Spec

_GROUND = (214, 224, 236, 255)
_FACTORS = ("random", "species", "expressions", "gestures", "props", "scenes", "styles")


def sheet(specs: Sequence[Spec], size: int, columns: int) -> Image.Image:
    """Lays stickers out in a grid."""
    rows = -(-len(specs) // columns)
    canvas = Image.new("RGBA", (columns * size, rows * size), _GROUND)
    for index, spec in enumerate(specs):
        canvas.alpha_composite(render(spec, size), (index % columns * size, index // columns * size))
    return canvas


def factor_specs(factor: str, count: int, seed: int, split: str) -> list[Spec]:
    """Returns stickers that vary one factor and keep the others, or random ones."""
    base = Spec(Character("cat", 0), "classic", "happy", "stand")
    variants = {
        "species": [dataclasses.replace(base, character=Character(name, 0)) for name in SPECIES],
        "expressions": [dataclasses.replace(base, expression=name) for name in EXPRESSIONS],
        "gestures": [
            dataclasses.replace(base, gesture=name, prop="parcel" if name == "hold" else "none",
                                placement="held" if name == "hold" else "none")
            for name in GESTURES
        ],
        "props": [dataclasses.replace(base, prop=name, placement="beside") for name in PROPS],
        "scenes": [dataclasses.replace(base, scene=name) for name in SCENES],
        "styles": [dataclasses.replace(base, style=name) for name in STYLES],
    }  # fmt: skip
    if factor in variants:
        return variants[factor]
    rng = random.Random(seed)
    return [sample_spec(rng, "test" if split == "test" else "val" if split == "val" else "train") for _ in range(count)]


def main() -> None:
    """Parses the command line and writes the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--factor", choices=_FACTORS, default="random")
    parser.add_argument("--split", choices=("train", "val", "test"), default="train")
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    specs = factor_specs(arguments.factor, arguments.count, arguments.seed, arguments.split)
    sheet(specs, arguments.size, arguments.columns).save(arguments.output)


if __name__ == "__main__":
    main()
