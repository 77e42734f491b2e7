"""Drawing primitives over Skia: outlined, shaded shapes in the manner of a style.

Coordinates are hundredths of the sticker's edge, y downwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import skia  # type: ignore[import-untyped,import-not-found,unused-ignore]

from training.stickers.catalogue import RGB, Style
from training.stickers.colour import darken, lighten, toned

Point = tuple[float, float]

_INKS: dict[str, RGB] = {"black": (38, 34, 40), "brown": (86, 58, 50), "navy": (44, 52, 92)}
INK: RGB = (62, 46, 48)
_SHADE_AMOUNT = 0.13
_ROUGH_SIZE = 9.0
_NEARLY_WHITE = 212


class Brush:
    """Draws on one canvas in one style.

    Args:
        canvas: The Skia canvas; the caller sets its transform to hundredths.
        style: The manner of drawing.
        seed: Seed of the hand-drawn wobble.
    """

    def __init__(self, canvas: Any, style: Style, seed: int = 0) -> None:
        """Keeps the canvas and prepares what all shapes share."""
        self.canvas = canvas
        self.style = style
        self._wobble = None
        if style.wobble:
            jitter = skia.DiscretePathEffect.Make(5.0, style.wobble, seed)
            self._wobble = skia.PathEffect.MakeCompose(skia.CornerPathEffect.Make(5.0), jitter)

    def tone(self, colour: RGB) -> RGB:
        """Returns a colour as the style shows it."""
        return toned(colour, self.style.tone)

    def ink(self, fill: RGB) -> RGB:
        """Returns the outline colour for a fill."""
        if self.style.ink == "tint":
            return darken(self.tone(fill), 0.5)
        return _INKS[self.style.ink]

    def shape(self, path: Any, fill: RGB, *, line: float = 1.0, shade: bool = False, alpha: int = 255) -> None:
        """Draws a closed shape: fill, optional shading, outline.

        Args:
            path: A Skia path.
            fill: Colour before toning.
            line: Factor on the style's outline width; 0 leaves it out.
            shade: Whether the style's shading applies (large parts only).
            alpha: Opacity of the fill, 0 to 255.
        """
        colour = self.tone(fill)
        rough = self._rough(path)
        paint = self._paint(colour, alpha, rough)
        if shade and self.style.shading == "soft":
            self._soften(paint, path, colour)
        self.canvas.drawPath(path, paint)
        if shade and self.style.shading == "cel":
            self._cel(path, colour)
        if line and self.style.outline:
            self.canvas.drawPath(path, self._pen(self.ink(fill), self.style.outline * line, rough=rough))
        elif line and min(fill) > _NEARLY_WHITE:
            # Without an outline, white would melt into the white border.
            self.canvas.drawPath(path, self._pen(darken(colour, 0.2), 0.8 * line))

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: RGB, **options: Any) -> None:
        """Draws an ellipse; options as for `shape`."""
        self.shape(ellipse(x, y, rx, ry), fill, **options)

    def line(self, path: Any, width: float = 1.6, colour: RGB | None = None, alpha: int = 255) -> None:
        """Draws an open line, in the style's ink unless a colour is given."""
        ink = self.face_ink() if colour is None else self.tone(colour)
        self.canvas.drawPath(path, self._pen(ink, width, alpha))

    def face_ink(self) -> RGB:
        """Returns the colour of eyes and mouths, dark in every style."""
        return _INKS.get(self.style.ink, INK)

    def dark(self, path: Any) -> None:
        """Fills a shape with the ink of the face."""
        self.canvas.drawPath(path, self._paint(self.face_ink(), 255))

    def plain(self, path: Any, colour: RGB, alpha: int = 255) -> None:
        """Fills a shape without outline."""
        self.canvas.drawPath(path, self._paint(self.tone(colour), alpha))

    def limb(self, path: Any, fill: RGB, width: float) -> None:
        """Draws a tube along a path: an arm, a leg, a tail."""
        if self.style.outline:
            self.canvas.drawPath(path, self._pen(self.ink(fill), width + 2 * self.style.outline * 0.9))
        self.canvas.drawPath(path, self._pen(self.tone(self.apart(fill)), width))

    def apart(self, fill: RGB) -> RGB:
        """Returns a limb's colour: a little darker where no outline parts it from the trunk."""
        return fill if self.style.outline else darken(fill, 0.1)

    def clip(self, path: Any) -> _Clip:
        """Restricts what is drawn inside a `with` block to a shape."""
        return _Clip(self.canvas, path)

    def at(self, x: float, y: float, scale: float = 1.0, degrees: float = 0.0, flip: bool = False) -> _Frame:
        """Moves, scales, turns and mirrors what is drawn inside a `with` block."""
        return _Frame(self.canvas, x, y, scale, degrees, flip)

    def _cel(self, path: Any, colour: RGB) -> None:
        bounds = path.getBounds()
        shift = bounds.height() * 0.16
        shadow = skia.Path(path)
        shadow.offset(-shift * 0.5, -shift)
        self.canvas.save()
        self.canvas.clipPath(path, skia.ClipOp.kIntersect, True)
        self.canvas.clipPath(shadow, skia.ClipOp.kDifference, True)
        self.canvas.drawRect(bounds, self._paint(darken(colour, _SHADE_AMOUNT), 255))
        self.canvas.restore()

    def _soften(self, paint: Any, path: Any, colour: RGB) -> None:
        bounds = path.getBounds()
        centre = skia.Point(bounds.centerX() - bounds.width() * 0.15, bounds.centerY() - bounds.height() * 0.2)
        colours = [skia.Color(*lighten(colour, 0.25)), skia.Color(*colour), skia.Color(*darken(colour, 0.16))]
        radius = max(bounds.width(), bounds.height(), 1.0) * 0.72
        paint.setShader(skia.GradientShader.MakeRadial(centre, radius, colours, [0.0, 0.5, 1.0]))

    def _rough(self, path: Any) -> bool:
        """Tells whether a shape is large enough to bear the wobble; eyes and mouths are not."""
        return self._wobble is not None and min(path.getBounds().width(), path.getBounds().height()) > _ROUGH_SIZE

    def _paint(self, colour: RGB, alpha: int, rough: bool = False) -> Any:
        paint = skia.Paint(AntiAlias=True, Color=skia.Color(*colour, alpha))
        if rough:
            paint.setPathEffect(self._wobble)
        return paint

    def _pen(self, colour: RGB, width: float, alpha: int = 255, rough: bool = False) -> Any:
        paint = self._paint(colour, alpha, rough)
        paint.setStyle(skia.Paint.kStroke_Style)
        paint.setStrokeWidth(width)
        paint.setStrokeCap(skia.Paint.kRound_Cap)
        paint.setStrokeJoin(skia.Paint.kRound_Join)
        return paint


