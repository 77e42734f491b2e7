"""Writes the text encoder into the Triton model repository.

One ONNX graph from token ids to the sentence: BERT, masked mean pooling (Reimers and Gurevych 2019, Sentence-BERT) and
L2 normalisation, with the per-token states as a second output for the utterance heads. Linear layers are stored and
computed in
8-bit integers (see `integer.py`), the embedding table is stored in them: a quarter of the size and a third of the time.

    python -m training.text.export [--checkpoint DIRECTORY|joint.pt] [--projection text_projection.npy]

The checkpoint of the joint stage also gives the utterance heads, their weights stored as float16. Parity is measured
against
torch with the same stored weights; what the storage costs is measured against the unrounded ones and shown in the
model card.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel, PreTrainedModel

from training.text.distil import student
from training.text.export_heads import heads_parity, heads_to_onnx, round_to_half
from training.text.grammar import dataset
from training.text.heads import UtteranceHeads
from training.text.integer import integer_matmuls, smooth, to_integer
from training.text.paths import CACHE, REPOSITORY, WORK
from training.text.repository import write_configs
from training.text.teacher import pad
from training.text.vocabulary import load_base

OPSET = 17
IR_VERSION = 9  # the newest that the onnxruntime of the official Triton images of 2024 reads
_FROM_VALUES = 4096  # smaller tensors (biases, norms) stay float32: nothing to gain, something to lose
_MAX_FILE_BYTES = 30_000_000
_NORM_FLOOR = 1e-12
_PARITY_TEXTS = (
    "where is my parcel",
    "My package hasn't moved since Tuesday, can you check?",
    "thank you so much!",
    "I want a refund for the broken mug, order 48213",
    "happy cat waving",
    "快递三天没更新了",
)


class SentenceEncoder(nn.Module):
    """BERT with mean pooling over the unmasked tokens and L2 normalisation.

    Args:
        bert: The encoder.
        projection: Optional `(384, 256)` matrix into the joint text and sticker space, applied before a second L2
            normalisation.
    """

    def __init__(self, bert: PreTrainedModel, projection: Tensor | None = None) -> None:
        """Keeps the encoder and, where there is one, the projection."""
        super().__init__()
        self.bert = bert
        self.projection = None if projection is None else nn.Parameter(projection, requires_grad=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Encodes `(B, T)` ids into embedding `(B, 384)`, token states `(B, T, 384)` and, if projected, `(B, 256)`."""
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1).clamp(min=1.0)
        embedding = _normalise(mean)
        if self.projection is None:
            return embedding, states
        return embedding, states, _normalise(embedding @ self.projection)


def _normalise(vectors: Tensor) -> Tensor:
    """Scales each row to length one; a zero row stays zero."""
    return vectors / vectors.norm(dim=-1, keepdim=True).clamp(min=_NORM_FLOOR)


