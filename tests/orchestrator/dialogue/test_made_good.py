"""What was broken, wrong or somebody else's: the right thing comes, or the money back; a yes is to one deed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.dialogue.mentions import stands_in
from orchestrator.dialogue.runner import Kind
from orchestrator.dialogue.state import FormPosition
from orchestrator.dialogue.wishes import WishReader
from orchestrator.dialogue.world import Order, Variant
from orchestrator.understanding.utterance import Utterance
from tests.orchestrator.dialogue.worlds import FORMS, FRESH, SECOND, TWO, VARIANTS, WORLD, after, item, started

pytestmark = pytest.mark.unit

SHOP = replace(WORLD, products=FORMS.products)
MUGS = replace(SHOP, variants=VARIANTS)
TOTES = replace(TWO, products=FORMS.products)
SKY = Variant("tote-sky", "Market tote (sky)", ("Market tote (sky)", "买菜布袋（天蓝）"))
NATURAL = Variant("tote-natural", "Market tote (natural)", ("Market tote (natural)", "买菜布袋（原色）"))
REFUND = FormPosition(
    "refund", filled={"order": FRESH, "item": "tote-natural", "reason": "wrong_item", "quantity": "1"}, confirming=True
)
RETURN = FormPosition(
    "return_request",
    filled={"order": FRESH, "item": "tote-natural", "reason": "changed_mind", "quantity": "1"},
    confirming=True,
)


def _wanted(text: str) -> str:
    """The form that a message asks for."""
    found = WishReader(FORMS).of(Utterance(text, "en" if text.isascii() else "zh")).forms
    return found[0].form if found else ""


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (REFUND, "给我换个对的"),
        (REFUND, "换吧"),
        (REFUND, "please exchange it"),
        (REFUND, "ok, return it"),
        (RETURN, "好，换吧"),
        (RETURN, "yes, cancel it"),
        (RETURN, "sure, swap it"),
    ],
)
def test_a_yes_to_another_deed_is_none_to_this(known: FormPosition, text: str) -> None:
    """Nothing is done on it."""
    assert after(known, text, SHOP).kind is not Kind.CALL


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (REFUND, "退吧"),
        (REFUND, "yes, refund it"),
        (REFUND, "好的，退款"),
        (RETURN, "好的，退吧"),
        (RETURN, "yes please return it"),
        (RETURN, "ok refund me"),
    ],
)
def test_a_yes_with_its_own_deed_is_one(known: FormPosition, text: str) -> None:
    """A return brings the money back, too."""
    assert after(known, text, SHOP).kind is Kind.CALL


@pytest.mark.parametrize(
    "text",
    [
        "one of my mugs should become a sage one",
        "turn one of the peach mugs into a sage one",
        "can you change one mug to green?",
        "I'd like it instead of my peach one",
        "I want the right one",
        "send me what I ordered",
        "能不能把一个杯子变成绿色的",
        "杯子其中一个改成绿色的",
        "给我换个对的",
        "发我订的那个颜色",
        "那就换吧",
    ],
)
def test_ways_to_ask_for_an_exchange(text: str) -> None:
    """By what should become of it."""
    assert _wanted(text) == "exchange_request"


@pytest.mark.parametrize(
    "text",
    [
        "change my address to 12 Green Lane",
        "can I change the name on the parcel?",
        "is the sage mug in stock?",
        "turn the lamp on how?",
        "what is the right one for six people?",
        "订单改成绿色通道配送行吗",
        "换个话题吧",
        "this should become clear tomorrow",
    ],
)
def test_what_asks_for_no_exchange(text: str) -> None:
    """A word of it is not enough."""
    assert _wanted(text) != "exchange_request"


@pytest.mark.parametrize("text", ["one of the mugs should become a sage one", "一个杯子改成绿色的"])
def test_one_of_two_becomes_another(text: str) -> None:
    """One piece of it."""
    filled = started("exchange_request", text, MUGS).position.filled
    assert (filled["item"], filled["wanted"], filled["quantity"]) == ("mug-peach", "mug-sage", "1")


@pytest.mark.parametrize(
    "text",
    [
        "the wrong tote came, exchange it",
        "my tote is torn, please swap it",
        "布袋发错了，换一下",
        "布袋破了个洞，换一个",
    ],
)
def test_what_came_wrong_comes_as_it_was_ordered(text: str) -> None:
    """Never as it came."""
    assert started("exchange_request", text, replace(SHOP, variants=(SKY,))).position.filled["wanted"] == "tote-natural"


@pytest.mark.parametrize(
    "text", ["my tote is torn, swap it for another colour", "布袋破了，换个别的颜色", "exchange the tote"]
)
def test_another_look_is_asked_for(text: str) -> None:
    """Where it is wanted, or nothing was wrong."""
    step = started("exchange_request", text, replace(SHOP, variants=(SKY, replace(SKY, sku="tote-x"))))
    assert (step.kind, step.position.asked) == (Kind.ASK, "wanted")


@pytest.mark.parametrize(
    "text",
    [
        "I ordered the sky tote and got natural, money back please",
        "I got a natural tote instead of the sky one, refund please",
        "the tote came in natural but I ordered sky",
        "我订的是天蓝的袋子，来的是原色的，退款",
        "来的袋子是原色的，我订的是天蓝的，退款",
    ],
)
def test_what_came_instead_is_not_what_is_meant(text: str) -> None:
    """The books know what was ordered; the other is in another order by chance."""
    step = started("refund", text, TOTES)
    assert step.position.filled["order"] == SECOND
    assert step.position.filled["item"] == "tote-sky"
    assert (step.more, step.position.filled["reason"]) == ((), "wrong_item")


@pytest.mark.parametrize(
    "text",
    [
        "nothing in the box is mine, refund please",
        "it's somebody else's stuff, I want my money back",
        "包裹里是别人的东西，退款",
        "收到的根本不是我的东西",
    ],
)
def test_somebody_elses_parcel_means_all_that_was_ordered(text: str) -> None:
    """Every piece of it, one thing after the other."""
    alone = replace(SHOP, orders=tuple(one for one in SHOP.orders if one.number == FRESH))
    step = started("refund", text, alone)
    assert step.position.filled["quantity"] == "2"
    assert [one["item"] for one in step.more] == ["tote-natural"]


@pytest.mark.parametrize("text", ["包裹", "包邮吗", "钱包丢了", "包装盒", "面包"])
def test_a_parcel_is_no_bag(text: str) -> None:
    """A word for a thing may stand in another word."""
    assert not stands_in("包", text)
    assert stands_in("包", "我的包呢")


def test_a_parcel_names_no_tote() -> None:
    """As an item of a form."""
    bag = item("tote-sky", "Market tote (sky)", "买菜布袋（天蓝）", SECOND)
    mug = item("mug-sage", "Dipped mug (sage)", "浸釉马克杯（鼠尾草绿）", SECOND)
    can = frozenset(("send_back", "refund"))
    world = replace(SHOP, orders=(Order(SECOND, "delivered", (bag, mug), can),))
    assert "item" not in started("refund", "包裹破了，我要退款", world).position.filled


BOTH = replace(
    SHOP,
    orders=tuple(
        Order(number, "delivered", (item(sku, en, zh, number),), frozenset(("send_back", "refund")))
        for number, sku, en, zh in (
            (FRESH, "tote-natural", "Market tote (natural)", "买菜布袋（原色）"),
            (SECOND, "tote-sky", "Market tote (sky)", "买菜布袋（天蓝）"),
        )
    ),
)


@pytest.mark.parametrize("text", ["I want to return both totes", "两个布袋都想退", "return the two totes please"])
def test_both_over_two_orders_are_two_returns(text: str) -> None:
    """One after the other."""
    step = started("return_request", text, BOTH)
    assert {step.position.filled["item"], *(one["item"] for one in step.more)} == {"tote-natural", "tote-sky"}


@pytest.mark.parametrize("text", ["I want to return a tote", "布袋想退"])
def test_one_of_two_is_asked_for(text: str) -> None:
    """Where nothing tells which."""
    step = started("return_request", text, BOTH)
    assert (step.position.asked, step.more) == ("order", ())


def test_that_everything_is_fine_names_nothing() -> None:
    """It is no wish for all of it."""
    known = FormPosition("return_request", "reason", {"order": FRESH, "item": "tote-natural", "quantity": "1"})
    assert after(known, "everything is fine with it, just too small", SHOP).more == ()
