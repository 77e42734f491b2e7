"""What is asked about one order or over all of them is told alone, from the rows; nothing is opened or given for it."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.schema import Coupon, Ticket
from tests.orchestrator.backoffice.shops import Shop, order
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration

# The customer, what is asked, and what must be said; {NAME} is the number of that order.
ASKED = [
    ("demo-harper", "en", "when was my mug order delivered?", ("{fresh_cups}", "delivered")),
    ("demo-harper", "en", "when was the throw delivered?", ("has not been delivered", "no delivery")),
    ("demo-harper", "en", "who signed for the mug?", ("{fresh_cups}", "not on the record", "not who took it in")),
    ("demo-harper", "en", "what's the tracking number of the throw?", ("HE", "{stuck_throw}")),
    ("demo-harper", "en", "what did I pay for the tote?", ("{fresh_cups}", "34.10 USD", "13.50 USD")),
    ("demo-harper", "en", "which orders haven't been sent yet?", ("{paid}",)),
    ("demo-harper", "en", "how many mugs did I buy?", ("2 ×", "{fresh_cups}")),
    ("demo-harper", "en", "how much have I spent in total?", ("155.10 USD", "3 paid orders")),
    ("demo-harper", "en", "which address is the throw going to?", ("12 Orchard Lane", "+1 555 0100")),
    ("demo-harper", "en", "what's in my order?", ("{fresh_cups}", "{stuck_throw}", "{paid}")),
    ("demo-lin", "zh", "我的订单里有什么", ("{fresh_teapot}", "{stuck}")),
    ("demo-wu", "zh", "那单杯子付款成功了吗", ("{unpaid}", "待付")),
    ("demo-wu", "zh", "还有哪些在路上", ("{out_for_delivery}",)),
    ("demo-chen", "zh", "自提点能放几天", ("{at_pickup_point}", "7 天")),
    ("demo-chen", "zh", "布袋的运单号是多少", ("HE", "{on_the_way}")),
    ("demo-lin", "zh", "茶壶寄到哪个地址", ("文三路 90 号", "13800000000")),
    ("demo-lin", "zh", "茶壶谁签收的", ("{fresh_teapot}", "谁签收", "签收人")),
    ("demo-lin", "zh", "去年的蜡烛是哪天下的单", ("下的单", "下了订单")),
]


@pytest.mark.parametrize(("customer", "language", "text", "said"), ASKED)
async def test_one_thing_is_told_from_the_rows(
    shop: Shop, customer: str, language: str, text: str, said: tuple[str, ...]
) -> None:
    """The order that is named, or that fits; no ticket and no coupon come of a question."""
    answer = words(await Talk(shop, customer, language).say(text))
    numbers = [order(customer, one[1:-1]) for one in said if one.startswith("{")]
    assert all(number in answer for number in numbers)
    others = [one for one in said if not one.startswith("{")]
    assert not others or any(one in answer for one in others), answer
    assert await shop.count(Ticket) == 0
    assert await shop.count(Coupon) == 0


@pytest.mark.parametrize(("language", "text"), [("en", "how much have I spent in total?"), ("zh", "我一共花了多少钱")])
async def test_a_customer_without_orders_is_told_nothing(shop: Shop, language: str, text: str) -> None:
    """No number is made up."""
    assert "USD in" not in words(await Talk(shop, "demo-new", language).say(text))


async def test_what_was_spoken_of_is_meant(shop: Shop) -> None:
    """Without a name it is the order that was told of last."""
    talk = Talk(shop, "demo-harper")
    await talk.say("when did I order the tote?")
    assert order("demo-harper", "fresh_cups") in words(await talk.say("and when was it delivered?"))