def to_onnx(encoder: SentenceEncoder) -> onnx.ModelProto:
    """Traces the encoder with free batch and token axes, weights in float32."""
    encoder.eval()
    outputs = ["EMBEDDING", "TOKEN_STATES"] + (["JOINT_EMBEDDING"] if encoder.projection is not None else [])
    ids = torch.full((2, 16), 5, dtype=torch.int64)
    axes = {name: {0: "batch", 1: "tokens"} for name in ("INPUT_IDS", "ATTENTION_MASK", "TOKEN_STATES")}
    axes |= {name: {0: "batch"} for name in outputs if name != "TOKEN_STATES"}
    buffer = io.BytesIO()
    torch.onnx.export(
        encoder,
        (ids, torch.ones_like(ids)),
        buffer,
        input_names=["INPUT_IDS", "ATTENTION_MASK"],
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load_model_from_string(buffer.getvalue())
    model.ir_version = IR_VERSION
    return model


def store_lookups_small(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store tables that are looked up (`Gather`) as int8 rows with a scale for each, in place."""
    graph = model.graph
    stored: list[onnx.TensorProto] = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        lookups = [node for node in graph.node if tensor.name in node.input]
        looked_up = bool(lookups) and all(node.op_type == "Gather" and node.input[0] == tensor.name for node in lookups)
        if looked_up and tensor.data_type == TensorProto.FLOAT and values.ndim == 2 and values.size >= _FROM_VALUES:
            stored += _quantise_lookup(graph, tensor.name, values, lookups)
        else:
            stored.append(tensor)
    del graph.initializer[:]
    graph.initializer.extend(stored)
    onnx.checker.check_model(model)
    return model


def round_lookups(bert: nn.Module) -> None:
    """Round, in place, the embedding tables to the very values that the file will hold."""
    for module in bert.modules():
        if isinstance(module, nn.Embedding) and module.weight.numel() >= _FROM_VALUES:
            quantised, scale = _symmetric(module.weight.detach().numpy(), axis=1)
            module.weight.data = torch.from_numpy(quantised.astype(np.float32) * scale)


def _quantise_lookup(
    graph: onnx.GraphProto, name: str, values: npt.NDArray[np.float32], lookups: list[onnx.NodeProto]
) -> list[onnx.TensorProto]:
    """Makes each `Gather` take int8 rows and their scales, and multiply after it."""
    quantised, scale = _symmetric(values, axis=1)
    for node in lookups:
        result, at = node.output[0], list(graph.node).index(node)
        node.input[0], node.output[0] = f"{name}.q", f"{result}.q"
        graph.node.insert(
            at + 1, helper.make_node("Gather", [f"{name}.scale", node.input[1]], [f"{result}.scale"], axis=0)
        )
        for offset, scaling in enumerate(_multiply_out(f"{result}.q", f"{result}.scale", result), start=2):
            graph.node.insert(at + offset, scaling)
    return [_named(quantised, f"{name}.q"), _named(scale, f"{name}.scale")]


def _symmetric(values: npt.NDArray[np.float32], axis: int) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Rounds to int8 with one scale for each slice across `axis` (the axis that the scale has no extent in)."""
    largest = np.abs(values).max(axis=axis, keepdims=True)
    scale = np.maximum(largest / 127.0, np.finfo(np.float32).tiny).astype(np.float32)
    return np.rint(values / scale).astype(np.int8), scale


def _named(values: npt.NDArray[np.generic], name: str) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(values), name)


def _multiply_out(quantised: str, scale: str, result: str) -> list[onnx.NodeProto]:
    """Returns the two nodes that turn int8 values and their scales into float32 values."""
    return [
        helper.make_node("Cast", [quantised], [f"{quantised}.float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{quantised}.float", scale], [result]),
    ]


def parity(encoder: SentenceEncoder, model: onnx.ModelProto, tokenizer: Tokenizer) -> tuple[float, float]:
    """Compares the graph with a torch encoder on a few sentences.

    Returns:
        The smallest cosine between the two embeddings, and the largest absolute difference of a component of the
        sentence outputs.
    """
    ids, mask = pad([encoding.ids for encoding in tokenizer.encode_batch(list(_PARITY_TEXTS))], multiple=32)
    with torch.inference_mode():
        wanted = [output.numpy() for output in encoder(ids, mask)]
        wanted.pop(
            1
        )  # token states: one value that rounds the other way moves a token's largest component by a whole step
    names = ["EMBEDDING"] + (["JOINT_EMBEDDING"] if encoder.projection is not None else [])
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    got = [np.asarray(part) for part in session.run(names, {"INPUT_IDS": ids.numpy(), "ATTENTION_MASK": mask.numpy()})]
    largest = max(float(np.abs(a - b).max()) for a, b in zip(wanted, got, strict=True))
    return float((wanted[0] * got[0]).sum(-1).min()), largest


def put(path: Path, content: bytes) -> None:
    """Write a file by an atomic rename: a reader sees the old or the new content, never half.

    Raises:
        ValueError: The content is larger than one file of the repository may be.
    """
    if len(content) > _MAX_FILE_BYTES:
        raise ValueError(f"{path.parent.parent.name} has {len(content)} bytes, the budget is {_MAX_FILE_BYTES}")
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(path.name + ".part")
    waiting.write_bytes(content)
    os.replace(waiting, path)


def load(checkpoint: Path | None, pretrained: str | None) -> tuple[BertModel, Tokenizer, UtteranceHeads | None]:
    """Load a checkpoint of the joint stage with its heads, or (`None`) the plain English encoder without."""
    if checkpoint is None:
        model, tokenizer = load_base(pretrained)
        return model, tokenizer, None
    model, tokenizer, _ = student(pretrained)
    stored = torch.load(checkpoint, weights_only=True)
    model.load_state_dict(stored["model"])
    heads = UtteranceHeads()
    heads.load_state_dict(stored["heads"])
    return model, tokenizer, heads


def export_encoder(
    model: BertModel, tokenizer: Tokenizer, projection: Tensor | None, repository: Path
) -> dict[str, float]:
    """Write `text_bert` and the tokenizer; return size, parity and what the integers cost."""
    model.config._attn_implementation = "eager"
    exact = SentenceEncoder(copy.deepcopy(model), projection).eval()
    round_lookups(model)
    ids, mask = pad([row.ids[:64] for row in tokenizer.encode_batch([u.text for u in dataset(400, 11)])])
    smooth(model, lambda: model(input_ids=ids, attention_mask=mask))
    encoder = SentenceEncoder(model, projection).eval()
    graph = store_lookups_small(integer_matmuls(to_onnx(encoder)))
    to_integer(model)
    _, difference = parity(encoder, graph, tokenizer)
    cosine, _ = parity(exact, graph, tokenizer)
    content = graph.SerializeToString()
    put(repository / "text_bert" / "1" / "model.onnx", content)
    put(repository / "text_tokenizer" / "1" / "tokenizer.json", tokenizer.to_str().encode("utf-8"))
    return {"text_bert_mb": len(content) / 1e6, "parity": difference, "least_cosine_to_float32": cosine}


def export_heads(heads: UtteranceHeads, repository: Path) -> dict[str, float]:
    """Write `utterance`; return size and parity."""
    round_to_half(heads)
    graph = heads_to_onnx(heads)
    difference = heads_parity(heads, graph)
    content = graph.SerializeToString()
    put(repository / "utterance" / "1" / "model.onnx", content)
    return {"utterance_mb": len(content) / 1e6, "heads_parity": difference}


def main() -> None:
    """Export a checkpoint and print sizes and parity."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--checkpoint", type=Path, help="checkpoint of the joint stage; without it the plain English encoder"
    )
    parser.add_argument("--pretrained", help="folder or hub id of the English encoder")
    parser.add_argument(
        "--projection", type=Path, default=CACHE / "vision" / "text_projection.npy", help="(384, 256) matrix"
    )
    parser.add_argument("--repository", type=Path, default=REPOSITORY)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer, heads = load(arguments.checkpoint, arguments.pretrained)
    projection = None
    if arguments.checkpoint and arguments.projection.exists():
        projection = torch.from_numpy(np.load(arguments.projection).astype(np.float32))
    facts = export_encoder(model, tokenizer, projection, arguments.repository)
    if heads is not None:
        facts |= export_heads(heads, arguments.repository)
        write_configs(arguments.repository, None if projection is None else int(projection.shape[1]))
    put(WORK / "export.json", json.dumps(facts, indent=1).encode())
    print(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
