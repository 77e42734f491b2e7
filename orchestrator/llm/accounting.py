"""What language models cost, by tenant and month, and what happens when a budget is used up."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from fnmatch import fnmatch
from pathlib import Path
from typing import Protocol

import msgspec
import yaml

from orchestrator.llm.chat import Usage
from orchestrator.metrics import Metrics
from servicekit.errors import ServiceError
from servicekit.resilience import Clock

_DEFAULT = Path(__file__).with_name("prices.yaml")
_MICROS = 1_000_000
_FRESH_S = 30.0
_PAUSE_S = 5.0


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of tokens of the models whose names fit `model`."""

    model: str
    input: float
    output: float
    cached: float | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    currency: str
    per_tokens: int
    models: list[Price]
    checked: str = ""


class Prices:
    """Prices of models.

    Args:
        path: The price list.
        first: Prices that come before those of the list, in its currency and unit.

    Raises:
        ValueError: It does not fit.
    """

    def __init__(self, path: Path = _DEFAULT, first: Sequence[Price] = ()) -> None:
        self._first = tuple(first)
        try:
            self._file = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), _File)
        except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
            raise ValueError(f"the price list {path.name} cannot be used: {error}") from error

    @property
    def checked(self) -> str:
        """The day on which the list was last compared with what providers say; empty: never."""
        return self._file.checked

    def stated(self, model: str) -> bool:
        """Whether the deployment itself says what the model costs."""
        return any(fnmatch(model.lower(), one.model) for one in self._first)

    def of(self, model: str) -> Price | None:
        """A model's price; None: unknown."""
        return next((one for one in (*self._first, *self._file.models) if fnmatch(model.lower(), one.model)), None)

    def micros(self, model: str, usage: Usage) -> int | None:
        """What it cost in millionths of the currency; None for a model without a price."""
        price = self.of(model)
        if price is None:
            return None
        cached = price.input if price.cached is None else price.cached
        fresh = max(0, usage.input_tokens - usage.cached_tokens)
        cost = fresh * price.input + usage.cached_tokens * cached + usage.output_tokens * price.output
        return round(cost * _MICROS / self._file.per_tokens)


class Budget(msgspec.Struct, frozen=True):
    """Of a tenant for a month, in the price list's currency; 0: none.

    Over `soft` the first model is spared, over `hard` all are.
    """

    soft: float = 0.0
    hard: float = 0.0


class BudgetState(IntEnum):
    """How far a budget is used up."""

    WITHIN = 0
    SOFT = 1
    HARD = 2


@dataclass(frozen=True)
class Spent:
    """What is added to an account."""

    micros: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0

    def plus(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(
            self.micros + other.micros, self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens, self.calls + other.calls,
        )  # fmt: skip


class Ledger(Protocol):
    """Accounts that all processes share."""

    async def add(self, tenant: str, month: str, spent: Spent) -> Spent:
        """Adds, and tells what there is now; adding nothing only tells.

        Raises:
            ServiceError: UNAVAILABLE; nothing was added.
        """
        ...


class Meter:
    """Counts what is used. Nothing on a turn's path waits for the ledger.

    Args:
        prices: What tokens cost.
        budgets: By tenant; "*" for those that are not named.
        ledger: Where it is written.
        metrics: Counts.
        now: The calendar's clock.
        clock: In seconds, monotonic.
    """

    def __init__(
        self,
        prices: Prices,
        budgets: Mapping[str, Budget],
        ledger: Ledger,
        metrics: Metrics,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Clock = time.monotonic,
    ) -> None:
        self._prices, self._budgets, self._ledger, self._metrics = prices, budgets, ledger, metrics
        self._now, self._clock = now, clock
        self._waiting: dict[tuple[str, str], Spent] = defaultdict(Spent)
        self._known: dict[tuple[str, str], tuple[int, float]] = {}
        self._task: asyncio.Task[None] | None = None
        self._again_s = 0.0

    def used(self, tenant: str, model: str, usage: Usage) -> None:
        """A model answered."""
        micros = self._prices.micros(model, usage)
        if micros is None:
            self._metrics.llm_unpriced.labels(model).inc()
        self._metrics.llm_tokens.labels(model, "input").inc(usage.input_tokens)
        self._metrics.llm_tokens.labels(model, "output").inc(usage.output_tokens)
        self._metrics.llm_cost.labels(model).inc((micros or 0) / _MICROS)
        account = self._account(tenant)
        self._waiting[account] = self._waiting[account].plus(
            Spent(micros or 0, usage.input_tokens, usage.output_tokens, 1)
        )
        self._write()

    def state(self, tenant: str) -> BudgetState:
        """How the tenant's budget stands, as far as is known here."""
        budget = self._budgets.get(tenant) or self._budgets.get("*")
        if budget is None:
            return BudgetState.WITHIN
        account = self._account(tenant)
        micros, at_s = self._known.get(account, (0, -_FRESH_S))
        if self._clock() - at_s >= _FRESH_S:
            self._waiting.setdefault(account, Spent())
            self._write()
        spent = (micros + self._waiting.get(account, Spent()).micros) / _MICROS
        state = BudgetState.WITHIN
        if budget.soft and spent >= budget.soft:
            state = BudgetState.SOFT
        if budget.hard and spent >= budget.hard:
            state = BudgetState.HARD
        self._metrics.llm_budget.labels(tenant).set(state)
        return state

    async def close(self) -> None:
        """Writes what waits, if the ledger takes it now."""
        if self._task is not None:
            await asyncio.wait({self._task})
        self._again_s = 0.0
        await self._flush()

    def _account(self, tenant: str) -> tuple[str, str]:
        return tenant, f"{self._now():%Y%m}"

    def _write(self) -> None:
        if (self._task is None or self._task.done()) and self._clock() >= self._again_s:
            self._task = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        while self._waiting:
            account, spent = self._waiting.popitem()
            try:
                total = await self._ledger.add(*account, spent)
            except ServiceError:  # the store is away: the sums wait here, and the next answer tries again
                self._waiting[account] = self._waiting[account].plus(spent)
                self._again_s = self._clock() + _PAUSE_S
                return
            self._known[account] = (total.micros, self._clock())
