"""Of a letter the question at its end is what counts."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.gist import gist

pytestmark = pytest.mark.unit

STORY = "We have bought a great deal from you over the years and were always happy with it, as are our friends. " * 4
STORY_ZH = "我们在您家买了好多年的东西了，一直都很满意，朋友们来家里做客也都说好看，还问我们是在哪里买的。" * 3


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        ("en", f"{STORY}How much does the teapot hold?", "How much does the teapot hold?"),
        ("en", f"{STORY}So, in short: is the mug dishwasher safe?", "is the mug dishwasher safe?"),
        ("en", f"{STORY}Where is my lamp? Kind regards, Anna", "Where is my lamp?"),
        ("en", f"{STORY}How big is it? And what does it weigh?", "How big is it? And what does it weigh?"),
        ("zh", f"{STORY_ZH}想问的就一件事：茶壶能放洗碗机吗？", "茶壶能放洗碗机吗？"),
        ("zh", f"{STORY_ZH}布袋能机洗吗？谢谢啦。", "布袋能机洗吗？"),
    ],
)
def test_the_question_at_the_end(language: str, text: str, asked: str) -> None:
    """Without the story before it and the greetings behind it."""
    assert gist(text, language) == asked


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", ""),
        ("en", "How much does it hold?"),
        ("en", STORY),
        ("zh", STORY_ZH),
        ("en", "?" * 2000),
        ("zh", "\n" * 500),
    ],
)
def test_nothing_else_has_one(language: str, text: str) -> None:
    """A short message is read whole, and so is a story that asks nothing."""
    assert gist(text, language) == ""
