"""Figures of the model cards."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt

mpl.use("Agg")

from matplotlib import font_manager
from matplotlib import pyplot as plt

from training.emoji.debian import package_root

_DPI = 90
_CHINESE_FONT = ("fonts-wqy-zenhei", "usr/share/fonts/truetype/wqy/wqy-zenhei.ttc")


def confusion_matrix(counts: npt.NDArray[np.int64], labels: Sequence[str], path: Path) -> None:
    """Draw a confusion matrix, truth by row, as shares of each row."""
    shares = counts / counts.sum(1, keepdims=True).clip(1)
    figure, axes = plt.subplots(figsize=(0.62 * len(labels) + 1.8, 0.55 * len(labels) + 1.4))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=40, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("said")
    axes.set_ylabel("truth")
    for row, column in np.ndindex(shares.shape):
        if shares[row, column] >= 0.005:
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{shares[row, column]:.2f}", ha="center", va="center", fontsize=7, color=colour)
    _save(figure, path)


def captions(pictures: npt.NDArray[np.uint8], lines: Sequence[Sequence[tuple[str, bool]]], path: Path) -> None:
    """Draw pictures with lines of text below each; a line is (text, whether it is right)."""
    columns = 4
    rows = -(-len(pictures) // columns)
    figure, grid = plt.subplots(rows, columns, figsize=(3.4 * columns, 3.1 * rows), squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    with mpl.rc_context({"font.family": _families()}):
        for axes, picture, told in zip(grid.flat, pictures, lines, strict=False):
            axes.imshow(_on_white(picture))
            below = -0.06
            for text, right in told:
                wrapped = _wrapped(text)
                axes.text(
                    0.5,
                    below,
                    wrapped,
                    transform=axes.transAxes,
                    ha="center",
                    va="top",
                    fontsize=8,
                    color="black" if right else "firebrick",
                )
                below -= 0.11 * (1 + wrapped.count("\n"))
    figure.subplots_adjust(hspace=0.5)
    _save(figure, path)


def attention(picture: npt.NDArray[np.uint8], words: Sequence[str], maps: npt.NDArray[np.float32], path: Path) -> None:
    """Draw where the captioner looked at each word."""
    columns = min(len(words) + 1, 8)
    rows = -(-(len(words) + 1) // columns)
    figure, grid = plt.subplots(rows, columns, figsize=(1.5 * columns, 1.75 * rows), squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    white = _on_white(picture)
    grid.flat[0].imshow(white)
    edge = white.shape[0]
    with mpl.rc_context({"font.family": _families()}):
        for axes, word, weights in zip(list(grid.flat)[1:], words, maps, strict=False):
            axes.imshow(white.mean(2), cmap="gray", vmin=0, vmax=255)
            axes.imshow(weights, cmap="inferno", alpha=0.55, extent=(0, edge, edge, 0), interpolation="bilinear")
            axes.set_title(word, fontsize=9, fontfamily=_families())  # titles are older than the context
    _save(figure, path)


@functools.cache
def _families() -> list[str]:
    package, path = _CHINESE_FONT
    file = package_root(package) / path
    font_manager.fontManager.addfont(str(file))
    return [font_manager.FontProperties(fname=str(file)).get_name(), "DejaVu Sans"]


def _on_white(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    alpha = picture[..., 3:].astype(np.float32) / 255
    return (picture[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


def _wrapped(text: str, width: int = 44) -> str:
    if len(text) <= width or " " not in text:
        return text
    middle = text.rfind(" ", 0, width)
    return f"{text[:middle]}\n{text[middle + 1 :]}"


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=_DPI, bbox_inches="tight")
    plt.close(figure)
