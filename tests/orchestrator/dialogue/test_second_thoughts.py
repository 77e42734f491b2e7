"""What is said at a confirmation: another order, another kind, a part of an address, time to think."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.dialogue.addresses import Address, amended, taken_apart
from orchestrator.dialogue.recipients import without_recipient
from orchestrator.dialogue.runner import Kind
from orchestrator.dialogue.state import FormPosition
from orchestrator.dialogue.wishes import WishReader
from orchestrator.dialogue.world import Order
from orchestrator.understanding.utterance import Utterance
from tests.orchestrator.dialogue.worlds import FORMS, FRESH, PACKING, WORLD, after, item, started

pytestmark = pytest.mark.unit

PAID = "PW3300000001"
CAN = frozenset(("cancel", "change_address", "invoice"))
SHOP = replace(
    WORLD,
    orders=(
        *WORLD.orders,
        Order(PAID, "paid", (item("throw-undyed", "Wool throw (undyed)", "羊毛盖毯（原色）", PAID),), CAN),
    ),
    products=FORMS.products,
)
CANCELS = FormPosition("cancel_order", filled={"order": PACKING}, confirming=True)
INVOICE = FormPosition(
    "invoice_request",
    filled={
        "order": FRESH, "kind": "company", "title": "Acme Ltd", "tax_number": "GB123456789", "email": "a@b.com",
    },
    confirming=True,
)  # fmt: skip
REASON = FormPosition("return_request", "reason", {"order": FRESH, "item": "mug-peach", "quantity": "1"})


@pytest.mark.parametrize(
    "text",
    [
        "not the candle one, the throw's",
        "不是蜡烛那单，是毯子那单",
        "不是蜡烛，我说的是毯子",
        "no, the throw",
        "不对，是毯子那单",
    ],
)
def test_not_this_order_but_that_one(text: str) -> None:
    """The form is about the other at once."""
    step = after(CANCELS, text, SHOP)
    assert (step.kind, step.position.filled["order"]) == (Kind.CONFIRM, PAID)


@pytest.mark.parametrize(
    "text",
    [
        "wait, don't yet, let me think",
        "no, I need to think about it",
        "先等等，我想想",
        "不，晚点再说",
        "wait, let me ask my wife",
    ],
)
def test_time_to_think_leaves_nothing_waiting_for_a_yes(text: str) -> None:
    """It is left."""
    assert after(CANCELS, text, SHOP).kind is Kind.GIVEN_UP


@pytest.mark.parametrize("text", ["no", "wait", "不对", "hold on"])
def test_a_mere_no_asks_what_should_be_different(text: str) -> None:
    """As before."""
    assert after(CANCELS, text, SHOP).kind is Kind.NOT_AGREED


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("no, make it personal: Jane Doe", "Jane Doe"),
        ("抬头改成个人，王芳", "王芳"),
    ],
)
def test_a_personal_invoice_has_no_tax_number(text: str, title: str) -> None:
    """Nor the firm's name."""
    filled = after(INVOICE, text, SHOP).position.filled
    assert (filled["kind"], filled["title"]) == ("person", title)
    assert "tax_number" not in filled


@pytest.mark.parametrize("text", ["no, a personal one", "改成个人的"])
def test_another_kind_asks_for_the_name(text: str) -> None:
    """The firm's is not a person's."""
    step = after(INVOICE, text, SHOP)
    assert (step.kind, step.position.asked) == (Kind.ASK, "title")


@pytest.mark.parametrize(
    "text", ["two is one too many for me", "we have three of them already", "两个太多了，一个就够"]
)
def test_a_reason_with_a_number_is_a_reason(text: str) -> None:
    """Any statement is."""
    assert after(REASON, text, SHOP).position.filled["reason"] == "changed_mind"


@pytest.mark.parametrize("text", ["wait, who pays the postage?", "等一下，运费谁出？", "hold on, how long do I have?"])
def test_a_question_behind_wait_is_a_question(text: str) -> None:
    """It is answered, not told to take its time."""
    assert after(REASON, text, SHOP).kind is Kind.ASIDE


