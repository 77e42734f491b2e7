"""Linear layers in integers: the arithmetic of the exported encoder (`encoder_graph.py`), in torch.

Weights are 8-bit with one scale for each output column. Activations are 16-bit, scaled token by token (by the largest
value of each row), and multiplied as two 8-bit halves. Scaling by token means that no answer depends on the texts it
was batched with or on padding, as one range for a whole batch (`DynamicQuantizeLinear`) would. Sixteen bits mean that
a value that rounds the other way on another processor changes nothing that anyone could measure. With eight each such
value moves others over their edges in every layer after it: torch and onnxruntime then differ by 0.004 in a component
of an embedding (by 0.00005 with sixteen), for a graph that is a quarter faster. Weights keep to ±63: then the pairwise
16-bit sums of processors without VNNI cannot saturate, and every processor gives the same integers.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

WEIGHT_LIMIT = 63
ACTIVATION_LIMIT = 127 * 256
FLOOR = 1e-8
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
        step = inputs.abs().amax(-1, keepdim=True).clamp(min=FLOOR) / ACTIVATION_LIMIT
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
