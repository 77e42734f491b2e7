"""The shop as one customer may see it: every query is bound to the customer, so that no tool can reach further."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from orchestrator.backoffice.money import Money
from orchestrator.backoffice.numbers import Numbers, normal
from orchestrator.backoffice.policy import ShopPolicy
from orchestrator.backoffice.rules import Progress, progress
from orchestrator.backoffice.schema import (
    Approval,
    Base,
    Coupon,
    Customer,
    Exchange,
    Invoice,
    Order,
    OrderLine,
    Parcel,
    Product,
    Refund,
    Return,
    Ticket,
)
from orchestrator.backoffice.words import ApprovalStatus, ParcelStatus, TicketKind
from servicekit.errors import ServiceError, forbidden

RowT = TypeVar("RowT", bound=Base)


class Desk:
    """One customer's rows in one transaction.

    Args:
        session: The transaction.
        customer: Whose rows.
        policy: The shop's policy.
        numbers: Makes numbers for new rows.
        now: The moment of the transaction.
    """

    def __init__(
        self, session: AsyncSession, customer: Customer, policy: ShopPolicy, numbers: Numbers, now: datetime
    ) -> None:
        self._session = session
        self.customer, self.policy, self.numbers, self.now = customer, policy, numbers, now

    async def orders(self, *, status: str = "", limit: int = 50) -> Sequence[Order]:
        """The customer's orders, newest first."""
        query = select(Order).where(Order.customer_id == self.customer.id).order_by(Order.placed_at.desc())
        if status:
            query = query.where(Order.status == status)
        return (await self._session.scalars(query.limit(limit))).all()

    async def order(self, number: str) -> Order:
        """The order of that number.

        Raises:
            ServiceError: TOOL_FORBIDDEN; the same whether it is somebody else's or nobody's, so that numbers cannot
                be tried out.
        """
        query = select(Order).where(Order.customer_id == self.customer.id, Order.number == normal(number))
        order = (await self._session.scalars(query)).first()
        if order is None:
            raise _not_yours("order")
        return order

    async def parcel(self, number: str) -> Parcel:
        """The parcel of that tracking number, or of the order of that number the one that is quiet longest.

        Raises:
            ServiceError: TOOL_FORBIDDEN.
        """
        asked = normal(number)
        named = or_(Order.number == asked, Order.parcels.any(Parcel.tracking == asked))
        for parcel in await self.parcels(named):
            if asked in (parcel.tracking, parcel.order.number):
                return parcel
        raise _not_yours("parcel")

    async def parcels(self, *conditions: ColumnElement[bool]) -> list[Parcel]:
        """The customer's parcels: those under way first, of them the one that is quiet longest first."""
        query = select(Order).where(Order.customer_id == self.customer.id, Order.parcels.any(), *conditions)
        found = []
        for order in (await self._session.scalars(query)).all():
            for parcel in order.parcels:
                set_committed_value(parcel, "order", order)  # a parcel alone would let its order go
                found.append(parcel)
        return sorted(found, key=lambda parcel: (parcel.status == ParcelStatus.DELIVERED, last_seen(parcel)))

    def progress(self, parcel: Parcel) -> Progress:
        """How the parcel does."""
        delivered = parcel.status == ParcelStatus.DELIVERED
        return progress(self.policy, delivered=delivered, last_seen=last_seen(parcel), now=self.now)

    async def returns(self, line: OrderLine) -> Sequence[Return]:
        """Returns of an order line."""
        return await self._of(Return, Return.order_line_id == line.id)

    async def exchanges(self, line: OrderLine) -> Sequence[Exchange]:
        """Exchanges of an order line."""
        return await self._of(Exchange, Exchange.order_line_id == line.id)

    async def refunds(self, order: Order | None = None) -> Sequence[Refund]:
        """The customer's refunds, of one order or of all."""
        return await self._of(Refund, *([Refund.order_id == order.id] if order is not None else []))

    async def refunded(self, order: Order) -> Money:
        """What has gone back of an order."""
        return Money(order.currency, sum(refund.amount_minor for refund in await self.refunds(order)))

    async def coupon(self, parcel: Parcel, reason: str) -> Coupon | None:
        """The coupon that the parcel has earned for that reason."""
        found = await self._of(Coupon, Coupon.parcel_id == parcel.id, Coupon.reason == reason)
        return found[0] if found else None

    async def usable_coupons(self) -> list[Coupon]:
        """The customer's coupons that can be used now, the one that runs out first before the others."""
        found = await self._of(Coupon, Coupon.used_at.is_(None), Coupon.valid_until > self.now)
        return sorted(found, key=lambda coupon: coupon.valid_until)

    async def invoice(self, order: Order) -> Invoice | None:
        """The order's invoice."""
        found = await self._of(Invoice, Invoice.order_id == order.id)
        return found[0] if found else None

    async def open_tickets(self, kind: TicketKind | None = None) -> Sequence[Ticket]:
        """The customer's open tickets."""
        kinds = [Ticket.kind == kind] if kind is not None else []
        return await self._of(Ticket, Ticket.status == "open", *kinds)

    async def approvals(self, digest: str, status: ApprovalStatus) -> Sequence[Approval]:
        """The customer's approvals of one thing."""
        return await self._of(Approval, Approval.digest == digest, Approval.status == status)

    async def products(self) -> Sequence[Product]:
        """All that the shop sells, variants of one product together, in the order of the shelf."""
        query = select(Product).where(Product.tenant == self.customer.tenant).order_by(Product.id)
        rows = (await self._session.scalars(query)).all()
        first = {row.family: row.id for row in reversed(rows)}
        return sorted(rows, key=lambda row: (first[row.family], row.id))

    async def variants(self, family: str) -> Sequence[Product]:
        """The variants of a product."""
        query = select(Product).where(Product.tenant == self.customer.tenant, Product.family == family)
        return (await self._session.scalars(query.order_by(Product.id))).all()

    async def taken(self, product: Product) -> int:
        """Pieces of a variant that exchanges have reserved."""
        query = select(func.coalesce(func.sum(Exchange.quantity), 0)).where(
            Exchange.wanted_id == product.id, Exchange.status == "requested"
        )
        return int((await self._session.scalars(query)).one())

    async def reserve(self, product: Product, quantity: int) -> bool:
        """Whether so many are free; holds the variant until the transaction ends, so that no other takes them."""
        await self._session.refresh(product, with_for_update=True)
        return product.stock - await self.taken(product) >= quantity

    async def add(self, row: RowT) -> RowT:
        """Writes a new row; constraints speak now rather than at the end."""
        self._session.add(row)
        await self._session.flush()
        return row

    async def _of(self, table: type[RowT], *conditions: object) -> Sequence[RowT]:
        columns = table.__table__.c
        query = select(table).where(columns.customer_id == self.customer.id, *conditions)  # type: ignore[arg-type]
        return (await self._session.scalars(query.order_by(columns.id))).all()


def last_seen(parcel: Parcel) -> datetime:
    """The last scan; before the first, the announcement."""
    return parcel.scans[-1].at if parcel.scans else parcel.created_at


def _not_yours(what: str) -> ServiceError:
    return forbidden("TOOL_FORBIDDEN", f"there is no such {what} in this customer's account", metadata={"what": what})
