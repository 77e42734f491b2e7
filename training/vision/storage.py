"""Small storage of weights: int8 with one scale per channel, multiplied out once when a session is made.

Cast and Mul of constants are folded by every onnxruntime when the graph is loaded, so inference is float32 as before;
`DequantizeLinear` is left unfolded by it and would be paid for in each call.
"""

from __future__ import annotations

import copy
import itertools
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_FROM_VALUES = 2048  # smaller tensors stay float32: nothing to gain
_LEVELS = 127
_Module = TypeVar("_Module", bound=nn.Module)


def as_stored(module: _Module) -> _Module:
    """Return a copy of a network as it will be stored: batch norms folded, large weights rounded to 8 bits.

    The copy computes in float32 with exactly the values that the exported file holds, so that the cost of the storage
    can be measured in torch and the graph be compared with it.
    """
    stored = copy.deepcopy(module).eval()
    for parent in stored.modules():
        children = list(parent.named_children())
        for (name, conv), (norm_name, norm) in itertools.pairwise(children):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(parent, name, fuse_conv_bn_eval(conv, norm))
                setattr(parent, norm_name, nn.Identity())
    with torch.no_grad():
        for parameter in stored.parameters():
            if parameter.ndim > 1 and parameter.numel() >= _FROM_VALUES:
                quantised, scale = quantise(parameter.numpy(), axis=0)
                parameter.copy_(torch.from_numpy(quantised.astype(np.float32) * scale))
    return stored


def quantise(values: npt.NDArray[np.float32], axis: int) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Round to int8, symmetric, with one scale per slice along `axis`.

    Returns:
        The integers, and the scales in a shape that broadcasts against them.
    """
    others = tuple(other for other in range(values.ndim) if other != axis)
    largest = np.abs(values).max(axis=others, keepdims=True)
    scale = np.maximum(largest / _LEVELS, np.finfo(np.float32).tiny).astype(np.float32)
    return np.rint(values / scale).astype(np.int8), scale


def store_small(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace the large float32 initialisers of a graph, made from `as_stored`, by int8 and scales, in place.

    Raises:
        ValueError: a weight is not what `as_stored` leaves, and rounding it would change the result.
    """
    graph = model.graph
    tensors: list[onnx.TensorProto] = []
    nodes: list[onnx.NodeProto] = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.ndim < 2 or values.size < _FROM_VALUES:
            tensors.append(tensor)
            continue
        quantised, scale = _exactly(tensor.name, values)
        name = tensor.name
        tensors += [numpy_helper.from_array(quantised, f"{name}.q"), numpy_helper.from_array(scale, f"{name}.scale")]
        nodes.append(helper.make_node("Cast", [f"{name}.q"], [f"{name}.float"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [f"{name}.float", f"{name}.scale"], [name]))
    nodes += graph.node
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(tensors)
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def _exactly(name: str, values: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Quantise along whichever of the first two axes the weight was rounded on (exporters transpose some)."""
    errors = []
    for axis in (0, 1):
        quantised, scale = quantise(values, axis)
        error = float(np.abs(quantised * scale - values).max())
        if error <= 1e-5 * float(np.abs(values).max()):
            return quantised, scale
        errors.append(error)
    raise ValueError(f"{name} {values.shape} was not rounded along its first or second axis: off by {min(errors)}")
