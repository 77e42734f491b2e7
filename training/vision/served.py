"""The exported models as they are served, run in-process for evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import torch

from training.vision.augment import plain
from training.vision.export import PROJECTION, SIZE
from training.vision.paths import REPOSITORY

_BATCH = 32
_TEXT_BATCH, _MAX_TOKENS = 64, 64
Floats = npt.NDArray[np.float32]


def session(path: Path) -> ort.InferenceSession:
    """Open a graph on one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True, slots=True)
class Seen:
    """What `sticker_encoder` says of N pictures.

    Features [N, 2048], joint [N, 256], emotion [N, 9], polarity [N, 3] and concepts [N, C].
    """

    features: Floats
    joint: Floats
    emotion: Floats
    polarity: Floats
    concepts: Floats


def see(pictures: npt.NDArray[np.uint8], repository: Path = REPOSITORY) -> Seen:
    """Run `sticker_encoder` on RGBA pictures [N, H, W, 4]."""
    encoder = session(repository / "sticker_encoder" / "1" / "model.onnx")
    parts = [encoder.run(None, {"IMAGE": _images(part)}) for part in _batches(pictures)]
    return Seen(*(np.concatenate(column) for column in zip(*parts, strict=True)))


@dataclass(frozen=True, slots=True)
class Said:
    """What `captioner` says of N pictures in L languages: ids and probs [N, L, T], attention [N, L, T, h, w]."""

    ids: npt.NDArray[np.int64]
    probs: Floats
    attention: Floats


def say(pictures: npt.NDArray[np.uint8], repository: Path = REPOSITORY) -> Said:
    """Run `sticker_encoder` and `captioner` on RGBA pictures [N, H, W, 4], in English and Chinese."""
    seen = see(pictures, repository)
    captioner = session(repository / "captioner" / "1" / "model.onnx")
    parts = []
    for number, part in enumerate(_batches(pictures)):
        rows = slice(number * _BATCH, number * _BATCH + len(part))
        feeds = {
            "IMAGE": _images(part),
            "LANGUAGE": np.tile(np.array([0, 1]), (len(part), 1)),
            "JOINT_EMBEDDING": seen.joint[rows],
            "CONCEPTS": seen.concepts[rows],
        }
        parts.append(captioner.run(None, feeds))
    return Said(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def read(texts: Sequence[str], repository: Path = REPOSITORY) -> Floats:
    """Run the served text encoder: L2-normalised embeddings [N, 384]."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(repository / "text_tokenizer" / "1" / "tokenizer.json"))
    tokenizer.enable_truncation(_MAX_TOKENS)
    tokenizer.enable_padding()
    bert = session(repository / "text_bert" / "1" / "model.onnx")
    parts = []
    for start in range(0, len(texts), _TEXT_BATCH):
        rows = tokenizer.encode_batch(list(texts[start : start + _TEXT_BATCH]))
        feeds = {
            "INPUT_IDS": np.array([row.ids for row in rows]),
            "ATTENTION_MASK": np.array([row.attention_mask for row in rows]),
        }
        parts.append(bert.run(["EMBEDDING"], feeds)[0])
    return np.concatenate(parts).astype(np.float32)


def project(embeddings: Floats) -> Floats:
    """Project text embeddings [N, 384] into the joint space: unit vectors [N, 256]."""
    joint = embeddings @ np.load(PROJECTION)
    result: Floats = joint / np.linalg.norm(joint, axis=1, keepdims=True).clip(1e-12)
    return result


def _batches(pictures: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.uint8]]:
    return [pictures[start : start + _BATCH] for start in range(0, len(pictures), _BATCH)]


def _images(pictures: npt.NDArray[np.uint8]) -> Floats:
    images: Floats = plain(torch.from_numpy(np.array(pictures)), SIZE).contiguous().numpy()
    return np.ascontiguousarray(images)
