"""A real gateway before real orchestrators on the real store; only the models and the sticker catalogue are fakes."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.__main__ import Gateway
from gateway.settings import GatewaySettings
from orchestrator.backoffice.office import BackOffice
from orchestrator.journal.store import Limits
from orchestrator.reply.engine import ReplyEngine
from orchestrator.turns.runner import Answering
from servicekit.telemetry import Telemetry
from tests.fakes import ScriptedEngine
from tests.gateway.client import Client
from tests.orchestrator.harness import Running, running

SECRET = "a secret of the tests, long enough for HS256"
NOWHERE = "127.0.0.1:9"


@dataclass
class Mesh:
    """Gateways by port, and the orchestrators behind them."""

    ports: list[int]
    orchestrators: list[Running]
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def http(self) -> str:
        """Base URL of the first gateway."""
        return f"http://127.0.0.1:{self.ports[0]}"

    async def another_gateway(self, folder: Path, **settings: Any) -> int:
        """Starts one more gateway; its port."""
        values: dict[str, Any] = {
            "listen": "127.0.0.1:0",
            "recommender_url": NOWHERE,
            "data_dir": folder,
            "token_secret": SECRET,
            "drain_s": 0.0,
            "log_level": "warning",
        }
        chosen = GatewaySettings(**{**values, **settings})
        gateway = Gateway(chosen, Telemetry.create("gateway", chosen))
        self.ports.append(await gateway.start())
        self.stack.push_async_callback(gateway.stop)
        return self.ports[-1]

    async def dial(self, gateway: int = 0) -> Client:
        """A connected client; closed at the end."""
        client = await Client.dial(f"ws://127.0.0.1:{self.ports[gateway]}/v1/ws")
        self.stack.push_async_callback(client.close)
        return client

    async def join(self, gateway: int = 0, **hello: Any) -> Client:
        """A client that is caught up."""
        return await (await self.dial(gateway)).hello(**hello)


@asynccontextmanager
async def mesh(
    redis_url: str,
    folder: Path,
    *engines: ReplyEngine,
    size: int = 1,
    limits: Limits | None = None,
    answering: Answering | None = None,
    shop: BackOffice | None = None,
    **settings: Any,
) -> AsyncIterator[Mesh]:
    """Starts `size` pairs of gateway and orchestrator on one store; the built-in answers unless engines are given."""
    prefix = "t" + secrets.token_hex(4)
    engines = engines or (ScriptedEngine("All ", "is ", "well."),)
    made = Mesh([], [])
    async with AsyncExitStack() as stack:
        for _ in range(size):
            behind = await stack.enter_async_context(
                running(redis_url, *engines, prefix=prefix, limits=limits, answering=answering, shop=shop)
            )
            made.orchestrators.append(behind)
            await made.another_gateway(folder, **{"orchestrator_url": behind.url, **settings})
        async with made.stack:
            yield made