@pytest.mark.parametrize("text", ["no replacement, just the money", "不用补发，退钱就行", "不用换，直接退款就好"])
def test_one_way_is_refused_for_another(text: str) -> None:
    """That is a choice, no end."""
    found = WishReader(FORMS).of(Utterance(text, "en" if text.isascii() else "zh")).forms
    assert [one.form for one in found] == ["refund"]


@pytest.mark.parametrize("text", ["NW1 6XE", "sorry, it's NW1 6XE", "the postcode is NW1 6XE"])
def test_a_postcode_alone_belongs_to_the_address(text: str) -> None:
    """In English, too."""
    assert amended("22 Baker St, London", text) == "22 Baker St, London NW1 6XE"


def test_a_country_is_no_city() -> None:
    """What stands last is told apart from what stands before it."""
    expected = Address("5 Rue de Rivoli", "Paris", "75001", "FR")
    assert taken_apart("5 Rue de Rivoli, 75001 Paris, France") == expected
    assert taken_apart("12 Elm Road, Leeds LS1 4DY") == Address("12 Elm Road", "Leeds", "LS1 4DY")


@pytest.mark.parametrize(
    "text",
    ["change recipient to Tom Hardy and phone to +44 7700 900111", "the name should be Tom Hardy, phone 07700900111"],
)
def test_a_name_and_a_number_are_no_address(text: str) -> None:
    """Nothing of them is left to be one."""
    assert "Hardy" not in without_recipient(text)
    filled = after(
        FormPosition("address_change", filled={"order": PACKING}, confirming=True), text, SHOP
    ).position.filled
    assert (filled.get("recipient"), "address" in filled) == ("Tom Hardy", False)


@pytest.mark.parametrize("text", ["周六晚上七点", "星期三中午", "下周五七点半"])
def test_a_day_of_the_week_is_no_number_of_people(text: str) -> None:
    """Though people are asked for."""
    assert "people" not in after(FormPosition("book_restaurant", "people"), text, SHOP).position.filled


@pytest.mark.parametrize("text", ["all correct", "everything's fine, thanks", "都对", "全对", "信息都没问题"])
def test_all_of_it_being_right_is_a_yes(text: str) -> None:
    """Said of what is to be confirmed."""
    assert after(INVOICE, text, SHOP).kind is Kind.CALL


@pytest.mark.parametrize(
    ("address", "text", "right"),
    [
        ("8 Station Road, Salem 97302", "not Salem, Keizer. 97303", "8 Station Road, Keizer 97303"),
        ("8 Station Road, Salem 97302", "not Salem, Keizer", "8 Station Road, Keizer 97302"),
        ("上海市徐汇区漕溪路 88 号", "不是徐汇，是长宁区", "上海市长宁区漕溪路 88 号"),
        ("上海市徐汇区漕溪路 88 号", "不是徐汇，是长宁", "上海市长宁区漕溪路 88 号"),
    ],
)
def test_another_town_and_its_postcode(address: str, text: str, right: str) -> None:
    """Both, and no unit twice."""
    assert amended(address, text) == right


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("还没发的那单寄到公司吧，杭州市余杭区文一西路969号", "杭州市余杭区文一西路969号"),
        ("send it to my office: Mill House, 8 Station Road, Salem 97302", "Mill House, 8 Station Road, Salem 97302"),
    ],
)
def test_where_an_address_begins(text: str, address: str) -> None:
    """Not with what the place is to the customer; with the name of the house."""
    assert started("address_change", text, WORLD).position.filled["address"] == address


def test_a_full_stop_is_none_of_a_firm() -> None:
    """It ends the sentence."""
    filled = started("invoice_request", "invoice please, company Stone Oak LLC. Mail a@b.com", SHOP).position.filled
    assert filled["title"] == "Stone Oak LLC"
