"""The demo shop's data, read and checked."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

DEFAULT_PATH = Path(__file__).with_name("shop.yaml")
_AGE = re.compile(r"(\d+)([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A variant of a product."""

    sku: str
    en: str = ""
    zh: str = ""
    stock: int = 0
    returnable: bool = True


class ProductRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A product with its prices in major units."""

    family: str
    cny: float
    usd: float
    en: str
    zh: str
    variants: tuple[Variant, ...]


class Happened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A return or a refund that there is already."""

    age: str
    status: str
    reason: str


class OrderRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"returned": "return"}):
    """An order; `parcel` maps scans to their ages and is None when nothing was sent."""

    status: str
    placed: str
    lines: dict[str, int]
    paid: str = ""
    shipped: str = ""
    delivered: str = ""
    cancelled: str = ""
    parcel: dict[str, str] | None = None
    refund: Happened | None = None
    returned: Happened | None = None


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a new visitor has."""

    tier: str
    name: dict[str, str]
    orders: tuple[str, ...]


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who is always there."""

    id: str
    name: str
    email: str
    language: str
    tier: str
    orders: tuple[str, ...]


class ScanRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a scan says and what it means for the parcel."""

    status: str
    en: str
    zh: str


class Shipping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Delivery fee by currency, in major units."""

    standard: dict[str, float]
    free_from: dict[str, float]


class ShopRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    carrier: dict[str, str]
    shipping: Shipping
    products: tuple[ProductRecipe, ...]
    scans: dict[str, ScanRecipe]
    orders: dict[str, OrderRecipe]
    profiles: tuple[Profile, ...]
    addresses: dict[str, dict[str, str]]
    customers: tuple[Person, ...]


def load_recipe(path: Path = DEFAULT_PATH) -> ShopRecipe:
    """Reads the demo shop.

    Raises:
        ValueError: The file does not hold what it must; the message says where.
    """
    raw: dict[str, Any] = msgspec.yaml.decode(path.read_bytes())
    try:
        return msgspec.convert(raw, ShopRecipe)
    except msgspec.ValidationError as error:
        raise ValueError(f"{path.name}: {error}") from error


def age(text: str) -> timedelta:
    """An age as the file writes it: "3d2h", "10m"."""
    parts = _AGE.findall(text)
    if "".join(number + unit for number, unit in parts) != text or not parts:
        raise ValueError(f"{text!r} is no age")
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in parts})
