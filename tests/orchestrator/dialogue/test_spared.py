"""What a message names and wants nothing done about is never what something is done about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.dialogue.comparing import compared_in
from orchestrator.dialogue.runner import Kind
from tests.orchestrator.dialogue.worlds import FRESH, SECOND, TWO, WORLD, after, started

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "I bought two mugs and a tote. The tote is lovely. One mug has a crack though, my money back for that one?",
        "We ordered a tote and two mugs, one mug is cracked, refund please",
        "I love the tote. One mug is broken, refund please",
        "布袋挺好的，有一个杯子碎了，杯子退款",
        "我买了两个杯子和一个布袋，有一个杯子有裂纹，给我退款",
    ],
)
def test_praise_and_a_list_of_what_was_bought_name_nothing_that_is_refunded(text: str) -> None:
    """Only the broken thing is."""
    step = started("refund", text)
    assert (step.kind, step.position.filled.get("item"), step.more) == (Kind.CONFIRM, "mug-peach", ())


@pytest.mark.parametrize("text", ["I bought a mug and a tote, both broken, refund", "杯子和布袋都碎了，退款"])
def test_several_broken_things_are_still_all_refunded(text: str) -> None:
    """One after the other."""
    step = started("refund", text)
    assert {step.position.filled.get("item"), *(one.get("item") for one in step.more)} == {"mug-peach", "tote-natural"}


def test_another_order_keeps_the_kind_of_thing() -> None:
    """The tote of the other order is meant, not what else is in it."""
    world = replace(TWO, products=(frozenset(("tote", "布袋")), frozenset(("mug", "杯子"))))
    step = started("return_request", "I want to return the sky tote, I changed my mind", world)
    step = after(step, "no wait, the other one", world)
    assert (step.position.filled["order"], step.position.filled["item"]) == (FRESH, "tote-natural")


@pytest.mark.parametrize("text", ["杭州青禾文化有限公司", "made out to Peach Market Ltd"])
def test_a_word_of_a_company_picks_no_order(text: str) -> None:
    """It is kept as the title, and the order is asked for."""
    step = after(started("invoice_request", "invoice please"), text)
    assert (step.kind, step.position.asked) == (Kind.ASK, "order")


@pytest.mark.parametrize(("text", "place"), [("the cheaper one", 0), ("便宜的那个", 0), ("贵的那单", 1)])
def test_an_order_is_picked_by_what_tells_it_apart(text: str, place: int) -> None:
    """Of two that differ in it."""
    sums = {FRESH: 900, SECOND: 2000}
    orders = tuple(replace(one, total_minor=sums[one.number]) for one in TWO.orders if one.number in sums)
    assert compared_in(text, orders) == orders[place]


def test_orders_that_are_alike_are_not_told_apart() -> None:
    """Then it is asked."""
    assert compared_in("the cheaper one", WORLD.orders) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("收件人也改一下，写王磊", "王磊"),
        ("收件人改成李雷", "李雷"),
        ("收件人也改一下", None),
        ("收件人换一下吧", None),
    ],
)
def test_a_name_is_never_a_part_of_the_verb(text: str, name: str | None) -> None:
    """What follows the verb is the name; else there is none."""
    step = after(started("address_change", "改地址：杭州市滨江区江南大道 588 号 12 楼"), text)
    assert step.position.filled.get("recipient") == name
