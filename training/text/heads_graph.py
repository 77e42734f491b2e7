"""The utterance heads as part of an ONNX graph: calibrated probabilities from the encoder's token states.

One bidirectional LSTM that knows the length of each row does what the torch module does with two and a mirror.
"""

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn

from training.text.encoder_graph import Encoded, add_mean
from training.text.expand import EMOTIONS, INTENTS
from training.text.graph import FUSED, Graph
from training.text.heads import WIDTH, UtteranceHeads
from training.text.tags import TAGS

Floats = npt.NDArray[np.float32]
_GATES = (0, 3, 1, 2)  # torch has input, forget, cell, output; ONNX input, output, forget, cell
_MASKED = -1e4
_HALF_FROM_VALUES = 2048
SHAPES: dict[str, list[str | int]] = {
    "INTENT": ["batch", len(INTENTS)],
    "EMOTION": ["batch", len(EMOTIONS)],
    "SLOT_TAGS": ["batch", "tokens", len(TAGS)],
}


def round_to_half(heads: UtteranceHeads) -> None:
    """Round, in place, the weights that the file stores as float16."""
    for parameter in heads.parameters():
        if parameter.numel() >= _HALF_FROM_VALUES:
            parameter.data = parameter.data.half().float()


def add_heads(graph: Graph, heads: UtteranceHeads, encoded: Encoded) -> dict[str, str]:
    """Add the heads; returns the names of INTENT (B, 19), EMOTION (B, 7) and SLOT_TAGS (B, T, 25).

    SLOT_TAGS says nothing about padding.
    """
    intent_heat, emotion_heat, slot_heat = heads.temperatures.tolist()
    states = graph.add("Mul", encoded.states, graph.add("Unsqueeze", encoded.real, graph.constant([2])))
    tokens = graph.add("Concat", states, _both_ways(graph, heads, states), axis=-1)
    seen = _pooled(graph, heads, tokens, encoded.real)
    intent, emotion = (
        graph.add("Concat", graph.add("Squeeze", part, graph.constant([1])), encoded.mean, axis=-1)
        for part in graph.split("Split", seen, outputs=2, axis=1)
    )
    return {
        "INTENT": _probabilities(graph, heads.intent, intent, intent_heat),
        "EMOTION": _probabilities(graph, heads.emotion, emotion, emotion_heat),
        "SLOT_TAGS": _probabilities(graph, heads.slots, tokens, slot_heat),
    }


def heads_model(heads: UtteranceHeads) -> onnx.ModelProto:
    """The heads as a model of their own, TOKEN_STATES and ATTENTION_MASK in: what parity is measured on."""
    graph, info = Graph(), helper.make_tensor_value_info
    real = graph.add("Cast", "ATTENTION_MASK", to=TensorProto.FLOAT)
    found = add_heads(graph, heads, Encoded("TOKEN_STATES", add_mean(graph, "TOKEN_STATES", real), real))
    for name, value in found.items():
        graph.name(value, name)
    inputs = [
        info("TOKEN_STATES", TensorProto.FLOAT, ["batch", "tokens", WIDTH]),
        info("ATTENTION_MASK", TensorProto.INT64, ["batch", "tokens"]),
    ]
    return graph.model(inputs, [info(name, TensorProto.FLOAT, SHAPES[name]) for name in found], "heads")


def heads_parity(heads: UtteranceHeads) -> float:
    """Return the largest difference of any probability between graph and torch, over lengths and amounts of padding."""
    heads.eval()
    session = ort.InferenceSession(heads_model(heads).SerializeToString(), providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    worst = 0.0
    for length, real in ((16, 2), (16, 16), (32, 9), (64, 40), (128, 128)):
        states = torch.randn(3, length, WIDTH, generator=generator)
        mask = (torch.arange(length) < real).long().expand(3, -1).contiguous()
        with torch.inference_mode():
            wanted = [part.numpy() for part in heads(states, mask)]
        got = session.run(list(SHAPES), {"TOKEN_STATES": states.numpy(), "ATTENTION_MASK": mask.numpy()})
        wanted[2], got[2] = wanted[2][:, :real], got[2][:, :real]
        worst = max(worst, *(float(np.abs(a - b).max()) for a, b in zip(wanted, got, strict=True)))
    return worst


def _both_ways(graph: Graph, heads: UtteranceHeads, states: str) -> str:
    """The hidden states of both directions, (B, T, 2 x hidden)."""
    layers = (heads.ahead, heads.back)
    width: int = heads.ahead.hidden_size
    inner = np.stack([_gates(layer.weight_ih_l0) for layer in layers])
    again = np.stack([_gates(layer.weight_hh_l0) for layer in layers])
    biases = np.stack([np.concatenate([_gates(layer.bias_ih_l0), _gates(layer.bias_hh_l0)]) for layer in layers])
    lengths = graph.add("ReduceSum", "ATTENTION_MASK", graph.constant([1]), keepdims=0)
    found, _, _ = graph.split(
        "LSTM", graph.add("Transpose", states, perm=[1, 0, 2]), graph.stored_half(inner), graph.stored_half(again),
        graph.constant(biases), graph.add("Cast", lengths, to=TensorProto.INT32),
        outputs=3, direction="bidirectional", hidden_size=width,
    )  # fmt: skip
    beside = graph.add("Transpose", found, perm=[2, 0, 1, 3])
    return graph.add("Reshape", beside, graph.constant([0, 0, 2 * width]))


def _gates(values: Tensor) -> Floats:
    """The rows of the four gates in the order of ONNX."""
    parts = np.split(_values(values), 4)
    return np.concatenate([parts[place] for place in _GATES])


def _pooled(graph: Graph, heads: UtteranceHeads, tokens: str, real: str) -> str:
    """What each of the two attention pools takes from the tokens, (B, 2, width)."""
    pools = (heads.intent_pool.score, heads.emotion_pool.score)
    columns = np.concatenate([_values(pool.weight) for pool in pools]).T
    padding = graph.add("Sub", graph.constant(1.0), graph.add("Unsqueeze", real, graph.constant([2])))
    scores = graph.add(
        "Add", graph.add("MatMul", tokens, graph.constant(np.ascontiguousarray(columns))),
        graph.add("Mul", padding, graph.constant(_MASKED)),
    )  # fmt: skip
    weights = graph.add("Softmax", scores, axis=1)  # a bias would change no weight
    return graph.add("MatMul", graph.add("Transpose", weights, perm=[0, 2, 1]), tokens)


def _probabilities(graph: Graph, head: nn.Sequential, inputs: str, temperature: float) -> str:
    """Two linear layers and a softmax; the temperature is in the weights of the second."""
    first, last = head[0], head[-1]
    assert isinstance(first, nn.Linear)
    assert isinstance(last, nn.Linear)
    grown = graph.add("MatMul", inputs, graph.stored_half(np.ascontiguousarray(_values(first.weight).T)))
    active = graph.add("BiasGelu", grown, graph.constant(_values(first.bias)), domain=FUSED)
    columns = np.ascontiguousarray(_values(last.weight).T)
    logits = graph.add(
        "Add", graph.add("MatMul", active, graph.constant(columns / np.float32(temperature))),
        graph.constant(_values(last.bias) / np.float32(temperature)),
    )  # fmt: skip
    return graph.add("Softmax", logits, axis=-1)


def _values(tensor: Tensor) -> Floats:
    return tensor.detach().numpy().astype(np.float32)
