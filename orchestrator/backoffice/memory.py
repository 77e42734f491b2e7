"""What is kept of a customer between conversations: facts with consent, lines about closed cases; and who they are."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.backoffice.office import BackOffice, Who, locked
from orchestrator.backoffice.schema import Customer, Memory, Order, OrderLine, Product
from orchestrator.backoffice.words import OrderStatus
from orchestrator.dialogue.state import Profile

FACT, CASE = "fact", "case"
_CASES = 5
CASES_KEPT = timedelta(days=180)
_LATELY = timedelta(days=60)
_MINOR = 100


class SqlMemory:
    """The `Memory` port in the shop's database.

    Args:
        office: The back office.
    """

    def __init__(self, office: BackOffice) -> None:
        self._office = office

    async def recall(self, tenant: str, customer_id: str) -> Profile | None:
        """See the port. Nobody becomes a customer by being looked up."""
        async with self._office.database.reading() as session:
            query = select(Customer).where(Customer.tenant == tenant, Customer.external_id == customer_id)
            customer = (await session.scalars(query)).first()
            if customer is None:
                return None
            own = select(Memory).where(Memory.customer_id == customer.id).order_by(Memory.id.desc())
            rows = (await session.scalars(own)).all()
            oldest = self._office.now() - CASES_KEPT
            cases = [row.value for row in rows if row.kind == CASE and row.created_at > oldest]
            return Profile(
                customer.tier,
                customer.name,
                {row.name: row.value for row in reversed(rows) if row.kind == FACT},
                tuple(cases[:_CASES]),
                await self._largest(session, customer),
            )

    async def remember(self, tenant: str, customer_id: str, name: str, value: str) -> None:
        """See the port."""
        who = Who(tenant, customer_id)
        await self._office.arrive(who)
        async with self._office.database.writing() as session:
            customer = await locked(session, who)
            await self._put(session, customer, FACT, name, value, "")

    async def note_case(self, tenant: str, customer_id: str, conversation_id: str, turn_id: str, text: str) -> None:
        """See the port."""
        who = Who(tenant, customer_id)
        async with self._office.database.writing() as session:
            customer = await locked(session, who)
            name = f"{turn_id} {text}"[:128]
            await self._put(session, customer, CASE, name, text[:512], conversation_id)

    async def forget_fact(self, tenant: str, customer_id: str, name: str) -> None:
        """See the port."""
        async with self._office.database.writing() as session:
            query = select(Customer.id).where(Customer.tenant == tenant, Customer.external_id == customer_id)
            own = Memory.customer_id.in_(query)
            await session.execute(delete(Memory).where(own, Memory.kind == FACT, Memory.name == name))

    async def forget_facts(self, tenant: str, customer_id: str) -> int:
        """See the port."""
        async with self._office.database.writing() as session:
            query = select(Customer.id).where(Customer.tenant == tenant, Customer.external_id == customer_id)
            own = Memory.customer_id.in_(query)
            count = len((await session.scalars(select(Memory.id).where(own))).all())
            await session.execute(delete(Memory).where(own))
            return count

    async def _put(
        self, session: AsyncSession, customer: Customer, kind: str, name: str, value: str, conversation_id: str
    ) -> None:
        query = select(Memory).where(Memory.customer_id == customer.id, Memory.kind == kind, Memory.name == name)
        row = (await session.scalars(query)).first()
        if row is not None:
            row.value = value[:512]
            return
        session.add(
            Memory(
                customer_id=customer.id, kind=kind, name=name, value=value[:512], conversation_id=conversation_id,
                created_at=self._office.now(),
            )
        )  # fmt: skip

    async def _largest(self, session: AsyncSession, customer: Customer) -> int:
        """The largest order of late, in CNY whatever it was paid in."""
        goods = (
            select(func.sum(Product.price_cny * OrderLine.quantity).label("minor"))
            .select_from(Order)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .join(Product, Product.id == OrderLine.product_id)
            .where(
                Order.customer_id == customer.id,
                Order.status != OrderStatus.CANCELLED,
                Order.placed_at > self._office.now() - _LATELY,
            )
            .group_by(Order.id)
            .subquery()
        )
        largest = (await session.execute(select(func.max(goods.c.minor)))).scalar_one_or_none()
        return int(largest or 0) // _MINOR
