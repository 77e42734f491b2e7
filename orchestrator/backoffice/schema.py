"""The tables. Times are UTC, money is whole minor units beside a currency, rows of a customer name the customer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, ForeignKey, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from orchestrator.backoffice.money import Money

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses naive times: they would be read as another moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives the zone back."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    """Declares tables with constraint names that migrations can rely on."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
    }


class Customer(Base):
    """A person, as one tenant knows them. `external_id` is the subject of their token."""

    __tablename__ = "customers"
    __table_args__ = (UniqueConstraint("tenant", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(128), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    language: Mapped[str] = mapped_column(String(8), default="en")
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    tier: Mapped[str] = mapped_column(String(16), default="standard")
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Product(Base):
    """One variant that can be bought; variants of one product share `family` and price."""

    __tablename__ = "products"
    __table_args__ = (UniqueConstraint("tenant", "sku"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64))
    sku: Mapped[str] = mapped_column(String(64))
    family: Mapped[str] = mapped_column(String(64), index=True)
    name_en: Mapped[str] = mapped_column(String(128))
    name_zh: Mapped[str] = mapped_column(String(128))
    variant_en: Mapped[str] = mapped_column(String(64), default="")
    variant_zh: Mapped[str] = mapped_column(String(64), default="")
    price_cny: Mapped[int] = mapped_column(BigInteger)
    price_usd: Mapped[int] = mapped_column(BigInteger)
    stock: Mapped[int] = mapped_column(default=0)
    returnable: Mapped[bool] = mapped_column(default=True)

    def name(self, language: str) -> str:
        """Name and variant in a language."""
        name, variant = (self.name_zh, self.variant_zh) if language == "zh" else (self.name_en, self.variant_en)
        return f"{name} ({variant})" if variant and language != "zh" else f"{name}（{variant}）" if variant else name

    def price(self, currency: str) -> Money:
        """What one costs."""
        return Money(currency, self.price_usd if currency == "USD" else self.price_cny)


class Order(Base):
    """What was bought together."""

    __tablename__ = "orders"
    __table_args__ = (UniqueConstraint("tenant", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    number: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    currency: Mapped[str] = mapped_column(String(3))
    shipping_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    placed_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    recipient: Mapped[str] = mapped_column(String(128), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    street: Mapped[str] = mapped_column(String(256), default="")
    city: Mapped[str] = mapped_column(String(128), default="")
    postcode: Mapped[str] = mapped_column(String(16), default="")
    country: Mapped[str] = mapped_column(String(2), default="CN")
    lines: Mapped[list[OrderLine]] = relationship(
        lazy="selectin", order_by="OrderLine.id", cascade="all, delete-orphan"
    )
    parcels: Mapped[list[Parcel]] = relationship(
        lazy="selectin", order_by="Parcel.id", cascade="all, delete-orphan", back_populates="order"
    )

    @property
    def total(self) -> Money:
        """What was paid or is to be paid, delivery included."""
        return Money(self.currency, self.total_minor)


class OrderLine(Base):
    """Pieces of one variant in an order."""

    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]
    unit_minor: Mapped[int] = mapped_column(BigInteger)
    product: Mapped[Product] = relationship(lazy="joined", innerjoin=True)


class Parcel(Base):
    """A box on its way."""

    __tablename__ = "parcels"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    tracking: Mapped[str] = mapped_column(String(32), unique=True)
    carrier_en: Mapped[str] = mapped_column(String(64))
    carrier_zh: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(24))
    created_at: Mapped[datetime]
    order: Mapped[Order] = relationship(back_populates="parcels")
    scans: Mapped[list[Scan]] = relationship(lazy="selectin", order_by="Scan.at", cascade="all, delete-orphan")


class Scan(Base):
    """A carrier saw the parcel."""

    __tablename__ = "scans"

    id: Mapped[int] = mapped_column(primary_key=True)
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcels.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(24))
    text_en: Mapped[str] = mapped_column(String(200))
    text_zh: Mapped[str] = mapped_column(String(200))


class Return(Base):
    """A customer sends pieces back for money."""

    __tablename__ = "returns"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id", ondelete="CASCADE"), index=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    quantity: Mapped[int]
    reason: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(16))
    fee_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(String(3))
    label_until: Mapped[datetime]
    created_at: Mapped[datetime]


class Exchange(Base):
    """A customer sends pieces back and gets another variant."""

    __tablename__ = "exchanges"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id", ondelete="CASCADE"), index=True)
    wanted_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    number: Mapped[str] = mapped_column(String(32), unique=True)
    quantity: Mapped[int]
    reason: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(16))
    label_until: Mapped[datetime]
    created_at: Mapped[datetime]


