"""Questions in the words of people who have not read the articles (`asked_afresh.yaml`).

They were written by somebody who had. The first time they went through the whole engine 67 of 105 were answered as
expected and 22 wrongly (the file leaves out those for which the shop has no fact). What was wrong in kind was mended
after that, so the floors below, a question or two under what the search finds now, guard; they promise nothing about
questions that are new. Measured now, hit@1 and hit@3: 0.96 and 1.00 (en), 0.87 and 0.98 (zh); by words alone 0.86 and
0.96, 0.89 and 0.96.
"""

from __future__ import annotations

import pytest

from orchestrator.retrieval.search import KnowledgeSearch
from tests.orchestrator.harness import knowledge
from tests.orchestrator.retrieval.asking import found, questions, searching, spelt

pytestmark = pytest.mark.unit

ASKED = questions("asked_afresh.yaml")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_articles_exist(language: str) -> None:
    """Forty and more, and every article they expect is there."""
    assert len(ASKED[language]) >= 40
    assert {one for question in ASKED[language] for one in question["expect"]} <= set(knowledge().articles)


@pytest.mark.parametrize(("language", "first", "three"), [("en", 0.82, 0.92), ("zh", 0.85, 0.91)])
def test_words_alone(language: str, first: float, three: float) -> None:
    """With the encoder dead: hit@1 and hit@3."""
    search = KnowledgeSearch(knowledge())
    assert found(ASKED[language], search, language, 1) >= first
    assert found(ASKED[language], search, language, 3) >= three


@pytest.mark.integration
@pytest.mark.parametrize(("language", "first", "three"), [("en", 0.92, 0.96), ("zh", 0.82, 0.93)])
async def test_with_triton(triton_url: str, language: str, first: float, three: float) -> None:
    """With the encoder as it is shipped: hit@1 and hit@3."""
    search, asked = await searching(triton_url, [spelt(question) for question in ASKED[language]])
    assert found(ASKED[language], search, language, 1, asked) >= first
    assert found(ASKED[language], search, language, 3, asked) >= three
