"""Rows as facts and cards: plain values, words in the conversation's language, times in ISO 8601 UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from orchestrator.backoffice.desk import Desk, last_seen
from orchestrator.backoffice.money import Money
from orchestrator.backoffice.schema import Order, OrderLine, Parcel, Refund, Return, Ticket
from orchestrator.backoffice.words import UNSENT, CouponReason, OrderStatus, ParcelStatus
from orchestrator.tools.tool import CardLine, OrderCard, ParcelLine, TicketCard

Facts = dict[str, Any]


def moment(at: datetime | None) -> str:
    """A time as ISO 8601 in UTC, to the second; empty for none."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else ""


def money(amount: Money, language: str) -> Facts:
    """An amount: for arithmetic and as words."""
    return {"minor": amount.minor, "currency": amount.currency, "text": amount.text(language)}


def line_facts(line: OrderLine, order: Order, language: str) -> Facts:
    """Pieces of one thing."""
    price = Money(order.currency, line.unit_minor)
    product = line.product
    return {
        "item": product.sku,
        "name": product.name(language),
        "also_called": product.name("en" if language == "zh" else "zh"),
        "quantity": line.quantity,
        "price": money(price, language),
    }


def parcel_facts(desk: Desk, parcel: Parcel, language: str) -> Facts:
    """How a parcel does. `quiet_hours` and `quiet_days` tell how long nobody has scanned it, in whole ones."""
    quiet = desk.now - last_seen(parcel)
    return {
        "tracking": parcel.tracking,
        "order": parcel.order.number,
        "carrier": parcel.carrier_zh if language == "zh" else parcel.carrier_en,
        "status": parcel.status,
        "progress": desk.progress(parcel),
        "quiet_hours": int(quiet / timedelta(hours=1)),
        "quiet_days": quiet.days,
        "last_scan": _last_words(parcel, language),
        "last_scan_at": moment(parcel.scans[-1].at) if parcel.scans else "",
        "items": [line.product.name(language) for line in parcel.order.lines],
        "held_until": _held_until(desk, parcel),
    }


async def order_facts(desk: Desk, order: Order, language: str) -> Facts:
    """An order, what came of it, and what can still be done with it."""
    back = [row for line in order.lines for row in await desk.returns(line)]
    swaps = [row for line in order.lines for row in await desk.exchanges(line)]
    refunds = await desk.refunds(order)
    going_back = {row.order_line_id: row.number for row in back}
    going_back |= {row.order_line_id: row.number for row in swaps}
    invoice = await desk.invoice(order)
    coupons = [await desk.coupon(parcel, CouponReason.DELAY) for parcel in order.parcels]
    return {
        "number": order.number,
        "status": order.status,
        "placed_at": moment(order.placed_at),
        "paid_at": moment(order.paid_at),
        "shipped_at": moment(order.shipped_at),
        "delivered_at": moment(order.delivered_at),
        "total": money(order.total, language),
        "shipping": money(Money(order.currency, order.shipping_minor), language),
        "items": [
            line_facts(line, order, language)
            | {
                "returnable": line.product.returnable,
                "going_back": line.id in going_back,
                "back": going_back.get(line.id, ""),
            }
            for line in order.lines
        ],
        "parcels": [parcel_facts(desk, parcel, language) for parcel in order.parcels],
        "returns": [_return_facts(row, order, language) for row in back],
        "exchanges": [{"number": row.number, "status": row.status} for row in swaps],
        "refunds": [_refund_facts(row, order, language) for row in refunds],
        "invoice": invoice.number if invoice is not None else "",
        "coupon": next((one.code for one in coupons if one is not None), ""),
        "can": _can(desk, order),
    }


def _return_facts(row: Return, order: Order, language: str) -> Facts:
    """A return: of what, what it brings, and what its label costs of that."""
    line = next(line for line in order.lines if line.id == row.order_line_id)
    return {
        "number": row.number,
        "status": row.status,
        "item": line.product.name(language),
        "also_called": line.product.name("en" if language == "zh" else "zh"),
        "amount": money(Money(order.currency, line.unit_minor * row.quantity - row.fee_minor), language),
        "fee": money(Money(row.currency, row.fee_minor), language),
    }


def _refund_facts(row: Refund, order: Order, language: str) -> Facts:
    """A refund: why, how much, and of what, in both languages."""
    lines = [line for line in order.lines if row.order_line_id in (None, line.id)]
    return {
        "number": row.number,
        "status": row.status,
        "reason": row.reason,
        "amount": money(row.amount, language),
        "of": [line.product.name(one) for line in lines for one in ("en", "zh")],
    }


def destination_facts(order: Order) -> Facts:
    """To whom and where an order goes or went."""
    return {
        "recipient": order.recipient,
        "phone": order.phone,
        "street": order.street,
        "city": order.city,
        "postcode": order.postcode,
        "country": order.country,
    }


def _held_until(desk: Desk, parcel: Parcel) -> str:
    """Until when a pickup point keeps a parcel; empty for one that is not there."""
    waits = parcel.status == ParcelStatus.PICKUP_POINT and parcel.scans
    return moment(parcel.scans[-1].at + desk.policy.pickup_hold) if waits else ""


def _can(desk: Desk, order: Order) -> Facts:
    unsent = order.status in UNSENT
    until = order.delivered_at + desk.policy.return_window if order.delivered_at is not None else None
    return {
        "cancel": unsent,
        "change_address": unsent,
        "return_until": moment(until) if until is not None and until > desk.now else "",
        "invoice": order.paid_at is not None and order.status != OrderStatus.CANCELLED,
        "over": _over(desk, order),
    }


def _over(desk: Desk, order: Order) -> Facts:
    """The rules whose time is over, and since when."""
    if order.delivered_at is None:
        return {}
    windows = {
        "return_window": desk.policy.return_window,
        "damage_report": desk.policy.damage_report,
        "not_received_report": desk.policy.not_received_report,
    }
    ends = {rule: order.delivered_at + window for rule, window in windows.items()}
    return {rule: moment(end) for rule, end in ends.items() if end < desk.now}


def order_card(desk: Desk, order: Order, language: str) -> OrderCard:
    """The card of an order."""
    return OrderCard(
        number=order.number,
        status=order.status,
        placed_at=moment(order.placed_at),
        currency=order.currency,
        total_minor=order.total_minor,
        lines=tuple(
            CardLine(line.product.sku, line.product.name(language), line.quantity, line.unit_minor)
            for line in order.lines
        ),
        parcels=tuple(_parcel_line(desk, parcel, language) for parcel in order.parcels),
    )


def ticket_card(ticket: Ticket, order: Order | None) -> TicketCard:
    """The card of a ticket."""
    return TicketCard(
        number=ticket.number,
        kind=ticket.kind,
        status=ticket.status,
        opened_at=moment(ticket.created_at),
        reply_by=moment(ticket.reply_by),
        order=order.number if order is not None else "",
    )


def _parcel_line(desk: Desk, parcel: Parcel, language: str) -> ParcelLine:
    told = parcel_facts(desk, parcel, language)
    names = ("tracking", "carrier", "status", "progress", "last_scan", "last_scan_at")
    return ParcelLine(**{name: told[name] for name in names})


def _last_words(parcel: Parcel, language: str) -> str:
    if not parcel.scans:
        return ""
    return parcel.scans[-1].text_zh if language == "zh" else parcel.scans[-1].text_en
