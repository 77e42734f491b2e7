"""The seam between the engine and its ways of finding stickers.

A channel turns a query into hits whose scores are calibrated to [0, 1]; the engine asks all of them at once and goes
on without one that is down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from recommender.catalogue import Catalogue


class ChannelKind(Enum):
    """How a sticker was found, or why it rose."""

    LEXICAL = "lexical"
    SEMANTIC = "semantic"
    EMOJI = "emoji"
    VISUAL = "visual"
    EMOTION = "emotion"
    FEEDBACK = "feedback"


class ChannelDownError(Exception):
    """A channel cannot answer now; the others can."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for.

    Attributes:
        text: Words of a person; may be empty.
        image_embedding: Embedding of a picture in the joint space; empty when there is none.
        emotion: Emotion that a sticker should express; empty when any will do.
    """

    text: str
    image_embedding: tuple[float, ...] = ()
    emotion: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A sticker that a channel found.

    Attributes:
        sticker_id: Which one.
        score: How well it fits, in [0, 1], comparable between channels.
        detail: What matched, for people; may be empty.
    """

    sticker_id: str
    score: float
    detail: str = ""


class Channel(Protocol):
    """One way of finding stickers."""

    @property
    def kind(self) -> ChannelKind:
        """Which way it is."""

    async def refresh(self, catalogue: Catalogue) -> None:
        """Takes over a changed catalogue. May take long; searches meanwhile see the old one or raise.

        Raises:
            ChannelDownError: The part it depends on is down; the engine calls again later.
        """

    async def search(self, query: Query, limit: int) -> Sequence[Hit]:
        """Returns hits, best first; empty when this channel has nothing to say.

        Raises:
            ChannelDownError: It cannot answer now.
        """
