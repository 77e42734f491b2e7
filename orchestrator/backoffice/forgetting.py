"""Erases a customer: what names the person goes; orders, invoices and refunds, which the law asks for, stay unnamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, Table, delete, func, select, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.backoffice.office import BackOffice, Who
from orchestrator.backoffice.schema import (
    Audit,
    Base,
    Coupon,
    Customer,
    Exchange,
    Invoice,
    Order,
    Refund,
    Return,
    Ticket,
)

# What stays of somebody who bought something, and what is blanked in it: what identifies a person or repeats their
# words. Every other table that names a customer is of use to a running conversation only, and loses its rows.
_STAYS: dict[type[Base], dict[str, Any]] = {
    Order: {"recipient": "", "phone": "", "street": "", "postcode": ""},
    Invoice: {"email": ""},
    Return: {},
    Exchange: {},
    Refund: {},
    Coupon: {},
    Ticket: {"summary": "", "conversation_id": ""},
    Audit: {"arguments": {}, "conversation_id": "", "turn_id": ""},
}


@dataclass(frozen=True)
class ErasedRows:
    """What was done with one table; `unnamed` rows stay without anything that names the person."""

    table: str
    erased: int = 0
    unnamed: int = 0


async def forget(office: BackOffice, who: Who) -> list[ErasedRows]:
    """Erases a customer, in one transaction; who comes with the same token afterwards is somebody new.

    Invoices keep their title and tax number, for the law asks for them. Of a customer of the demo shop, who never
    bought anything, nothing is kept.

    Returns:
        What was done, by table; nothing when there was nobody to forget.

    Raises:
        ServiceError: BACKOFFICE_UNAVAILABLE.
    """
    async with office.database.writing() as session:
        query = select(Customer).where(Customer.tenant == who.tenant, Customer.external_id == who.customer_id)
        try:
            customer = (await session.scalars(query.with_for_update())).one()
        except NoResultFound:
            return []
        if customer.demo:
            counted = [ErasedRows(table.name, await _count(session, table, customer.id)) for table in _tables()]
            await session.execute(delete(Customer).where(Customer.id == customer.id))  # takes all that is theirs along
            return [ErasedRows("customers", erased=1), *(one for one in counted if one.erased)]
        customer.external_id, customer.name, customer.email = f"forgotten-{customer.id}", "", ""
        done = [await _table(session, table, customer.id) for table in _tables()]
        return [ErasedRows("customers", unnamed=1), *(one for one in done if one.erased or one.unnamed)]


def _tables() -> list[Table]:
    """Tables whose rows name a customer; those that hang on others first."""
    return [table for table in reversed(Base.metadata.sorted_tables) if "customer_id" in table.c]


async def _table(session: AsyncSession, table: Table, customer_id: int) -> ErasedRows:
    blank = next((blank for kept, blank in _STAYS.items() if kept.__table__ is table), None)
    if blank is None:
        gone: CursorResult[Any] = await session.execute(delete(table).where(table.c.customer_id == customer_id))  # type: ignore[assignment]
        return ErasedRows(table.name, erased=gone.rowcount)
    if blank:
        await session.execute(update(table).where(table.c.customer_id == customer_id).values(blank))
    return ErasedRows(table.name, unnamed=await _count(session, table, customer_id))


async def _count(session: AsyncSession, table: Table, customer_id: int) -> int:
    query = select(func.count()).select_from(table).where(table.c.customer_id == customer_id)
    return (await session.scalars(query)).one()
