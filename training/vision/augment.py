"""Augmentation of whole batches of RGBA pictures: geometry, colour, style and background, on a ramp."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as f


def composite(
    rgba: torch.Tensor,
    size: int,
    strength: float,
    generator: torch.Generator,
    views: torch.Tensor | None = None,
) -> torch.Tensor:
    """Draw a batch on backgrounds, warped, recoloured and degraded.

    Args:
        rgba: uint8 [B, H, W, 4], straight alpha.
        size: edge of the result.
        strength: 0 (shift and scale only) to 1 (everything).
        generator: the source of all randomness.
        views: what to show of each picture [B, 3]: centre x and y and half the edge, in -1..1; all of it if None.

    Returns:
        float32 [B, 3, size, size] in -1..1, channels-last.
    """
    picture = rgba.permute(0, 3, 1, 2).float().div_(255)
    alpha = picture[:, 3:]
    premultiplied = torch.cat([picture[:, :3] * alpha, alpha], 1)
    warped = _warp(premultiplied, size, strength, generator, views)
    colour, alpha = warped[:, :3], warped[:, 3:]
    colour = _recolour(colour, alpha, strength, generator)
    if strength > 0:
        colour, alpha = _outline(colour, alpha, strength, generator)
    scene = colour + (1 - alpha) * _background(len(rgba), size, strength, generator)
    scene = _degrade(scene, strength, generator).clamp(0, 1)
    return (scene * 2 - 1).contiguous(memory_format=torch.channels_last)


def plain(rgba: torch.Tensor, size: int) -> torch.Tensor:
    """Draw a batch on white without any change, as a served picture is: see `composite` for shapes."""
    picture = rgba.permute(0, 3, 1, 2).float().div_(255)
    scene = picture[:, :3] * picture[:, 3:] + (1 - picture[:, 3:])
    if scene.shape[-1] != size:
        scene = f.interpolate(scene, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
    return (scene.clamp(0, 1) * 2 - 1).contiguous(memory_format=torch.channels_last)


def _uniform(shape: tuple[int, ...], low: float, high: float, generator: torch.Generator) -> torch.Tensor:
    return torch.rand(shape, generator=generator) * (high - low) + low


def _chosen(batch: int, share: float, generator: torch.Generator) -> torch.Tensor:
    return (torch.rand((batch, 1, 1, 1), generator=generator) < share).float()


def _warp(
    picture: torch.Tensor, size: int, strength: float, generator: torch.Generator, views: torch.Tensor | None
) -> torch.Tensor:
    batch = len(picture)
    angle = _uniform((batch,), -1, 1, generator) * math.radians(25) * strength
    zoom = torch.exp(_uniform((batch,), -1, 1, generator) * (0.08 + 0.2 * strength))
    stretch = torch.exp(_uniform((batch,), -1, 1, generator) * 0.1 * strength)
    shear = _uniform((batch,), -1, 1, generator) * 0.2 * strength
    shift = _uniform((batch, 2), -1, 1, generator) * (0.05 + 0.1 * strength)
    cos, sin = torch.cos(angle), torch.sin(angle)
    rows = [
        torch.stack([cos * zoom * stretch, (shear - sin) * zoom, shift[:, 0]], 1),
        torch.stack([sin * zoom, cos * zoom / stretch, shift[:, 1]], 1),
    ]
    affine = torch.stack(rows, 1)
    if views is not None:
        affine = affine * views[:, 2, None, None]
        affine[:, :, 2] += views[:, :2]
    grid = f.affine_grid(affine, [batch, 4, size, size], align_corners=False)
    return f.grid_sample(picture, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _recolour(colour: torch.Tensor, alpha: torch.Tensor, strength: float, generator: torch.Generator) -> torch.Tensor:
    """Turn hue in the YIQ plane, scale saturation, shift brightness and contrast; premultiplied in and out."""
    batch = len(colour)
    to_yiq = torch.tensor([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
    hue = _uniform((batch,), -0.35, 0.35, generator) * strength
    low, high = 1 - strength, 1 + 0.5 * strength
    saturation = _uniform((batch,), low, high, generator)
    rotation = torch.zeros(batch, 3, 3)
    rotation[:, 0, 0] = 1
    rotation[:, 1, 1] = rotation[:, 2, 2] = torch.cos(hue) * saturation
    rotation[:, 1, 2] = -torch.sin(hue) * saturation
    rotation[:, 2, 1] = torch.sin(hue) * saturation
    matrix = torch.linalg.inv(to_yiq) @ rotation @ to_yiq
    colour = torch.einsum("bij,bjhw->bihw", matrix, colour)
    contrast = torch.exp(_uniform((batch, 1, 1, 1), -0.35, 0.35, generator) * strength)
    brightness = _uniform((batch, 1, 1, 1), -0.15, 0.15, generator) * strength
    return ((colour - alpha * 0.5) * contrast + alpha * (0.5 + brightness)).clamp_(min=0).minimum(alpha)


def _outline(
    colour: torch.Tensor, alpha: torch.Tensor, strength: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give some pictures a dark outline (as OpenMoji and line art have) or a white die-cut border."""
    batch = len(colour)
    grown = f.max_pool2d(alpha, 3, 1, 1)
    border = grown - alpha
    dark = _chosen(batch, 0.25 * strength, generator)
    white = _chosen(batch, 0.2 * strength, generator) * (1 - dark)
    edges = f.max_pool2d(colour.mean(1, keepdim=True), 3, 1, 1) + f.max_pool2d(-colour.mean(1, keepdim=True), 3, 1, 1)
    lines = 1 - _chosen(batch, 0.2 * strength, generator) * (edges * 2).clamp(0, 0.9)
    colour = colour * lines + border * white
    return colour, torch.where((dark + white) > 0, grown, alpha)


