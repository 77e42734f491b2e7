"""What a form may refer to: the customer's orders with what is in them, what was shown last, today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Item:
    """Something that was bought.

    Attributes:
        sku: The shop's name of it.
        name: As the customer reads it.
        names: Its names in every language, for matching.
        order: The order's number.
        quantity: How many pieces were bought.
        price_minor: Of one piece, in the order's currency.
        returnable: Whether it may be sent back for a change of mind.
        going_back: Whether a return or an exchange of it was begun.
        back: The number of that.
    """

    sku: str
    name: str
    names: tuple[str, ...]
    order: str
    quantity: int = 1
    price_minor: int = 0
    returnable: bool = True
    going_back: bool = False
    back: str = ""


@dataclass(frozen=True)
class Order:
    """An order.

    Attributes:
        can: What may be done with it: "cancel", "change_address", "send_back", "refund", "invoice", "coupon".
        tracking: Numbers of its parcels.
        total_minor: Its sum.
        refunded_minor: What of it went back already.
        delivered_at: When it came (ISO 8601); empty for one that did not.
        over: By the name of a rule, since when its time for this order is over (ISO 8601).
        return_until: Until when it may be sent back; empty when it may not.
        refund: The number of the last refund of it, `invoice` of its invoice, `coupon` of a coupon for its delay.
    """

    number: str
    status: str
    items: tuple[Item, ...]
    can: frozenset[str] = frozenset()
    tracking: tuple[str, ...] = ()
    total_minor: int = 0
    currency: str = ""
    placed_at: str = ""
    refunded_minor: int = 0
    delivered_at: str = ""
    over: Mapping[str, str] = field(default_factory=dict)
    return_until: str = ""
    refund: str = ""
    invoice: str = ""
    coupon: str = ""


@dataclass(frozen=True)
class Variant:
    """Something that an item can be exchanged for."""

    sku: str
    name: str
    names: tuple[str, ...]
    there: bool = True


@dataclass(frozen=True)
class World:
    """Everything that a form looks at besides the message.

    Attributes:
        today: In the shop's time.
        orders: Newest first.
        shown: Numbers of orders or codes of items in the order in which they were last listed.
        variants: What the form's item can be exchanged for; asked for when the item is known.
        known: What is remembered of the customer, by slot name.
        aliases: Words that mean the same thing.
        products: Those of them that name a product of the shop.
    """

    today: date
    language: str = "en"
    orders: tuple[Order, ...] = ()
    shown: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    known: dict[str, str] = field(default_factory=dict)
    aliases: tuple[frozenset[str], ...] = ()
    products: tuple[frozenset[str], ...] = ()

    def order(self, number: str) -> Order | None:
        """The order of a number."""
        return next((one for one in self.orders if one.number == number), None)

    def item(self, order: str, sku: str) -> Item | None:
        """What was bought in an order."""
        known = self.order(order)
        return next((one for one in known.items if one.sku == sku), None) if known is not None else None

    def fit(self, where: str) -> tuple[Order, ...]:
        """The orders with which something may be done; all of them for an empty word."""
        return tuple(one for one in self.orders if not where or where in one.can)

    def items(self, orders: Iterable[Order]) -> tuple[Item, ...]:
        """What is in some orders."""
        return tuple(item for order in orders for item in order.items)
