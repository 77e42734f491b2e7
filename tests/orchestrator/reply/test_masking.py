"""Personal data on its way to a provider and back."""

from __future__ import annotations

import json

import pytest

from orchestrator.reply.masking import Mask, Personal

pytestmark = pytest.mark.unit

ALL = list(Personal)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("write to a.b+c@mail.example.co.uk please", "write to [EMAIL_1] please"),
        ("call 13800138000 or +86 138-0013-8000", "call [PHONE_1] or [PHONE_2]"),
        ("call (020) 7946 0958", "call [PHONE_1]"),
        ("我的手机13800138000", "我的手机[PHONE_1]"),
        ("card 4111 1111 1111 1111", "card [CARD_1]"),
        ("身份证 11010519491231002X", "身份证 [ID_NUMBER_1]"),
        ("order PW1234567890 and PW1234567890", "order [NUMBER_1] and [NUMBER_1]"),
        ("I live at 221B Baker Street, Flat 3 now", "I live at [ADDRESS_1] now"),
        ("12 Harbour Quay", "[ADDRESS_1]"),
        ("寄到上海市浦东新区世纪大道100号", "[ADDRESS_1]"),
        ("on 2026-03-04 04:05 I paid 129.00 CNY for 3 items", "on 2026-03-04 04:05 I paid 129.00 CNY for 3 items"),
        ("3–5 working days", "3–5 working days"),
        ("", ""),
    ],
)
def test_what_is_hidden(text: str, hidden: str) -> None:
    """Each kind has its placeholder; dates, amounts and spans stay."""
    mask = Mask(ALL)
    assert mask.hide(text) == hidden
    assert mask.show(hidden) == text


def test_only_what_is_asked_for() -> None:
    """The setting decides; nothing set, nothing is masked."""
    text = "a@b.co, 13800138000"
    assert Mask([Personal.EMAIL]).hide(text) == "[EMAIL_1], 13800138000"
    assert Mask([]).hide(text) == text


def test_fields_tell_what_is_personal() -> None:
    """A name is known by its field; numbers and lists stay as they are; what is masked stays masked."""
    mask = Mask(ALL)
    facts = {"address": {"recipient": "Lin Xiao", "city": "Shanghai"}, "count": 3, "notes": ["a@b.co", None]}
    hidden = mask.hide_facts(facts)
    assert hidden == {
        "address": {"recipient": "[NAME_1]", "city": "Shanghai"},
        "count": 3,
        "notes": ["[EMAIL_1]", None],
    }
    assert mask.hide_facts(hidden) == hidden


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_stream_cut_anywhere_comes_back_whole(cut: int) -> None:
    """A placeholder in two pieces is put together; brackets that are none stay."""
    mask = Mask(ALL)
    mask.hide("a@b.co 13800138000")
    words = "Mail [EMAIL_1] or [sic] [PHONE_1]!"
    pieces = [*mask.show_piece(words[:cut]), *mask.show_piece(words[cut:]), mask.show_rest()]
    assert "".join(pieces) == "Mail a@b.co or [sic] 13800138000!"


def test_arguments_stay_json() -> None:
    """A value with quotes does not break the call; placeholders that nobody gave out stay."""
    mask = Mask(ALL)
    mask.hide_facts({"recipient": 'Lin "X" \\ Xiao'})
    shown = json.loads(mask.show_arguments('{"title": "[NAME_1]", "other": "[NAME_9]"}'))
    assert shown == {"title": 'Lin "X" \\ Xiao', "other": "[NAME_9]"}


@pytest.mark.parametrize(
    "text", ["区" * 4_000, "1" * 4_000, "1 " * 2_000, "a@" * 2_000, "A1 " * 1_300, "上海市区路" * 800]
)
def test_hostile_texts_are_masked_at_once(text: str) -> None:
    """Nothing that a customer can write keeps it busy: the suite's own time limit would tell."""
    mask = Mask(ALL)
    assert mask.show(mask.hide(text)) == text


def test_a_customer_cannot_name_a_placeholder() -> None:
    """Words that look like one before anything was masked stand for nothing."""
    mask = Mask(ALL)
    assert mask.show(mask.hide("[EMAIL_1] and a@b.co")) == "[EMAIL_1] and a@b.co".replace("[EMAIL_1]", "a@b.co")
