"""Draws a specification: figure, prop, scene, lettering and the white die-cut border."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import skia  # type: ignore[import-untyped,import-not-found,unused-ignore]
from PIL import Image

from training.stickers import accessories, bodies, ears, extras, faces, heads, marks, props, scenes, typefaces
from training.stickers.brush import Brush, ellipse
from training.stickers.catalogue import EXPRESSIONS, SPECIES, STYLES, Expression, Species
from training.stickers.coat import Coat
from training.stickers.poses import POSES, Arm, Pose
from training.stickers.spec import Spec

_UNIT = 100.0
_CHIN = (50.0, 65.0)
_HEAD_SCALE = 1.12
_PADDING = 0.04
_MAX_SIZE_PX = 2048
_GROUND = 92.0
_COARSE_BORDER_PX = 1.0
_COARSEST = 3
_LINEAR = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kNearest)
_CUBIC = skia.SamplingOptions(skia.CubicResampler.Mitchell())


def render(spec: Spec, size: int) -> Image.Image:
    """Draws one sticker.

    Args:
        spec: What to draw.
        size: Edge of the square result in pixels, 8 to 2048.

    Returns:
        RGBA, straight alpha, transparent outside the die-cut border.

    Raises:
        ValueError: `size` is out of range.
        FontUnavailableError: Lettering was asked for and its typeface cannot be had.
    """
    if not 8 <= size <= _MAX_SIZE_PX:
        raise ValueError(f"size must be 8 to {_MAX_SIZE_PX} pixels, not {size}")
    info = skia.ImageInfo.Make(size, size, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    scale = size / _UNIT * (1 - 2 * _PADDING)
    border = STYLES[spec.style].border * scale
    layers = [_layer(info, scale, spec, _draw_figure)]
    if spec.scene != "none" or spec.backdrop != "none":
        layers.insert(0, _layer(info, scale, spec, _draw_ground))
    return _die_cut(layers, info, border)


@dataclass(frozen=True, slots=True)
class _Actor:
    spec: Spec
    species: Species
    expression: Expression
    pose: Pose
    coat: Coat


def _layer(info: Any, scale: float, spec: Spec, draw: Callable[[Brush, Spec], None]) -> Any:
    surface = skia.Surface.MakeRaster(info)
    with surface as canvas:
        canvas.translate(info.width() * _PADDING, info.height() * _PADDING)
        canvas.scale(scale, scale)
        draw(Brush(canvas, STYLES[spec.style], spec.seed), spec)
    return surface.makeImageSnapshot()


def _draw_ground(brush: Brush, spec: Spec) -> None:
    rng = random.Random(spec.seed)
    if spec.scene != "none":
        scenes.draw_scene(brush, spec.scene, rng)
    else:
        scenes.draw_backdrop(brush, spec.backdrop, rng)


def _draw_figure(brush: Brush, spec: Spec) -> None:
    x, y, scale = _stage(spec)
    with brush.at(x, y, scale, spec.tilt, spec.flip), brush.at(-50, -_GROUND):
        _figure(brush, _actor(spec))
    if spec.placement == "beside":
        _beside(brush, spec)
    elif spec.placement == "thought":
        _thought(brush, spec)
    if spec.lettering is not None and spec.gesture != "sign":
        place = 9.0 if spec.lettering.place == "top" else 90.5
        typefaces.draw_lettering(brush.canvas, spec.lettering, 50, place, 92, 19)


def _actor(spec: Spec) -> _Actor:
    species, style = SPECIES[spec.character.species], STYLES[spec.style]
    main, second, accent = species.coats[spec.character.palette]
    rx, ry = species.head
    coat = Coat(main, second, accent, rx * spec.character.build * style.head, ry * style.head)
    return _Actor(spec, species, EXPRESSIONS[spec.expression], POSES[spec.gesture], coat)


def _stage(spec: Spec) -> tuple[float, float, float]:
    """Returns where the figure stands (x, ground) and how large it is."""
    x, y, scale = 50.0, 95.0, 0.97
    wide = spec.gesture in ("cheer", "hug", "shrug", "jump", "run", "sleep")
    if spec.gesture == "jump":
        y, scale = 92.0, 0.92
    if spec.placement == "beside":
        x, scale = (63.0 if spec.flip else 37.0), (0.72 if wide else 0.8)
    elif spec.placement == "thought":
        x, scale, y = (61.0 if spec.flip else 39.0), 0.78, 95.0
    if spec.scene != "none":
        scale *= 0.9
        y -= 1.0
    if spec.lettering is not None and spec.gesture != "sign":
        scale *= 0.84
        y = {"bottom": y - 12.0, "top": 97.0, "below": y - 17.0}[spec.lettering.place]
        scale *= 0.95 if spec.lettering.place == "below" else 1.0
    return x, y, scale


def _figure(brush: Brush, actor: _Actor) -> None:
    pose, mirrored = actor.pose, actor.spec.flip
    with brush.at(50, _GROUND - pose.lift, 1.0, pose.lean), brush.at(-50, -_GROUND):
        extras.draw_extras(brush, pose.extras, "behind", mirrored)
        if pose.legs != "hidden":
            _trunk(brush, actor)
        if pose.head[1] > 10:
            # A bowed head hangs in front of the hands.
            _arms(brush, actor, front=False)
            _head(brush, actor)
        else:
            _head(brush, actor)
            _front(brush, actor)
            _arms(brush, actor, front=False)
        _arms(brush, actor, front=True)
        extras.draw_extras(brush, pose.extras, "top", mirrored)


def _trunk(brush: Brush, actor: _Actor) -> None:
    bodies.draw_tail(brush, actor.species, actor.coat)
    bodies.draw_legs(brush, actor.species, actor.coat, actor.pose)
    bodies.draw_body(brush, actor.species, actor.coat)
    accessories.draw_neckwear(brush, actor.spec.character.accessory)


def _front(brush: Brush, actor: _Actor) -> None:
    """Draws what the hands hold: under the hands, over the trunk."""
    spec = actor.spec
    extras.draw_extras(brush, actor.pose.extras, "body", spec.flip)
    if spec.gesture == "sign":
        _sign(brush, spec)
    if spec.placement == "held":
        with brush.at(50, 79, 1.28, 0, spec.flip):
            props.draw_prop(brush, spec.prop)


def _sign(brush: Brush, spec: Spec) -> None:
    if spec.lettering is None:
        extras.board_scribble(brush)
        return
    with brush.at(50, 79, 1.0, 0, spec.flip):
        width = 33.0 if spec.lettering.place == "below" else 40.0
        typefaces.draw_lettering(brush.canvas, spec.lettering, 0, 0, width, 15)


def _arms(brush: Brush, actor: _Actor, *, front: bool) -> None:
    if actor.pose.legs == "hidden":
        return
    colour = bodies.limb_colour(actor.species, actor.coat)
    sides: tuple[tuple[int, Arm], ...] = ((-1, actor.pose.left), (1, actor.pose.right))
    for side, arm in sides:
        if arm.front is front:
            bodies.draw_arm(brush, arm, side, colour)


def _head(brush: Brush, actor: _Actor) -> None:
    pose, coat, species = actor.pose, actor.coat, actor.species
    names = actor.expression.always + (actor.expression.marks if actor.spec.marks else ())
    # A large head grows upwards: its chin stays where the neck is.
    y = _CHIN[1] + pose.head[1] - (22.0 + (coat.ry - 22.0) * 0.6) * _HEAD_SCALE
    with brush.at(_CHIN[0] + pose.head[0], y, _HEAD_SCALE, pose.head_tilt):
        ears.draw_ears(brush, species, coat)
        heads.draw_skull(brush, species, coat)
        marks.draw_skin(brush, names, species, coat)
        with brush.at(0, pose.face):
            heads.draw_muzzle(brush, species, coat)
            faces.draw_face(brush, species, actor.expression)
            accessories.draw_headwear(brush, actor.spec.character.accessory, species, coat)
        marks.draw_marks(brush, names, coat, actor.spec.flip)


def _beside(brush: Brush, spec: Spec) -> None:
    scale = 1.22 if spec.scene == "none" else 1.1
    y = 76.0
    if spec.lettering is not None and spec.gesture != "sign" and spec.lettering.place != "top":
        y, scale = 66.0, scale * 0.9
    with brush.at(18.0 if spec.flip else 82.0, y, scale):
        props.draw_prop(brush, spec.prop)


def _thought(brush: Brush, spec: Spec) -> None:
    side = -1 if spec.flip else 1
    lettered_top = spec.lettering is not None and spec.lettering.place == "top"
    with brush.at(50 + side * 29, 36.0 if lettered_top else 23.0):
        for x, y, radius in ((-12, 25, 2.2), (-9, 20, 3.2)):
            brush.ellipse(side * x, y, radius, radius, (255, 255, 255), line=0.8)
        brush.shape(ellipse(0, 0, 19, 17), (255, 255, 255), line=0.8)
        with brush.at(0, 0, 0.86):
            props.draw_prop(brush, spec.prop)


def _die_cut(layers: Sequence[Any], info: Any, border: float) -> Image.Image:
    """Lays every layer on a white silhouette of itself, grown by `border` pixels."""
    surface = skia.Surface.MakeRaster(info)
    with surface as canvas:
        for index, layer in enumerate(layers):
            # A figure on a card needs only a thin rim to stand out.
            _draw_silhouette(canvas, layer, info, border * (0.55 if index else 1.0))
            canvas.drawImage(layer, 0, 0)
    pixels = np.zeros((info.height(), info.width(), 4), np.uint8)
    straight = skia.ImageInfo.Make(info.width(), info.height(), skia.kRGBA_8888_ColorType, skia.kUnpremul_AlphaType)
    surface.makeImageSnapshot().readPixels(straight, pixels, pixels.strides[0], 0, 0)
    return Image.fromarray(pixels, "RGBA")


def _draw_silhouette(canvas: Any, layer: Any, info: Any, border: float) -> None:
    """Draws the grown white silhouette of a layer.

    Growing gives square corners; a blur and a steep threshold on alpha round them. The blurred shape has no fine
    detail, so it is made at a fraction of the size and only the threshold is taken at full size.
    """
    factor = min(max(1, round(border / _COARSE_BORDER_PX)), _COARSEST)
    edge = -(-info.width() // factor)
    coarse_border, sigma = border / factor, max(border / factor * 0.45, 0.4)
    grown = skia.ImageFilters.Dilate(coarse_border, coarse_border)
    coarse = skia.Surface.MakeRaster(info.makeWH(edge, edge))
    with coarse as small:
        blur = skia.Paint(ImageFilter=skia.ImageFilters.Blur(sigma, sigma, input=grown))
        small.saveLayer(None, blur)
        small.drawImageRect(layer, skia.Rect(0, 0, info.width() / factor, info.height() / factor), _LINEAR)
        small.restore()
    gain = max(2.5 * sigma * factor, 1.0)
    matrix = [0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, gain, 0.5 - 0.5 * gain]
    threshold = skia.Paint(ColorFilter=skia.ColorFilters.Matrix(matrix))
    whole = skia.Rect(0, 0, edge * factor, edge * factor)
    canvas.drawImageRect(coarse.makeImageSnapshot(), whole, _CUBIC, threshold)
