"""What of the shop's records goes by itself, each by its own clock; said in one place, so that customers can be told.

- receipts: a turn that is repeated after the conversation is gone cannot be, so they live as long as conversations do;
- approvals that were decided, as long: the audit says what was decided;
- words in tickets that are no longer open, as long: kind, order and times stay;
- lines about closed cases that are remembered of a customer, after `CASES_KEPT`; facts that they let us keep stay until
  they take them back;
- visitors of the demo shop who have not been back for as long, with all that was made up for them;
- lines of the audit: longer, as the deployment says.

Orders, invoices, refunds, returns and coupons stay: the law asks for them. Conversations expire in their store,
pictures at the edge.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import Delete, Update

from orchestrator.backoffice.database import Database
from orchestrator.backoffice.memory import CASE, CASES_KEPT
from orchestrator.backoffice.schema import Approval, Audit, Customer, Memory, Receipt, Ticket
from orchestrator.backoffice.words import ApprovalStatus

_VISITORS_AT_ONCE = 200


@dataclass(frozen=True)
class Lives:
    """How long what lives.

    Attributes:
        records: Receipts, decided approvals, words of tickets, visitors of the demo shop.
        audit: Lines of the audit.
    """

    records: timedelta
    audit: timedelta


async def expire(database: Database, now: datetime, lives: Lives, *, residents: Collection[str] = ()) -> dict[str, int]:
    """Removes what has lived long enough; safe to run in every replica at once.

    Args:
        database: Migrated.
        now: The moment.
        lives: How long what lives.
        residents: Customers of the demo shop who are always there.

    Returns:
        How many rows were removed or blanked, by table; without those where there were none.

    Raises:
        ServiceError: BACKOFFICE_UNAVAILABLE; what is left is found by the next run.
    """
    old = now - lives.records
    done: dict[str, int] = {}
    async with database.writing() as session:
        for name, statement in _statements(now, old, now - lives.audit).items():
            done[name] = await _run(session, statement)
    while True:  # few at a time: each takes its orders, parcels and scans along
        async with database.writing() as session:
            gone = await _run(session, _visitors(old, residents))
        done["customers"] = done.get("customers", 0) + gone
        if gone < _VISITORS_AT_ONCE:
            return {name: count for name, count in done.items() if count}


def _statements(now: datetime, old: datetime, very_old: datetime) -> dict[str, Delete | Update]:
    decided = Approval.status.in_([ApprovalStatus.APPROVED, ApprovalStatus.DENIED, ApprovalStatus.FAILED])
    spoken = (Ticket.summary != "") | (Ticket.conversation_id != "")
    said = (Ticket.status != "open") & (Ticket.created_at < old) & spoken
    return {
        "receipts": delete(Receipt).where(Receipt.created_at < old),
        "approvals": delete(Approval).where(decided, Approval.decided_at < old),
        "tickets": update(Ticket).where(said).values(summary="", conversation_id=""),
        "memories": delete(Memory).where(Memory.kind == CASE, Memory.created_at < now - CASES_KEPT),
        "audit": delete(Audit).where(Audit.at < very_old),
    }


def _visitors(old: datetime, residents: Collection[str]) -> Delete:
    lately = exists().where(Audit.customer_id == Customer.id, Audit.at >= old)
    leaving = (
        select(Customer.id)
        .where(Customer.demo, Customer.created_at < old, Customer.external_id.not_in(residents), ~lately)
        .limit(_VISITORS_AT_ONCE)
    )
    return delete(Customer).where(Customer.id.in_(leaving))


async def _run(session: AsyncSession, statement: Delete | Update) -> int:
    result: CursorResult[Any] = await session.execute(  # type: ignore[assignment]
        statement, execution_options={"synchronize_session": False}
    )
    return result.rowcount
