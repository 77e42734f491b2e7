"""The shop's promises and limits as values that tools enforce. One source: `knowledge/policy.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from orchestrator.backoffice.money import Money

DEFAULT_PATH = Path(__file__).parents[1] / "knowledge" / "policy.yaml"
Amounts = Mapping[str, Money]


@dataclass(frozen=True)
class ShopPolicy:
    """What the shop promises (`facts`) and what needs a person (`approvals`). Amounts are keyed by currency.

    Attributes:
        delay_ticket_after: Without a scan before a parcel counts as delayed.
        lost_after: Without a scan before a parcel counts as lost.
        refund_alone: By tier: the most that is refunded without a person.
        refunds_alone: How many refunds a customer gets without a person within `refunds_alone_within`.
        goodwill: Of a coupon that always needs a person.
        open_tickets: Tickets that a customer may have open.
    """

    unpaid_hold: timedelta
    pickup_hold: timedelta
    standard_fee: Amounts
    free_shipping_threshold: Amounts
    delay_ticket_after: timedelta
    lost_after: timedelta
    not_received_report: timedelta
    return_window: timedelta
    damage_report: timedelta
    return_label_validity: timedelta
    return_fee: Amounts
    delay_coupon: Amounts
    invoice_window: timedelta
    invoice_time: timedelta
    trace_reply: timedelta
    ticket_reply: timedelta
    complaint_reply: timedelta
    refund_days: tuple[int, int]
    cancel_refund_days: tuple[int, int]
    exchange_dispatch_days: int
    refund_alone: Mapping[str, Amounts]
    refunds_alone: int
    refunds_alone_within: timedelta
    goodwill: Amounts
    coupon_validity: timedelta
    open_tickets: int

    def refund_limit(self, tier: str, currency: str) -> Money:
        """The most that a customer of the tier is refunded without a person; of an unknown tier nothing."""
        return self.refund_alone.get(tier, {}).get(currency, Money(currency, 0))


def load_policy(path: Path = DEFAULT_PATH) -> ShopPolicy:
    """Reads the policy.

    Raises:
        ValueError: Something is missing or has another unit than the tools expect.
    """
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return _policy(raw["facts"], raw["approvals"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name}: {error} is missing or malformed") from error


def _policy(facts: Mapping[str, Any], approvals: Mapping[str, Any]) -> ShopPolicy:
    def duration(name: str) -> timedelta:
        return _duration(name, facts[name])

    return ShopPolicy(
        unpaid_hold=duration("unpaid_hold"),
        pickup_hold=duration("pickup_hold"),
        standard_fee=_amounts(facts["standard_fee"]["value"]),
        free_shipping_threshold=_amounts(facts["free_shipping_threshold"]["value"]),
        delay_ticket_after=duration("delay_ticket_after"),
        lost_after=duration("lost_after"),
        not_received_report=duration("not_received_report"),
        return_window=duration("return_window"),
        damage_report=duration("damage_report"),
        return_label_validity=duration("return_label_validity"),
        return_fee=_amounts(facts["return_fee"]["value"]),
        delay_coupon=_amounts(facts["delay_coupon"]["value"]),
        invoice_window=duration("invoice_window"),
        invoice_time=duration("invoice_time"),
        trace_reply=duration("trace_reply"),
        ticket_reply=duration("ticket_reply"),
        complaint_reply=duration("complaint_reply"),
        refund_days=_working_days(facts["refund_time"]),
        cancel_refund_days=_working_days(facts["cancel_refund_time"]),
        exchange_dispatch_days=int(facts["exchange_dispatch"]["value"]),
        refund_alone={tier: _amounts(value) for tier, value in approvals["refund"].items()},
        refunds_alone=int(approvals["refunds_alone"]["count"]),
        refunds_alone_within=timedelta(days=approvals["refunds_alone"]["within_days"]),
        goodwill=_amounts(approvals["goodwill_coupon"]),
        coupon_validity=timedelta(days=approvals["coupon_validity_days"]),
        open_tickets=int(approvals["open_tickets"]),
    )


def _duration(name: str, fact: Mapping[str, Any]) -> timedelta:
    value, unit = fact["value"], fact["unit"]
    if unit not in ("minute", "hour", "day") or isinstance(value, list):
        raise ValueError(f"{name} must be one number of minutes, hours or days")
    return timedelta(**{f"{unit}s": value})


def _working_days(fact: Mapping[str, Any]) -> tuple[int, int]:
    if fact["unit"] != "working_day":
        raise ValueError("a refund is promised in working days")
    low, high = fact["value"]
    return int(low), int(high)


def _amounts(value: Mapping[str, Any]) -> Amounts:
    return {currency: Money.of(amount, currency) for currency, amount in value.items()}
