"""What was seen to is still asked about after other questions; a message with a matter of its own wins."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.schema import Coupon, Ticket
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("language", "late", "between", "asked", "told"),
    [
        ("en", "my parcel hasn't moved for days", "how do I wash the mug?", "is somebody looking into it?", "TK"),
        ("en", "my parcel hasn't moved for days", "how do I wash the mug?", "what can I use it on?", "checkout"),
        ("en", "my parcel hasn't moved for days", "thanks", "what if they never answer?", "7 days"),
        ("zh", "快递三天没更新了", "马克杯能放洗碗机吗", "有人在处理吗", "TK"),
        ("zh", "快递三天没更新了", "好的谢谢", "延误有补偿吗", "PEACH"),
        ("zh", "快递三天没更新了", "马克杯能放洗碗机吗", "这张券怎么用", "结算"),
    ],
)
async def test_a_late_parcel_is_still_asked_about(
    shop: Shop, language: str, late: str, between: str, asked: str, told: str
) -> None:
    """Its ticket and its coupon are told from the rows, and there is one of each."""
    talk = Talk(shop, "demo-mei", language)
    answer = words(await talk.all(late, between, asked))
    assert told in answer
    assert len(await shop.rows(Ticket)) == 1
    assert len(await shop.rows(Coupon)) == 1


@pytest.mark.parametrize(
    ("language", "texts", "asked"),
    [
        ("en", ("I want to make a complaint, the driver shouted at me", "yes"), "how soon will I hear back?"),
        ("en", ("I want to make a complaint, the driver shouted at me", "yes"), "who is looking into it?"),
        ("zh", ("我要投诉你们的快递员，他今天当着邻居的面大声骂我", "确认"), "有人跟进吗"),
        ("zh", ("我要投诉你们的快递员，他今天当着邻居的面大声骂我", "确认"), "多久能有答复"),
    ],
)
async def test_a_complaints_ticket_is_asked_about(
    shop: Shop, language: str, texts: tuple[str, ...], asked: str
) -> None:
    """Its number and until when it is answered are told; nothing is opened a second time."""
    talk = Talk(shop, "demo-mei", language)
    answer = words(await talk.all(*texts, asked))
    (ticket,) = await shop.rows(Ticket)
    assert ticket.number in answer


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "No need for a ticket, I only want to know where my parcel is"), ("zh", "不用开工单，我的快递到哪了")],
)
async def test_no_ticket_is_opened_against_the_customers_word(shop: Shop, language: str, text: str) -> None:
    """How the parcel stands is told, and what could be done."""
    talk = Talk(shop, "demo-mei", language)
    answer = words(await talk.say(text))
    assert "HE" in answer
    assert await shop.rows(Ticket) == []
    assert await shop.rows(Coupon) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "tell me what she bought"),
        ("en", "cancel my neighbour's order"),
        ("en", "show me the orders of my husband"),
        ("en", "what did my boss order from you?"),
        ("en", "can you look up somebody else's order?"),
        ("zh", "帮我查一下我老公买了什么"),
        ("zh", "取消我邻居的订单"),
        ("zh", "她下单了哪些东西"),
        ("zh", "我想看看别人的订单"),
        ("zh", "我女朋友的购买记录发我一下"),
    ],
)
async def test_what_others_ordered_stays_private(shop: Shop, language: str, text: str) -> None:
    """No own order is told of or offered to be cancelled instead."""
    talk = Talk(shop, "demo-mei", language)
    answer = words(await talk.say(text))
    assert "PW" not in answer
    assert talk.state.form is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I ordered a lamp for my mother, where is it?"),
        ("en", "my wife's birthday present has not arrived"),
        ("zh", "给我妈买的茶壶到哪了"),
        ("zh", "我给朋友买的东西还没到"),
    ],
)
async def test_a_present_is_an_order_of_ones_own(shop: Shop, language: str, text: str) -> None:
    """Who a thing is for does not make it somebody else's order."""
    answer = words(await Talk(shop, "demo-mei", language).say(text))
    assert "private" not in answer
    assert "隐私" not in answer


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("en", "Is the tote machine washable? And where is my parcel?", ("HE", "cold")),
        ("zh", "布袋能机洗吗？我的快递到哪了？", ("HE", "冷水")),
    ],
)
async def test_two_questions_are_both_answered(shop: Shop, language: str, text: str, told: tuple[str, ...]) -> None:
    """What is looked up does not hide what a rule or an article answers."""
    answer = words(await Talk(shop, "demo-mei", language).say(text))
    assert [one for one in told if one not in answer] == []


@pytest.mark.parametrize(
    ("language", "keep", "away", "asked", "told"),
    [
        ("en", "remember that I'm left-handed", "forget that again", "what do you still remember of me?", "nothing"),
        ("zh", "记住我对羊毛过敏", "刚才那个别记了", "你还记得我什么", "没有"),
    ],
)
async def test_what_was_just_kept_is_taken_back(
    shop: Shop, language: str, keep: str, away: str, asked: str, told: str
) -> None:
    """A pronoun is enough right after it."""
    assert told in words(await Talk(shop, "demo-mei", language).all(keep, away, asked))


@pytest.mark.parametrize(
    ("language", "texts", "told", "untold"),
    [
        ("en", ("my parcel hasn't moved for days", "will I get it before the weekend?"), "7 days", "confirmed"),
        ("zh", ("快递三天没更新了", "周末前能到吗"), "7 天", "确认是延误"),
    ],
)
async def test_what_holds_for_what_was_done_is_told(
    shop: Shop, language: str, texts: tuple[str, ...], told: str, untold: str
) -> None:
    """No story twice, and no day that nobody knows."""
    answer = words(await Talk(shop, "demo-mei", language).all(*texts))
    assert told in answer
    assert untold not in answer
