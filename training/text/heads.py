"""Utterance heads: a BiLSTM over the encoder's token states gives calibrated intent, emotion and slot tags."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.text.expand import EMOTIONS, INTENTS
from training.text.tags import TAGS

WIDTH = 384
_HIDDEN = 160


class Pool(nn.Module):
    """Attention pooling: one learned query decides which tokens speak for the sentence."""

    def __init__(self, width: int) -> None:
        """Make the scorer for token vectors of `width`."""
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Reduce (batch, length, width) to (batch, width); tokens outside `mask` weigh nothing."""
        scores = self.score(tokens).squeeze(-1).masked_fill(mask == 0, -1e4)
        return (functional.softmax(scores, dim=-1).unsqueeze(-1) * tokens).sum(1)


class UtteranceHeads(nn.Module):
    """Intent, emotion and slots of one utterance from token states and mask.

    The backward direction runs over each row reversed by its own length, so the amount of padding never changes an
    answer.
    `temperatures` (intent, emotion, slots) divide the logits before the softmax; they are fitted after training.
    """

    def __init__(self, dropout: float = 0.3) -> None:
        """Make untrained heads with temperature one."""
        super().__init__()
        self.ahead = nn.LSTM(WIDTH, _HIDDEN, batch_first=True)
        self.back = nn.LSTM(WIDTH, _HIDDEN, batch_first=True)
        self.drop = nn.Dropout(dropout)
        both = WIDTH + 2 * _HIDDEN
        self.intent_pool, self.emotion_pool = Pool(both), Pool(both)
        self.intent = nn.Sequential(
            nn.Linear(both + WIDTH, 256), nn.GELU(), nn.Dropout(dropout), nn.Linear(256, len(INTENTS))
        )
        self.emotion = nn.Sequential(
            nn.Linear(both + WIDTH, 192), nn.GELU(), nn.Dropout(dropout), nn.Linear(192, len(EMOTIONS))
        )
        self.slots = nn.Sequential(nn.Linear(both, 192), nn.GELU(), nn.Dropout(dropout), nn.Linear(192, len(TAGS)))
        self.temperatures: Tensor
        self.register_buffer("temperatures", torch.ones(3))

    def logits(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits of intent (batch, 19), emotion (batch, 7) and tags (batch, length, 25)."""
        weights = mask.unsqueeze(-1).to(states.dtype)
        states = states * weights
        mean = states.sum(1) / weights.sum(1).clamp(min=1.0)
        dropped = self.drop(states)
        lengths = mask.sum(1, keepdim=True)
        places = torch.arange(mask.shape[1], device=mask.device).unsqueeze(0)
        mirror = torch.where(places < lengths, lengths - 1 - places, places).unsqueeze(-1)
        ahead, _ = self.ahead(dropped)
        reverse, _ = self.back(torch.gather(dropped, 1, mirror.expand(-1, -1, WIDTH)))
        back = torch.gather(reverse, 1, mirror.expand(-1, -1, _HIDDEN))
        tokens = self.drop(torch.cat([dropped, ahead, back], -1))
        intent = self.intent(torch.cat([self.intent_pool(tokens, mask), mean], -1))
        emotion = self.emotion(torch.cat([self.emotion_pool(tokens, mask), mean], -1))
        return intent, emotion, self.slots(tokens)

    def forward(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return calibrated probabilities in the order of `INTENTS`, `EMOTIONS` and `TAGS`."""
        intent, emotion, slots = self.logits(states, mask)
        return (
            functional.softmax(intent / self.temperatures[0], -1),
            functional.softmax(emotion / self.temperatures[1], -1),
            functional.softmax(slots / self.temperatures[2], -1),
        )
