"""The English teacher: embeds texts once and remembers them on disk."""

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import BertModel

from training.text.paths import WORK
from training.text.vocabulary import load_base

_BATCH = 128


def mean_pool(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Average token states (batch, length, width) over `mask` and scale to unit length, as all-MiniLM-L6-v2 does."""
    weights = mask.unsqueeze(-1).to(states.dtype)
    return functional.normalize((states * weights).sum(1) / weights.sum(1).clamp(min=1e-9), dim=-1)


def pad(rows: list[list[int]], multiple: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Stack token ids into (ids, mask) tensors, padded with zeros to the longest row."""
    width = -(-max(map(len, rows)) // multiple) * multiple
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask = torch.zeros(len(rows), width, dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
    return ids, mask


@torch.no_grad()
def embed_ids(model: BertModel, rows: list[list[int]]) -> torch.Tensor:
    """Embed tokenised texts, longest first, in bfloat16 where the processor has it; shape (texts, width)."""
    order = sorted(range(len(rows)), key=lambda index: -len(rows[index]))
    out = torch.empty(len(rows), model.config.hidden_size)
    for start in range(0, len(order), _BATCH):
        chunk = order[start : start + _BATCH]
        ids, mask = pad([rows[index] for index in chunk])
        with torch.autocast("cpu", torch.bfloat16):
            states = model(input_ids=ids, attention_mask=mask).last_hidden_state
        out[chunk] = mean_pool(states.float(), mask)
    return out


class Teacher:
    """Embeds English texts with the unchanged encoder; keeps every answer in a cache file."""

    def __init__(self, pretrained: str | None = None) -> None:
        self._model, self._tokenizer = load_base(pretrained)
        self._model.eval()
        self._path = WORK / "teacher.npz"
        self._known: dict[str, int] = {}
        self._rows: NDArray[np.float16] = np.zeros((0, self._model.config.hidden_size), np.float16)
        if self._path.exists():
            with np.load(self._path, allow_pickle=False) as stored:
                self._rows = stored["rows"]
                self._known = {text: index for index, text in enumerate(stored["texts"].tolist())}

    @property
    def tokenizer(self) -> Tokenizer:
        """Tokenizer of the teacher, without padding and truncation."""
        return self._tokenizer

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """Return unit-length embeddings, shape (len(texts), 384), computing only what is not cached."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        for start in range(0, len(missing), 20_000):
            self._compute(missing[start : start + 20_000])
            print(f"teacher: {min(start + 20_000, len(missing))}/{len(missing)} new texts", flush=True)
        if missing:
            self._save()
        return self._rows[[self._known[text] for text in texts]].astype(np.float32)

    def _compute(self, texts: list[str]) -> None:
        rows = [encoding.ids[:128] for encoding in self._tokenizer.encode_batch(texts)]
        new = embed_ids(self._model, rows).numpy().astype(np.float16)
        base = len(self._rows)
        self._rows = np.concatenate([self._rows, new])
        self._known.update({text: base + index for index, text in enumerate(texts)})

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part.npz")
        np.savez(part, rows=self._rows, texts=np.array(list(self._known)))
        part.replace(self._path)
