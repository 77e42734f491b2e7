"""Transactions of the back office: reading, effects that happen once, effects that wait for a person."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.backoffice.database import Database
from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.numbers import Numbers
from orchestrator.backoffice.policy import ShopPolicy
from orchestrator.backoffice.schema import Audit, Customer, Receipt
from servicekit.errors import unavailable

# A collision of two first visits resolves at the second look; more are for a busy shop.
_TRIES = 5

Record = dict[str, Any]
Do = Callable[[Desk], Awaitable[Record]]


@dataclass(frozen=True)
class Who:
    """Whom a conversation is with."""

    tenant: str
    customer_id: str
    language: str = "en"


@dataclass(frozen=True)
class Deed:
    """A tool call, as receipts, approvals and the audit name it. `arguments` are canonical: defaults filled in."""

    who: Who
    conversation_id: str
    turn_id: str
    tool: str
    arguments: dict[str, Any]

    @property
    def digest(self) -> str:
        """Names what is asked for, whoever asks and when."""
        return hashlib.sha256(msgspec.json.encode([self.tool, self.arguments], order="sorted")).hexdigest()

    @property
    def key(self) -> str:
        """Names this deed of this turn: the same key is done once."""
        return hashlib.sha256("\0".join((self.conversation_id, self.turn_id, self.digest)).encode()).hexdigest()


class Welcome(Protocol):
    """Gives a customer who comes for the first time a profile."""

    async def __call__(self, session: AsyncSession, who: Who, now: datetime) -> None:
        """Writes the customer's row and what belongs to it."""
        ...


async def plain_welcome(session: AsyncSession, who: Who, now: datetime) -> None:
    """A customer without orders."""
    currency = "CNY" if who.language == "zh" else "USD"
    row = Customer(
        tenant=who.tenant, external_id=who.customer_id, language=who.language, currency=currency, created_at=now
    )
    session.add(row)


class BackOffice:
    """Opens desks.

    Args:
        database: Migrated.
        policy: The shop's policy.
        numbers: Makes numbers.
        now: The clock; returns aware times.
        welcome: Gives new customers a profile.
    """

    def __init__(
        self,
        database: Database,
        policy: ShopPolicy,
        numbers: Numbers,
        now: Callable[[], datetime],
        welcome: Welcome = plain_welcome,
    ) -> None:
        self.database, self.policy = database, policy
        self._numbers, self.now, self._welcome = numbers, now, welcome

    @asynccontextmanager
    async def reading(self, who: Who) -> AsyncIterator[Desk]:
        """The customer's desk, to look only."""
        async with self.database.reading() as session:
            if (customer := await _customer(session, who)) is not None:
                yield self.desk(session, customer)
                return
        await self.arrive(who)
        async with self.database.reading() as session:
            customer = await _customer(session, who)
            assert customer is not None  # arrived above; customers are erased, never removed
            yield self.desk(session, customer)

    async def once(self, deed: Deed, do: Do) -> tuple[Record, bool]:
        """Does it, writes its receipt and its line in the audit in the same transaction; or answers as before.

        Returns:
            The outcome, and whether it had been done before.
        """
        async with self.database.writing() as session:
            customer = await _customer(session, deed.who, lock=True)
            if customer is not None:
                return await self._at_most_once(session, customer, deed, do)
        await self.arrive(deed.who)
        async with self.database.writing() as session:
            return await self._at_most_once(session, await locked(session, deed.who), deed, do)

    async def _at_most_once(self, session: AsyncSession, customer: Customer, deed: Deed, do: Do) -> tuple[Record, bool]:
        receipt = await session.get(Receipt, deed.key)
        if receipt is not None:
            return receipt.result, True
        outcome = await do(self.desk(session, customer))
        session.add(self._receipt(deed, customer, outcome))
        session.add(self.line(deed, customer, outcome=str(outcome.get("outcome", "done"))))
        return outcome, False

    async def refused(self, deed: Deed, reason: str, outcome: str = "refused") -> None:
        """Writes down what was tried and did not happen."""
        async with self.database.writing() as session:
            customer = await _customer(session, deed.who)
            if customer is not None:
                session.add(self.line(deed, customer, outcome=outcome, reason=reason))

    async def arrive(self, who: Who) -> None:
        """Makes sure that the customer is known."""
        for _ in range(_TRIES):
            async with self.database.reading() as session:
                if await _customer(session, who) is not None:
                    return
            try:
                async with self.database.writing() as session:
                    if await _customer(session, who) is None:
                        await self._welcome(session, who, self.now())
                return
            except IntegrityError:  # somebody came in by another door at the same moment: look again
                continue
        raise unavailable("BACKOFFICE_UNAVAILABLE", "the shop's records are busy, try again shortly")

    def desk(self, session: AsyncSession, customer: Customer) -> Desk:
        """A desk in a transaction."""
        return Desk(session, customer, self.policy, self._numbers, self.now())

    def line(self, deed: Deed, customer: Customer, *, outcome: str, reason: str = "", actor: str = "") -> Audit:
        """A line of the audit; without an actor it was the assistant, for the customer."""
        return Audit(
            at=self.now(), customer_id=customer.id, conversation_id=deed.conversation_id, turn_id=deed.turn_id,
            actor=actor or "assistant", tool=deed.tool, outcome=outcome, reason=reason, arguments=deed.arguments,
        )  # fmt: skip

    def _receipt(self, deed: Deed, customer: Customer, outcome: Record) -> Receipt:
        return Receipt(
            key=deed.key, customer_id=customer.id, conversation_id=deed.conversation_id, turn_id=deed.turn_id,
            tool=deed.tool, result=outcome, created_at=self.now(),
        )  # fmt: skip


async def locked(session: AsyncSession, who: Who) -> Customer:
    """The customer, locked: a customer's effects happen one after another, whichever process does them."""
    customer = await _customer(session, who, lock=True)
    assert customer is not None  # arrived before
    return customer


async def _customer(session: AsyncSession, who: Who, *, lock: bool = False) -> Customer | None:
    query = select(Customer).where(Customer.tenant == who.tenant, Customer.external_id == who.customer_id)
    return (await session.scalars(query.with_for_update() if lock else query)).first()
