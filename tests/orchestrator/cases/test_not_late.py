"""A late parcel opens a ticket and gives a coupon: never for what has come, nor for what was not sent."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.schema import Coupon, Ticket
from orchestrator.cases.details import Detail, detail_of
from orchestrator.dialogue.phrases import PHRASES
from tests.orchestrator.backoffice.shops import Shop, order
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    "text",
    [
        "why hasn't my order been shipped yet?", "my stuff still isn't dispatched, what's going on",
        "it has not been sent yet", "you still haven't sent my mugs", "my order is still waiting to be shipped",
        "我订的东西怎么还没发", "怎么还不发货啊", "茶壶怎么到现在还没发货", "都三天了还没寄出", "为什么不给我发货",
    ],
)  # fmt: skip
def test_not_sent_yet_asks_when_it_is_sent(text: str) -> None:
    """In whatever words."""
    assert detail_of(text) is Detail.SENT


@pytest.mark.parametrize(
    "text",
    [
        "my parcel hasn't moved", "the invoice has not been sent", "which haven't arrived yet?",
        "one of the mugs was not sent", "快递怎么还没动", "还没收到退款", "茶壶还没到", "还没发货的订单有哪些",
    ],
)  # fmt: skip
def test_what_is_late_or_owed_is_not_unsent(text: str) -> None:
    """Nor is one of several things that is missing."""
    assert not PHRASES.has("not_sent_yet", text)


@pytest.mark.parametrize(
    "text",
    [
        "it arrived three days ago", "I only received it on Monday", "the teapot came yesterday", "I got it last week",
        "刚收到三天", "前天刚收到的", "昨天签收的", "杯子上周就到货了",
    ],
)  # fmt: skip
def test_has_arrived(text: str) -> None:
    """A thing that is here."""
    assert PHRASES.has("has_arrived", text)


@pytest.mark.parametrize(
    "text",
    [
        "it hasn't arrived", "tracking says it was delivered but nothing is here", "when will it arrive",
        "the parcel arrived at the hub three days ago", "my mug arrived but the other parcel is stuck",
        "物流显示已签收可我没收到", "什么时候能收到", "等了五天了还没收到", "今天能收到吗",
    ],
)  # fmt: skip
def test_has_not_arrived(text: str) -> None:
    """It is waited for, or is somewhere else."""
    assert not PHRASES.has("has_arrived", text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "it arrived three days ago"),
        ("en", "I received it last week"),
        ("zh", "刚收到三天"),
        ("zh", "昨天签收的"),
    ],
)
async def test_what_has_come_opens_nothing(shop: Shop, language: str, text: str) -> None:
    """Though another parcel of the customer is late."""
    await Talk(shop, "pressing", language).say(text)
    assert await shop.rows(Ticket) == await shop.rows(Coupon) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "why hasn't my order been shipped yet?"), ("en", "my stuff still isn't dispatched"),
        ("zh", "我订的东西怎么还没发"), ("zh", "怎么还不发货啊"),
    ],
)  # fmt: skip
async def test_what_was_not_sent_is_the_order_that_waits(shop: Shop, language: str, text: str) -> None:
    """It alone is told of; the parcel that is late opens nothing."""
    answer = words(await Talk(shop, "pressing", language).say(text))
    assert order("pressing", "packing_tote") in answer
    assert await shop.rows(Ticket) == await shop.rows(Coupon) == []
