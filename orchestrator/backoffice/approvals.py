"""Effects that wait for a person: kept durably, decided once, carried out then, and told to the customer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.office import BackOffice, Deed, Record, Who, locked
from orchestrator.backoffice.rules import ApprovalNeededError
from orchestrator.backoffice.schema import Approval, Customer
from orchestrator.backoffice.words import ApprovalStatus
from servicekit.errors import ServiceError, conflict, not_found

CarryOut = Callable[[Desk, Deed, str], Awaitable[Record]]
Moved = Callable[[str], None]


class Approvals:
    """The desk of those who approve.

    Args:
        office: Where effects happen.
    """

    def __init__(self, office: BackOffice) -> None:
        self._office = office
        self._listeners: list[Moved] = []

    def watch(self, listener: Moved) -> None:
        """Lets a listener hear the tenant whenever something waits anew or was decided. It must not block."""
        self._listeners.append(listener)

    def moved(self, tenant: str) -> None:
        """Tells them. To be called when the transaction has ended."""
        for listener in self._listeners:
            listener(tenant)

    async def ask(self, desk: Desk, deed: Deed, need: ApprovalNeededError) -> Approval:
        """Keeps a deed until a person decides; the one that waits already when the same is asked again."""
        waiting = await desk.approvals(deed.digest, ApprovalStatus.PENDING)
        if waiting:
            return waiting[0]
        return await desk.add(
            Approval(
                id=desk.numbers.make("AP", 12), tenant=deed.who.tenant, customer_id=desk.customer.id,
                conversation_id=deed.conversation_id, turn_id=deed.turn_id, language=deed.who.language, tool=deed.tool,
                arguments=deed.arguments, digest=deed.digest, why=need.why, amount_minor=need.amount.minor,
                currency=need.amount.currency, status=ApprovalStatus.PENDING, created_at=desk.now,
            )
        )  # fmt: skip

    async def pending(self, tenant: str, *, limit: int = 100) -> Sequence[Approval]:
        """What waits for a person, oldest first."""
        return await self._listed(Approval.tenant == tenant, Approval.status == ApprovalStatus.PENDING, limit=limit)

    async def of(
        self, tenant: str, statuses: Sequence[ApprovalStatus], *, limit: int
    ) -> Sequence[tuple[Approval, str]]:
        """Approvals with their customers' names: what waits oldest first, what was decided newest first."""
        waits = ApprovalStatus.PENDING in statuses
        order = (Approval.created_at, Approval.id) if waits else (Approval.decided_at.desc(), Approval.id)
        query = (
            select(Approval, Customer.name)
            .join(Customer, Customer.id == Approval.customer_id)
            .where(Approval.tenant == tenant, Approval.status.in_(statuses))
            .order_by(*order)
            .limit(limit)
        )
        async with self._office.database.reading() as session:
            return [(approval, name) for approval, name in (await session.execute(query)).all()]

    async def one(self, tenant: str, approval_id: str) -> tuple[Approval, str]:
        """An approval with its customer's name.

        Raises:
            ServiceError: APPROVAL_UNKNOWN, also for one of another tenant.
        """
        async with self._office.database.reading() as session:
            approval = await _approval(session, approval_id)
            if approval.tenant != tenant:
                raise _unknown()
            return approval, (await session.get_one(Customer, approval.customer_id)).name

    async def unannounced(self, *, limit: int = 100) -> Sequence[Approval]:
        """What was decided and the customer has not been told yet: ask at start and after each decision."""
        decided = Approval.status != ApprovalStatus.PENDING
        return await self._listed(decided, Approval.announced_at.is_(None), limit=limit)

    async def announced(self, approval_id: str) -> None:
        """The customer has been told."""
        async with self._office.database.writing() as session:
            approval = await _approval(session, approval_id)
            approval.announced_at = approval.announced_at or self._office.now()

    async def decide(self, approval_id: str, *, agree: bool, by: str, note: str, carry_out: CarryOut) -> Approval:
        """Takes a person's decision and, when they agree, does what was waited for; all in one transaction.

        The same decision again answers as the first time.

        Raises:
            ServiceError: APPROVAL_UNKNOWN; APPROVAL_DECIDED when it was decided otherwise.
        """
        async with self._office.database.writing() as session:
            approval = await _approval(session, approval_id)
            customer = (await session.get_one(Customer, approval.customer_id)).external_id
            who = Who(approval.tenant, customer, approval.language)
            owner = await locked(session, who)
            await session.refresh(approval)
            if approval.status != ApprovalStatus.PENDING:
                _check_same(approval, agree=agree)
                return approval
            deed = Deed(who, approval.conversation_id, approval.turn_id, approval.tool, approval.arguments)
            approval.decided_by, approval.note, approval.decided_at = by, note, self._office.now()
            approval.status = ApprovalStatus.DENIED
            if agree:
                approval.status, approval.result = await self._carry_out(session, owner, deed, by, carry_out)
            line = self._office.line(deed, owner, outcome=approval.status, reason=approval.why, actor=by)
            session.add(line)
            return approval

    async def _carry_out(
        self, session: AsyncSession, owner: Customer, deed: Deed, by: str, carry_out: CarryOut
    ) -> tuple[ApprovalStatus, Record]:
        try:
            async with session.begin_nested():
                return ApprovalStatus.APPROVED, await carry_out(self._office.desk(session, owner), deed, by)
        except ServiceError as error:  # the world has moved on since it was asked for
            if error.retryable:
                raise
            return ApprovalStatus.FAILED, {"outcome": "refused", "facts": dict(error.metadata)}

    async def _listed(self, *conditions: Any, limit: int) -> Sequence[Approval]:
        async with self._office.database.reading() as session:
            query = select(Approval).where(*conditions).order_by(Approval.created_at, Approval.id).limit(limit)
            return (await session.scalars(query)).all()


async def _approval(session: AsyncSession, approval_id: str) -> Approval:
    approval = await session.get(Approval, approval_id)
    if approval is None:
        raise _unknown()
    return approval


def _unknown() -> ServiceError:
    return not_found("APPROVAL_UNKNOWN", "there is no such approval")


def _check_same(approval: Approval, *, agree: bool) -> None:
    agreed = approval.status in (ApprovalStatus.APPROVED, ApprovalStatus.FAILED)
    if agreed != agree:
        raise conflict("APPROVAL_DECIDED", f"it was {approval.status} by {approval.decided_by} already")
