"""Emoji artwork with names and keywords in two languages: training data and the default sticker pack."""

from training.emoji.artwork import is_drawable, render
from training.emoji.source import Emoji, load_emoji

__all__ = ["Emoji", "is_drawable", "load_emoji", "render"]
