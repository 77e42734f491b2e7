"""What models cost and when a budget is used up; the ledger in memory and the real one."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from orchestrator.journal.store import open_redis
from orchestrator.llm.accounting import Budget, BudgetState, Ledger, Meter, Prices, Spent
from orchestrator.llm.chat import Usage
from orchestrator.llm.limits import TenantLimits
from orchestrator.llm.redis_ledger import RedisLedger
from orchestrator.metrics import Metrics
from servicekit.errors import ServiceError
from tests.orchestrator.reply.models import MemoryLedger

pytestmark = pytest.mark.integration

MILLION = Usage(input_tokens=1_000_000, output_tokens=1_000_000)


class Clocks:
    def __init__(self) -> None:
        self.now, self.at_s = datetime(2026, 6, 30, 23, 59, tzinfo=UTC), 100.0


def meter(ledger: Ledger, clocks: Clocks, **budgets: Budget) -> tuple[Meter, CollectorRegistry]:
    registry = CollectorRegistry()
    made = Meter(
        Prices(), {name.replace("others", "*"): one for name, one in budgets.items()}, ledger, Metrics(registry),
        now=lambda: clocks.now, clock=lambda: clocks.at_s,
    )  # fmt: skip
    return made, registry


@pytest.fixture(params=["memory", "redis"])
async def ledger(request: pytest.FixtureRequest) -> AsyncIterator[Ledger]:
    """Each ledger in turn."""
    if request.param == "memory":
        yield MemoryLedger()
        return
    client = open_redis(request.getfixturevalue("redis_url"), timeout_s=1.0)
    yield RedisLedger(client, "t" + secrets.token_hex(4))
    await client.aclose()


@pytest.mark.parametrize(
    ("model", "usage", "micros"),
    [
        ("gpt-4o-mini", MILLION, 750_000),
        ("gpt-4o-mini-2024-07-18", Usage(1000, 0), 150),
        ("GPT-4o", MILLION, 12_500_000),
        ("gpt-4o", Usage(1_000_000, 0, cached_tokens=1_000_000), 1_250_000),
        ("qwen-plus", Usage(1_000_000, 0, cached_tokens=500_000), 400_000),
        ("claude-sonnet-4-5", MILLION, 18_000_000),
        ("somebody/else", MILLION, None),
    ],
)
def test_prices(model: str, usage: Usage, micros: int | None) -> None:
    """By the first pattern that fits; cached input costs less where a price says so."""
    assert Prices().micros(model, usage) == micros


@pytest.mark.parametrize("content", ["", "models: 3", "currency: USD\nper_tokens: 1\nmodels: [{model: x}]"])
def test_a_price_list_that_does_not_fit(tmp_path: Path, content: str) -> None:
    """Is refused with its name."""
    path = tmp_path / "mine.yaml"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"mine\.yaml"):
        Prices(path)


async def test_sums_are_shared(ledger: Ledger) -> None:
    """Two processes add to one account; another tenant's and another month's are others."""
    one, two = Spent(5, 10, 20, 1), Spent(7, 1, 2, 1)
    await ledger.add("a", "202606", one)
    assert await ledger.add("a", "202606", two) == one.plus(two)
    assert await ledger.add("b", "202606", Spent()) == Spent()
    assert await ledger.add("a", "202607", Spent()) == Spent()


async def test_over_budget(ledger: Ledger) -> None:
    """Soft, then hard; a tenant without a budget never; a new month begins at nothing."""
    clocks = Clocks()
    made, registry = meter(ledger, clocks, others=Budget(soft=1.0, hard=2.0), free=Budget())
    states = [made.state("shop")]
    for _ in range(3):
        made.used("shop", "gpt-4o-mini", MILLION)
        states.append(made.state("shop"))
    assert states == [BudgetState.WITHIN, BudgetState.WITHIN, BudgetState.SOFT, BudgetState.HARD]
    await made.close()
    assert made.state("shop") is BudgetState.HARD
    assert registry.get_sample_value("stickerdesk_llm_budget_state", {"tenant": "shop"}) == 2
    made.used("free", "gpt-4o-mini", MILLION)
    assert made.state("free") is BudgetState.WITHIN
    clocks.now = datetime(2026, 7, 1, tzinfo=UTC)
    assert made.state("shop") is BudgetState.WITHIN
    await made.close()


async def test_what_another_process_spent_is_seen(ledger: Ledger) -> None:
    """After a while, without anybody waiting for it."""
    clocks = Clocks()
    made, _ = meter(ledger, clocks, others=Budget(hard=1.0))
    assert made.state("shop") is BudgetState.WITHIN
    await made.close()
    await ledger.add("shop", "202606", Spent(micros=2_000_000))
    assert made.state("shop") is BudgetState.WITHIN
    clocks.at_s += 31
    made.state("shop")
    await made.close()
    assert made.state("shop") is BudgetState.HARD


async def test_a_ledger_out_of_reach_loses_nothing() -> None:
    """Sums wait and are written when it is back; a model without a price is counted and costs nothing."""
    ledger, clocks = MemoryLedger(), Clocks()
    made, registry = meter(ledger, clocks, others=Budget(hard=0.5))
    ledger.down = True
    made.used("shop", "gpt-4o-mini", MILLION)
    await asyncio.sleep(0)
    made.used("shop", "house-model", MILLION)
    assert made.state("shop") is BudgetState.HARD
    ledger.down = False
    await made.close()
    assert ledger.accounts["shop", "202606"] == Spent(750_000, 2_000_000, 2_000_000, 2)
    assert registry.get_sample_value("stickerdesk_llm_unpriced_total", {"model": "house-model"}) == 1


async def test_a_store_that_is_not_there() -> None:
    """The real ledger says so with the kit's error."""
    client = open_redis("redis://127.0.0.1:1/0", timeout_s=0.2)
    with pytest.raises(ServiceError) as caught:
        await RedisLedger(client, "x").add("a", "202606", Spent(1))
    assert caught.value.reason == "UNAVAILABLE"
    await client.aclose()


async def test_places_and_tokens_of_a_tenant() -> None:
    """Both are given back or filled again; without limits there are none."""
    now = [0.0]
    limits = TenantLimits(per_s=2.0, burst=2, concurrency=1, clock=lambda: now[0])
    async with limits.place("a"):
        with pytest.raises(ServiceError):
            async with limits.place("a"):
                pass
        async with limits.place("b"):
            pass
    async with limits.place("a"):
        pass
    with pytest.raises(ServiceError) as caught:
        async with limits.place("a"):
            pass
    assert caught.value.retry_after_s == pytest.approx(0.5)
    now[0] = 0.5
    async with limits.place("a"):
        pass
    free = TenantLimits()
    for _ in range(100):
        async with free.place("a"):
            pass
