"""The captioner: EfficientNet-B0 annotations, and an LSTM with attention."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as f
from transformers import EfficientNetConfig, EfficientNetModel

ANNOTATION_DIM, HIDDEN_DIM, EMBEDDING_DIM, ATTENTION_DIM = 256, 384, 128, 128
LAST_CHANNELS = 1280
_MIDDLE_CHANNELS = 112


class Annotator(nn.Module):
    """EfficientNet-B0; its maps of stride 16 and 32 become one grid of annotations.

    The grid has stride 16, since at the small sizes stickers are served at the last map has only three by three places,
    too few to attend to a face and to a prop.
    """

    def __init__(self, pretrained: str | None = None) -> None:
        """Create the network.

        Args:
            pretrained: path or hub id of an `EfficientNetModel` checkpoint (B0); None starts from scratch.
        """
        super().__init__()
        # The library's default momentum, 0.99, is the complement of what its framework means by the word.
        config = EfficientNetConfig(
            width_coefficient=1.0,
            depth_coefficient=1.0,
            hidden_dim=1280,
            dropout_rate=0.1,
            drop_connect_rate=0.1,
            batch_norm_momentum=0.1,
        )
        scratch = None if pretrained else _initialised(EfficientNetModel(config))
        self.cnn = scratch or EfficientNetModel.from_pretrained(pretrained)
        self.middle = nn.Conv2d(_MIDDLE_CHANNELS, ANNOTATION_DIM, 1)
        self.last = nn.Conv2d(LAST_CHANNELS, ANNOTATION_DIM, 1)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the grid [B, 256, h, w] and the pooled last map [B, 1280] of pictures [B, 3, S, S]."""
        output = self.cnn(image, output_hidden_states=True)
        states = [state for state in output.hidden_states if state.shape[1] == _MIDDLE_CHANNELS]
        middle, last = states[-1], output.last_hidden_state
        upper = f.interpolate(self.last(last), size=middle.shape[2:], mode="nearest")
        return f.relu(self.middle(middle) + upper), last.mean((2, 3))


def _initialised(cnn: nn.Module) -> nn.Module:
    """Start weights as the paper's code does; the library's start lets the signal die out within a few blocks."""
    for module in cnn.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return cnn


class Scene(NamedTuple):
    """What the decoder looks at: annotations [N, P, 256], their keys [N, P, 128], what the tower knows [N, 256]."""

    places: torch.Tensor
    keys: torch.Tensor
    known: torch.Tensor


def spread(rows: torch.Tensor, times: int) -> torch.Tensor:
    """Repeat each row `times` times: `repeat_interleave`, in operators that every ONNX exporter knows."""
    return rows.unsqueeze(1).expand(-1, times, *rows.shape[1:]).reshape(-1, *rows.shape[1:])


class Captioner(nn.Module):
    """Words from a picture, one at a time, each with its attention.

    Beside what EfficientNet sees, the decoder is told what the sticker tower knows of the picture: its joint embedding
    and the probabilities of its concepts (after You et al. 2016, Image Captioning with Semantic Attention).
    """

    def __init__(self, vocabulary_size: int, known_dim: int, pretrained: str | None = None) -> None:
        """Create the network.

        Args:
            vocabulary_size: number of words.
            known_dim: length of what the tower knows of a picture, see `known`.
            pretrained: see `Annotator`.
        """
        super().__init__()
        self.known = nn.Linear(known_dim, ANNOTATION_DIM)
        self.known_start = nn.Linear(known_dim, HIDDEN_DIM)
        self.annotator = Annotator(pretrained)
        self.embedding = nn.Embedding(vocabulary_size, EMBEDDING_DIM)
        self.start_hidden = nn.Linear(LAST_CHANNELS, HIDDEN_DIM)
        self.start_cell = nn.Linear(LAST_CHANNELS, HIDDEN_DIM)
        self.key = nn.Linear(ANNOTATION_DIM, ATTENTION_DIM)
        self.query = nn.Linear(HIDDEN_DIM, ATTENTION_DIM)
        self.energy = nn.Linear(ATTENTION_DIM, 1, bias=False)
        self.gate = nn.Linear(HIDDEN_DIM, ANNOTATION_DIM)
        self.lstm = nn.LSTMCell(EMBEDDING_DIM + ANNOTATION_DIM, HIDDEN_DIM)
        self.dropout = nn.Dropout(0.2)
        self.deep = nn.Linear(HIDDEN_DIM + ANNOTATION_DIM + EMBEDDING_DIM, HIDDEN_DIM)
        self.output = nn.Linear(HIDDEN_DIM, vocabulary_size)

    def step(
        self,
        token: torch.Tensor,
        scene: Scene,
        hidden: torch.Tensor,
        cell: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Advance by one token [N]: logits [N, V], attention [N, P], hidden and cell [N, 384] (Xu et al. 2015)."""
        embedded = self.embedding(token)
        context, attention, hidden, cell = self._advance(embedded, scene, hidden, cell)
        return self._logits(hidden, context, embedded), attention, hidden, cell

    def scene(self, grid: torch.Tensor, known: torch.Tensor, times: int) -> Scene:
        """Return what the decoder looks at, each picture repeated `times` times."""
        places = grid.flatten(2).transpose(1, 2)
        return Scene(*(spread(part, times) for part in (places, self.key(places), torch.tanh(self.known(known)))))

    def start(self, pooled: torch.Tensor, known: torch.Tensor, times: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the first hidden and cell state, each picture's repeated `times` times."""
        hidden = torch.tanh(self.start_hidden(pooled) + self.known_start(known))
        return spread(hidden, times), spread(self.start_cell(pooled).tanh(), times)

    def teach(
        self, grid: torch.Tensor, pooled: torch.Tensor, known: torch.Tensor, tokens: torch.Tensor
    ) -> torch.Tensor:
        """Teacher forcing of several captions of each picture.

        Args:
            grid: [B, 256, h, w] and
            pooled: [B, 1280], of the annotator.
            known: [B, K], what the tower knows of the pictures.
            tokens: [B, K, L], K captions of each picture, a language's start token first.

        Returns:
            Logits [B, K, L, V].
        """
        batch, captions, length = tokens.shape
        scene = self.scene(grid, known, captions)
        hidden, cell = self.start(pooled, known, captions)
        embedded = self.embedding(tokens.reshape(-1, length))
        states, contexts = [], []
        for position in range(length):
            context, _, hidden, cell = self._advance(embedded[:, position], scene, hidden, cell)
            states.append(hidden)
            contexts.append(context)
        logits = self._logits(torch.stack(states, 1), torch.stack(contexts, 1), embedded)
        return logits.reshape(batch, captions, length, -1)

    def _advance(
        self,
        embedded: torch.Tensor,
        scene: Scene,
        hidden: torch.Tensor,
        cell: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Look, then feed what was seen and the last word to the LSTM: context, attention, hidden, cell."""
        energy = self.energy(torch.tanh(scene.keys + self.query(hidden).unsqueeze(1))).squeeze(2)
        attention = energy.softmax(1)
        seen = torch.bmm(attention.unsqueeze(1), scene.places).squeeze(1)
        context = seen * torch.sigmoid(self.gate(hidden)) + scene.known
        hidden, cell = self.lstm(torch.cat([embedded, context], 1), (hidden, cell))
        return context, attention, hidden, cell

    def _logits(self, hidden: torch.Tensor, context: torch.Tensor, embedded: torch.Tensor) -> torch.Tensor:
        deep = torch.tanh(self.deep(torch.cat([self.dropout(hidden), context, embedded], -1)))
        logits: torch.Tensor = self.output(self.dropout(deep))
        return logits