def _background(batch: int, size: int, strength: float, generator: torch.Generator) -> torch.Tensor:
    """White for some, else flat colour, gradient or smooth noise."""
    scenes = torch.ones(batch, 3, size, size)
    kinds = torch.randint(0, 4, (batch,), generator=generator)
    shown = torch.rand(batch, generator=generator) < 0.75 * strength
    for kind, grain in ((1, 1), (2, 2), (3, 5)):
        rows = ((kinds == kind) & shown).nonzero().flatten()
        if len(rows):
            coarse = torch.rand((len(rows), 3, grain, grain), generator=generator)
            scenes[rows] = f.interpolate(coarse, size=(size, size), mode="bilinear", align_corners=grain > 1)
    return scenes


def _degrade(scene: torch.Tensor, strength: float, generator: torch.Generator) -> torch.Tensor:
    """Posterise, blur, add noise, erase a rectangle."""
    batch, size = len(scene), scene.shape[-1]
    posterise = _chosen(batch, 0.12 * strength, generator)
    scene = torch.lerp(scene, (scene * 4).round() / 4, posterise)
    blur = _chosen(batch, 0.15 * strength, generator)
    scene = torch.lerp(scene, f.avg_pool2d(scene, 3, 1, 1, count_include_pad=False), blur)
    noise = _chosen(batch, 0.25 * strength, generator) * 0.06
    scene = scene + noise * torch.randn(scene.shape, generator=generator)
    span = torch.arange(size).float()
    centre = _uniform((batch, 2), 0, size, generator)
    half = _uniform((batch, 2), 0.05, 0.16, generator) * size
    inside_y = (span[None] - centre[:, :1]).abs() < half[:, :1]
    inside_x = (span[None] - centre[:, 1:]).abs() < half[:, 1:]
    erased = (inside_y[:, None, :, None] & inside_x[:, None, None, :]).float() * _chosen(
        batch, 0.2 * strength, generator
    )
    return torch.lerp(scene, torch.rand((batch, 3, 1, 1), generator=generator).expand_as(scene), erased)
