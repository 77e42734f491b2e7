"""The vocabulary of the generator in one place.

Splits: a palette index and a style belong to exactly one split, so no test character (species with palette) and no
test style is ever seen in training.
"""

from training.stickers.acting import EXPRESSIONS, GESTURES, Expression, Gesture
from training.stickers.species import ACCESSORIES, SPECIES, Species, palette_split, split_palettes
from training.stickers.styles import STYLES, Style, split_styles
from training.stickers.things import BACKDROPS, PROPS, SCENES, Prop
from training.stickers.words import RGB, Words

__all__ = [
    "ACCESSORIES",
    "BACKDROPS",
    "EXPRESSIONS",
    "GESTURES",
    "PROPS",
    "RGB",
    "SCENES",
    "SPECIES",
    "STYLES",
    "Expression",
    "Gesture",
    "Prop",
    "Species",
    "Style",
    "Words",
    "palette_split",
    "split_palettes",
    "split_styles",
]
