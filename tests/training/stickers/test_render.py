"""Drawing: sizes, transparency, determinism, and that every factor is visible."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import numpy.typing as npt
import pytest

from training.stickers.catalogue import ACCESSORIES, EXPRESSIONS, GESTURES, PROPS, SCENES, SPECIES, STYLES
from training.stickers.render import render
from training.stickers.sampling import sample_spec
from training.stickers.spec import Character, Lettering, Spec, Split

pytestmark = pytest.mark.unit

_CAT = Spec(Character("cat", 0), "classic", "happy", "stand")


def _pixels(spec: Spec, size: int = 64) -> npt.NDArray[np.uint8]:
    return np.asarray(render(spec, size))


def _distance(first: Spec, second: Spec) -> float:
    return float(np.abs(_pixels(first).astype(int) - _pixels(second).astype(int)).mean())


@pytest.mark.parametrize("size", [8, 48, 64, 96, 128, 240])
def test_size_and_mode_are_as_asked(size: int) -> None:
    """A square RGBA picture with transparent corners and an opaque middle."""
    picture = render(_CAT, size)
    assert (picture.size, picture.mode) == ((size, size), "RGBA")
    alpha = np.asarray(picture)[..., 3]
    assert alpha[0, 0] == 0
    assert alpha[size // 2, size // 2] == 255


@pytest.mark.parametrize("size", [-1, 0, 7, 2049])
def test_a_senseless_size_is_refused(size: int) -> None:
    """Sizes out of range raise ValueError and name the range."""
    with pytest.raises(ValueError, match="8 to 2048"):
        render(_CAT, size)


def test_one_specification_gives_one_picture() -> None:
    """Drawing twice gives the same bytes, in every split."""
    rng = random.Random(4)
    splits: tuple[Split, ...] = ("train", "val", "test")
    for split in splits:
        spec = dataclasses.replace(sample_spec(rng, split), lettering=None)
        assert render(spec, 64).tobytes() == render(spec, 64).tobytes()


def test_a_white_border_surrounds_the_figure() -> None:
    """Going in from outside, the first opaque pixels of a die-cut figure are white."""
    pixels = _pixels(_CAT, 128)
    row = pixels[64]
    first = int(np.argmax(row[:, 3] == 255))
    assert (row[first, :3] > 245).all()


@pytest.mark.parametrize("gesture", GESTURES)
def test_every_gesture_is_drawn_for_every_body(gesture: str) -> None:
    """All species, with an accessory and a style each, take all gestures; none looks like standing still."""
    for number, species in enumerate(SPECIES):
        spec = dataclasses.replace(
            _CAT,
            character=Character(species, number % 8, ACCESSORIES[number % len(ACCESSORIES)]),
            style=tuple(STYLES)[number % len(STYLES)],
            gesture=gesture,
            prop="parcel" if gesture == "hold" else "none",
            placement="held" if gesture == "hold" else "none",
        )
        assert gesture == "stand" or _distance(spec, dataclasses.replace(spec, gesture="stand")) > 0.5


def test_no_two_expressions_look_alike() -> None:
    """Any two faces differ, with and without comic marks."""
    for marks in (True, False):
        faces = [_pixels(dataclasses.replace(_CAT, expression=name, marks=marks), 96) for name in EXPRESSIONS]
        assert len({face.tobytes() for face in faces}) == len(EXPRESSIONS)


@pytest.mark.parametrize("prop", PROPS)
def test_every_prop_is_visible_in_every_place(prop: str) -> None:
    """Beside the figure, in its thoughts, and in its hands where it can be held."""
    beside = dataclasses.replace(_CAT, prop=prop, placement="beside")
    assert _distance(beside, _CAT) > 1.0
    thought = dataclasses.replace(_CAT, gesture="think", prop=prop, placement="thought")
    assert _distance(thought, dataclasses.replace(_CAT, gesture="think")) > 1.0
    if PROPS[prop].holdable:
        held = dataclasses.replace(_CAT, gesture="hold", prop=prop, placement="held")
        assert _distance(held, _CAT) > 1.0


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_fills_the_card(scene: str) -> None:
    """Most of the picture is opaque, and it differs from the plain figure."""
    pixels = _pixels(dataclasses.replace(_CAT, scene=scene))
    assert (pixels[..., 3] == 255).mean() > 0.8


def test_a_mirrored_figure_is_another_picture() -> None:
    """Flipping moves the figure; lettering on it stays readable because it is drawn outside the mirror."""
    waving = dataclasses.replace(_CAT, gesture="wave")
    assert _distance(waving, dataclasses.replace(waving, flip=True)) > 1.0


@pytest.mark.parametrize(("text", "language"), [("Thanks!", "en"), ("谢谢", "zh"), ("Thanks for\nyour order", "en")])
@pytest.mark.parametrize("place", ["top", "bottom", "below"])
def test_lettering_is_drawn(text: str, language: str, place: str) -> None:
    """Words in both languages, on one line or two, change the picture at their place."""
    for font in range(3):
        lettering = Lettering(text, language, place, 1, font)  # type: ignore[arg-type]
        plain = dataclasses.replace(_CAT, lettering=dataclasses.replace(lettering, text=" "))
        band = slice(0, 24) if place == "top" else slice(104, 128)
        drawn = _pixels(dataclasses.replace(_CAT, lettering=lettering), 128)[band].astype(int)
        assert np.abs(drawn - _pixels(plain, 128)[band]).mean() > 4.0
