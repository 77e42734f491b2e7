"""No rule runs away with a message: every pattern that reads one comes to an end on texts made to make it try again.

A pattern in which one text can be split in many ways takes time that doubles with each word more; it would take minutes
here, where the slowest takes a tenth of a second. The event loop that all conversations share stands still meanwhile.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
import yaml

import orchestrator
from orchestrator.dialogue import phrases
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.understanding.spelling import Speller

pytestmark = pytest.mark.unit

_ROOMS = ("cases", "dialogue", "policy", "reply", "retrieval", "understanding")
_FOR_EVER_S = 30.0
TEXTS = {
    "one letter": "a" * 4_000,
    "digits": "1" * 4_000,
    "han": "我" * 4_000,
    "letters apart": "x " * 2_000,
    "digits apart": "1 2 3 " * 660,
    "commas": ", " * 2_000,
    "dots": "a.b@c-" * 660,
    "apostrophes": "i don't want " * 300,
    "quotes": "'a " * 1_300,
    "things": "the mug and " * 330,
    "negations": "not that but this, " * 210,
    "addresses": "Flat 3, 12 Elm Road, Leeds LS1 4DY, " * 110,
    "questions": "is it washable? " * 250,
    "wishes": "我想退货，" * 800,
    "both": "return the mug, 退货，refund 3 cups? " * 110,
    "lines": "1. \n- " * 660,
}


def patterns() -> dict[str, re.Pattern[str]]:
    """The patterns of all modules that read messages, by name."""
    found: dict[str, re.Pattern[str]] = {}
    for room in _ROOMS:
        package = importlib.import_module(f"{orchestrator.__name__}.{room}")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            for name, value in vars(module).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    found[f"{module.__name__}.{name}"] = value
    return found


@contextmanager
def comes_to_an_end(name: str) -> Iterator[None]:
    """Fails what would not end; `re` looks for signals while it searches."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"{name} does not come to an end")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, _FOR_EVER_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("kind", TEXTS)
def test_every_pattern_ends(kind: str) -> None:
    """On what is read of 4,000 characters."""
    text, kinds = (
        Speller().spelt(TEXTS[kind]).text,
        yaml.safe_load(Path(phrases.__file__).with_suffix(".yaml").read_text()),
    )
    for name, pattern in patterns().items():
        with comes_to_an_end(name):
            pattern.search(text)
            pattern.fullmatch(text)
    for name, pieces in kinds.items():
        if isinstance(pieces.get("en"), list) and isinstance(pieces.get("zh"), list):
            with comes_to_an_end(name):
                PHRASES.has(name, text)
