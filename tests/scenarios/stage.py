"""Where scenarios are played: real orchestrators on a real store, a real Triton and one shop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from benchmarks.services import Services
from tests.scenarios.model import ScriptedModel, scripted_model
from tests.scenarios.player import Played, Player
from tests.scenarios.scenario import Round, Scenario
from tests.scenarios.shop import TENANT, Books, Person, arrive, rendered

_SHORT_STATE_S = 3.0
_SILENCE_S = 4.0
_WARM_S = 240.0
_POLL_S = 0.25


class Stage:
    """Plays a scenario on the orchestrator that it needs.

    Args:
        books: The shop.
        players: By `usual`, `quiet` (whose dialogue state runs out soon) and `scripted` (which has a model).
        model: The scripted model.
    """

    def __init__(self, books: Books, players: dict[str, Player], model: ScriptedModel | None) -> None:
        self._books, self._players, self._model = books, players, model

    async def play(self, scenario: Scenario, run: int) -> Played:
        """Plays it once."""
        if scenario.engine == "retrieval":
            return await self._players["quiet" if scenario.slow else "usual"].play(scenario, run)
        assert self._model is not None
        language = "zh" if scenario.language == "zh" else "en"
        person = await arrive(self._books, f"s-{scenario.id}-{run}", scenario.customer, language)
        for step in scenario.steps:
            if step.llm:
                self._model.learn(rendered(step.say, person.facts), [_meant(one, person) for one in step.llm])
        return await self._players["scripted"].play(scenario, run, person)


def _meant(one: Round, person: Person) -> Round:
    """The round with its references put in."""
    raw = msgspec.json.encode(one).decode()
    return msgspec.json.decode(rendered(raw, person.facts), type=Round)


@asynccontextmanager
async def stage(
    folder: Path, scenarios: Sequence[Scenario], *, redis_url: str, triton_url: str
) -> AsyncIterator[Stage]:
    """Starts what the scenarios need.

    Args:
        folder: For data and logs.
        scenarios: What will be played.
        redis_url: A store to share; keys have prefixes of their own.
        triton_url: The models.

    Raises:
        NotStarted: A part did not come up.
    """
    async with AsyncExitStack() as stack:
        services = stack.enter_context(Services(folder))
        books = Books(folder / "shop.sqlite3")
        await books.open()
        stack.push_async_callback(books.close)
        where = {"REDIS_URL": redis_url, "TRITON_URL": triton_url}
        recommender = await services.recommender(**where)
        common = where | {
            "RECOMMENDER_URL": recommender.address, "DATABASE_URL": books.url, "DEMO_SHOP": "true",
            "SHOP_TENANT": TENANT, "ORCHESTRATOR_PACE_S": "0", "ORCHESTRATOR_ENCODE_TIMEOUT_S": "5",
            "ORCHESTRATOR_RECOMMEND_BUDGET_S": "5", "ORCHESTRATOR_PICTURE_BUDGET_S": "20",
        }  # fmt: skip
        usual = await services.orchestrator(**common, REDIS_PREFIX="sc")
        await _warm(folder)
        urls = {"usual": usual.address}
        if any(one.slow for one in scenarios):
            quiet = await services.orchestrator(**common, REDIS_PREFIX="sq", ORCHESTRATOR_STATE_S=str(_SHORT_STATE_S))
            urls["quiet"] = quiet.address
        model = None
        if any(one.engine == "scripted" for one in scenarios):
            model = await stack.enter_async_context(scripted_model())
            settings = {"LLM_BASE_URL": model.base_url, "LLM_MODEL": "scripted"}
            urls["scripted"] = (await services.orchestrator(**common, REDIS_PREFIX="sl", **settings)).address
        yield Stage(books, {name: Player(books, url, _silence) for name, url in urls.items()}, model)


async def _silence() -> None:
    await asyncio.sleep(_SILENCE_S)  # the store's clock runs the state out; no client can hurry it


async def _warm(folder: Path) -> None:
    """Waits for the vectors of the knowledge base, so that every play meets the same search."""
    async with asyncio.timeout(_WARM_S):
        while not list((folder / "data" / "orchestrator").glob("knowledge-*.npz")):
            await asyncio.sleep(_POLL_S)
