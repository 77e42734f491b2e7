"""Limits of customers and tenants: by a gateway alone, by several over a real Valkey, and while that is away."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter

from gateway.trust.budget import Budget
from gateway.trust.guard import rates_of
from gateway.trust.identity import Identity
from gateway.trust.ledger import Charge, Rates, RedisLedger, Verdict, open_redis
from launcher.valkey import EmbeddedValkey
from servicekit.errors import ServiceError, unavailable
from servicekit.tenants import TenantLimits
from tests.gateway.conftest import Edge

pytestmark = pytest.mark.integration

KIM, LEE = Identity("kim", "acme", 0, 1), Identity("lee", "acme", 0, 1)
OTHER = Identity("kim", "beta", 0, 1)
TIGHT = Rates(customer_per_s=1.0, customer_burst=5)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Book:
    """A ledger that takes all, or is away, and says what it is told to say."""

    def __init__(self) -> None:
        self.charges: list[Charge] = []
        self.verdict = Verdict(0.0, 0.0)
        self.away = False

    async def charge(self, charges: Sequence[Charge]) -> list[Verdict]:
        if self.away:
            raise unavailable("UNAVAILABLE", "away")
        self.charges.extend(charges)
        return [self.verdict] * len(charges)


def _spend(budget: Budget, who: Identity, times: int) -> int:
    """How many of so many messages are let through."""
    return sum(budget.spend(who) == 0.0 for _ in range(times))


def test_a_gateway_alone_holds_each_customer_to_their_allowance() -> None:
    """One's burst is not another's, nor that of the same name at another tenant; it fills up again."""
    clock = Clock()
    budget = Budget(lambda tenant: TIGHT, clock=clock)
    assert [_spend(budget, who, 10) for who in (KIM, LEE, OTHER)] == [5, 5, 5]
    assert 0.0 < budget.spend(KIM) <= 1.0
    clock.now_s += 2.0
    assert _spend(budget, KIM, 10) == 2


def test_a_tenant_is_held_to_its_own() -> None:
    """Its customers together; a customer who is refused does not use up the others' share."""
    clock = Clock()
    budget = Budget(lambda tenant: Rates(1.0, 5, 1.0, 8), clock=clock)
    assert _spend(budget, KIM, 100) == 5
    assert _spend(budget, LEE, 100) == 3
    assert _spend(budget, OTHER, 100) == 5


def test_changed_limits_count_at_once() -> None:
    """A tenants file that was edited needs no restart."""
    rates = TIGHT
    budget = Budget(lambda tenant: rates, clock=Clock())
    assert _spend(budget, KIM, 10) == 5
    rates = Rates(1.0, 7)
    assert _spend(budget, KIM, 10) == 7


def test_what_the_file_leaves_open_follows_the_connection() -> None:
    """A customer may send what one connection may; a tenant any number, or ten seconds' worth at once."""
    assert rates_of(TenantLimits(), 20.0, 60) == Rates(20.0, 60, 0.0, 1)
    limits = TenantLimits(messages_per_minute=30, message_burst=4, tenant_messages_per_minute=600)
    assert rates_of(limits, 20.0, 60) == Rates(0.5, 4, 10.0, 100)


async def test_the_ledger_is_told_once_for_many() -> None:
    """Messages that were let through, by customer, in one report; its verdict pauses customer and tenant."""
    book, clock = Book(), Clock()
    budget = Budget(lambda tenant: TIGHT, book, clock=clock)
    _spend(budget, KIM, 10)
    _spend(budget, LEE, 2)
    assert await budget.report()
    assert [(charge.subject, charge.messages) for charge in book.charges] == [("kim", 5), ("lee", 2)]
    assert await budget.report()
    assert len(book.charges) == 2
    book.verdict = Verdict(7.0, 0.0)
    budget.spend(LEE)
    await budget.report()
    assert budget.spend(LEE) == 7.0
    clock.now_s += 7.5
    assert budget.spend(LEE) == 0.0
    book.verdict = Verdict(0.0, 3.0)
    await budget.report()
    assert budget.spend(Identity("new", "acme", 0, 1)) == 3.0
    assert budget.spend(OTHER) == 0.0


async def test_a_ledger_that_is_away_refuses_nobody() -> None:
    """It is counted, the gateway's own count holds, and old debts are forgotten."""
    failures = Counter("failures", "of the test", registry=CollectorRegistry())
    book = Book()
    book.away = True
    budget = Budget(lambda tenant: TIGHT, book, failures, clock=Clock())
    assert _spend(budget, KIM, 10) == 5
    assert not await budget.report()
    assert failures._value.get() == 1
    book.away = False
    assert await budget.report()
    assert book.charges == []


