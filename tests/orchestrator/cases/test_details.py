"""One thing that is asked about what was looked up or done is told alone, from the rows."""

from __future__ import annotations

import pytest

from orchestrator.cases.details import Detail, detail_of
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration

LATE = {"en": "my parcel hasn't moved for days", "zh": "快递三天没更新了"}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("when was it delivered?", Detail.DELIVERED),
        ("when did my teapot arrive", Detail.DELIVERED),
        ("什么时候签收的", Detail.DELIVERED),
        ("who delivers it?", Detail.CARRIER),
        ("which courier is it?", Detail.NONE),
        ("哪家快递送的", Detail.CARRIER),
        ("until when is that coupon valid?", Detail.COUPON_LIFE),
        ("can I use that coupon today?", Detail.COUPON_LIFE),
        ("那张券能用到什么时候", Detail.COUPON_LIFE),
        ("when will the carrier answer?", Detail.CARRIERS_ANSWER),
        ("what if nothing has moved by tomorrow?", Detail.CARRIERS_ANSWER),
        ("要是明天还没动静怎么办", Detail.CARRIERS_ANSWER),
        ("did you get my return?", Detail.RETURN_ARRIVED),
        ("你们收到我的退货了吗", Detail.RETURN_ARRIVED),
        ("the tote one", Detail.PICKS),
        ("布袋那个", Detail.PICKS),
        ("when will it be delivered?", Detail.NONE),
        ("什么时候送到", Detail.NONE),
        ("which carrier do you use?", Detail.NONE),
        ("do you have a coupon?", Detail.NONE),
        ("cancel the tote order", Detail.NONE),
        ("退布袋那个", Detail.NONE),
        ("我要退货", Detail.NONE),
        ("", Detail.NONE),
        ("when was it delivered? " * 40, Detail.NONE),
    ],
)
def test_what_is_asked(text: str, detail: Detail) -> None:
    """What was is no question about what will be; rules and wishes are none of these."""
    assert detail_of(text) is detail


@pytest.mark.parametrize(
    ("language", "coupon", "answer"),
    [
        ("en", "until when is that coupon valid?", "when will the carrier answer?"),
        ("zh", "那张券能用到什么时候", "快递公司什么时候答复"),
    ],
)
async def test_the_story_is_not_told_again(shop: Shop, language: str, coupon: str, answer: str) -> None:
    """After a late parcel the coupon's last day and the carrier's answer are each told alone; nothing is done twice."""
    talk = Talk(shop, "demo-mei", language)
    first = words(await talk.say(LATE[language]))
    life = words(await talk.say(coupon))
    due = words(await talk.say(answer))
    assert "PEACH" in first
    assert "TK" in first
    assert "PEACH" in life
    assert "TK" not in life
    assert "TK" in due
    assert "PEACH" not in due


@pytest.mark.parametrize(
    ("language", "text", "said"), [("en", "did you get my return?", "arrived"), ("zh", "你们收到我的退货了吗", "收到")]
)
async def test_a_return_is_told_from_the_books(shop: Shop, language: str, text: str, said: str) -> None:
    """Whoever has none gets the article, and no number."""
    theirs = words(await Talk(shop, "demo-zhao", language).say(text))
    nobodys = words(await Talk(shop, "demo-new", language).say(text))
    assert "RT" in theirs
    assert said in theirs
    assert "RT" not in nobodys


@pytest.mark.parametrize(
    "text", ["hola, donde esta mi paquete", "注文はどこですか", "мой заказ где", "où est mon colis"]
)
async def test_other_languages_are_named(shop: Shop, text: str) -> None:
    """The languages that are spoken are named, instead of guessing."""
    said = words(await Talk(shop, "demo-new", "en").say(text))
    assert "English" in said
    assert "Chinese" in said


@pytest.mark.parametrize("text", ["where is my hola mug", "cafe au lait mug price", "mi casa"])
async def test_a_foreign_word_is_no_other_language(shop: Shop, text: str) -> None:
    """One word of another language changes nothing."""
    assert "only speak" not in words(await Talk(shop, "demo-new", "en").say(text))
