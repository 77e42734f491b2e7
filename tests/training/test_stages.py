"""`make models` is one list of stages; the scale reaches every number of samples."""

from __future__ import annotations

import importlib.util

import pytest

from training.__main__ import stages
from training.text.__main__ import stages as text_stages
from training.vision.pipeline import stages as vision_stages

pytestmark = pytest.mark.unit


def test_every_stage_is_a_module() -> None:
    """What the lists name can be run with `python -m`."""
    names = [module for module, *_ in stages(1, None)]
    names += [f"training.text.{module}" for module, *_ in text_stages(1)]
    names += [f"training.vision.{module}" for module, *_ in vision_stages(1).values()]
    for name in names:
        assert importlib.util.find_spec(name) is not None, name


def test_the_scale_reaches_every_stage_that_counts() -> None:
    """A hundredth asks for about a hundredth of the samples, and never for none."""
    for whole, part in zip(text_stages(1), text_stages(0.01), strict=True):
        for name, wanted, got in zip(whole, whole[1:], part[1:], strict=False):
            if name in ("--samples", "--count", "--messages", "--sentences") and int(wanted) > 0:
                assert int(got) == max(256, round(int(wanted) * 0.01)), (whole[0], name)
    assert int(vision_stages(0.0)["tower"][vision_stages(0.0)["tower"].index("--samples") + 1]) > 0


def test_another_encoder_reaches_what_loads_one() -> None:
    """`--pretrained` is handed to every stage that loads the English encoder."""
    handed = {module for module, *rest in text_stages(1, "org/name") if "org/name" in rest}
    assert handed == {"distil", "joint", "train_heads", "train_branch", "soup", "export", "evaluate"}
    assert [module for module, *rest in stages(1, "org/name") if "org/name" in rest] == [
        "training.text",
        "training.text.export",
    ]