async def test_the_real_ledger(redis_url: str) -> None:
    """Bursts, waits, a ceiling on debts, keys that go by themselves; customers and tenants apart."""
    client = open_redis(redis_url)
    prefix = f"t{uuid.uuid4().hex[:8]}"
    ledger = RedisLedger(client, prefix)
    rates = Rates(10.0, 5, 100.0, 50)

    async def charge(subject: str, messages: int, tenant: str = "acme") -> Verdict:
        return (await ledger.charge([Charge(tenant, subject, messages, rates)]))[0]

    assert await charge("kim", 4) == Verdict(0.0, 0.0)
    assert 0.0 < (await charge("kim", 1)).customer_s <= 0.1
    assert 0.3 < (await charge("kim", 5)).customer_s <= 0.6
    assert 0.3 < (await charge("kim", 1_000_000)).customer_s <= 0.6
    assert (await charge("lee", 1)).customer_s == 0.0
    assert (await charge("lee", 1)).tenant_s > 0.0
    assert await charge("lee", 1, "beta") == Verdict(0.0, 0.0)
    keys = [key async for key in client.scan_iter(f"{prefix}:*")]
    assert len(keys) == 5
    assert all("kim" not in key.decode() for key in keys)
    assert all([0 < await client.pttl(key) <= 3000 for key in keys])
    many = await ledger.charge([Charge("acme", f"c{n}", 1, Rates(1.0, 5)) for n in range(300)])
    assert many == [Verdict(0.0, 0.0)] * 300
    await client.aclose()


async def test_a_broken_answer_is_no_crash(redis_url: str) -> None:
    """A key that somebody else has written, a server that is not there: UNAVAILABLE, and the local count holds."""
    client = open_redis(redis_url)
    prefix = f"t{uuid.uuid4().hex[:8]}"
    await client.lpush(f"{prefix}:limit:{{acme}}", "x")
    with pytest.raises(ServiceError):
        await RedisLedger(client, prefix).charge([Charge("acme", "kim", 1, Rates(1.0, 5, 1.0, 5))])
    await client.aclose()
    nobody = open_redis("redis://127.0.0.1:1/0")
    with pytest.raises(ServiceError):
        await RedisLedger(nobody).charge([Charge("acme", "kim", 1, TIGHT)])
    await nobody.aclose()


MakeEdge = Callable[..., Awaitable[Edge]]


def _tenants(folder: Path, tenant: str) -> Path:
    path = folder / "tenants.yaml"
    path.write_text(f"version: 1\ntenants:\n  {tenant}:\n    limits: {{messages_per_minute: 6, message_burst: 10}}\n")
    return path


async def test_two_gateways_share_a_customers_allowance(make_edge: MakeEdge, tmp_path: Path, redis_url: str) -> None:
    """Spent at one, it is spent at the other; the refusal says when to come back, and names the message."""
    tenant = f"t{uuid.uuid4().hex[:8]}"
    path = _tenants(tmp_path, tenant)
    edges = [await make_edge(tenants_file=path, redis_url=redis_url, tenant=tenant) for _ in range(2)]
    first = await edges[0].join()
    for number in range(10):
        await first.send(type="message", client_msg_id=f"a{number}", text="x")
        await first.expect("ack", client_msg_id=f"a{number}")
    await first.send(type="message", client_msg_id="more", text="x")
    refused = await first.expect("error", client_msg_id="more")
    assert (refused["code"], refused["reason"], refused["retryable"]) == (429, "RATE_LIMITED", True)
    assert 0 < refused["retry_after_ms"] <= 10_000

    await edges[0].gateway._guard.budget.report()
    second = await edges[1].join(token=first.welcome["token"])
    await second.send(type="message", client_msg_id="b0", text="x")  # here it is not known yet: let through, and told
    await second.expect("ack", client_msg_id="b0")
    purses = edges[1].gateway._guard.budget._customers
    while not next(iter(purses.values())).paused_until_s:
        await asyncio.sleep(0.01)
    await second.send(type="message", client_msg_id="b1", text="x")
    assert (await second.expect("error", client_msg_id="b1"))["retry_after_ms"] > 0
    other = await edges[1].join()
    await other.send(type="message", client_msg_id="c0", text="x")
    await other.expect("ack", client_msg_id="c0")


async def test_redis_may_go_and_come(make_edge: MakeEdge, tmp_path: Path) -> None:
    """Customers write on without a pause or a refusal; it is counted."""
    server = EmbeddedValkey.start(tmp_path / "own")
    edge = await make_edge(redis_url=server.url)
    client = await edge.join()
    await client.send(type="message", client_msg_id="m1", text="x")
    await client.expect("ack", client_msg_id="m1")
    server.stop()
    for number in range(5):
        await client.send(type="message", client_msg_id=f"n{number}", text="x")
        await client.expect("ack", client_msg_id=f"n{number}")
    while edge.metric("stickerdesk_edge_ledger_failures_total") == 0:
        await asyncio.sleep(0.01)
