"""One good call of every tool, and how it can be wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from orchestrator.backoffice.schema import Base, Coupon, Exchange, Invoice, Refund, Return, Ticket
from orchestrator.tools.tool import Outcome
from tests.orchestrator.backoffice.shops import order


@dataclass(frozen=True)
class Good:
    """A call that works.

    Attributes:
        arguments: With `number` in the place where the order's number goes.
        template: Of the order.
        table: Where the effect leaves a row.
        row: How many rows it leaves.
    """

    tool: str
    customer: str
    arguments: dict[str, Any]
    number: str = ""
    template: str = ""
    outcome: Outcome = Outcome.DONE
    again: Outcome = Outcome.ALREADY
    table: type[Base] | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def filled(self, **other: Any) -> dict[str, Any]:
        """The arguments, with the order's number."""
        numbers = {self.number: order(self.customer, self.template)} if self.number else {}
        return {**self.arguments, **numbers, **other}


ADDRESS = {"street": "2 Quay", "city": "Bergen", "postcode": "5003", "country": "NO"}
INVOICE = {"title": "Lin Xiao", "email": "lin@example.com"}

EFFECTS = [
    Good("open_ticket", "demo-lin", {"kind": "delay", "summary": "no scan"}, "order", "stuck", table=Ticket,
         facts={"kind": "delay", "reply_hours": 24}),
    Good("start_return", "demo-harper", {"item": "mug-peach", "reason": "changed_mind"}, "order", "fresh_cups",
         table=Return, facts={"fee": {"minor": 180, "currency": "USD", "text": "1.80 USD"}, "quantity": 2}),
    Good("request_refund", "demo-harper", {"item": "tote-natural", "reason": "damaged"}, "order", "fresh_cups",
         table=Refund, facts={"amount": {"minor": 1350, "currency": "USD", "text": "13.50 USD"}}),
    Good("exchange_item", "demo-harper", {"item": "mug-peach", "wanted": "sage"}, "order", "fresh_cups",
         table=Exchange, facts={"wanted": "Dipped mug (sage)", "dispatch_working_days": 2}),
    Good("change_address", "demo-zhao", ADDRESS, "order", "packing"),
    Good("cancel_order", "demo-zhao", {}, "order", "packing", table=Refund, facts={"status": "cancelled"}),
    Good("issue_coupon", "demo-lin", {}, "parcel", "stuck", table=Coupon,
         facts={"amount": {"minor": 1000, "currency": "CNY", "text": "10 CNY"}}),
    Good("request_invoice", "demo-lin", INVOICE, "order", "fresh_teapot", table=Invoice),
    Good("hand_over", "demo-lin", {"reason": "asked_for", "summary": "wants a person"}, outcome=Outcome.HANDED_OVER,
         again=Outcome.HANDED_OVER, table=Ticket),
]  # fmt: skip
LOOKS = [
    Good("find_orders", "demo-lin", {}, "query", "stuck", outcome=Outcome.FOUND, facts={"count": 1}),
    Good("track_parcel", "demo-lin", {}, "number", "stuck", outcome=Outcome.FOUND),
    Good("find_products", "demo-lin", {"query": "teapot"}, outcome=Outcome.FOUND, facts={"count": 1}),
    Good(
        "find_variants",
        "demo-harper",
        {"item": "mug-peach"},
        "order",
        "fresh_cups",
        outcome=Outcome.FOUND,
        facts={"item": "mug-peach"},
    ),
    Good("find_coupons", "demo-lin", {}, outcome=Outcome.NONE, facts={"count": 0, "coupons": []}),
    Good("find_tickets", "demo-lin", {}, outcome=Outcome.NONE, facts={"count": 0, "tickets": []}),
]

