"""Corrections of a part of an address, and what may be one."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.addresses import Address, address_in, amended, in_the_same_town, taken_apart
from orchestrator.dialogue.runner import Kind, Step
from tests.orchestrator.dialogue.worlds import PACKING, after, started

pytestmark = pytest.mark.unit

MILL, WENSAN = "3 Mill Lane, Portland 97201", "文三路9号3幢502室"


@pytest.mark.parametrize(
    ("address", "text", "right"),
    [
        (MILL, "oops, number 33, not 3", "33 Mill Lane, Portland 97201"),
        (MILL, "not 3 but 33", "33 Mill Lane, Portland 97201"),
        (MILL, "33 instead of 3", "33 Mill Lane, Portland 97201"),
        (MILL, "no, it's 33", "33 Mill Lane, Portland 97201"),
        (MILL, "Hill Lane, not Mill Lane", "3 Hill Lane, Portland 97201"),
        (MILL, "zip 97202", "3 Mill Lane, Portland 97202"),
        ("5 Oak St, Apt 4, Salem", "apt 14", "5 Oak St, Apt 14, Salem"),
        (WENSAN, "不对,是33号", "文三路33号3幢502室"),
        (WENSAN, "不是9号，是19号", "文三路19号3幢502室"),
        (WENSAN, "是19号，不是9号", "文三路19号3幢502室"),
        (WENSAN, "写错了，应该是5幢", "文三路9号5幢502室"),
        (WENSAN, "503室才对", "文三路9号3幢503室"),
        (WENSAN, "不是文三路，是文二路", "文二路9号3幢502室"),
    ],
)
def test_a_part_is_corrected(address: str, text: str, right: str) -> None:
    """The rest stays."""
    assert amended(address, text) == right


@pytest.mark.parametrize("text", ["hmm", "not 7 but 8", "the other one", "写错了", "", "a " * 4000, "不是" * 3000])
def test_what_tells_no_part_changes_nothing(text: str) -> None:
    """Neither what is not in it, nor a huge message."""
    assert amended(MILL, text) == ""


def confirming(language: str = "en") -> Step:
    """An address to be confirmed."""
    text = (
        f"change the address of order {PACKING} to {MILL}" if language == "en" else f"订单 {PACKING} 地址改成{WENSAN}"
    )
    step = started("address_change", text)
    assert step.kind is Kind.CONFIRM
    return step


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [("en", "oops, number 33, not 3", "33 Mill"), ("en", "yes but it's 33", "33 Mill"), ("en", "no, 33", "33 Mill"),
     ("zh", "不对,是33号", "33号"), ("zh", "啊写错了，是33号", "33号")],
)  # fmt: skip
def test_a_corrected_number_is_what_the_next_yes_means(language: str, text: str, number: str) -> None:
    """It is shown again first."""
    step = after(confirming(language), text)
    assert step.kind is Kind.CONFIRM
    assert number in step.position.filled["address"]
    assert after(step, "yes").position.filled["address"] == step.position.filled["address"]


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "oops, wrong street"), ("en", "wait, I mistyped 12"), ("en", "typo in it"), ("en", "yes but 8 or so"),
     ("zh", "写错了"), ("zh", "打错字了，是另外一条路"), ("zh", "少写了一个8"), ("zh", "是88那个")],
)  # fmt: skip
def test_after_a_correction_that_is_not_understood_a_yes_does_nothing(language: str, text: str) -> None:
    """The address is asked for again, so that the old one cannot be agreed to."""
    step = after(confirming(language), text)
    assert step.kind is not Kind.CONFIRM
    assert after(step, "yes" if language == "en" else "好的").kind is not Kind.CALL


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("收货地址写错了 应该是苏州市姑苏区平江路12号3幢201，麻烦改一下", "苏州市姑苏区平江路12号3幢201"),
        ("地址不是文三路，是杭州余杭区良睦路99号2楼", "杭州余杭区良睦路99号2楼"),
        ("改地址到杭州市西湖区文一路88号", "杭州市西湖区文一路88号"),
        (
            "change the address to 9 Elm Road, Portland 97205, and how long do refunds take?",
            "9 Elm Road, Portland 97205",
        ),
        (
            "send it to Flat 3, 12 High Street, Leeds LS1 4AB instead of the old flat",
            "Flat 3, 12 High Street, Leeds LS1 4AB",
        ),
    ],
)
def test_an_address_is_kept_without_what_is_said_around_it(text: str, address: str) -> None:
    """Neither lead-ins nor thanks nor another question are part of it."""
    assert address_in(text, asked=False) == address


def test_a_street_without_a_town_stays_in_the_town() -> None:
    """That of the address before it; an address with a town of its own keeps it."""
    assert in_the_same_town("8 Hill Street, Boston 02108", "44 Elm Street") == "44 Elm Street, Boston 02108"
    assert in_the_same_town("杭州市西湖区文一路88号", "古墩路5号") == "杭州市西湖区古墩路5号"
    assert in_the_same_town("8 Hill Street, Boston 02108", "4 Elm St, Salem 97301") == "4 Elm St, Salem 97301"


def test_a_city_may_lack_its_last_sign() -> None:
    """As people write it."""
    assert taken_apart("杭州余杭区良睦路99号").city == "杭州市"


@pytest.mark.parametrize(
    ("known", "said", "after"),
    [
        ("18 Mill Road, Cambridge CB1 2AD", "typo: it's 81 Mill Road, not 18", "81 Mill Road, Cambridge CB1 2AD"),
        ("5 Oak Street, Denver 80202", "it's Elm Street, not Oak", "5 Elm Street, Denver 80202"),
        ("5th Avenue 350, New York, NY 10118", "no wait, its 305 not 350", "5th Avenue 305, New York, NY 10118"),
    ],
)
def test_a_part_is_put_in_the_place_of_what_was_wrong(known: str, said: str, after: str) -> None:
    """A number for a number, a name for a name; what stands beside it stays."""
    assert amended(known, said) == after


@pytest.mark.parametrize(
    "text", ["5th Avenue 350, New York, NY 10118", "Hauptstr. 5, 10115 Berlin", "12 rue de la Paix, 75002 Paris"]
)
def test_an_answer_is_an_address_in_whatever_order_it_is_written(text: str) -> None:
    """When it was asked for."""
    assert address_in(text, asked=True) == text


@pytest.mark.parametrize("text", ["I want 2 mugs, and 3 totes", "order 12345, please", "is it 5, Paris?", "12345"])
def test_what_is_no_place_is_no_address(text: str) -> None:
    """Though it was asked for."""
    assert address_in(text, asked=True) == ""


def test_a_postcode_before_its_town() -> None:
    """As it is written in many countries."""
    assert taken_apart("Hauptstr. 5, 10115 Berlin").postcode == "10115"


@pytest.mark.parametrize(
    ("text", "street", "city", "postcode"),
    [
        ("can you send it to 14 Elm Street, Portland, 97202?", "14 Elm Street", "Portland", "97202"),
        ("please change the address to 14 Elm Street, Portland 97202 please", "14 Elm Street", "Portland", "97202"),
        ("change the address to 14 Elm Street, Portland, zip 97202", "14 Elm Street", "Portland", "97202"),
        ("地址改成宁波市鄞州区中山东路88号301室，邮编315040，谢谢", "鄞州区中山东路88号301室", "宁波市", "315040"),
        ("能不能寄到苏州市姑苏区人民路12号502室吗？", "姑苏区人民路12号502室", "苏州市", ""),
        ("地址改成宁波市中山东路88号301室，邮政编码：315040", "中山东路88号301室", "宁波市", "315040"),
    ],
)
def test_labels_and_question_marks_are_no_part_of_it(text: str, street: str, city: str, postcode: str) -> None:
    """Be it asked as a question, and whatever the postcode is called."""
    assert taken_apart(address_in(text, asked=False)) == Address(street, city, postcode)
