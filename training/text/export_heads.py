"""The utterance heads as an ONNX graph: probabilities from token states, weights stored as float16."""

import io

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper

from training.text.heads import WIDTH, UtteranceHeads

OPSET, IR_VERSION = 17, 9
_HALF_FROM_VALUES = 2048
OUTPUTS = ("INTENT", "EMOTION", "SLOT_TAGS")


def round_to_half(heads: UtteranceHeads) -> None:
    """Round, in place, the weights that the file stores as float16."""
    for parameter in heads.parameters():
        if parameter.numel() >= _HALF_FROM_VALUES:
            parameter.data = parameter.data.half().float()


def heads_to_onnx(heads: UtteranceHeads) -> onnx.ModelProto:
    """Trace the heads with free batch and token axes; large weights become float16 and a cast that folds."""
    heads.eval()
    states, mask = torch.randn(2, 16, WIDTH), torch.ones(2, 16, dtype=torch.int64)
    axes = {name: {0: "batch", 1: "tokens"} for name in ("TOKEN_STATES", "ATTENTION_MASK", "SLOT_TAGS")}
    axes |= {name: {0: "batch"} for name in OUTPUTS[:2]}
    buffer = io.BytesIO()
    torch.onnx.export(
        heads,
        (states, mask),
        buffer,
        input_names=["TOKEN_STATES", "ATTENTION_MASK"],
        output_names=list(OUTPUTS),
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load_model_from_string(buffer.getvalue())
    model.ir_version = IR_VERSION
    _store_half(model.graph)
    onnx.checker.check_model(model)
    return model


def _store_half(graph: onnx.GraphProto) -> None:
    stored, casts = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type == TensorProto.FLOAT and values.size >= _HALF_FROM_VALUES:
            stored.append(numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}.half"))
            casts.append(helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT))
        else:
            stored.append(tensor)
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(stored)
    graph.node.extend(nodes)


def heads_parity(heads: UtteranceHeads, model: onnx.ModelProto) -> float:
    """Return the largest difference of any probability between graph and torch, over lengths and amounts of padding."""
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    worst = 0.0
    for length, real in ((16, 2), (16, 16), (32, 9), (64, 40), (128, 128)):
        states = torch.randn(3, length, WIDTH, generator=generator)
        mask = (torch.arange(length) < real).long().expand(3, -1).contiguous()
        with torch.inference_mode():
            wanted = heads(states, mask)
        got = session.run(list(OUTPUTS), {"TOKEN_STATES": states.numpy(), "ATTENTION_MASK": mask.numpy()})
        worst = max(worst, *(float(np.abs(a.numpy() - b).max()) for a, b in zip(wanted, got, strict=True)))
    return worst
