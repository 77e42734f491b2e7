"""Convolutions computed as matrix products, for fast bfloat16 training on CPUs with AMX or AVX-512.

oneDNN's backward pass of small-map convolutions (the last stages of a ResNet at 48-96 px) reaches a few percent of what
the same arithmetic reaches as a plain matrix product. A 1x1 convolution is one already; a 3x3 one becomes one after its
nine shifted views are laid side by side. The parameters stay those of `torch.nn.Conv2d`, so checkpoints and ONNX export
are unaffected.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as f


class GemmConv2d(nn.Conv2d):
    """A drop-in `nn.Conv2d` (1x1 or 3x3, no groups) evaluated by `linear` on the channels-last layout."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Convolve.

        Args:
            input: [N, C, H, W], best in channels-last memory format.

        Returns:
            [N, C', H', W'] in channels-last memory format.
        """
        step_y, step_x = self.stride
        nhwc = input.permute(0, 2, 3, 1)
        if self.kernel_size == (1, 1):
            if step_y > 1 or step_x > 1:
                nhwc = nhwc[:, ::step_y, ::step_x].contiguous()
            weight = self.weight.flatten(1)
        else:
            nhwc = _side_by_side(nhwc, step_y, step_x)
            weight = self.weight.permute(0, 2, 3, 1).reshape(self.out_channels, -1)
        return f.linear(nhwc, weight, self.bias).permute(0, 3, 1, 2)


class Float32DepthwiseConv2d(nn.Conv2d):
    """A drop-in depthwise `nn.Conv2d` that leaves autocast: its bfloat16 backward pass is several times slower."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Convolve in float32; shapes as `nn.Conv2d`."""
        with torch.autocast("cpu", enabled=False):
            return super().forward(input.float())


def _side_by_side(nhwc: torch.Tensor, step_y: int, step_x: int) -> torch.Tensor:
    """Return the nine shifted views of a map, padded by one: [N, H, W, C] -> [N, H', W', 9C]."""
    height, width = nhwc.shape[1], nhwc.shape[2]
    padded = f.pad(nhwc, (0, 0, 1, 1, 1, 1))
    views = [padded[:, y : y + height : step_y, x : x + width : step_x] for y in range(3) for x in range(3)]
    return torch.cat(views, dim=3)


def use_gemm(module: nn.Module, min_channels_3x3: int = 256) -> nn.Module:
    """Turn the eligible convolutions of a network into the faster kinds of this module, in place.

    Args:
        module: any network.
        min_channels_3x3: 3x3 convolutions with fewer input channels keep the native kernel, which is faster there.

    Returns:
        The same module.
    """
    for child in module.modules():
        if not isinstance(child, nn.Conv2d) or isinstance(child, GemmConv2d):
            continue
        if child.groups == child.in_channels > 1:
            child.__class__ = Float32DepthwiseConv2d
            continue
        pointwise = child.kernel_size == (1, 1)
        square = child.kernel_size == (3, 3) and child.padding == (1, 1) and child.in_channels >= min_channels_3x3
        if pointwise or square:
            child.__class__ = GemmConv2d
    return module
