"""Corrections of a part of an address, and what may be one."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.addresses import amended
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
