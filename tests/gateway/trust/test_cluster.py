"""The shared limits on a Redis Cluster: each script keeps to the slot of its tenant."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from gateway.trust.ledger import Charge, Rates, RedisLedger, open_redis
from gateway.trust.usage import KeyUsage
from servicekit.errors import Code, ServiceError
from tests.gateway.conftest import Edge
from tests.orchestrator.cluster import one_node_cluster

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]
RATES = Rates(1.0, 2, 1.0, 3)


@pytest.fixture
def cluster_url(tmp_path: Path) -> Iterator[str]:
    """A cluster of one node, which refuses a script whose keys lie on several slots."""
    with one_node_cluster(tmp_path) as url:
        yield url


async def test_many_customers_of_a_tenant_are_charged_at_once(cluster_url: str) -> None:
    """Their keys and the tenant's lie on one slot; another tenant's, on another, know nothing of them."""
    client = open_redis(cluster_url, cluster=True)
    ledger = RedisLedger(client, secrets.token_hex(4))
    try:
        customers = [f"customer {number}" for number in range(50)]
        verdicts = await ledger.charge([Charge("acme", name, 2, RATES) for name in customers])
        assert len(verdicts) == 50
        assert all(0.0 < verdict.customer_s <= 1.0 and verdict.tenant_s > 1.0 for verdict in verdicts)
        (again,) = await ledger.charge([Charge("acme", customers[0], 1, RATES)])
        assert again.customer_s > 1.0
        (other,) = await ledger.charge([Charge("beta", customers[0], 1, RATES)])
        assert (other.customer_s, other.tenant_s) == (0.0, 0.0)
        slots = {await client.execute_command("CLUSTER KEYSLOT", key) for key in await client.keys("*acme*")}
        assert len(slots) == 1
    finally:
        await client.aclose()


async def test_gateways_share_limits_over_a_cluster(make_edge: MakeEdge, cluster_url: str) -> None:
    """As over one server: what one let in the other knows."""
    settings = {"redis_url": cluster_url, "redis_cluster": True, "visitors_per_minute": 1, "visitor_burst": 2}
    one, two = await make_edge(**settings), await make_edge(**settings)
    async with httpx.AsyncClient() as http:
        for edge, times in ((one, 2), (two, 1)):
            for _ in range(times):
                assert (await http.post(f"{edge.http}/v1/visitors")).status_code == 201
            for budget in edge.gateway._guard.newcomers.budgets:
                assert await budget.report()
        assert (await http.post(f"{two.http}/v1/visitors")).status_code == 429


async def test_the_last_use_of_keys_is_kept_in_a_cluster(cluster_url: str, tmp_path: Path) -> None:
    """In one hash, from every gateway."""
    client = open_redis(cluster_url, cluster=True)
    try:
        usage = KeyUsage(tmp_path / "unused.json", client, "cl", clock=lambda: 1234.5)
        usage.mark("acme", "abc123")
        usage.mark("beta", "def456")
        await usage.write()
        assert await client.hgetall("cl:keys:used") == {b"acme/abc123": b"1234", b"beta/def456": b"1234"}
    finally:
        await client.aclose()


async def test_a_cluster_that_is_gone_is_an_error_of_the_ledger(tmp_path: Path) -> None:
    """Typed, so that each gateway goes on with its own count; whether it was there before or never."""
    with one_node_cluster(tmp_path) as url:
        client = open_redis(url, cluster=True)
        ledger = RedisLedger(client)
        await ledger.charge([Charge("acme", "kim", 1, RATES)])
    never = open_redis("redis://127.0.0.1:1", cluster=True)
    for gone in (ledger, RedisLedger(never)):
        with pytest.raises(ServiceError) as away:
            await gone.charge([Charge("acme", "kim", 1, RATES)])
        assert away.value.code is Code.UNAVAILABLE
    await client.aclose()
    await never.aclose()
