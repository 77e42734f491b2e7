"""Questions right after something was carried out are about that, and start nothing else."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.schema import Coupon, Ticket
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("language", "wish", "yes", "pressed"),
    [
        ("en", "cancel my order", "yes", ["when do I get the money?", "it's been two days", "still nothing"]),
        ("zh", "取消订单", "是的", ["什么时候能收到", "都两天了", "还没到"]),
    ],
)
async def test_impatience_after_a_cancellation_is_about_its_money(
    shop: Shop, language: str, wish: str, yes: str, pressed: list[str]
) -> None:
    """However often it is pressed: no ticket and no coupon, for it was not about a parcel."""
    talk = Talk(shop, "after-done", language)
    await talk.say(wish)
    await talk.say(yes)
    assert talk.state.done is not None
    for text in pressed:
        await talk.say(text)
        assert await shop.rows(Ticket) == []
        assert await shop.rows(Coupon) == []


@pytest.mark.parametrize(
    ("language", "wish", "yes", "asked", "told"),
    [
        ("en", "cancel my order", "yes", "is it cancelled?", "cancelled"),
        ("zh", "取消订单", "是的", "已经取消了吗", "已取消"),
    ],
)
async def test_whether_it_is_done_is_told_by_the_books(
    shop: Shop, language: str, wish: str, yes: str, asked: str, told: str
) -> None:
    """The order's row answers, not an article on how to do it."""
    talk = Talk(shop, "after-done", language)
    await talk.say(wish)
    await talk.say(yes)
    assert talk.state.done is not None
    order = talk.state.done.filled["order"]
    answer = words(await talk.say(asked))
    assert order in answer
    assert told in answer
