"""Which sentences may leave."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestrator.reply.checking import Evidence, FactCheck, Promises

pytestmark = pytest.mark.unit

CHECK = FactCheck(Promises())
PARCEL = {
    "parcels": [{"tracking": "HE202603040012", "order": "PW1234567890", "quiet_days": 3, "quiet_hours": 76,
                 "last_scan_at": "2026-03-01T20:30:00Z", "items": ["Dipped mug"]}],
}  # fmt: skip
ORDER = {"number": "PW1234567890", "status": "cancelled",
         "total": {"minor": 12900, "currency": "CNY", "text": "129 CNY"},
         "refunds": [], "returns": [], "count": 2}  # fmt: skip


def evidence() -> Evidence:
    known = Evidence(ZoneInfo("Asia/Shanghai"))
    known.article("Standard delivery takes 3–5 working days. A confirmed delay brings a coupon of 10 CNY (1.50 USD).")
    known.tool("track_parcel", "found", PARCEL)
    known.tool("find_orders", "found", ORDER)
    known.customer("I want 500 CNY back by 5 May, my flat is number 42, paid 80 USD")
    known.today(datetime(2026, 3, 4, 4, tzinfo=UTC))
    return known


@pytest.mark.parametrize(
    "sentence",
    [
        "Hello, I am looking into it.",
        "It takes 3 to 5 business days.",
        "通常需要3–5个工作日。",
        "Your parcel HE202603040012 has not moved for 3 days.",
        "运单 HE202603040012 已经三天没有动静。",
        "The last scan was on 2 March at 04:30.",
        "The last scan was on Monday.",
        "Order PW1234567890 cost 129 CNY.",
        "订单PW1234567890共129元。",
        "You have 2 orders.",
        "You say that you paid 80 USD, is that right?",
        "Today is 4 March 2026.",
        "1. First, open the app.",
        "A confirmed delay brings a coupon of 10 CNY.",
        "Your order PW1234567890 has been cancelled.",
        "Once your order has been refunded, the bank needs a while.",
        "Shall I cancel it?",
        "您要取消订单吗？",
    ],
)
def test_what_has_a_source_may_leave(sentence: str) -> None:
    """Facts, articles, what the customer said, and plain talk."""
    assert CHECK.faults(sentence, evidence()) == []


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("It takes 2 working days.", "span"),
        ("It takes 3–5 days.", "span"),
        ("只要两个工作日。", "span"),
        ("Your order PW9999999999 is on its way.", "reference"),
        ("It cost 130 CNY.", "money"),
        ("一共130元。", "money"),
        ("It arrives on 7 March.", "date"),
        ("3月7日送到。", "date"),
        ("It arrives on Friday.", "date"),
        ("We open at 7:15.", "clock"),
        ("You save 30%.", "percent"),
        ("You have 7 orders.", "number"),
        ("I give you a coupon of 500 CNY.", "money"),
        ("我们补偿您500元优惠券。", "money"),
        ("You get 80 USD as a refund.", "money"),
        ("We guarantee it arrives.", "promise"),
        ("您可以全额退款。", "promise"),
        ("It ships free of charge.", "promise"),
        ("I have issued a coupon for you.", "deed"),
        ("Your refund has been processed.", "deed"),
        ("已为您退款。", "deed"),
        ("地址已修改。", "deed"),
        ("I've updated your delivery address.", "deed"),
        ("已经为您转接人工。", "deed"),
    ],
)
def test_what_has_none_does_not(sentence: str, kind: str) -> None:
    """Other numbers, a promise that nobody made, a deed that nobody did; a customer's wish is no source for giving."""
    assert kind in CHECK.faults(sentence, evidence())


@pytest.mark.parametrize(
    ("tool", "facts", "sentence"),
    [
        ("issue_coupon", {"coupon": "PEACHABC123"}, "I have issued a coupon for you: PEACHABC123."),
        ("request_refund", {"refund": "RF123456"}, "Your refund RF123456 has been issued."),
        ("change_address", {"order": "PW1"}, "地址已修改。"),
        ("hand_over", {"ticket": "TK100200"}, "已经为您转接人工，工单 TK100200。"),
    ],
)
def test_a_deed_that_was_done_is_told(tool: str, facts: dict[str, str], sentence: str) -> None:
    """The tool's result is the source."""
    known = evidence()
    known.tool(tool, "done", facts)
    assert CHECK.faults(sentence, known) == []


def test_what_was_answered_before_may_be_said_again() -> None:
    """It was checked when it was said."""
    known = evidence()
    known.answer("I have issued a coupon for you, PEACHABC123, valid for 30 days.")
    assert CHECK.faults("As I said, I have issued a coupon: PEACHABC123, good for 30 days.", known) == []


def test_a_bare_number_of_another_system_counts_for_any_unit() -> None:
    """A field without a unit in its name may be days or pieces."""
    known = Evidence(ZoneInfo("Asia/Shanghai"))
    known.tool("erp__eta", "found", {"eta": 6})
    assert CHECK.faults("It takes 6 days.", known) == []
    assert CHECK.faults("It takes 7 days.", known) == ["span"]


def test_the_data_is_checked(tmp_path: Path) -> None:
    """A file that does not fit is refused with its name."""
    path = tmp_path / "promises.yaml"
    path.write_text("giving: 3")
    with pytest.raises(ValueError, match=r"promises\.yaml"):
        Promises(path)
