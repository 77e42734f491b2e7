"""Manners of drawing; every style belongs to exactly one split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from training.stickers.spec import Split


@dataclass(frozen=True, slots=True)
class Style:
    """A manner of drawing.

    Attributes:
        split: The split the style belongs to.
        outline: Width of the outline, in hundredths of the sticker.
        ink: Colour of the outline: black, brown, navy, or a darker tint of the shape.
        shading: flat, cel (hard shadow) or soft (gradient).
        tone: Treatment of colours: plain, pastel, vivid, muted, warm, cool, mono.
        eyes: Form of ordinary eyes: shiny, dot, oval, button.
        head: Size of the head against the body (chibi is above 1).
        wobble: Hand-drawn irregularity of lines.
        border: Width of the white die-cut border.
        blush: Whether cheeks are always coloured.
    """

    split: Split
    outline: float
    ink: Literal["black", "brown", "navy", "tint"] = "brown"
    shading: Literal["flat", "cel", "soft"] = "flat"
    tone: Literal["plain", "pastel", "vivid", "muted", "warm", "cool", "mono"] = "plain"
    eyes: Literal["shiny", "dot", "oval", "button"] = "shiny"
    head: float = 1.0
    wobble: float = 0.0
    border: float = 3.0
    blush: bool = False


STYLES: dict[str, Style] = {
    "classic": Style("train", 1.6, shading="cel"),
    "flat": Style("train", 0.0, tone="vivid", eyes="dot"),
    "bold": Style("train", 2.6, ink="black", tone="vivid", eyes="oval"),
    "pastel": Style("train", 1.2, ink="tint", tone="pastel", blush=True),
    "soft": Style("train", 0.9, ink="tint", shading="soft", blush=True),
    "chibi": Style("train", 1.5, shading="cel", head=1.06, blush=True),
    "doodle": Style("train", 1.4, ink="black", eyes="dot", wobble=0.55),
    "retro": Style("train", 1.8, tone="muted", eyes="button", ink="navy"),
    "ink": Style("train", 2.0, ink="black", tone="mono", eyes="dot", wobble=0.35),
    "slim": Style("train", 1.1, ink="brown", head=0.92, shading="cel", eyes="oval"),
    "sunny": Style("train", 1.7, ink="tint", tone="warm", shading="soft"),
    "plain": Style("train", 1.3, ink="brown", eyes="dot", border=2.0),
    "crayon": Style("val", 2.1, ink="tint", tone="warm", wobble=0.5, eyes="button"),
    "toy": Style("val", 1.2, ink="navy", shading="soft", tone="vivid", eyes="oval"),
    "comic": Style("test", 2.2, ink="navy", shading="cel", tone="vivid", eyes="shiny"),
    "storybook": Style("test", 1.5, ink="tint", tone="muted", shading="cel", eyes="dot", blush=True),
    "marker": Style("test", 2.4, ink="tint", tone="cool", wobble=0.45, eyes="oval"),
    "minimal": Style("test", 0.7, ink="brown", tone="pastel", eyes="dot", head=1.06),
}


def split_styles(split: Split) -> tuple[str, ...]:
    """Returns the styles of a split."""
    return tuple(name for name, style in STYLES.items() if style.split == split)
