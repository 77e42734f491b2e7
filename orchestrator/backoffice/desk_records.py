"""The shop's records as its people need them in conversations: who the customer is, why they wait; and the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from orchestrator.backoffice.office import BackOffice, Deed, locked
from orchestrator.backoffice.schema import Customer, Ticket
from orchestrator.backoffice.words import TicketKind


@dataclass(frozen=True)
class About:
    """What the records say of a conversation; empty where they say nothing.

    Attributes:
        customer: The customer's name.
        ticket: Number of the ticket that the hand-over opened.
        reason: What that says.
    """

    customer: str = ""
    ticket: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Act:
    """What a person did or tried. `reason` says why not."""

    deed: Deed
    actor: str
    outcome: str
    reason: str = ""


class DeskRecords:
    """Reads and writes for people who talk to customers.

    Args:
        office: The back office.
    """

    def __init__(self, office: BackOffice) -> None:
        self._office = office

    async def about(self, tenant: str, customers: Mapping[str, str]) -> dict[str, About]:
        """What is known of conversations, given the customer of each.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE.
        """
        if not customers:
            return {}
        whose = select(Customer.external_id, Customer.name).where(
            Customer.tenant == tenant, Customer.external_id.in_(set(customers.values()))
        )
        handed = select(Ticket).where(
            Ticket.tenant == tenant, Ticket.kind == TicketKind.HAND_OVER, Ticket.conversation_id.in_(customers)
        )
        async with self._office.database.reading() as session:
            names = {row.external_id: row.name for row in await session.execute(whose)}
            tickets = {one.conversation_id: one for one in (await session.scalars(handed.order_by(Ticket.id))).all()}
        return {
            conversation: About(names.get(customer, ""), *_ticket(tickets.get(conversation)))
            for conversation, customer in customers.items()
        }

    async def write(self, acts: Sequence[Act]) -> None:
        """Writes lines of the audit.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE.
        """
        for who in {(act.deed.who.tenant, act.deed.who.customer_id): act.deed.who for act in acts}.values():
            await self._office.arrive(who)
        async with self._office.database.writing() as session:
            for act in acts:
                customer = await locked(session, act.deed.who)
                line = self._office.line(act.deed, customer, outcome=act.outcome, reason=act.reason, actor=act.actor)
                session.add(line)


def _ticket(ticket: Ticket | None) -> tuple[str, str]:
    return (ticket.number, ticket.summary) if ticket is not None else ("", "")
