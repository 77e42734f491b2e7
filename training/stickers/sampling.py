"""Draws random stickers of one split."""

from __future__ import annotations

import random

from training.stickers import lettering_texts
from training.stickers.catalogue import (
    ACCESSORIES,
    EXPRESSIONS,
    GESTURES,
    PROPS,
    SCENES,
    SPECIES,
    split_palettes,
    split_styles,
)
from training.stickers.spec import EMOTIONS, Character, Language, Lettering, LetteringPlace, Placement, Spec, Split

_LETTERING_SHARE = 0.2
_SCENE_SHARE = 0.35
_MARKS_SHARE = 0.75
_BACKDROPS = ("none", "none", "none", "disc", "blob", "rays")
_LETTERING_COLOURS = 6
_FONTS = 3


def sample_spec(rng: random.Random, split: Split) -> Spec:
    """Draws one sticker.

    Emotions are uniform; within an emotion, expressions are. Characters (species with palette) and styles of the
    three splits are disjoint; words, gestures, props and scenes are shared.

    Args:
        rng: Source of randomness; the same state gives the same sticker.
        split: "train", "val" or "test".

    Returns:
        A complete, consistent specification.
    """
    emotion = rng.choice(EMOTIONS)
    expression = rng.choice([name for name, item in EXPRESSIONS.items() if item.emotion == emotion])
    gesture = _gesture(rng, emotion, expression)
    prop, placement = _prop(rng, gesture)
    scene = rng.choice(tuple(SCENES)) if rng.random() < _SCENE_SHARE else "none"
    return Spec(
        character=sample_character(rng, split),
        style=rng.choice(split_styles(split)),
        expression=expression,
        gesture=gesture,
        prop=prop,
        placement=placement,
        scene=scene,
        backdrop=rng.choice(_BACKDROPS) if scene == "none" else "none",
        lettering=_lettering(rng, emotion, gesture),
        marks=rng.random() < _MARKS_SHARE,
        flip=rng.random() < 0.5,
        tilt=rng.gauss(0.0, 3.0),
        seed=rng.randrange(1 << 16),
    )


def sample_character(rng: random.Random, split: Split) -> Character:
    """Draws a character of a split."""
    accessory = rng.choice(ACCESSORIES) if rng.random() < 0.5 else "none"
    species = rng.choice(tuple(SPECIES))
    return Character(species, rng.choice(split_palettes(split)), accessory, round(rng.uniform(0.94, 1.08), 3))


def allowed_gestures(expression: str) -> list[str]:
    """Returns the gestures that an expression can go with."""
    emotion = EXPRESSIONS[expression].emotion
    return [
        name
        for name, gesture in GESTURES.items()
        if (not gesture.emotions or emotion in gesture.emotions)
        and (not gesture.expressions or expression in gesture.expressions)
    ]


def _gesture(rng: random.Random, emotion: str, expression: str) -> str:
    names = allowed_gestures(expression)
    return rng.choices(names, [GESTURES[name].weight for name in names])[0]


def _prop(rng: random.Random, gesture: str) -> tuple[str, Placement]:
    if gesture == "hold":
        return rng.choice([name for name, prop in PROPS.items() if prop.holdable]), "held"
    if gesture == "think" and rng.random() < 0.5:
        return rng.choice(tuple(PROPS)), "thought"
    # A laptop, a sign or a long run leave no room for a readable thing beside them.
    if gesture in {"type", "run", "sign"} or rng.random() > 0.4:
        return "none", "none"
    return rng.choice(tuple(PROPS)), "beside"


def _lettering(rng: random.Random, emotion: str, gesture: str) -> Lettering | None:
    if rng.random() >= _LETTERING_SHARE:
        return None
    language: Language = "en" if rng.random() < 0.5 else "zh"
    text = rng.choice(lettering_texts.texts(emotion, gesture, language))
    place: LetteringPlace = "top" if rng.random() < 0.3 else "bottom"
    return Lettering(text, language, place, rng.randrange(_LETTERING_COLOURS), rng.randrange(_FONTS))
