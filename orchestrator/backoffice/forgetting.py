"""Erases a customer: what names the person goes; orders, invoices and refunds, which the law asks for, stay unnamed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import NoResultFound

from orchestrator.backoffice.office import BackOffice, Who
from orchestrator.backoffice.schema import Approval, Audit, Base, Customer, Invoice, Order, Receipt, Ticket

# Blanked: what identifies a person or repeats their words. Deleted: what is only of use to a running conversation.
_BLANKED: tuple[tuple[type[Base], dict[str, Any]], ...] = (
    (Order, {"recipient": "", "phone": "", "street": "", "postcode": ""}),
    (Invoice, {"email": ""}),
    (Ticket, {"summary": "", "conversation_id": ""}),
    (Audit, {"arguments": {}, "conversation_id": "", "turn_id": ""}),
)
_DELETED: tuple[type[Base], ...] = (Receipt, Approval)


async def forget(office: BackOffice, who: Who) -> bool:
    """Erases a customer, in one transaction; who comes with the same token afterwards is somebody new.

    Invoices keep their title and tax number, for the law asks for them. Of a customer of the demo shop, who never
    bought anything, nothing is kept.

    Returns:
        Whether there was somebody to forget.

    Raises:
        ServiceError: BACKOFFICE_UNAVAILABLE.
    """
    async with office.database.writing() as session:
        query = select(Customer).where(Customer.tenant == who.tenant, Customer.external_id == who.customer_id)
        try:
            customer = (await session.scalars(query.with_for_update())).one()
        except NoResultFound:
            return False
        if customer.demo:
            await session.execute(delete(Customer).where(Customer.id == customer.id))  # takes all that is theirs along
            return True
        customer.external_id, customer.name, customer.email = f"forgotten-{customer.id}", "", ""
        for table, blank in _BLANKED:
            await session.execute(update(table).where(table.__table__.c.customer_id == customer.id).values(blank))
        for table in _DELETED:
            await session.execute(delete(table).where(table.__table__.c.customer_id == customer.id))
        return True
