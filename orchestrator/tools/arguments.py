"""Types of arguments that several tools share, and how they find what a customer means."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from orchestrator.backoffice.schema import Order, OrderLine, Product
from servicekit.errors import ServiceError, invalid

OrderNumber = Annotated[str, Meta(min_length=1, max_length=40, description="Order number, e.g. PW1234567890")]
ParcelNumber = Annotated[str, Meta(min_length=1, max_length=40, description="Tracking number or order number")]
Item = Annotated[
    str, Meta(max_length=120, description="Item code or name from the order; may be empty when there is only one")
]
Quantity = Annotated[int, Meta(ge=1, le=999, description="How many pieces; without it, all of the item")]
Note = Annotated[str, Meta(max_length=500, description="What happened, in the customer's words")]


def wrong(field: str, message: str, **facts: str) -> ServiceError:
    """An argument that cannot be meant so."""
    return invalid("TOOL_ARGUMENT_INVALID", message, metadata={"field": field, **facts})


def line_of(order: Order, item: str) -> OrderLine:
    """The line of an order that an item code or a name means.

    Raises:
        ServiceError: TOOL_ARGUMENT_INVALID with the choices, when none or several fit.
    """
    found = [line for line in order.lines if not item or _means(item, line.product)]
    if len(found) != 1:
        choices = "|".join(line.product.sku for line in order.lines)
        raise wrong("item", "which item of the order is meant?", choices=choices)
    return found[0]


def variant_of(variants: list[Product], wanted: str) -> Product:
    """The variant that a code or a name means.

    Raises:
        ServiceError: TOOL_ARGUMENT_INVALID with the choices, when none or several fit.
    """
    found = [product for product in variants if _means(wanted, product)]
    if len(found) != 1:
        raise wrong("wanted", "which one is wanted instead?", choices="|".join(product.sku for product in variants))
    return found[0]


def pieces(line: OrderLine, quantity: int | None) -> int:
    """How many pieces are meant.

    Raises:
        ServiceError: TOOL_ARGUMENT_INVALID: more than were bought.
    """
    if quantity is not None and quantity > line.quantity:
        raise wrong("quantity", "more pieces than were bought", most=str(line.quantity))
    return quantity or line.quantity


def _means(said: str, product: Product) -> bool:
    said = said.strip().casefold()
    names = (product.name_en, product.name_zh, product.variant_en, product.variant_zh)
    full = (product.sku, product.name("en"), product.name("zh"))
    return any(name and said == name.casefold() for name in (*names, *full)) or (
        len(said) >= 2 and any(said in name.casefold() for name in full)
    )
