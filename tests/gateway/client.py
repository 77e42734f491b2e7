"""A real WebSocket client for the edge tests, and the contract that every frame is held against."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

ASYNCAPI = Path(__file__).resolve().parents[2] / "gateway" / "asyncapi.yaml"
WAIT_S = 20.0


class Contract:
    """The frames of `asyncapi.yaml`, and which of them a test has seen."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = yaml.safe_load(ASYNCAPI.read_text("utf-8"))
        self._watchers: list[dict[str, set[str]]] = []
        self._validators = {way: self._of_channel(way) for way in ("send", "receive")}

    def types(self, way: str) -> set[str]:
        """The frame types that the document has for one way (as the edge sees it: it receives, it sends)."""
        return set(self._validators[way])

    def watch(self) -> dict[str, set[str]]:
        """The types seen from now on, by way."""
        self._watchers.append({"send": set(), "receive": set()})
        return self._watchers[-1]

    def schema(self, way: str, kind: str) -> dict[str, Any]:
        """The schema of one frame."""
        schema = self._validators[way][kind].schema
        assert isinstance(schema, dict)
        return self.resolved(schema)

    def _of_channel(self, way: str) -> dict[str, Draft202012Validator]:
        operations = [op for op in self.document["operations"].values() if op["action"] == way]
        validators = {}
        for operation in operations:
            for reference in operation["messages"]:
                message = self.resolved(self.resolved(reference))
                schema = {"$ref": message["payload"]["$ref"], "components": self.document["components"]}
                validators[message["name"]] = Draft202012Validator(schema)
        return validators

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        """A part of the document, found where a reference to it leads."""
        while "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def check(self, way: str, frame: dict[str, Any]) -> None:
        """Holds a frame against its schema."""
        validator = self._validators[way].get(frame["type"])
        assert validator is not None, f"{frame['type']} is not in asyncapi.yaml"
        validator.validate(frame)
        for watcher in self._watchers:
            watcher[way].add(frame["type"])


CONTRACT = Contract()


class Client:
    """One WebSocket; what it receives, and what it sends in good faith, is held against the contract."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []
        self.welcome: dict[str, Any] = {}

    @classmethod
    async def dial(cls, url: str, **options: Any) -> Client:
        """Connects."""
        options.setdefault("subprotocols", ["stickerdesk.v1"])
        return cls(await connect(url, ping_interval=None, compression=None, max_size=None, **options))

    async def hello(self, **fields: Any) -> Client:
        """Says hello and waits until everything is replayed."""
        await self.send(type="hello", **fields)
        self.welcome = await self.expect("welcome")
        await self.expect("caught_up")
        return self

    async def send(self, **frame: Any) -> None:
        """Sends a frame that keeps the contract."""
        CONTRACT.check("receive", frame)
        await self.socket.send(json.dumps(frame, ensure_ascii=False))

    async def send_raw(self, data: str | bytes) -> None:
        """Sends anything."""
        await self.socket.send(data)

    async def receive(self) -> dict[str, Any]:
        """The next frame."""
        async with asyncio.timeout(WAIT_S):
            data = await self.socket.recv()
        assert isinstance(data, str)
        frame: dict[str, Any] = json.loads(data)
        CONTRACT.check("send", frame)
        self.frames.append(frame)
        return frame

    async def expect(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next frame of a type with these fields; others before it are kept in `frames`."""
        while True:
            frame = await self.receive()
            if frame["type"] == kind and all(frame.get(key) == value for key, value in fields.items()):
                return frame

    async def closed(self) -> tuple[int, str]:
        """Waits for the end and tells the close code and reason."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self.receive()
        assert self.socket.close_code is not None
        return self.socket.close_code, self.socket.close_reason or ""

    async def error(self, data: str | bytes | dict[str, Any]) -> dict[str, Any]:
        """Sends something bad and returns the error that it earns."""
        await self.send_raw(json.dumps(data) if isinstance(data, dict) else data)
        return await self.expect("error")

    def entries(self) -> list[int]:
        """The seqs of all entries so far."""
        return [frame["seq"] for frame in self.frames if frame["type"] == "entry"]

    async def close(self) -> None:
        """Hangs up."""
        await self.socket.close()
