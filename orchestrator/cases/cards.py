"""Cards of tools as the journal keeps them, with words in the conversation's language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from orchestrator.journal import cards as journal
from orchestrator.tools.tool import Card, CouponCard, OrderCard, ParcelLine, TicketCard

_WORDS = Path(__file__).parents[1] / "knowledge" / "words.yaml"
# What the carrier's states are called where clients know them.
_PARCEL = {"announced": "created"}


def journal_cards(cards: Sequence[Card], language: str) -> tuple[journal.Card, ...]:
    """The cards of an answer: each thing once, as many as an entry may carry."""
    unlike: dict[str, journal.Card] = {}
    for card in cards:
        made = _made(card, language)
        unlike[f"{type(made).__name__} {getattr(made, 'number', getattr(made, 'code', ''))}"] = made
    return tuple(unlike.values())[: journal.MAX_CARDS]


def word(kind: str, name: str, language: str) -> str:
    """The word for a state, such as "order_status"; the state itself when there is none."""
    known: dict[str, str] = _words()[kind].get(name, {})
    return known.get(language, name)


def _made(card: Card, language: str) -> journal.Card:
    match card:
        case OrderCard():
            return _order(card, language)
        case TicketCard():
            return journal.TicketCard(
                number=card.number, kind=card.kind, status=card.status, text=word("ticket_kind", card.kind, language),
                opened_at=card.opened_at, reply_by=card.reply_by, order_number=card.order,
            )  # fmt: skip
        case CouponCard():
            amount = journal.Money(card.amount_minor, card.currency)
            return journal.CouponCard(code=card.code, amount=amount, expires_at=card.expires_at)


def _order(card: OrderCard, language: str) -> journal.OrderCard:
    return journal.OrderCard(
        number=card.number,
        status=card.status,
        status_text=word("order_status", card.status, language),
        placed_at=card.placed_at,
        total=journal.Money(card.total_minor, card.currency),
        lines=tuple(
            journal.CardLine(
                sku=line.sku,
                title=line.name,
                quantity=line.quantity,
                unit=journal.Money(line.unit_minor, card.currency),
            )
            for line in card.lines
        ),
        parcels=tuple(_parcel(parcel, language) for parcel in card.parcels),
    )


def _parcel(parcel: ParcelLine, language: str) -> journal.CardParcel:
    late = parcel.progress if parcel.progress in ("delayed", "lost") and parcel.status != "pickup_point" else ""
    return journal.CardParcel(
        tracking_number=parcel.tracking,
        carrier=parcel.carrier,
        status="lost" if late == "lost" else _PARCEL.get(parcel.status, parcel.status),
        progress=word("parcel_status", late or parcel.status, language),
        last_scan=parcel.last_scan,
        last_scan_at=parcel.last_scan_at,
    )


@cache
def _words() -> Any:
    return yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
