"""The colours and proportions of one character."""

from __future__ import annotations

from dataclasses import dataclass

from training.stickers.words import RGB


@dataclass(frozen=True, slots=True)
class Coat:
    """The colours of a character and the half-axes of its head."""

    main: RGB
    second: RGB
    accent: RGB
    rx: float
    ry: float
