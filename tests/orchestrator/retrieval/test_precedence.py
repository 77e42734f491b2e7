"""Work that can wait gives way to customers' questions, and still gets on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from orchestrator.retrieval.knowledge import load_knowledge
from orchestrator.retrieval.precedence import Precedence
from orchestrator.retrieval.search import KnowledgeSearch
from orchestrator.retrieval.warming import DenseWarming
from orchestrator.understanding.encoder import DIMENSIONS, Vectors

pytestmark = pytest.mark.unit


class Slept:
    """A sleep that takes no time and is remembered."""

    def __init__(self) -> None:
        self.s: list[float] = []

    async def __call__(self, delay_s: float) -> None:
        self.s.append(delay_s)
        await asyncio.sleep(0)


async def test_without_customers_nothing_waits() -> None:
    """Where nobody asked, the next piece comes at once."""
    slept = Slept()
    await Precedence(sleep=slept).give_way(0.3)
    assert slept.s == []


async def test_a_customers_question_is_waited_for() -> None:
    """While it is with the model, nothing else is begun."""
    precedence = Precedence(sleep=Slept())
    with precedence.customer():
        waiting = asyncio.create_task(precedence.give_way(0.0))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not waiting.done()
    await waiting


async def test_after_a_question_the_model_rests_as_long_as_it_was_used() -> None:
    """Half of the time at most, and only while customers come."""
    now, slept = [100.0], Slept()
    precedence = Precedence(clock=lambda: now[0], sleep=slept)
    with precedence.customer():
        pass
    await precedence.give_way(0.3)
    now[0] += 60
    await precedence.give_way(0.3)
    assert slept.s == [0.3]


async def test_a_busy_model_does_not_stop_it_for_good() -> None:
    """After its patience it takes its turn."""
    precedence = Precedence(patience_s=0.01, sleep=Slept())
    with precedence.customer():
        await precedence.give_way(0.0)


async def test_vectors_come_back_in_the_order_of_the_texts(tmp_path: Path) -> None:
    """Texts go by length, and find their places again; a batch is small."""
    seen: list[int] = []

    class Lengths:
        async def encode(self, texts: Sequence[str], *, timeout_s: float) -> Vectors:
            seen.append(len(texts))
            rows = np.zeros((len(texts), DIMENSIONS), np.float32)
            for row, text in zip(rows, texts, strict=True):
                row[len(text) % DIMENSIONS] = 1.0
            return rows

    knowledge = load_knowledge()
    warming = DenseWarming(knowledge, KnowledgeSearch(knowledge), Lengths(), tmp_path)
    texts = ["four", "a", "seventeen letters", "four", "bb"]
    vectors = await warming._embedded(texts)
    assert [int(row.argmax()) for row in vectors] == [4, 1, 17, 4, 2]
    await warming._embedded(["x"] * 30)
    assert max(seen) == 8
