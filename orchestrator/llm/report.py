"""`python -m orchestrator.llm.report`: which language models this deployment asks, whether they answer, what they cost.

One JSON object for `stickerdesk doctor`. Nothing is asked that costs money: only the list of models, with the key.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from pydantic import ValidationError

from orchestrator.llm.accounting import Prices
from orchestrator.llm.provider import Dialect, Provider
from orchestrator.settings import OrchestratorSettings
from servicekit.settings import explain

_PATIENCE_S = 3.0
_HOMES = {Dialect.OPENAI: "https://api.openai.com/v1", Dialect.ANTHROPIC: "https://api.anthropic.com"}
_VERSION = "2023-06-01"
_KEY_REFUSED = (401, 403)


class Reach(StrEnum):
    """What came of asking."""

    ANSWERS = "answers"
    REFUSES_THE_KEY = "refuses the key"
    SILENT = "does not answer"


class Cost(StrEnum):
    """What is known of a price."""

    STATED = "stated"
    LISTED = "listed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ModelReport:
    """One model, in the order in which they are asked."""

    model: str
    host: str
    reach: Reach
    cost: Cost


async def report(settings: OrchestratorSettings) -> dict[str, Any]:
    """Everything, as plain data."""
    prices, summary = settings.prices, settings.summary_provider
    return {
        "models": [asdict(one) for one in await reports(settings.providers, prices)],
        "prices_checked": prices.checked,
        "budgets": {tenant: {"soft": one.soft, "hard": one.hard} for tenant, one in settings.budgets.items()},
        "summaries": summary.model if summary is not None else "",
    }


async def reports(providers: Sequence[Provider], prices: Prices) -> list[ModelReport]:
    """All of them, asked at once."""
    async with httpx.AsyncClient(timeout=_PATIENCE_S) as http:
        reached = await asyncio.gather(*(_reach(http, one) for one in providers))
    return [
        ModelReport(one.model, urlsplit(_home(one)).hostname or "", reach, _cost(one.model, prices))
        for one, reach in zip(providers, reached, strict=True)
    ]


async def _reach(http: httpx.AsyncClient, provider: Provider) -> Reach:
    """Any answer but a refused key will do: not every endpoint lists its models."""
    anthropic = provider.dialect is Dialect.ANTHROPIC
    headers = {"authorization": f"Bearer {provider.api_key}"} if provider.api_key else {}
    if anthropic:
        headers = {"x-api-key": provider.api_key, "anthropic-version": _VERSION}
    try:
        answer = await http.get(f"{_home(provider)}{'/v1' if anthropic else ''}/models", headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return Reach.SILENT
    if answer.status_code in _KEY_REFUSED:
        return Reach.REFUSES_THE_KEY
    return Reach.SILENT if answer.is_server_error else Reach.ANSWERS


def _home(provider: Provider) -> str:
    return (provider.base_url or _HOMES[provider.dialect]).rstrip("/")


def _cost(model: str, prices: Prices) -> Cost:
    if prices.stated(model):
        return Cost.STATED
    return Cost.LISTED if prices.of(model) is not None else Cost.UNKNOWN


def main() -> int:
    """Prints the report; 2 when the settings are wrong."""
    try:
        settings = OrchestratorSettings()
        found = asyncio.run(report(settings))
    except ValidationError as error:
        print(explain(error, "orchestrator"), file=sys.stderr)
        return 2
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(msgspec.json.encode(found).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
