"""Writes the text models into the Triton model repository.

One ONNX graph from token ids to everything that is read of a text: BERT, masked mean pooling (Reimers and Gurevych
2019, Sentence-BERT) and L2 normalisation, the place in the space shared with the stickers, and the utterance heads.
Linear layers of the encoder are stored and computed in 8-bit integers (see `integer.py` and `encoder_graph.py`), the
table of words is stored in them, the heads as float16.

    python -m training.text.export [--checkpoint .cache/training/text/final.pt] [--projection text_projection.npy]

Parity is measured against torch with the same stored weights; what the storage costs is measured against the unrounded
ones and shown in the model card.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel, PreTrainedModel

from training.text.branch import Branch, branch_of
from training.text.distil import student
from training.text.encoder_graph import add_encoder, add_normalised, fold_biases, rounded_table
from training.text.grammar import dataset
from training.text.graph import Graph
from training.text.heads import UtteranceHeads
from training.text.heads_graph import SHAPES, add_heads, heads_parity, round_to_half
from training.text.integer import smooth, to_integer
from training.text.paths import CACHE, REPOSITORY, WORK
from training.text.repository import write_configs
from training.text.teacher import pad
from training.text.train_heads import FINAL
from training.text.vocabulary import reads_traditional

_MAX_FILE_BYTES = 45_000_000
_NORM_FLOOR = 1e-12
_PROJECTION = "projection"
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
        """Encodes `(B, T)` ids into the embedding `(B, 384)` and, if projected, `(B, 256)`."""
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1).clamp(min=1.0)
        embedding = _normalise(mean)
        if self.projection is None:
            return (embedding,)
        return embedding, _normalise(embedding @ self.projection)


def _normalise(vectors: Tensor) -> Tensor:
    """Scales each row to length one; a zero row stays zero."""
    return vectors / vectors.norm(dim=-1, keepdim=True).clamp(min=_NORM_FLOOR)


def served_graph(
    bert: BertModel, heads: UtteranceHeads, projection: Tensor | None, branch: Branch | None = None
) -> onnx.ModelProto:
    """Builds the one graph that everything about a text is read from; the heads read the branch where there is one."""
    graph, info, floats = Graph(), helper.make_tensor_value_info, TensorProto.FLOAT
    encoded, read = add_encoder(graph, bert, branch)
    embedding = add_normalised(graph, encoded.mean)
    found = {"EMBEDDING": embedding, **add_heads(graph, heads, read)}
    shapes: dict[str, list[str | int]] = {"EMBEDDING": ["batch", bert.config.hidden_size], **SHAPES}
    if projection is not None:
        joint = graph.add("MatMul", embedding, graph.constant(projection.numpy(), _PROJECTION))
        found["JOINT_EMBEDDING"] = add_normalised(graph, joint)
        shapes["JOINT_EMBEDDING"] = ["batch", projection.shape[1]]
    for name, value in found.items():
        graph.name(value, name)
    inputs = [info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("INPUT_IDS", "ATTENTION_MASK")]
    return graph.model(inputs, [info(name, floats, shapes[name]) for name in found], "text_bert")


def round_lookups(bert: nn.Module) -> None:
    """Round, in place, the embedding tables to the very values that the file will hold."""
    for name, module in bert.named_modules():
        if name.endswith("word_embeddings"):
            quantised, scale = rounded_table(module.weight.detach().numpy())
            module.weight.data = torch.from_numpy(quantised.astype(np.float32) * scale)


def parity(encoder: SentenceEncoder, model: onnx.ModelProto, tokenizer: Tokenizer) -> tuple[float, float]:
    """Compares the graph with a torch encoder on a few sentences.

    Returns:
        The smallest cosine between the two embeddings, and the largest absolute difference of a component of the
        sentence outputs.
    """
    ids, mask = pad([encoding.ids for encoding in tokenizer.encode_batch(list(_PARITY_TEXTS))], multiple=32)
    with torch.inference_mode():
        wanted = [output.numpy() for output in encoder(ids, mask)]
    names = ["EMBEDDING"] + (["JOINT_EMBEDDING"] if encoder.projection is not None else [])
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    got = [np.asarray(part) for part in session.run(names, {"INPUT_IDS": ids.numpy(), "ATTENTION_MASK": mask.numpy()})]
    largest = max(float(np.abs(a - b).max()) for a, b in zip(wanted, got, strict=True))
    return float((wanted[0] * got[0]).sum(-1).min()), largest


def utterance_parity(
    model: BertModel, heads: UtteranceHeads, branch: Branch | None, graph: onnx.ModelProto, tokenizer: Tokenizer
) -> float:
    """Return the largest difference of a probability of intent, emotion or tag between graph and torch, from ids on."""
    ids, mask = pad([encoding.ids for encoding in tokenizer.encode_batch(list(_PARITY_TEXTS))], multiple=32)
    with torch.inference_mode():
        states = branch.read(model, ids, mask) if branch else model(input_ids=ids, attention_mask=mask)[0]
        wanted = [part.numpy() for part in heads(states, mask)]
    session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    got = [
        np.asarray(part)
        for part in session.run(list(SHAPES), {"INPUT_IDS": ids.numpy(), "ATTENTION_MASK": mask.numpy()})
    ]
    real = mask.numpy().astype(bool)
    wanted[2], got[2] = wanted[2][real], got[2][real]
    return max(float(np.abs(a - b).max()) for a, b in zip(wanted, got, strict=True))


def keep_encoder(model: onnx.ModelProto, before: onnx.ModelProto) -> onnx.ModelProto:
    """Return a graph with the encoder of `before`, bit for bit, and the heads of `model`.

    Rounding the encoder looks at training texts, so each export rounds it a little differently; vectors that were
    computed by the graph before and stored elsewhere stay exactly those of this one. The branch of the heads, if the
    graph has one, is that of `model`, whether or not the graph before had one.

    Raises:
        ValueError: The two encoders are not of one shape.
    """
    ends = [_encoder_end(graph) for graph in (model, before)]
    encoders = [list(graph.graph.node)[:end] for graph, end in zip((model, before), ends, strict=True)]
    if [(n.op_type, n.output) for n in encoders[0]] != [(n.op_type, n.output) for n in encoders[1]]:
        raise ValueError("the graph that is there is of another shape: export without keeping its encoder")
    kept = onnx.ModelProto()
    kept.CopyFrom(model)
    nodes = kept.graph.node
    for place, node in enumerate(encoders[1]):
        nodes[place].CopyFrom(node)
    encoder = {name for node in encoders[1] for name in node.input} | {_PROJECTION}
    used = {name for node in nodes for name in node.input}
    stored = {part.name: part for part in model.graph.initializer}
    stored.update({part.name: part for part in before.graph.initializer if part.name in encoder})
    del kept.graph.initializer[:]
    kept.graph.initializer.extend(part for name, part in stored.items() if name in used)
    onnx.checker.check_model(kept)
    return kept


def _encoder_end(model: onnx.ModelProto) -> int:
    """The number of nodes up to the last normalisation that EMBEDDING needs; those of a branch come after it."""
    makers = {name: place for place, node in enumerate(model.graph.node) for name in node.output}
    needed, waiting = set[int](), ["EMBEDDING"]
    while waiting:
        place = makers.get(waiting.pop())
        if place is not None and place not in needed:
            needed.add(place)
            waiting += model.graph.node[place].input
    norms = [place for place in needed if model.graph.node[place].op_type == "LayerNormalization"]
    return 1 + max(norms, default=-1)


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


def load(checkpoint: Path, pretrained: str | None) -> tuple[BertModel, Tokenizer, UtteranceHeads, Branch | None]:
    """Load a checkpoint of the joint stage, of the heads after it, or of the branch after those."""
    model, tokenizer, _ = student(pretrained)
    stored = torch.load(checkpoint, weights_only=True)
    model.load_state_dict(stored["model"])
    heads = UtteranceHeads()
    heads.load_state_dict(stored["heads"])
    branch = branch_of(model, stored["branch"]) if "branch" in stored else None
    return model, tokenizer, heads.eval(), branch


def export(
    model: BertModel,
    tokenizer: Tokenizer,
    heads: UtteranceHeads,
    projection: Tensor | None,
    repository: Path,
    keep: bool = False,
    branch: Branch | None = None,
) -> dict[str, float]:
    """Write `text_bert` and the tokenizer; return size, parity and what the integers cost.

    With `keep`, the encoder in the repository stays (see `keep_encoder`); parity is that of the graph built anew.
    """
    exact = SentenceEncoder(copy.deepcopy(model), projection).eval()
    prepare(model, tokenizer, branch)
    round_to_half(heads)
    encoder = SentenceEncoder(model, projection).eval()
    graph = served_graph(model, heads, projection, branch)
    to_integer(model)
    to_integer(branch or nn.Identity())
    _, difference = parity(encoder, graph, tokenizer)
    answers = utterance_parity(model, heads, branch, graph, tokenizer)
    if keep:
        graph = keep_encoder(graph, onnx.load(repository / "text_bert" / "1" / "model.onnx"))
    cosine, _ = parity(exact, graph, tokenizer)
    content = graph.SerializeToString()
    put(repository / "text_bert" / "1" / "model.onnx", content)
    put(repository / "text_tokenizer" / "1" / "tokenizer.json", reads_traditional(tokenizer).encode("utf-8"))
    return {
        "text_bert_mb": len(content) / 1e6,
        "parity": difference,
        "heads_parity": heads_parity(heads),
        "utterance_parity": answers,
        "least_cosine_to_float32": cosine,
    }


def prepare(model: BertModel, tokenizer: Tokenizer, branch: Branch | None = None) -> None:
    """Bring encoder and branch, in place, into the form that the graph is built from; they still answer in floats."""
    model.config._attn_implementation = "eager"
    round_lookups(model)
    fold_biases([*model.encoder.layer, *(branch.layer if branch else ())])
    ids, mask = pad([row.ids[:64] for row in tokenizer.encode_batch([u.text for u in dataset(400, 11)])])
    smooth(model, lambda: model(input_ids=ids, attention_mask=mask))
    if branch is not None:
        smooth(branch, lambda: branch.read(model, ids, mask))


def main() -> None:
    """Export a checkpoint and print sizes and parity."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=FINAL, help="checkpoint of the joint stage or after it")
    parser.add_argument("--pretrained", help="folder or hub id of the English encoder")
    parser.add_argument(
        "--projection", type=Path, default=CACHE / "vision" / "text_projection.npy", help="(384, 256) matrix"
    )
    parser.add_argument("--repository", type=Path, default=REPOSITORY)
    parser.add_argument("--keep-encoder", action="store_true", help="leave the encoder in the repository bit for bit")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer, heads, branch = load(arguments.checkpoint, arguments.pretrained)
    projection = None
    if arguments.projection.exists():
        projection = torch.from_numpy(np.load(arguments.projection).astype(np.float32))
    facts = export(model, tokenizer, heads, projection, arguments.repository, arguments.keep_encoder, branch)
    write_configs(arguments.repository, None if projection is None else int(projection.shape[1]))
    put(WORK / "export.json", json.dumps(facts, indent=1).encode())
    print(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
