"""The sentence encoder as an ONNX graph in integers, with the fused operators of onnxruntime.

Traced from torch, the same arithmetic is some 800 operators, most of which only scale, cast and round; they cost more
than the products. Here each layer is four integer products and the few passes over the activations that they need.

The arithmetic is that of `integer.py`: each row of activations is scaled by its largest value to 16 bits and
multiplied as two bytes. The high byte is the row rounded to 8 bits, the low byte what that rounding left over, rounded
to 8 bits again. Values are rows (texts x tokens, width) but for attention, which needs the texts apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from onnx import TensorProto
from torch import Tensor, nn
from transformers import BertModel

from training.text.branch import Branch
from training.text.graph import FUSED, Graph
from training.text.integer import ACTIVATION_LIMIT, FLOOR, SmoothedLinear, integer_weight

Floats = npt.NDArray[np.float32]
_HALF, _ZERO = 256, 128
_MASKED = -1e9  # what attention adds to the score of padding
_NORM_FLOOR = 1e-12


@dataclass(frozen=True)
class Halves:
    """Rows of activations in integers: value = (256 * high + low) * step, both bytes shifted by 128."""

    high: str
    low: str
    step: str


def rounded_table(values: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Round an embedding table to int8 rows with one scale each, shape (rows, 1)."""
    scale = np.maximum(np.abs(values).max(axis=1, keepdims=True) / 127.0, np.finfo(np.float32).tiny).astype(np.float32)
    return np.rint(values / scale).astype(np.int8), scale


def fold_biases(layers: Iterable[nn.Module]) -> None:
    """Take two biases of attention that need no arithmetic of their own out of BERT layers; the answers stay the same.

    That of the keys adds the same to every score of a query, which softmax takes out. That of the values passes through
    unchanged, since the weights of attention sum to one, and joins the bias of the output layer.
    """
    for layer in layers:
        own, output = layer.attention.self, layer.attention.output.dense
        with torch.no_grad():
            output.bias += output.weight @ own.value.bias
            own.key.bias.zero_()
            own.value.bias.zero_()


@dataclass(frozen=True)
class Encoded:
    """Names of what the encoder gives: token states (B, T, width), their mean (B, width), the mask as floats (B, T)."""

    states: str
    mean: str
    real: str


def add_encoder(graph: Graph, bert: BertModel, branch: Branch | None = None) -> tuple[Encoded, Encoded]:
    """Add an encoder with folded biases, rounded tables and smoothed layers (`integer.smooth`).

    It reads INPUT_IDS and ATTENTION_MASK, both int64 (B, T). The whole encoder comes before the branch, so that the
    nodes that a sentence embedding needs are the same ones with a branch and without.

    Returns:
        What the encoder gives, and what the branch gives; without a branch the encoder's twice.
    """
    return _Encoder(graph, bert).build(branch)


def add_mean(graph: Graph, states: str, real: str) -> str:
    """The mean of the states (B, T, width) of real tokens, (B, width)."""
    total = graph.add("MatMul", graph.add("Unsqueeze", real, graph.constant([1])), states)
    count = graph.add("Max", graph.add("ReduceSum", real, graph.constant([1]), keepdims=1), graph.constant(1.0))
    return graph.add("Div", graph.add("Squeeze", total, graph.constant([1])), count)


def add_normalised(graph: Graph, vectors: str) -> str:
    """Scale each row to length one; a zero row stays zero."""
    length = graph.add("ReduceL2", vectors, axes=[-1], keepdims=1)
    return graph.add("Div", vectors, graph.add("Max", length, graph.constant(_NORM_FLOOR)))


