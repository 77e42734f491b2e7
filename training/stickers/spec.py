"""What a procedural sticker is made of: every factor of a drawing, and nothing about how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Split = Literal["train", "val", "test"]
Language = Literal["en", "zh"]
Placement = Literal["none", "beside", "held", "thought"]
LetteringPlace = Literal["top", "bottom", "below"]

# Raise on any change that alters captions or the distribution: caches and checkpoints depend on it.
GENERATOR_VERSION = 2

EMOTIONS: tuple[str, ...] = (
    "neutral",
    "joy",
    "gratitude",
    "love",
    "surprise",
    "anxiety",
    "sadness",
    "anger",
    "confusion",
)
POLARITIES: tuple[str, ...] = ("positive", "neutral", "negative")
POLARITY_OF: dict[str, str] = {
    "neutral": "neutral",
    "joy": "positive",
    "gratitude": "positive",
    "love": "positive",
    "surprise": "neutral",
    "anxiety": "negative",
    "sadness": "negative",
    "anger": "negative",
    "confusion": "neutral",
}


@dataclass(frozen=True, slots=True)
class Character:
    """One individual: the same character looks the same in every sticker of one style.

    Attributes:
        species: Key of `catalogue.SPECIES`.
        palette: Index into the palettes of the species.
        accessory: Key of `catalogue.ACCESSORIES`; never mentioned in captions.
        build: Width of the head relative to the species, about 0.94 to 1.08.
    """

    species: str
    palette: int
    accessory: str = "none"
    build: float = 1.0


@dataclass(frozen=True, slots=True)
class Lettering:
    """Words drawn on the sticker; they are read by OCR and never part of the caption.

    Attributes:
        text: The words; a line feed starts a second line.
        language: Decides the typeface.
        place: "bottom" overlaps the figure's feet, "below" leaves the figure free (curated stickers), "top" is above.
        colour: Index into `typefaces.COLOURS`.
        font: Which of the typefaces of the language.
    """

    text: str
    language: Language
    place: LetteringPlace = "bottom"
    colour: int = 0
    font: int = 0


@dataclass(frozen=True, slots=True)
class Spec:
    """All factors of one sticker.

    Attributes:
        character: Who is drawn.
        style: Key of `catalogue.STYLES`.
        expression: Key of `catalogue.EXPRESSIONS`; decides the emotion.
        gesture: Key of `catalogue.GESTURES`; the action.
        prop: Key of `catalogue.PROPS`, or "none".
        placement: Where the prop is; "none" exactly when there is no prop.
        scene: Key of `catalogue.SCENES`, or "none" for a die-cut figure.
        backdrop: Plain shape behind a figure without scene: "none", "disc", "blob" or "rays"; not in captions.
        lettering: Words on the sticker, or None.
        marks: Whether comic marks (sweat drop, hearts, vein ...) accompany the expression.
        flip: Mirror the figure.
        tilt: Rotation of the figure in degrees.
        seed: Fixes the remaining small variation (hand-drawn wobble, positions of rain and stars).
    """

    character: Character
    style: str
    expression: str
    gesture: str
    prop: str = "none"
    placement: Placement = "none"
    scene: str = "none"
    backdrop: str = "none"
    lettering: Lettering | None = None
    marks: bool = True
    flip: bool = False
    tilt: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Labels:
    """Ground truth of a sticker for classification."""

    emotion: str
    polarity: str
    action: str
    subject: str
