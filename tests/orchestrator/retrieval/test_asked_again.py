"""Sixty-one further questions in customers' words (`asked_again.yaml`), measured before anything was mended for them.

Through the whole engine 45 of 61 were answered as expected the first time and 14 wrongly; what was wrong in kind (half
of a message taken for the whole of it, a rule answered with the customer's own orders) was mended, and 51 are answered
so now. No article was changed for them, so the search below is as it met them. Measured, hit@1 and hit@3: 0.87 and 0.94
(en), 0.93 and 0.97 (zh); by words alone 0.81 and 0.84, 0.97 and 1.00. The floors are a question or two less.
"""

from __future__ import annotations

import pytest

from orchestrator.retrieval.search import KnowledgeSearch
from tests.orchestrator.harness import knowledge
from tests.orchestrator.retrieval.asking import found, questions, searching, spelt

pytestmark = pytest.mark.unit

ASKED = questions("asked_again.yaml")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_articles_exist(language: str) -> None:
    """Thirty and more, and every article they expect is there."""
    assert len(ASKED[language]) >= 30
    assert {one for question in ASKED[language] for one in question["expect"]} <= set(knowledge().articles)


@pytest.mark.parametrize(("language", "first", "three"), [("en", 0.77, 0.8), ("zh", 0.93, 0.96)])
def test_words_alone(language: str, first: float, three: float) -> None:
    """With the encoder dead: hit@1 and hit@3."""
    search = KnowledgeSearch(knowledge())
    assert found(ASKED[language], search, language, 1) >= first
    assert found(ASKED[language], search, language, 3) >= three


@pytest.mark.integration
@pytest.mark.parametrize(("language", "first", "three"), [("en", 0.83, 0.9), ("zh", 0.9, 0.93)])
async def test_with_triton(triton_url: str, language: str, first: float, three: float) -> None:
    """With the encoder as it is shipped: hit@1 and hit@3."""
    search, asked = await searching(triton_url, [spelt(question) for question in ASKED[language]])
    assert found(ASKED[language], search, language, 1, asked) >= first
    assert found(ASKED[language], search, language, 3, asked) >= three
