"""Writes tower and captioner into the Triton model repository: `python -m training.vision.export [tower|captioner]`.

Each graph is compared with torch before it is put in place, by an atomic rename.
"""

from __future__ import annotations

import argparse
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import nn

from training.vision.beam import BeamSearch
from training.vision.captioner import Captioner
from training.vision.paths import CACHE, EMOTIONS, JOINT_DIM, POLARITIES, REPOSITORY
from training.vision.storage import as_stored, store_small
from training.vision.tower import CONCEPTS, Auxiliary, KnowingTower, StickerTower, TextProjection
from training.vision.vocabulary import Vocabulary

SIZE = 64  # pixels; the configs of the repository say the same
OPSET = 17
IR_VERSION = 9  # the newest that the onnxruntime of the official Triton images of 2024 reads
TOWER, CAPTIONER, VOCABULARY = CACHE / "tower.pt", CACHE / "captioner.pt", CACHE / "vocabulary.json"
PROJECTION = CACHE / "text_projection.npy"
_MAX_DIFFERENCE = 1e-3
_LIMITS_BYTES = {"sticker_encoder": 30_000_000, "captioner": 14_000_000}


class ParityError(RuntimeError):
    """The exported graph does not compute what torch does."""


class ServedTower(nn.Module):
    """The tower as it is served: probabilities instead of logits."""

    def __init__(self, tower: KnowingTower) -> None:
        """Wrap a tower with its concepts."""
        super().__init__()
        self.tower = tower

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return features, joint embedding, emotion, polarity and concepts of pictures [B, 3, S, S]."""
        output, concepts = self.tower(image)
        return output.features, output.joint, output.emotion.softmax(1), output.polarity.softmax(1), concepts


def load_tower(path: Path = TOWER) -> tuple[KnowingTower, TextProjection]:
    """Read a tower, its concepts and its text projection from a checkpoint."""
    state: dict[str, Any] = torch.load(path, weights_only=True)
    tower, text = StickerTower(), TextProjection()
    tower.load_state_dict(state["tower"])
    text.load_state_dict(state["text"])
    heads = Auxiliary({name: len(state["heads"][f"{name}.weight"]) for name in CONCEPTS})
    heads.load_state_dict({name: value for name, value in state["heads"].items() if name.split(".")[0] in CONCEPTS})
    return KnowingTower(tower, heads).eval(), text.eval()


def load_captioner(path: Path = CAPTIONER) -> tuple[Captioner, Vocabulary]:
    """Read a captioner and its vocabulary."""
    vocabulary = Vocabulary.load(VOCABULARY)
    weights = torch.load(path, weights_only=True)["captioner"]
    captioner = Captioner(len(vocabulary), weights["known.weight"].shape[1])
    captioner.load_state_dict(weights)
    return captioner.eval(), vocabulary


def export_tower(path: Path = TOWER, repository: Path = REPOSITORY) -> None:
    """Export the tower, its labels and the text projection."""
    tower, text = load_tower(path)
    served = ServedTower(as_stored(tower)).eval()
    names = ["FEATURES", "JOINT_EMBEDDING", "EMOTION", "POLARITY", "CONCEPTS"]
    image = torch.rand(3, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(1)) * 2 - 1
    _publish("sticker_encoder", served, {"IMAGE": image}, names, repository)
    for name, labels in (("emotions", EMOTIONS), ("polarities", POLARITIES)):
        (repository / "sticker_encoder" / f"{name}.txt").write_text("\n".join(labels) + "\n", encoding="utf-8")
    _remember_history("tower", path)
    np.save(PROJECTION, text.linear.weight.detach().numpy().T)


def export_captioner(path: Path = CAPTIONER, repository: Path = REPOSITORY) -> None:
    """Export the captioner with its beam search, and its vocabulary for the decoder."""
    captioner, vocabulary = load_captioner(path)
    search = BeamSearch(as_stored(captioner)).eval()
    image = torch.rand(3, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(1)) * 2 - 1
    feeds = {
        "IMAGE": image,
        "LANGUAGE": torch.tensor([[0, 1]] * 3),
        "JOINT_EMBEDDING": torch.nn.functional.normalize(torch.randn(3, JOINT_DIM), dim=1),
        "CONCEPTS": torch.rand(3, captioner.known.in_features - JOINT_DIM),
    }
    _publish("captioner", search, feeds, ["TOKEN_IDS", "TOKEN_PROBS", "ATTENTION"], repository)
    target = repository / "caption_decoder" / "1" / "vocabulary.json"
    waiting = target.with_suffix(".part")
    waiting.write_text(json.dumps(vocabulary.pieces, ensure_ascii=False), encoding="utf-8")
    os.replace(waiting, target)
    _remember_history("captioner", path)


def _remember_history(kind: str, path: Path) -> None:
    history = torch.load(path, weights_only=True).get("history", [])
    (CACHE / f"history_{kind}.json").write_text(json.dumps(history), encoding="utf-8")


def _publish(model: str, module: nn.Module, feeds: dict[str, torch.Tensor], names: list[str], repository: Path) -> None:
    graph = store_small(_trace(module, feeds, names))
    content = graph.SerializeToString()
    difference = _difference(module, content, feeds, names)
    if difference > _MAX_DIFFERENCE:
        raise ParityError(f"{model}: the graph differs from torch by {difference:.2g}, at most {_MAX_DIFFERENCE}")
    if len(content) > _LIMITS_BYTES[model]:
        raise ValueError(f"{model} has {len(content)} bytes, its budget is {_LIMITS_BYTES[model]}")
    target = repository / model / "1" / "model.onnx"
    target.parent.mkdir(parents=True, exist_ok=True)
    waiting = target.with_suffix(".onnx.part")
    waiting.write_bytes(content)
    os.replace(waiting, target)
    report = {"model": model, "megabytes": round(len(content) / 1e6, 2), "largest_difference": difference}
    (CACHE / f"export_{model}.json").write_text(json.dumps(report), encoding="utf-8")
    print(json.dumps(report), flush=True)


def _trace(module: nn.Module, feeds: dict[str, torch.Tensor], names: list[str]) -> onnx.ModelProto:
    axes = {name: {0: "batch"} for name in (*feeds, *names)}
    if "LANGUAGE" in feeds:
        for name in ("LANGUAGE", *names):
            axes[name][1] = "languages"
    buffer = io.BytesIO()
    torch.onnx.export(
        module,
        tuple(feeds.values()),
        buffer,  # type: ignore[arg-type]  # the TorchScript exporter takes a stream
        input_names=list(feeds),
        output_names=names,
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load_model_from_string(buffer.getvalue())
    model.ir_version = IR_VERSION
    with torch.inference_mode():
        results = module(*feeds.values())
    for declared, result in zip(model.graph.output, results, strict=True):  # the exporter knows some only by name
        for axis, dim in enumerate(declared.type.tensor_type.shape.dim):
            if axis not in axes[declared.name]:
                dim.dim_value = result.shape[axis]
    return model


def _difference(module: nn.Module, content: bytes, feeds: dict[str, torch.Tensor], names: list[str]) -> float:
    """Return the largest difference over all outputs, for batches of another size than the traced one as well."""
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    largest = 0.0
    for count in (1, 2, 3):
        part = {name: value[:count] for name, value in feeds.items()}
        with torch.inference_mode():
            wanted = module(*part.values())
        got = session.run(names, {name: value.numpy() for name, value in part.items()})
        for one, other in zip(wanted, got, strict=True):
            if tuple(one.shape) != np.asarray(other).shape:
                raise ParityError(f"shape {np.asarray(other).shape} instead of {tuple(one.shape)}")
            largest = max(largest, float(np.abs(one.numpy() - np.asarray(other)).max()))
    return largest


def main() -> None:
    """Export what is named, or both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="?", choices=["tower", "captioner"], help="both if none is named")
    parser.add_argument("--tower", type=Path, default=TOWER)
    parser.add_argument("--captioner", type=Path, default=CAPTIONER)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.only != "captioner":
        export_tower(options.tower)
    if options.only != "tower":
        export_captioner(options.captioner)


if __name__ == "__main__":
    main()
