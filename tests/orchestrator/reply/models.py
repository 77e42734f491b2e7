"""A language model as an engine, over a scripted provider and whatever tools a test brings."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry

from orchestrator.llm.accounting import Budget, Meter, Prices, Spent
from orchestrator.llm.limits import TenantLimits
from orchestrator.llm.opening import open_chats
from orchestrator.llm.provider import Dialect, Provider
from orchestrator.metrics import Metrics
from orchestrator.reply.checking import FactCheck, Promises
from orchestrator.reply.engine import Anew, Brief, Closing
from orchestrator.reply.llm_engine import Around, LlmEngine
from orchestrator.reply.masking import Personal
from orchestrator.reply.prompt import Prompt
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.effects import Effects
from orchestrator.tools.tool import Tool
from servicekit.errors import unavailable
from servicekit.resilience import CircuitBreaker, Deadline
from tests.orchestrator.harness import knowledge

CHECK = FactCheck(Promises())
EFFECTS = Effects()


class MemoryLedger:
    """The `Ledger` port in memory.

    Attributes:
        down: While true it is out of reach.
    """

    def __init__(self) -> None:
        self.accounts: dict[tuple[str, str], Spent] = {}
        self.down = False

    async def add(self, tenant: str, month: str, spent: Spent) -> Spent:
        """See the port."""
        if self.down:
            raise unavailable("UNAVAILABLE", "down")
        account = (tenant, month)
        self.accounts[account] = self.accounts.get(account, Spent()).plus(spent)
        return self.accounts[account]


@dataclass
class Model:
    """An engine and what is around it."""

    engine: LlmEngine
    registry: CollectorRegistry
    ledger: MemoryLedger
    meter: Meter

    def count(self, name: str, **labels: str) -> float:
        """A metric's value."""
        return self.registry.get_sample_value(name, labels) or 0.0


@dataclass
class Heard:
    """What an engine said.

    Attributes:
        void: Drafts that it took back.
    """

    text: str
    closing: Closing
    void: tuple[str, ...] = ()


@asynccontextmanager
async def model(
    address: str,
    belt: ToolBelt | Sequence[Tool] = (),
    *,
    name: str = "gpt-4o-mini",
    dialect: Dialect = Dialect.OPENAI,
    masked: Collection[Personal] = (),
    budgets: dict[str, Budget] | None = None,
    limits: TenantLimits | None = None,
    spare: bool = True,
    breaker: Callable[[str], CircuitBreaker] = CircuitBreaker,
    metrics: tuple[Metrics, CollectorRegistry] | None = None,
    **fields: Any,
) -> AsyncIterator[Model]:
    """An engine on the provider at an address."""
    registry = metrics[1] if metrics else CollectorRegistry()
    counts = metrics[0] if metrics else Metrics(registry)
    base_url = f"{address}/v1" if dialect is Dialect.OPENAI else address
    patience = {"first_token_s": 10.0, "idle_s": 10.0, "total_s": 20.0, **fields}
    (chat,) = open_chats([Provider(name, base_url, "key", dialect, **patience)], breaker, random.Random(1))
    await chat.warm()
    ledger = MemoryLedger()
    meter = Meter(Prices(), budgets or {}, ledger, counts)
    around = Around(
        Prompt(knowledge(), now=lambda: datetime(2026, 3, 4, 4, tzinfo=UTC)),
        belt if isinstance(belt, ToolBelt) else ToolBelt(belt),
        EFFECTS, CHECK, meter, limits or TenantLimits(), counts, frozenset(masked),
    )  # fmt: skip
    yield Model(LlmEngine(chat, around, spare=spare), registry, ledger, meter)
    await meter.close()
    await chat.close()


async def spoken(engine: LlmEngine, asked: Brief, patience_s: float = 10.0) -> Heard:
    """Everything that the engine says to a brief."""
    text, closing, void = "", None, []
    async for part in engine.stream(asked, Deadline.after(patience_s)):
        if isinstance(part, Closing):
            closing = part
        elif isinstance(part, Anew):
            void.append(text)
            text = ""
        else:
            text += part
    assert closing is not None
    return Heard(text, closing, tuple(void))
