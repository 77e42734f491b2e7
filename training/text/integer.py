"""Linear layers in integers: the same arithmetic for torch and as standard ONNX operators.

Weights are 8-bit with one scale for each output column. Activations are 16-bit, scaled token by token (by the largest
value of each row), and multiplied as two 8-bit halves. Scaling by token means that no answer depends on the texts it
was batched with or on padding, as one range for a whole batch (`DynamicQuantizeLinear`) would; sixteen bits mean that a
value that rounds the other way on another processor changes nothing that anyone could measure, as it does with eight.
Weights keep to ±63: then the pairwise 16-bit sums of processors without VNNI cannot saturate, and every processor gives
the same integers. `MatMulInteger` is in opset 10 of every onnxruntime.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

WEIGHT_LIMIT = 63
ACTIVATION_LIMIT = 127 * 256
_HALF, _ZERO = 256, 128
_FLOOR = 1e-8
_FROM_VALUES = 4096


def integer_weight(columns: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Round a (K, N) matrix to integers within `WEIGHT_LIMIT` with one scale for each column, shape (N,)."""
    scale = np.maximum(np.abs(columns).max(axis=0) / WEIGHT_LIMIT, np.finfo(np.float32).tiny).astype(np.float32)
    return np.rint(columns / scale).astype(np.int8), scale


class IntegerLinear(nn.Module):
    """What the exported graph computes for one linear layer, in torch."""

    def __init__(self, layer: nn.Linear) -> None:
        """Take over the rounded weights of `layer`."""
        super().__init__()
        quantised, scale = integer_weight(np.ascontiguousarray(layer.weight.detach().numpy().T))
        self.weight = nn.Parameter(torch.from_numpy(quantised.astype(np.float32).T.copy()), requires_grad=False)
        self.scale = nn.Parameter(torch.from_numpy(scale), requires_grad=False)
        self.bias = layer.bias

    def forward(self, inputs: Tensor) -> Tensor:
        """Quantise each row, multiply integers (exact in double precision), scale back."""
        step = inputs.abs().amax(-1, keepdim=True).clamp(min=_FLOOR) / ACTIVATION_LIMIT
        rounded = torch.round(inputs / step)
        product = functional.linear(rounded.double(), self.weight.double()).float()
        return product * step * self.scale + self.bias


def to_integer(model: nn.Module) -> None:
    """Replace, in place, every large linear layer by its integer counterpart."""
    for name, child in model.named_children():
        if isinstance(child, nn.Linear) and child.weight.numel() >= _FROM_VALUES:
            setattr(model, name, IntegerLinear(child))
        else:
            to_integer(child)


class SmoothedLinear(nn.Module):
    """A linear layer that shrinks its large input channels and has the opposite factors in its weights."""

    def __init__(self, layer: nn.Linear, factors: Tensor) -> None:
        """Divide inputs by `factors` (K,) and multiply them into the weights of `layer`."""
        super().__init__()
        self.inverse = nn.Parameter(1 / factors, requires_grad=False)
        self.layer = layer
        layer.weight.data = layer.weight.data * factors

    def forward(self, inputs: Tensor) -> Tensor:
        """Return what the plain layer would, in other units between."""
        output: Tensor = self.layer(inputs * self.inverse)
        return output


