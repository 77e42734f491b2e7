"""Questions that go on from what was told of a product, a parcel or a refund stay with it."""

from __future__ import annotations

import pytest

from orchestrator.cases.details import Detail, detail_of
from tests.orchestrator.backoffice.shops import Shop, order
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("should I worry?", Detail.WORRY),
        ("is that normal?", Detail.WORRY),
        ("需要担心吗", Detail.WORRY),
        ("要紧吗", Detail.WORRY),
        ("how many days still?", Detail.ARRIVAL),
        ("has my mug reached the pickup point?", Detail.AT_PICKUP),
        ("my cup is at some pickup point", Detail.AT_PICKUP),
        ("我的杯子到驿站了吗", Detail.AT_PICKUP),
        ("快递放驿站了吗", Detail.AT_PICKUP),
        ("can I change it to a pickup point?", Detail.NONE),
        ("能改到驿站吗", Detail.NONE),
        ("what happens after seven days?", Detail.HELD_OVER),
        ("what if I can't collect it in time?", Detail.HELD_OVER),
        ("没空去拿会怎样", Detail.HELD_OVER),
        ("what's the pickup code?", Detail.HELD),
        ("取件码多少", Detail.HELD),
        ("what was the return number?", Detail.RETURN_NUMBER),
        ("退货单号是多少", Detail.RETURN_NUMBER),
        ("I want to return number two", Detail.NONE),
        ("how many days do I have left to return the mugs?", Detail.RETURN_UNTIL),
        ("杯子我还剩几天能退", Detail.RETURN_UNTIL),
        ("am I getting charged?", Detail.CHARGED),
        ("会扣我钱吗", Detail.CHARGED),
        ("my card was charged twice", Detail.NONE),
        ("total again?", Detail.PAID),
        ("总共多少钱来着", Detail.PAID),
    ],
)
def test_one_thing_is_read(text: str, detail: Detail) -> None:
    """By its words."""
    assert detail_of(text) is detail


@pytest.mark.parametrize(
    ("language", "said", "told"),
    [
        ("en", ("tell me about the teapot", "does it come with cups?"), "not included"),
        ("zh", ("介绍一下茶壶", "带杯子吗"), "不配杯子"),
        ("en", ("tell me about the teapot", "what's it cost"), "36 USD"),
        ("zh", ("介绍一下茶壶", "要多少钱"), "238 元"),
        ("zh", ("介绍一下毯子", "多大呀"), "130 × 180"),
    ],
)
async def test_a_product_stays_what_is_spoken_of(shop: Shop, language: str, said: tuple[str, str], told: str) -> None:
    """Though another one is named as what comes with it, or none."""
    talk = Talk(shop, "demo-lin" if language == "zh" else "demo-harper", language)
    await talk.say(said[0])
    assert told in words(await talk.say(said[1]))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("has my mug reached the pickup point?", "what happens if I don't pick it up?")),
        ("zh", ("我的杯子到自提点了吗", "没空去拿会怎样")),
    ],
)
async def test_a_parcel_at_a_pickup_point_is_told_of(shop: Shop, language: str, said: tuple[str, str]) -> None:
    """That it waits, and what becomes of it."""
    talk = Talk(shop, "demo-chen", language)
    for text in said:
        answer = words(await talk.say(text))
        assert order("demo-chen", "at_pickup_point") in answer
        assert "7" in answer


@pytest.mark.parametrize(
    ("language", "said", "told"),
    [("en", ("where's my tote?", "should I worry?"), "48 hours"), ("zh", ("布袋到哪了", "还要几天"), "3–5 个工作日")],
)
async def test_a_parcel_under_way_is_asked_on_about(
    shop: Shop, language: str, said: tuple[str, str], told: str
) -> None:
    """With the rule beside the state."""
    talk = Talk(shop, "demo-olivia" if language == "en" else "demo-chen", language)
    await talk.say(said[0])
    assert told in words(await talk.say(said[1]))


@pytest.mark.parametrize(("language", "text"), [("en", "what was the return number?"), ("zh", "退货单号是多少")])
async def test_the_number_of_a_return_is_told(shop: Shop, language: str, text: str) -> None:
    """No new return is begun."""
    answer = words(await Talk(shop, "demo-zhao", language).say(text))
    assert "RT" in answer


@pytest.mark.parametrize(
    ("language", "said", "told"),
    [
        ("en", ("is my order with the candle sent?", "when will it be sent then?"), "24 hours"),
        ("zh", ("蜡烛那单发了吗", "那什么时候发货"), "24 小时"),
        ("en", ("is my order with the candle sent?", "will it be here by Friday?"), "3–5 working days"),
    ],
)
async def test_an_order_that_waits_is_told_with_the_time_that_it_takes(
    shop: Shop, language: str, said: tuple[str, str], told: str
) -> None:
    """Not its state alone."""
    talk = Talk(shop, "demo-zhao", language)
    await talk.say(said[0])
    assert told in words(await talk.say(said[1]))


@pytest.mark.parametrize(
    ("language", "text", "year"),
    [("en", "how many days do I have left to return the teapot?", "2026"), ("zh", "茶壶我还剩几天能退", "2026")],
)
async def test_the_last_day_of_a_return_is_told(shop: Shop, language: str, text: str, year: str) -> None:
    """Of the article that is named, from the day it came."""
    answer = words(await Talk(shop, "demo-lin", language).say(text))
    assert order("demo-lin", "fresh_teapot") in answer
    assert year in answer


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("cancel my unpaid order", "yes", "am I getting charged?")),
        ("zh", ("取消没付款的那单", "是的", "会扣我钱吗")),
    ],
)
async def test_nothing_is_charged_for_what_was_cancelled_unpaid(
    shop: Shop, language: str, said: tuple[str, ...]
) -> None:
    """And no refund is spoken of."""
    talk = Talk(shop, "demo-wu", language)
    answer = ""
    for text in said:
        answer = words(await talk.say(text))
    assert order("demo-wu", "unpaid") in answer
    assert "RF" not in answer


@pytest.mark.parametrize(
    ("language", "said", "there"),
    [
        ("en", ("what does the tote cost", "do you have gift cards?"), False),
        ("en", ("what does the tote cost", "do you have red ones?"), True),
        ("en", ("what does the tote cost", "do you have it in sky?"), True),
        ("zh", ("布袋多少钱", "有椅子吗"), False),
        ("zh", ("布袋多少钱", "还有货吗"), True),
    ],
)
async def test_what_else_the_shop_has_is_not_told_from_the_last_product(
    shop: Shop, language: str, said: tuple[str, str], there: bool
) -> None:
    """Only what can be meant of it is."""
    talk = Talk(shop, "demo-lin" if language == "zh" else "demo-harper", language)
    await talk.say(said[0])
    answer = words(await talk.say(said[1]))
    assert (("89 元" if language == "zh" else "13.50 USD") in answer) is there