class _Clip:
    def __init__(self, canvas: Any, path: Any) -> None:
        self._canvas, self._path = canvas, path

    def __enter__(self) -> None:
        self._canvas.save()
        self._canvas.clipPath(self._path, skia.ClipOp.kIntersect, True)

    def __exit__(self, *_: object) -> None:
        self._canvas.restore()


class _Frame:
    def __init__(self, canvas: Any, x: float, y: float, scale: float, degrees: float, flip: bool) -> None:
        self._canvas = canvas
        self._transform = (x, y, scale, degrees, flip)

    def __enter__(self) -> None:
        x, y, scale, degrees, flip = self._transform
        self._canvas.save()
        self._canvas.translate(x, y)
        if degrees:
            self._canvas.rotate(degrees)
        self._canvas.scale(-scale if flip else scale, scale)

    def __exit__(self, *_: object) -> None:
        self._canvas.restore()


def ellipse(x: float, y: float, rx: float, ry: float) -> Any:
    """Returns an ellipse around a centre."""
    return skia.Path.Oval(skia.Rect(x - rx, y - ry, x + rx, y + ry))


def box(x: float, y: float, width: float, height: float, radius: float = 0.0) -> Any:
    """Returns a rectangle with rounded corners around a centre."""
    rect = skia.Rect(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return skia.Path.RRect(rect, radius, radius)


def poly(points: Sequence[Point], closed: bool = True) -> Any:
    """Returns straight lines through points."""
    return skia.Path.Polygon([skia.Point(*point) for point in points], closed)


def blob(points: Sequence[Point], closed: bool = True, tension: float = 1 / 6) -> Any:
    """Returns a smooth curve through points (Catmull-Rom as cubic Bézier)."""
    count = len(points)
    path = skia.Path()
    path.moveTo(*points[0])

    def at(index: int) -> Point:
        return points[index % count] if closed else points[min(max(index, 0), count - 1)]

    for index in range(count if closed else count - 1):
        before, start, end, after = at(index - 1), at(index), at(index + 1), at(index + 2)
        path.cubicTo(
            start[0] + (end[0] - before[0]) * tension,
            start[1] + (end[1] - before[1]) * tension,
            end[0] - (after[0] - start[0]) * tension,
            end[1] - (after[1] - start[1]) * tension,
            *end,
        )
    if closed:
        path.close()
    return path


def arc(x: float, y: float, rx: float, ry: float, start: float, sweep: float) -> Any:
    """Returns part of an ellipse as an open line; degrees clockwise from the right."""
    path = skia.Path()
    path.addArc(skia.Rect(x - rx, y - ry, x + rx, y + ry), start, sweep)
    return path


def heart(x: float, y: float, size: float) -> Any:
    """Returns a heart of about `size` half-width around a centre."""
    path = skia.Path()
    path.moveTo(x, y + size)
    path.cubicTo(x - size * 1.7, y - size * 0.1, x - size * 0.8, y - size * 1.35, x, y - size * 0.4)
    path.cubicTo(x + size * 0.8, y - size * 1.35, x + size * 1.7, y - size * 0.1, x, y + size)
    path.close()
    return path


def star(x: float, y: float, radius: float, points: int = 5, inner: float = 0.48, turn: float = 0.0) -> Any:
    """Returns a star around a centre."""
    corners = []
    for index in range(points * 2):
        reach = radius if index % 2 == 0 else radius * inner
        angle = math.pi * index / points - math.pi / 2 + turn
        corners.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return poly(corners)


def drop(x: float, y: float, size: float) -> Any:
    """Returns a water drop, its tip above its centre."""
    path = skia.Path()
    path.moveTo(x, y - size * 1.6)
    path.cubicTo(x + size * 0.5, y - size * 0.7, x + size, y - size * 0.2, x + size, y + size * 0.2)
    path.cubicTo(x + size, y + size * 1.2, x - size, y + size * 1.2, x - size, y + size * 0.2)
    path.cubicTo(x - size, y - size * 0.2, x - size * 0.5, y - size * 0.7, x, y - size * 1.6)
    path.close()
    return path
