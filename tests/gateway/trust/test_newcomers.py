"""New visitors are bounded by address and by tenant; who has been here before is not."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

import httpx
import pytest

from gateway.trust.budget import Budget
from gateway.trust.ledger import Rates
from gateway.trust.newcomers import Newcomers
from servicekit.errors import Code, ServiceError
from tests.gateway.conftest import Edge

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]
HOME, OFFICE, INSIDE = "8.8.8.8", "9.9.9.9", "10.0.0.7"


class Clock:
    """Stands still until it is told otherwise."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def _newcomers(clock: Clock, *, tenant_burst: int = 100, public_only: bool = True) -> Newcomers:
    addresses, tenants = Rates(1.0, 2), Rates(1.0, tenant_burst)
    return Newcomers(
        Budget(lambda tenant: addresses, clock=clock),
        Budget(lambda tenant: tenants, clock=clock),
        public_only=public_only,
    )


def _admitted(newcomers: Newcomers, tenant: str, address: str, times: int) -> int:
    admitted = 0
    for _ in range(times):
        try:
            newcomers.admit(tenant, address)
            admitted += 1
        except ServiceError as error:
            refused = error
    if admitted < times:
        assert (refused.code, refused.reason) == (Code.EXHAUSTED, "RATE_LIMITED")
        assert 0.0 < (refused.retry_after_s or 0.0) <= 1.0
    return admitted


def test_an_address_has_a_burst_and_then_a_rate() -> None:
    """Two at once and one each second; another address, and another tenant, has its own."""
    clock = Clock()
    newcomers = _newcomers(clock)
    assert _admitted(newcomers, "acme", HOME, 5) == 2
    assert _admitted(newcomers, "acme", OFFICE, 5) == 2
    assert _admitted(newcomers, "beta", HOME, 5) == 2
    clock.now_s = 1.0
    assert _admitted(newcomers, "acme", HOME, 5) == 1


def test_who_is_refused_takes_nothing_from_the_others() -> None:
    """An address that goes on asking does not use up the tenant's share."""
    newcomers = _newcomers(Clock(), tenant_burst=4)
    assert _admitted(newcomers, "acme", HOME, 50) == 2
    assert _admitted(newcomers, "acme", OFFICE, 50) == 2
    assert _admitted(newcomers, "acme", "7.7.7.7", 50) == 0


def test_private_addresses_are_counted_only_when_that_is_asked_for() -> None:
    """There it is usually a proxy that is seen; an address that cannot be told is not held against anybody."""
    assert _admitted(_newcomers(Clock()), "acme", INSIDE, 50) == 50
    assert _admitted(_newcomers(Clock(), public_only=False), "acme", INSIDE, 50) == 2
    assert _admitted(_newcomers(Clock(), public_only=False), "acme", "", 50) == 50


async def test_the_edge_refuses_with_the_envelope(make_edge: MakeEdge) -> None:
    """429 with when to come again, in body and header; by socket an error and a close that means: later."""
    edge = await make_edge(visitors_per_minute=1, visitor_burst=2, trusted_proxies=1)
    home = {"X-Forwarded-For": HOME}
    async with httpx.AsyncClient(base_url=edge.http) as http:
        first = await http.post("/v1/visitors", headers=home)
        assert first.status_code == 201
        await (await edge.dial(additional_headers=home)).hello()
        refused = await http.post("/v1/visitors", headers={**home, "accept-language": "zh"})
        assert refused.status_code == 429
        body = refused.json()
        assert (body["code"], body["reason"], body["retryable"]) == (429, "RATE_LIMITED", True)
        assert 0 < body["retry_after_ms"] <= 60_000
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert any("\u4e00" <= letter <= "\u9fff" for letter in body["message"])
        other = await http.post("/v1/visitors", headers={"X-Forwarded-For": OFFICE})
        assert other.status_code == 201
    new = await edge.dial(additional_headers=home)
    await new.send(type="hello")
    error = await new.expect("error")
    assert (error["code"], error["reason"], error["retryable"]) == (429, "RATE_LIMITED", True)
    assert 0 < error["retry_after_ms"] <= 60_000
    assert (await new.closed())[0] == 4429
    known = await edge.dial(additional_headers=home)
    await known.hello(token=first.json()["token"])


async def test_gateways_count_together(make_edge: MakeEdge, redis_url: str) -> None:
    """What one let in the other knows a moment later."""
    shared = {"redis_url": redis_url, "redis_prefix": secrets.token_hex(4)}
    one, two = [await make_edge(visitors_per_minute=1, visitor_burst=2, **shared) for _ in range(2)]
    async with httpx.AsyncClient() as http:
        for edge, times in ((one, 2), (two, 1)):
            for _ in range(times):
                assert (await http.post(f"{edge.http}/v1/visitors")).status_code == 201
            for budget in edge.gateway._guard.newcomers.budgets:
                assert await budget.report()
        assert (await http.post(f"{two.http}/v1/visitors")).status_code == 429