# Arguments that are wrong, beside those of the good call, and the field that the error names.
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("find_orders", {"status": "eaten"}, "status"),
    ("find_orders", {"limit": 0}, "limit"),
    ("find_orders", {"customer": "demo-noah"}, "customer"),
    ("track_parcel", {"number": "x" * 41}, "number"),
    ("find_products", {"query": "q" * 201}, "query"),
    ("find_products", {"limit": 21}, "limit"),
    ("find_products", {"tenant": "other"}, "tenant"),
    ("find_coupons", {"limit": 11}, "limit"),
    ("find_coupons", {"customer": "demo-noah"}, "customer"),
    ("find_tickets", {"limit": 0}, "limit"),
    ("find_tickets", {"customer": "demo-noah"}, "customer"),
    ("find_variants", {"order": ""}, "order"),
    ("find_variants", {"item": "spaceship"}, "item"),
    ("open_ticket", {"kind": "delay", "summary": "s", "order": ""}, "order"),
    ("open_ticket", {"kind": "hand_over"}, "kind"),
    ("open_ticket", {"summary": ""}, "summary"),
    ("open_ticket", {"summary": "s" * 501}, "summary"),
    ("start_return", {"reason": "because"}, "reason"),
    ("start_return", {"item": ""}, "item"),
    ("start_return", {"item": "spaceship"}, "item"),
    ("start_return", {"quantity": 0}, "quantity"),
    ("start_return", {"quantity": 3}, "quantity"),
    ("start_return", {"order": ""}, "order"),
    ("request_refund", {"reason": "cancelled"}, "reason"),
    ("request_refund", {"quantity": 2}, "quantity"),
    ("request_refund", {"amount": 100000}, "amount"),
    ("request_refund", {"item": ""}, "item"),
    ("exchange_item", {"wanted": ""}, "wanted"),
    ("exchange_item", {"wanted": "Morning teapot"}, "wanted"),
    ("exchange_item", {"quantity": True}, "quantity"),
    ("change_address", {"street": "", "city": " ", "postcode": "", "country": ""}, "street"),
    ("change_address", {"country": "Norway"}, "country"),
    ("change_address", {"phone": "call me"}, "phone"),
    ("cancel_order", {"order": 12}, "order"),
    ("cancel_order", {"note": "n" * 501}, "note"),
    ("issue_coupon", {"reason": "please"}, "reason"),
    ("issue_coupon", {"amount": 500}, "amount"),
    ("request_invoice", {"email": "nobody"}, "email"),
    ("request_invoice", {"company": True}, "tax_number"),
    ("request_invoice", {"tax_number": "12-34"}, "tax_number"),
    ("request_invoice", {"title": ""}, "title"),
    ("hand_over", {"reason": "bored"}, "reason"),
    ("hand_over", {"summary": None}, "summary"),
]

# What the policy refuses: tool, customer, template, arguments, rule.
REFUSED: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("open_ticket", "demo-chen", "on_the_way", {"kind": "delay", "summary": "slow"}, "not_delayed"),
    ("open_ticket", "demo-lin", "stuck", {"kind": "lost", "summary": "gone"}, "not_lost"),
    ("start_return", "demo-noah", "long_ago", {"reason": "changed_mind"}, "return_window"),
    ("start_return", "demo-chen", "fortnight", {"item": "mug-named", "reason": "changed_mind"}, "not_returnable"),
    ("start_return", "demo-chen", "fortnight", {"item": "mug-named", "reason": "damaged"}, "damage_report"),
    ("start_return", "demo-lin", "stuck", {"item": "mug-sage", "reason": "changed_mind"}, "not_delivered"),
    ("request_refund", "demo-chen", "fortnight", {"item": "mug-named", "reason": "damaged"}, "damage_report"),
    ("request_refund", "demo-lin", "last_year", {"reason": "not_received"}, "not_received_report"),
    ("request_refund", "demo-lin", "stuck", {"reason": "lost"}, "not_lost"),
    ("request_refund", "demo-wu", "unpaid", {"reason": "damaged"}, "not_delivered"),
    ("exchange_item", "demo-harper", "fresh_cups", {"item": "mug-peach", "wanted": "sand"}, "out_of_stock"),
    ("exchange_item", "demo-noah", "long_ago", {"wanted": "ash"}, "return_window"),
    ("exchange_item", "demo-wu", "out_for_delivery", {"wanted": "candle"}, "not_delivered"),
    ("change_address", "demo-lin", "stuck", ADDRESS, "already_sent"),
    ("change_address", "demo-wu", "cancelled", ADDRESS, "order_cancelled"),
    ("cancel_order", "demo-lin", "stuck", {}, "already_sent"),
    ("cancel_order", "demo-lin", "last_year", {}, "already_sent"),
    ("issue_coupon", "demo-chen", "on_the_way", {}, "not_delayed"),
    ("issue_coupon", "demo-lin", "fresh_teapot", {}, "not_delayed"),
    ("request_invoice", "demo-wu", "unpaid", INVOICE, "not_paid"),
    ("request_invoice", "demo-wu", "cancelled", INVOICE, "not_paid"),
    ("request_invoice", "demo-lin", "last_year", INVOICE, "invoice_window"),
]
