"""An agent's program and an agent's browser, over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from gateway.desk.sessions import HEADER
from servicekit.api_keys import ApiKey, new_api_key
from tests.gateway.client import Client

ANNA, BEN, CLERK, FOREIGNER, GONE = (
    new_api_key("default"), new_api_key("default"), new_api_key("default"), new_api_key("other"), new_api_key("default")
)  # fmt: skip
PERSON = "let me talk to a human agent please"


def section(key: ApiKey, name: str, scope: str, more: str = "") -> str:
    """A key in the tenants file."""
    return (
        f'{{id: {key.id}, name: {name}, hash: "{key.hash}", scopes: [{scope}], created_at: 2026-01-01T00:00:00Z{more}}}'
    )


def tenants_file(folder: Path) -> Path:
    """Two tenants and their keys."""
    path = folder / "tenants.yaml"
    revoked = ", revoked_at: 2026-01-02T00:00:00Z"
    keys = [
        section(ANNA, "Anna", "agent"), section(BEN, "Ben", "agent"), section(CLERK, "Clerk", "broadcast"),
        section(GONE, "Gone", "agent", revoked),
    ]  # fmt: skip
    path.write_text(f"""
version: 1
tenants:
  default: {{keys: [{", ".join(keys)}]}}
  other: {{keys: [{section(FOREIGNER, "Eve", "agent")}]}}
""")
    return path


def program(url: str, key: ApiKey | None = ANNA) -> httpx.AsyncClient:
    """Speaks with a key."""
    headers = {"authorization": f"Bearer {key}"} if key is not None else {}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=20.0)


def browser(url: str) -> httpx.AsyncClient:
    """Speaks as the desk's page does; has no session yet."""
    headers = {HEADER: "1", "origin": url, "sec-fetch-site": "same-origin"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=20.0)


async def handed_over(customer: Client, desk: httpx.AsyncClient) -> str:
    """A customer asks for a person and stands in line; the conversation."""
    await customer.send(type="message", client_msg_id="p1", text=PERSON)
    await customer.expect("turn_ended")
    conversation: str = customer.welcome["conversation"]
    async with asyncio.timeout(10):
        while conversation not in await waiting(desk):
            await asyncio.sleep(0.02)
    return conversation


async def waiting(desk: httpx.AsyncClient) -> list[str]:
    """Who waits."""
    answer = await desk.get("/v1/desk/conversations?list=waiting")
    return [one["conversation"] for one in answer.json()["conversations"]]


class Events:
    """Server-sent events as they come.

    Attributes:
        heard: Name, data and id of each.
    """

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.heard: list[tuple[str, Any, str]] = []
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())
        self.ended = False

    async def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            async for line in self.answer.aiter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "event" in fields:
                    self.heard.append((fields["event"], json.loads(fields["data"]), fields.get("id", "")))
                    fields = {}
                    self._changed.set()
        except httpx.HTTPError:
            pass
        self.ended = True
        self._changed.set()

    def of(self, name: str) -> list[Any]:
        """The data of all events of a name."""
        return [data for kind, data, _ in self.heard if kind == name]

    async def until(self, happened: Callable[[], Any], timeout_s: float = 20.0) -> None:
        """Waits until something is so."""
        async with asyncio.timeout(timeout_s):
            while not happened():
                self._changed.clear()
                await self._changed.wait()

    async def close(self) -> None:
        """Stops reading."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


@asynccontextmanager
async def events(desk: httpx.AsyncClient, path: str, **headers: str) -> AsyncIterator[Events]:
    """An open event stream."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with desk.stream("GET", path, headers=named, timeout=30.0) as answer:
        made = Events(answer)
        try:
            yield made
        finally:
            await made.close()
