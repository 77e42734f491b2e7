"""When a sticker stands beside what was found or done, and when it would hurt."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.schema import Ticket
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.cases.conversations import Talk
from tests.orchestrator.cases.test_story import answered

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("customer", "language", "text"),
    [("demo-wu", "zh", "我的快递到哪了"), ("demo-olivia", "en", "where is my parcel")],
)
async def test_good_news_may_have_one(shop: Shop, customer: str, language: str, text: str) -> None:
    """A parcel that is on its way: what the other cases are held against."""
    (body,) = (await answered(shop, text, customer, language)).bodies
    assert body.stickers
    assert (await Talk(shop, "demo-noah", "en").say("hello")).stickers


@pytest.mark.parametrize(("language", "text"), [("zh", "快递一直没更新"), ("en", "my parcel hasn't moved for ages")])
async def test_a_loss_has_none(shop: Shop, language: str, text: str) -> None:
    """Whatever the customer's mood: the parcel is lost, and nothing is drawn beside that."""
    (body,) = (await answered(shop, text, "demo-lin", language)).bodies
    (ticket,) = await shop.rows(Ticket, Ticket.kind == "lost")
    assert ticket.number in (body.text or "")
    assert body.stickers == ()


@pytest.mark.parametrize(
    ("customer", "language", "said"),
    [
        ("demo-noah", "en", ("I want to return the lamp",)),
        ("demo-lin", "zh", ("取消订单",)),
        ("demo-chen", "zh", ("帮我退掉刻字的那个杯子", "不喜欢")),
        ("demo-olivia", "en", ("give me a compensation coupon please",)),
    ],
)
async def test_a_refusal_has_none(shop: Shop, customer: str, language: str, said: tuple[str, ...]) -> None:
    """What the shop does not do is said in words alone, from the first question on."""
    talk = Talk(shop, customer, language)
    for words in said:
        assert (await talk.say(words)).stickers == ()


@pytest.mark.parametrize(("language", "text"), [("en", "I want to complain, this is awful"), ("zh", "我要投诉你们")])
async def test_a_complaint_has_none(shop: Shop, language: str, text: str) -> None:
    """It is taken down, not decorated."""
    assert (await Talk(shop, "demo-harper", language).say(text)).stickers == ()
