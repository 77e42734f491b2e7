"""Which of the remembered things should go: the one just noted, the one that is named, or none."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.forgetting import to_forget
from orchestrator.dialogue.notes import asks_what_is_remembered

pytestmark = pytest.mark.unit

FACTS = {
    "note:1": "I am allergic to wool", "note:2": "my sister lives in Oslo", "email": "a@example.com",
    "note:3": "我对羊毛过敏", "note:4": "我姐姐住在上海",
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "delete this one note", "forget what I just told you", "forget that again", "don't remember that after all",
        "forget the thing I just told you to remember", "forget it", "刚才那条删掉", "把刚才那条备注删了",
        "别记了，删掉吧",
        "刚刚那个别记了", "忘掉我刚才跟你说的", "只删这条",
    ],
)  # fmt: skip
def test_the_note_just_made_is_taken_back(text: str) -> None:
    """Nothing else is forgotten with it."""
    assert to_forget(text, FACTS, "note:2", listed=False) == ("note:2",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("forget that I'm allergic to wool", "note:1"), ("delete the note about my sister", "note:2"),
        ("remove the one about Oslo", "note:2"), ("forget my e-mail address", "email"),
        ("forget the second one", "note:2"),
        ("把姐姐那条删了", "note:4"), ("别再记我对羊毛过敏了", "note:3"), ("忘掉羊毛过敏那条", "note:3"),
        ("把上海的那条备注删掉", "note:4"), ("第一条删掉", "note:1"),
    ],
)  # fmt: skip
def test_the_fact_that_is_named_is_meant(text: str, name: str) -> None:
    """By its words, its kind, or its place in the list that was told."""
    assert to_forget(text, FACTS, "", listed=True) == (name,)


@pytest.mark.parametrize(
    "text",
    [
        "forget it all", "forget everything you know about me", "forget about the return", "delete my account",
        "never mind", "forget that, I want to return the mug", "delete my last order", "I forgot my password",
        "全都删掉", "忘掉我的信息", "删除账号", "那条毯子取消", "刚才那条毯子退掉", "删除订单", "忘记密码了",
    ],
)  # fmt: skip
def test_other_wishes_touch_no_single_note(text: str) -> None:
    """All of it, the account, an order and a thing are other matters."""
    assert to_forget(text, FACTS, "note:2", listed=False) is None


def test_what_is_not_remembered_is_said_not_to_be() -> None:
    """A kind that is not kept deletes nothing else; without any notes only a word of notes counts."""
    notes = {"note:1": "I am left-handed"}
    assert to_forget("forget my address", notes, "", listed=False) == ()
    assert to_forget("delete that note", {}, "", listed=False) == ()
    assert to_forget("forget that again", {}, "", listed=False) is None


@pytest.mark.parametrize(
    "text",
    [
        "what do you still remember?", "so what do you remember now?", "what notes do you have on me?",
        "what's stored about me?", "show me what you remember", "还记着我什么", "关于我你记住了什么",
        "现在还记着什么吗",
        "你那边记了我什么备注", "你还记得什么", "is there anything left you remember?", "还记得别的吗",
    ],
)  # fmt: skip
def test_what_is_remembered_is_asked_in_many_ways(text: str) -> None:
    """With and without a word of the customer."""
    assert asks_what_is_remembered(text)


@pytest.mark.parametrize(
    "text",
    [
        "what do you know about tea?",
        "do you remember my order?",
        "你记得我的订单吗",
        "你知道什么时候发货吗",
        "什么时候到",
    ],
)
def test_other_questions_are_not_about_what_is_remembered(text: str) -> None:
    """They are answered elsewhere."""
    assert not asks_what_is_remembered(text)
