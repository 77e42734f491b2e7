"""Which of several orders is meant by its state or by how many are in it; what is never exchanged for itself."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from orchestrator.dialogue.runner import Kind
from orchestrator.dialogue.state import FormPosition
from orchestrator.dialogue.world import Order, Variant
from tests.orchestrator.dialogue.worlds import FORMS, FRESH, OLD, PACKING, WORLD, after, item, started

pytestmark = pytest.mark.unit

ROAD, SINGLE = "PW7700000001", "PW8800000001"
INVOICE = frozenset(("invoice",))
WIDE = replace(
    WORLD,
    orders=(
        *WORLD.orders,
        Order(ROAD, "shipped", (item("tote-sky", "Market tote (sky)", "买菜布袋（天蓝）", ROAD),), INVOICE),
        Order(SINGLE, "delivered", (item("mug-named", "Dipped mug (named)", "浸釉马克杯（刻字）", SINGLE),), INVOICE),
    ),
    products=FORMS.products,
)  # fmt: skip
NATURAL = Variant("tote-sand", "Market tote (sand)", ("Market tote (sand)", "买菜布袋（沙色）"))


@pytest.mark.parametrize(
    "text",
    ["an invoice for the mugs please", "I need an invoice for my mugs", "帮我给那几个杯子开发票", "两个杯子那单开发票"],
)
def test_several_of_a_thing_are_the_order_with_several(text: str) -> None:
    """Not the older one with a single one."""
    assert started("invoice_request", text, WIDE).position.filled["order"] == FRESH


@pytest.mark.parametrize("text", ["for the mug", "the mug order", "杯子那单", "有杯子的那个"])
def test_among_the_orders_with_a_thing_it_is_asked(text: str) -> None:
    """And among no others."""
    step = after(started("invoice_request", "I need an invoice", WIDE), text, WIDE)
    assert (step.kind, step.position.asked, step.position.among) == (Kind.ASK, "order", (FRESH, SINGLE))


@pytest.mark.parametrize(
    "text",
    [
        "the one that was delivered",
        "for the one that has arrived",
        "the order I've received",
        "收到的那个",
        "已经签收的那单",
    ],
)
def test_the_delivered_one_is_asked_for_among_the_delivered(text: str) -> None:
    """When there are several."""
    step = after(started("invoice_request", "I need an invoice", WIDE), text, WIDE)
    assert (step.kind, step.position.among) == (Kind.ASK, (FRESH, OLD, SINGLE))
    narrowed = after(step, "the lamp" if text.isascii() else "灯那单", WIDE)
    assert narrowed.position.filled["order"] == OLD


@pytest.mark.parametrize(
    "text",
    ["for the one still on its way", "the one that's in transit", "the one that hasn't arrived yet", "还在路上的那个",
     "没收到的那个", "在途的那单"],
)  # fmt: skip
def test_the_one_on_its_way_is_known_by_that(text: str) -> None:
    """There is one."""
    step = after(started("invoice_request", "I need an invoice", WIDE), text, WIDE)
    assert step.position.filled["order"] == ROAD


@pytest.mark.parametrize("text", ["DE812345678", "our VAT is DE812345678", "税号DE812345678", "FR 12345678901"])
def test_a_tax_number_is_none_of_an_order(text: str) -> None:
    """Though it is told while the order is asked for."""
    step = after(started("invoice_request", "I need an invoice", WIDE), text, WIDE)
    assert step.problem != "order_unknown"
    assert step.position.filled["tax_number"] in ("DE812345678", "FR12345678901")


@pytest.mark.parametrize("number", ["PW1234567890", "1234567890"])
def test_another_number_is_an_order_that_is_not_there(number: str) -> None:
    """It is said so."""
    step = after(started("invoice_request", "I need an invoice", WIDE), number, WIDE)
    assert step.problem == "order_unknown"


@pytest.mark.parametrize(
    "text",
    ["exchange it for the natural one", "I want natural", "natural", "换成原色", "要原色的"],
)
def test_a_thing_is_not_exchanged_for_what_was_ordered(text: str) -> None:
    """That is said, with the ways that are left; but when another came, or a broken one, it is to come after all."""
    known = FormPosition("exchange_request", "wanted", {"order": FRESH, "item": "tote-natural", "quantity": "1"})
    step = after(known, text, replace(WIDE, variants=(NATURAL,)))
    assert (step.kind, step.problem) == (Kind.ASK, "refused/same_thing")
    assert "wanted" not in step.position.filled
    for reason in ("wrong_item", "damaged"):
        wrong = replace(WIDE, variants=(NATURAL,))
        step = after(msgspec.structs.replace(known, filled={**known.filled, "reason": reason}), text, wrong)
        assert (step.kind, step.position.filled["wanted"]) == (Kind.CONFIRM, "tote-natural")


@pytest.mark.parametrize(
    "text",
    ["I ordered the natural tote and got a blue one, refund please", "I bought a natural tote but received a red one",
     "我买的是原色布袋，你们发成蓝色了", "订的是原色，寄来的是天蓝色，退款"],
)  # fmt: skip
def test_another_thing_than_was_ordered_is_a_wrong_one(text: str) -> None:
    """Told without the word."""
    assert started("refund", text).position.filled["reason"] == "wrong_item"


def test_the_unsent_one_is_still_the_unsent_one() -> None:
    """As before."""
    step = after(started("invoice_request", "I need an invoice", WIDE), "the one that hasn't been sent yet", WIDE)
    assert step.position.filled["order"] == PACKING
