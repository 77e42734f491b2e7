"""What a text states."""

from __future__ import annotations

import pytest

from orchestrator.reply.claims import claims

pytestmark = pytest.mark.unit


def stated(text: str) -> set[str]:
    return {f"{claim.kind}:{claim.value}" for claim in claims(text) if not claim.small}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3–5 working days", {"span:3 working_days", "span:5 working_days"}),
        ("3到5个工作日", {"span:3 working_days", "span:5 working_days"}),
        ("三天", {"span:72 hours"}),
        ("two days, or 48 hours", {"span:48 hours"}),
        ("a week", set()),
        ("两周", {"span:336 hours"}),
        ("半小时", {"span:0.5 hours"}),
        ("12 months or one year", {"span:12 months"}),
        ("十元优惠券", {"money:10 CNY"}),
        ("¥10, CNY 10 and 10 yuan", {"money:10 CNY"}),
        ("$13.50 or 1.50 USD", {"money:13.5 USD", "money:1.5 USD"}),
        ("twenty-five dollars", {"money:25 USD"}),
        ("1,250.00 CNY", {"money:1250 CNY"}),
        ("１０元", {"money:10 CNY"}),
        ("20% off, 百分之二十", {"percent:20"}),
        ("order PW1234567890", {"reference:pw1234567890"}),
        ("order pw 1234567890", {"reference:1234567890"}),
        ("138-0013-8000", {"reference:13800138000"}),
        ("12 March 2026", {"date:03-12", "date:2026-03-12"}),
        ("March 12th", {"date:03-12"}),
        ("3月12日", {"date:03-12"}),
        ("2026-03-12", {"date:03-12", "date:2026-03-12"}),
        ("on Friday, 周五", {"date:friday"}),
        ("at 2:30 pm or 14:30", {"clock:14:30"}),
        ("You have 3 orders", {"number:3"}),
        ("one moment please", set()),
        ("我们一起看一下", set()),
        ("", set()),
    ],
)
def test_what_is_stated(text: str, expected: set[str]) -> None:
    """Equal things are equal however they are written; turns of phrase state nothing."""
    assert stated(text) == expected


@pytest.mark.parametrize("text", ["1" * 4_000, "a-" * 2_000, "一" * 4_000, "12:" * 1_300, "PW" * 2_000, "3 to " * 800])
def test_hostile_texts_are_read_at_once(text: str) -> None:
    """Nothing that a customer can write keeps the reader busy: the suite's own time limit would tell."""
    assert len(list(claims(text))) < 4_000
