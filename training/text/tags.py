"""Slot tags by token: from labelled spans, and back by the decoding that runs inside Triton."""

import importlib.util
from pathlib import Path
from types import ModuleType

from training.text.expand import SLOTS
from training.text.paths import REPOSITORY

TAGS = ("O", *(f"{mark}-{slot}" for slot in SLOTS for mark in "BI"))


def slot_decoding(repository: Path = REPOSITORY) -> ModuleType:
    """Load the decoding that runs inside Triton, so that both sides share one file."""
    path = repository / "slot_decoder" / "1" / "decoding.py"
    spec = importlib.util.spec_from_file_location("served_slot_decoding", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def decode_tags(tags: list[int], offsets: list[tuple[int, int]]) -> list[tuple[str, int, int]]:
    """Turn a row of tag indices and character offsets into (slot, start, end); a lone `I` opens a slot."""
    spans: list[tuple[str, int, int]] = []
    previous = ""
    for tag, (start, end) in zip(tags, offsets, strict=False):
        mark, _, slot = TAGS[tag].partition("-")
        if start == end or mark == "O":
            previous = ""
            continue
        if mark == "I" and slot == previous:
            spans[-1] = (slot, spans[-1][1], end)
        else:
            spans.append((slot, start, end))
        previous = slot
    return spans


def tag_row(offsets: list[tuple[int, int]], spans: tuple[tuple[str, int, int], ...]) -> list[int]:
    """Label each token by the span it overlaps; tokens without characters (the boundary tokens) are `O`."""
    row = [0] * len(offsets)
    for slot, first, last in spans:
        mark = "B"
        for index, (start, end) in enumerate(offsets):
            if start < last and end > first:
                row[index] = TAGS.index(f"{mark}-{slot}")
                mark = "I"
    return row
