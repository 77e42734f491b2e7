"""Training heads further without losing what was there (needs torch: `make test-training`)."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from training.text.average import average, only
from training.text.expand import EMOTIONS, INTENTS
from training.text.export import keep_encoder
from training.text.graph import Graph
from training.text.heads import UtteranceHeads
from training.text.train_heads import IGNORE, Examples, Remembered

pytestmark = pytest.mark.unit


def test_only_named_parts_are_mixed() -> None:
    """`--parts` leaves all other answers of the first checkpoint as they were."""
    before, after = UtteranceHeads().state_dict(), UtteranceHeads().state_dict()
    mixed = average(before, only(before, after, ["slots"]), 1.0)
    assert torch.equal(mixed["slots.0.weight"], after["slots.0.weight"])
    assert torch.equal(mixed["intent.0.weight"], before["intent.0.weight"])
    assert torch.equal(mixed["ahead.weight_ih_l0"], before["ahead.weight_ih_l0"])


def test_answers_of_before_count_only_where_they_were_right() -> None:
    """A wrong answer is not held on to, and a text without intent teaches none."""
    data = Examples([], [[0]] * 3, [], [1, 1, IGNORE], [0, 0, 0], [])
    intents, emotions = torch.zeros(3, len(INTENTS)), torch.zeros(3, len(EMOTIONS))
    intents[0, 1], intents[1, 2], emotions[:, 0] = 9.0, 9.0, 9.0
    kept = Remembered(intents, emotions, data, 0.5)
    wrong = kept.loss(intents[[1]], emotions[[1]], [1])
    assert kept.loss(intents[[0]], emotions[[0]], [0]) < 1 < wrong
    assert torch.isfinite(kept.loss(intents[[2]], emotions[[2]], [2]))


def test_an_export_can_keep_the_encoder_bit_for_bit() -> None:
    """Constants before the last normalisation stay those of the graph before, later ones are the new graph's."""

    def built(scale: float) -> onnx.ModelProto:
        graph, info = Graph(), helper.make_tensor_value_info
        encoded = graph.add("Mul", "X", graph.constant(np.full(4, scale, np.float32), "weight.1"))
        ones = np.full(4, scale, np.float32)
        normed = graph.add("LayerNormalization", encoded, graph.constant(ones), graph.constant(ones), epsilon=1e-5)
        graph.name(normed, "EMBEDDING")
        graph.name(graph.add("Mul", normed, graph.constant(np.full(4, 10 * scale, np.float32))), "Y")
        shape = ["batch", 4]
        ends = [info(name, TensorProto.FLOAT, shape) for name in ("Y", "EMBEDDING")]
        return graph.model([info("X", TensorProto.FLOAT, shape)], ends, "encoder and head")

    kept = keep_encoder(built(2.0), built(3.0))
    values = {part.name: numpy_helper.to_array(part) for part in kept.graph.initializer}
    assert sorted({float(value[0]) for value in values.values()}) == [3.0, 20.0]
    row = np.arange(4, dtype=np.float32)[None]
    session = ort.InferenceSession(kept.SerializeToString(), providers=["CPUExecutionProvider"])
    normed = (row - row.mean()) / np.sqrt((3 * row).var() + 1e-5) * 3
    assert np.allclose(session.run(None, {"X": row})[0], (3 * normed + 3) * 20, atol=1e-3)


def test_an_encoder_of_another_shape_is_not_kept() -> None:
    """A graph with other operators has no place for it, and says so."""
    graphs = []
    for operator in ("Relu", "Neg"):
        graph, info = Graph(), helper.make_tensor_value_info
        ones = graph.constant(np.ones(4, np.float32))
        normed = graph.add("LayerNormalization", graph.add(operator, "X"), ones, ones)
        graph.name(normed, "EMBEDDING")
        ends = [info(name, TensorProto.FLOAT, ["batch", 4]) for name in ("X", "EMBEDDING")]
        graphs.append(graph.model(ends[:1], ends[1:], operator))
    with pytest.raises(ValueError, match="another shape"):
        keep_encoder(*graphs)
