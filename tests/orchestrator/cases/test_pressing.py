"""Impatience goes on with what was spoken of: no other matter begins, and nothing is done for it."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.schema import Coupon, Ticket
from tests.orchestrator.backoffice.shops import Shop, order
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("language", "asked", "pressed"),
    [("zh", "我的退款到哪了", "都五天了"), ("en", "where is my refund?", "it's been five days")],
)
async def test_a_refund_that_is_pressed_opens_no_case_of_a_parcel(
    shop: Shop, language: str, asked: str, pressed: str
) -> None:
    """The same refund is told of; no ticket and no coupon come of it, though a parcel of the customer is late."""
    talk = Talk(shop, "pressing", language)
    first = await talk.say(asked)
    second = await talk.say(pressed)
    [refund] = [word for word in first.text.replace("（", " ").split() if word.startswith("RF")][:1]
    assert refund in second.text
    assert await shop.rows(Ticket) == []
    assert await shop.rows(Coupon) == []


@pytest.mark.parametrize(
    ("language", "asked", "pressed"),
    [("zh", "快递三天没更新", "帮我看看"), ("en", "my parcel hasn't moved for three days", "when will it arrive?")],
)
async def test_a_parcel_that_is_pressed_is_the_one_spoken_of(
    shop: Shop, language: str, asked: str, pressed: str
) -> None:
    """The answer names the same ticket, once opened."""
    talk = Talk(shop, "pressing", language)
    await talk.say(asked)
    [ticket] = await shop.rows(Ticket)
    answer = await talk.say(pressed)
    assert ticket.number in answer.text
    assert len(await shop.rows(Ticket)) == len(await shop.rows(Coupon)) == 1


@pytest.mark.parametrize(("language", "text"), [("en", "my lamp still hasn't come"), ("zh", "我买的纸灯到哪了")])
async def test_what_is_named_is_what_is_looked_up(shop: Shop, language: str, text: str) -> None:
    """The lamp's order was cancelled: that is told, and nothing of the parcel that holds something else."""
    answer = words(await Talk(shop, "demo-wu", language).say(text))
    assert order("demo-wu", "cancelled") in answer
    assert order("demo-wu", "out_for_delivery") not in answer
    assert await shop.rows(Ticket) == []


@pytest.mark.parametrize(
    ("language", "asked", "pressed"),
    [("en", "where is {}?", "how much longer?"), ("zh", "{} 发货了吗", "能不能快点")],
)
async def test_an_order_that_is_pressed_opens_nothing_for_another_one(
    shop: Shop, language: str, asked: str, pressed: str
) -> None:
    """Who waits for what is being packed gets no ticket for a parcel that is on its way."""
    talk = Talk(shop, "demo-olivia", language)
    first = words(await talk.say(asked.format(order("demo-olivia", "packing_tote"))))
    assert order("demo-olivia", "packing_tote") in first
    second = words(await talk.say(pressed))
    assert order("demo-olivia", "packing_tote") in second
    assert order("demo-olivia", "on_the_way") not in second
