"""What is in the way is said before anything else is asked, with the day on which the time was over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.dialogue.runner import Kind
from orchestrator.dialogue.world import World
from tests.orchestrator.dialogue.worlds import FRESH, WORLD, started

pytestmark = pytest.mark.unit

OVER = {"damage_report": "2026-11-10T00:00:00Z", "not_received_report": "2026-11-10T00:00:00Z"}


def changed(**fields: object) -> World:
    """The world with another delivered order."""
    packing, fresh, old = WORLD.orders
    return replace(WORLD, orders=(packing, replace(fresh, **fields), replace(old, over=OVER)))  # type: ignore[arg-type]


LATE = changed(delivered_at="2026-11-03T00:00:00Z", over=OVER, return_until="2026-12-03T00:00:00Z")


@pytest.mark.parametrize(
    ("form", "text", "rule"),
    [
        ("refund", "the tote arrived torn, I want a refund", "damage_report"),
        ("refund", "收到的布袋破了，我要退款", "damage_report"),
        ("refund", "order PW5115725236 never arrived, I want a refund", "not_received_report"),
        ("return_request", "the tote came with a hole, I want to return it", "damage_report"),
        ("exchange_request", "布袋破了，想换个新的", "damage_report"),
    ],
)
def test_a_fault_is_told_too_late(form: str, text: str, rule: str) -> None:
    """Nothing is asked for that could not help."""
    step = started(form, text, LATE)
    assert (step.kind, step.problem) == (Kind.REFUSED, f"refused/{rule}")
    assert (step.facts["over_on"], step.facts["delivered_on"]) == (OVER[rule], "2026-11-03T00:00:00Z")


def test_a_wrong_thing_may_still_go_back_unused() -> None:
    """What is possible all the same is told with it."""
    step = started("return_request", "you sent me the wrong tote, I want to return the tote", LATE)
    assert step.facts["return_on"] == "2026-12-03T00:00:00Z"


def test_a_change_of_mind_has_more_time() -> None:
    """Only a fault must be told at once."""
    assert started("return_request", "I want to return the tote, changed my mind", LATE).kind is Kind.CONFIRM


@pytest.mark.parametrize(
    ("form", "text", "fields", "rule"),
    [
        (
            "refund",
            "I want a refund for order PW5115725236",
            {"refund": "RF1", "refunded_minor": 0},
            "already_refunded",
        ),
        ("coupon", "I want a coupon for the delay", {"can": frozenset(("coupon",)), "coupon": "PEACH1"}, "one_coupon"),
        ("invoice_request", "给订单PW5115725236开发票", {"invoice": "IN1"}, "invoice_made"),
    ],
)
def test_once_is_all_there_is(form: str, text: str, fields: dict[str, object], rule: str) -> None:
    """The number of what there is already is told, and nothing is offered."""
    step = started(form, text, changed(**fields))
    assert (step.kind, step.problem, step.facts["order"]) == (Kind.REFUSED, f"refused/{rule}", FRESH)


def test_what_is_on_its_way_back_is_not_returned_twice() -> None:
    """Nor exchanged."""
    mug, tote = WORLD.orders[1].items
    world = changed(items=(mug, replace(tote, going_back=True, back="RT1")))
    step = started("return_request", "I want to return the tote, changed my mind", world)
    assert (step.kind, step.facts["back"]) == (Kind.REFUSED, "RT1")