def smooth(model: nn.Module, run: Callable[[], object]) -> None:
    """Balance, in place, large input channels against weights, so that rounding rows to integers loses less.

    After Xiao et al. (2023), "SmoothQuant", with strength one half. Layers that read the same input get the same
    factors.

    Args:
        model: The encoder; its large linear layers are replaced.
        run: Runs the model on calibration texts.
    """
    largest: dict[str, Tensor] = {}
    layers = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear) and m.weight.numel() >= _FROM_VALUES}

    def watch(name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def hook(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            seen = inputs[0].detach().abs().flatten(0, -2).amax(0)
            largest[name] = torch.maximum(largest[name], seen) if name in largest else seen

        return hook

    handles = [layer.register_forward_pre_hook(watch(name)) for name, layer in layers.items()]
    with torch.no_grad():
        run()
    for handle in handles:
        handle.remove()
    peaks = {name: layer.weight.detach().abs().amax(0) for name, layer in layers.items()}
    for name, layer in layers.items():
        parent, _, leaf = name.rpartition(".")
        together = (
            [other for other in layers if other.rpartition(".")[0] == parent] if parent.endswith("self") else [name]
        )
        weights = torch.stack([peaks[other] for other in together]).amax(0)
        factors = (largest[name].clamp(min=1e-5) / weights.clamp(min=1e-5)).sqrt()
        setattr(model.get_submodule(parent), leaf, SmoothedLinear(layer, factors))


def integer_matmuls(model: onnx.ModelProto) -> onnx.ModelProto:
    """Rewrite products with large constant matrices to integers, in place; readers of one value share its rounding."""
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    nodes: list[onnx.NodeProto] = []
    added = [
        numpy_helper.from_array(np.array(value, dtype), name)
        for name, value, dtype in (
            ("integer.limit", ACTIVATION_LIMIT, np.float32),
            ("integer.floor", _FLOOR, np.float32),
            ("integer.shift", _ZERO, np.float32),
            ("integer.half", _HALF, np.float32),
            ("integer.zero", _ZERO, np.uint8),
        )
    ]
    dropped, rounded, scaled, same = set(), set(), dict[tuple[str, bytes], str](), dict[str, str]()
    for node in graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = same.get(name, name)
        if node.op_type == "Mul" and node.input[1] in constants:  # one scaled input for all layers that read it
            key = (
                node.input[0],
                constants[node.input[1]].SerializeToString(deterministic=True).replace(node.input[1].encode(), b""),
            )
            if key in scaled:
                same[node.output[0]] = scaled[key]
                continue
            scaled[key] = node.output[0]
        weight = constants.get(node.input[1]) if node.op_type == "MatMul" else None
        if (
            weight is None
            or weight.name == "projection"
            or len(weight.dims) != 2
            or np.prod(weight.dims) < _FROM_VALUES
        ):
            nodes.append(node)
            continue
        source = node.input[0]
        if source not in rounded:
            rounded.add(source)
            nodes += _round_rows(source)
        quantised, scale = integer_weight(numpy_helper.to_array(weight))
        added += [
            numpy_helper.from_array(quantised, f"{weight.name}.q"),
            numpy_helper.from_array(scale, f"{weight.name}.scale"),
        ]
        dropped.add(weight.name)
        nodes += _product(source, weight.name, node.output[0])
    kept = [tensor for tensor in graph.initializer if tensor.name not in dropped]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend([*kept, *added])
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def _round_rows(source: str) -> list[onnx.NodeProto]:
    """Round each row to 16 bits and split the integers into a high and a low byte, shifted to be unsigned."""
    make = helper.make_node
    return [
        make("Abs", [source], [f"{source}.abs"]),
        make("ReduceMax", [f"{source}.abs"], [f"{source}.most"], axes=[-1], keepdims=1),
        make("Max", [f"{source}.most", "integer.floor"], [f"{source}.range"]),
        make("Div", [f"{source}.range", "integer.limit"], [f"{source}.step"]),
        make("Div", [source, f"{source}.step"], [f"{source}.ratio"]),
        make("Round", [f"{source}.ratio"], [f"{source}.rounded"]),
        make("Add", [f"{source}.rounded", "integer.shift"], [f"{source}.above"]),
        make("Div", [f"{source}.above", "integer.half"], [f"{source}.part"]),
        make("Floor", [f"{source}.part"], [f"{source}.high"]),  # so that the low byte is -128 to 127
        make("Mul", [f"{source}.high", "integer.half"], [f"{source}.whole"]),
        make("Sub", [f"{source}.rounded", f"{source}.whole"], [f"{source}.low"]),
        make("Add", [f"{source}.high", "integer.shift"], [f"{source}.high.shifted"]),
        make("Add", [f"{source}.low", "integer.shift"], [f"{source}.low.shifted"]),
        make("Cast", [f"{source}.high.shifted"], [f"{source}.high.q"], to=TensorProto.UINT8),
        make("Cast", [f"{source}.low.shifted"], [f"{source}.low.q"], to=TensorProto.UINT8),
    ]


def _product(source: str, weight: str, result: str) -> list[onnx.NodeProto]:
    make = helper.make_node
    nodes = []
    for half in ("high", "low"):
        nodes += [
            make("MatMulInteger", [f"{source}.{half}.q", f"{weight}.q", "integer.zero"], [f"{result}.{half}.integer"]),
            make("Cast", [f"{result}.{half}.integer"], [f"{result}.{half}"], to=TensorProto.FLOAT),
        ]
    return [
        *nodes,
        make("Mul", [f"{result}.high", "integer.half"], [f"{result}.whole"]),
        make("Add", [f"{result}.whole", f"{result}.low"], [f"{result}.sum"]),
        make("Mul", [f"{result}.sum", f"{source}.step"], [f"{result}.rows"]),
        make("Mul", [f"{result}.rows", f"{weight}.scale"], [result]),
    ]
