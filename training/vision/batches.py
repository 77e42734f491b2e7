"""Training batches of the tower: emoji artwork against class texts, procedural stickers against captions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from training.emoji.emotion import feeling
from training.vision import artwork, teacher
from training.vision.augment import composite
from training.vision.paths import EMOTIONS, POLARITIES

# Drawn larger than the network sees it, so that zooming in stays sharp.
OVERSIZE = 4 / 3
IGNORED = -100  # what torch's cross entropy skips
_NEUTRAL_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of one source.

    Attributes:
        images: [B, 3, S, S] in -1..1.
        targets: class numbers [B] by head name; `IGNORED` where a label is not to be learned.
    """

    images: torch.Tensor
    targets: dict[str, torch.Tensor]


class EmojiSource:
    """Emoji of the training vendors; text variants of all classes are drawn anew at every step."""

    def __init__(self, size: int, generator: torch.Generator, vendors: tuple[str, ...] = artwork.TRAIN_VENDORS) -> None:
        """Load the pictures.

        Args:
            size: edge of the pictures the network gets.
            generator: the source of all randomness.
            vendors: whose artwork to use.
        """
        stored = [artwork.pictures(vendor, round(size * OVERSIZE)) for vendor in vendors]
        self._pictures = torch.from_numpy(np.concatenate([pictures for pictures, _ in stored]))
        self._classes = torch.from_numpy(np.concatenate([classes for _, classes in stored]))
        emoji = artwork.classes()
        names = sorted({one.subgroup for one in emoji})
        self._subgroups = torch.tensor([names.index(one.subgroup) for one in emoji])
        self._texts = torch.from_numpy(teacher.emoji_embeddings(emoji)).float()
        feelings = [feeling(one) for one in emoji]
        self._emotions = torch.tensor([EMOTIONS.index(one.emotion) for one in feelings])
        self._polarities = torch.tensor([POLARITIES.index(one.polarity) for one in feelings])
        self._size, self._generator = size, generator
        self.heads = {"emoji": len(emoji), "subgroup": len(names)}

    def class_texts(self) -> torch.Tensor:
        """Return one text embedding per class, a variant drawn at random: [C, 384]."""
        count, variants, _ = self._texts.shape
        # The name twice as often as any other variant.
        chosen = torch.randint(-1, variants, (count,), generator=self._generator).clamp(min=0)
        return self._texts[torch.arange(count), chosen]

    def names(self) -> torch.Tensor:
        """Return the embeddings of all names: [C, 384]."""
        return self._texts[:, 0]

    def batch(self, count: int, strength: float) -> Batch:
        """Draw pictures at random and augment them."""
        rows = torch.randint(0, len(self._pictures), (count,), generator=self._generator)
        classes = self._classes[rows]
        images = composite(self._pictures[rows], self._size, strength, self._generator)
        emotions, polarities = self._emotions[classes], self._polarities[classes]
        # Most emoji are things without a feeling; all of them would drown the faces.
        skipped = (emotions == 0) & (torch.rand(count, generator=self._generator) > _NEUTRAL_SHARE)
        targets = {
            "emoji": classes,
            "subgroup": self._subgroups[classes],
            "emotion": emotions.masked_fill(skipped, IGNORED),
            "polarity": polarities.masked_fill(skipped, IGNORED),
        }
        return Batch(images, targets)