class _Encoder:
    def __init__(self, graph: Graph, bert: BertModel) -> None:
        self._bert, self._graph, self._products = bert, graph, 0
        self._width: int = bert.config.hidden_size
        self._size = graph.add("Shape", "INPUT_IDS")
        self._wide = graph.add("Concat", self._size, graph.constant([self._width]), axis=0)
        rows = graph.add("ReduceProd", self._size, axes=[0], keepdims=1)
        self._zeros = graph.add("Expand", graph.constant(np.array([_ZERO], np.uint8)), rows)
        self._real = graph.add("Cast", "ATTENTION_MASK", to=TensorProto.FLOAT)
        padding = graph.add("Sub", graph.constant(1.0), graph.add("Unsqueeze", self._real, graph.constant([1, 2])))
        self._hidden = graph.add("Mul", padding, graph.constant(_MASKED))

    def build(self, branch: Branch | None) -> tuple[Encoded, Encoded]:
        rows = [self._embedded()]
        for layer in self._bert.encoder.layer:
            rows.append(self._layer(layer, rows[-1]))
        whole = self._encoded(rows[-1])
        if branch is None:
            return whole, whole
        own = rows[branch.shared]
        for layer in branch.layer:
            own = self._layer(layer, own)
        return whole, self._encoded(own)

    def _encoded(self, rows: str) -> Encoded:
        states = self._graph.add("Reshape", rows, self._wide)
        return Encoded(states, add_mean(self._graph, states, self._real), self._real)

    def _embedded(self) -> str:
        graph, tables = self._graph, self._bert.embeddings
        quantised, scale = rounded_table(_values(tables.word_embeddings.weight))
        words = graph.add(
            "Mul",
            graph.add(
                "Cast", graph.add("Gather", graph.constant(quantised, "words.q"), "INPUT_IDS"), to=TensorProto.FLOAT
            ),
            graph.add("Gather", graph.constant(scale, "words.scale"), "INPUT_IDS"),
        )
        places = _values(tables.position_embeddings.weight) + _values(tables.token_type_embeddings.weight)[0]
        tokens = graph.add("Slice", self._size, graph.constant([1]), graph.constant([2]))
        here = graph.add("Slice", graph.constant(places, "places"), graph.constant([0]), tokens, graph.constant([0]))
        norm = tables.LayerNorm
        normed = graph.add(
            "LayerNormalization",
            graph.add("Add", words, here),
            graph.constant(_values(norm.weight)),
            graph.constant(_values(norm.bias)),
            epsilon=norm.eps,
        )
        return graph.add("Reshape", normed, graph.constant([-1, self._width]))

    def _layer(self, layer: nn.Module, rows: str) -> str:
        graph = self._graph
        after = layer.attention.output
        seen = self._attention(layer.attention, rows)
        rows = self._residual(seen, _values(_inner(after.dense).bias), rows, after.LayerNorm)
        grown = self._linear(rows, layer.intermediate.dense)
        bias = graph.constant(_values(_inner(layer.intermediate.dense).bias))
        rested = self._linear(graph.add("BiasGelu", grown, bias, domain=FUSED), layer.output.dense)
        return self._residual(rested, _values(_inner(layer.output.dense).bias), rows, layer.output.LayerNorm)

    def _attention(self, attention: nn.Module, rows: str) -> str:
        """What the tokens see of each other, through the output layer.

        The scale of the scores and what smooths the input of the output layer are in the weights.
        """
        graph, own, after = self._graph, attention.self, attention.output.dense
        heads: int = own.num_attention_heads
        each = self._width // heads
        query, key, value = (_columns(_inner(part)) for part in (own.query, own.key, own.value))
        scale = np.float32(each**-0.5)
        rounded = self._rounded(graph.add("Mul", rows, graph.constant(_values(own.query.inverse))))
        columns = np.concatenate([query * scale, key, value * _values(after.inverse)], axis=1)
        apart = graph.add(
            "Reshape", self._product(rounded, columns),
            graph.add("Concat", self._size, graph.constant([3, heads, each]), axis=0),
        )  # fmt: skip
        kinds = graph.add("Transpose", apart, perm=[2, 0, 3, 1, 4])
        asking, asked, told = (
            graph.add("Squeeze", part, graph.constant([0])) for part in graph.split("Split", kinds, outputs=3, axis=0)
        )
        bias = _values(_inner(own.query).bias).reshape(1, heads, 1, each) * scale
        scores = graph.add("FusedMatMul", graph.add("Add", asking, graph.constant(bias)), asked, domain=FUSED, transB=1)
        weights = graph.add("Softmax", graph.add("Add", scores, self._hidden), axis=-1)
        seen = graph.add("Transpose", graph.add("MatMul", weights, told), perm=[0, 2, 1, 3])
        flat = graph.add("Reshape", seen, graph.constant([-1, self._width]))
        return self._product(self._rounded(flat), _columns(_inner(after)))

    def _residual(self, rows: str, bias: Floats, before: str, norm: nn.LayerNorm) -> str:
        """Add a bias and what was before, and normalise."""
        graph = self._graph
        total = graph.add("Add", graph.add("Add", rows, graph.constant(bias)), before)
        return graph.add(
            "LayerNormalization", total, graph.constant(_values(norm.weight)), graph.constant(_values(norm.bias)),
            epsilon=norm.eps,
        )  # fmt: skip

    def _linear(self, rows: str, layer: SmoothedLinear) -> str:
        """One linear layer without its bias, which the next fused operator adds."""
        shrunk = self._graph.add("Mul", rows, self._graph.constant(_values(layer.inverse)))
        return self._product(self._rounded(shrunk), _columns(_inner(layer)))

    def _rounded(self, rows: str) -> Halves:
        """Round each row to 16 bits: to 8, and what that left over to 8 more."""
        graph = self._graph
        most = graph.add("ReduceMax", rows, axes=[-1], keepdims=1)
        least = graph.add("Neg", graph.add("ReduceMin", rows, axes=[-1], keepdims=1))
        reach = graph.add("Max", most, least, graph.constant(FLOOR))
        step = graph.add("Mul", reach, graph.constant(1.0 / ACTIVATION_LIMIT))
        fine = graph.add("Reshape", step, graph.constant([-1]))
        coarse = graph.add("Mul", fine, graph.constant(float(_HALF)))
        high = graph.add("QuantizeLinear", rows, coarse, self._zeros, axis=0)
        left = graph.add("Sub", rows, graph.add("DequantizeLinear", high, coarse, self._zeros, axis=0))
        return Halves(high, graph.add("QuantizeLinear", left, fine, self._zeros, axis=0), step)

    def _product(self, rows: Halves, columns: Floats) -> str:
        """Both bytes of the rows times a (K, N) matrix of weights, scaled back."""
        graph, (quantised, scale) = self._graph, integer_weight(columns)
        self._products += 1
        weight = graph.constant(quantised, f"weight.{self._products}")
        scales = graph.constant(scale, f"weight.{self._products}.scale")
        zero = graph.constant(np.array(_ZERO, np.uint8))
        high, low = (
            graph.add("MatMulIntegerToFloat", part, weight, graph.constant(factor), scales, zero, domain=FUSED)
            for part, factor in ((rows.high, float(_HALF)), (rows.low, 1.0))
        )
        return graph.add("Mul", graph.add("Add", high, low), rows.step)


def _values(tensor: Tensor) -> Floats:
    return tensor.detach().numpy().astype(np.float32)


def _inner(layer: nn.Module) -> nn.Linear:
    """The linear layer of a smoothed one."""
    assert isinstance(layer, SmoothedLinear)
    return layer.layer


def _columns(layer: nn.Linear) -> Floats:
    return np.ascontiguousarray(_values(layer.weight).T)
