"""Procedural stickers: a character with an expression, a gesture, a prop and a scene, and its exact captions."""

from training.stickers.captions import caption, labels, paraphrases
from training.stickers.render import render
from training.stickers.sampling import sample_character, sample_spec
from training.stickers.spec import EMOTIONS, GENERATOR_VERSION, Character, Labels, Lettering, Spec

__all__ = [
    "EMOTIONS",
    "GENERATOR_VERSION",
    "Character",
    "Labels",
    "Lettering",
    "Spec",
    "caption",
    "labels",
    "paraphrases",
    "render",
    "sample_character",
    "sample_spec",
]