class Refund(Base):
    """Money that goes back."""

    __tablename__ = "refunds"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(32), unique=True)
    reason: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(16))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    approved_by: Mapped[str] = mapped_column(String(128), default="")
    created_at: Mapped[datetime]

    @property
    def amount(self) -> Money:
        """How much."""
        return Money(self.currency, self.amount_minor)


class Coupon(Base):
    """Money off the next order; for one reason a parcel earns one at most."""

    __tablename__ = "coupons"
    __table_args__ = (UniqueConstraint("parcel_id", "reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    parcel_id: Mapped[int | None] = mapped_column(ForeignKey("parcels.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(32), unique=True)
    reason: Mapped[str] = mapped_column(String(24))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    valid_until: Mapped[datetime]
    used_at: Mapped[datetime | None]
    approved_by: Mapped[str] = mapped_column(String(128), default="")
    created_at: Mapped[datetime]

    @property
    def amount(self) -> Money:
        """How much."""
        return Money(self.currency, self.amount_minor)


class Invoice(Base):
    """An invoice that was asked for; an order has one at most."""

    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), unique=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    title: Mapped[str] = mapped_column(String(128))
    tax_number: Mapped[str] = mapped_column(String(32), default="")
    email: Mapped[str] = mapped_column(String(254))
    status: Mapped[str] = mapped_column(String(16))
    ready_by: Mapped[datetime]
    created_at: Mapped[datetime]


class Ticket(Base):
    """Something that a person or a carrier has to see to."""

    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    parcel_id: Mapped[int | None] = mapped_column(ForeignKey("parcels.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(16))
    summary: Mapped[str] = mapped_column(Text, default="")
    conversation_id: Mapped[str] = mapped_column(String(64), default="")
    reply_by: Mapped[datetime]
    created_at: Mapped[datetime]


class Receipt(Base):
    """A tool with an effect ran: its answer under its key, written with the effect or not at all."""

    __tablename__ = "receipts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[str] = mapped_column(String(64))
    turn_id: Mapped[str] = mapped_column(String(64))
    tool: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Approval(Base):
    """An effect that waits for a person, with all that is needed to do it then."""

    __tablename__ = "approvals"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[str] = mapped_column(String(64))
    turn_id: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    tool: Mapped[str] = mapped_column(String(64))
    arguments: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64), index=True)
    why: Mapped[str] = mapped_column(String(32))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(16), index=True)
    decided_by: Mapped[str] = mapped_column(String(128), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    result: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]

    @property
    def amount(self) -> Money:
        """What it is about."""
        return Money(self.currency, self.amount_minor)


class Memory(Base):
    """Something that is kept of a customer from one conversation to the next.

    `kind` is "fact" for what the customer agreed to have remembered, "case" for a line about what was closed.
    """

    __tablename__ = "memories"
    __table_args__ = (UniqueConstraint("customer_id", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(128))
    value: Mapped[str] = mapped_column(String(512))
    conversation_id: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]


class Audit(Base):
    """Who did or tried what; never changed, only erased with its customer."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[str] = mapped_column(String(64))
    turn_id: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(128))
    tool: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(64), default="")
    arguments: Mapped[dict[str, Any]]
