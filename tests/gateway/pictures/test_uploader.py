"""What becomes of single uploads when something happens beside them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from gateway import frames
from gateway.edge.actions import Visitor
from gateway.pictures import partials as partials_of_gateway
from gateway.pictures.desk import KeptPicture
from gateway.pictures.names import PARTIAL
from gateway.pictures.partials import PART_BYTES, Partials
from gateway.upload_frames import CHUNK_BYTES
from servicekit.errors import ServiceError, invalid
from tests.gateway.pictures.memory_store import MemoryStore
from tests.gateway.pictures.upload_harness import FILES, KIM, Pictures, connect, make_gateway

pytestmark = pytest.mark.unit


async def test_a_result_that_is_cancelled_while_it_is_made_is_removed() -> None:
    """The bytes are all there and being checked when the client gives up: nothing of them stays."""
    started, go = asyncio.Event(), asyncio.Event()

    class Slow(Pictures):
        async def take(self, owner: Visitor, data: bytes, **told: Any) -> KeptPicture:
            started.set()
            await go.wait()
            return await super().take(owner, data, **told)

    store, pictures = MemoryStore(), Slow()
    gateway = make_gateway(store, pictures, time.time)
    line, file = connect(gateway, time.monotonic), FILES["small"]
    await line.send(file.frame)
    await line.chunk("small", 0, file.data)
    await started.wait()
    await line.send('{"type":"upload_cancel","upload_id":"small"}')
    go.set()
    await gateway.close(30)
    assert [type(frame) for frame in line.said[-2:]] == [frames.UploadProgress, frames.UploadCancelled]
    assert pictures.kept == {}


async def test_a_failure_of_ours_is_told_and_the_connection_goes_on() -> None:
    """An unknown exception while a picture is made is INTERNAL, with the upload's id."""

    class Broken(Pictures):
        async def take(self, owner: Visitor, data: bytes, **told: Any) -> KeptPicture:
            raise RuntimeError("a bug")

    store, pictures = MemoryStore(), Broken()
    gateway = make_gateway(store, pictures, time.time)
    line, file = connect(gateway, time.monotonic), FILES["small"]
    await line.send(file.frame)
    await line.chunk("small", 0, file.data)
    await gateway.close(30)
    error = line.said[-1]
    assert isinstance(error, frames.Error)
    assert (error.reason, error.upload_id, "bug" in error.message) == ("INTERNAL", "small", False)


async def test_a_picture_that_is_refused_leaves_nothing() -> None:
    """Parts are removed with the error that says why."""

    class Strict(Pictures):
        async def take(self, owner: Visitor, data: bytes, **told: Any) -> KeptPicture:
            raise invalid("PICTURE_BROKEN", "not one")

    store, pictures = MemoryStore(), Strict()
    gateway = make_gateway(store, pictures, time.time)
    line, data = connect(gateway, time.monotonic), FILES["parts"].data
    await line.send(FILES["parts"].frame)
    for offset in range(0, len(data), CHUNK_BYTES):
        await line.chunk("parts", offset, data[offset : offset + CHUNK_BYTES])
    await gateway.close(30)
    assert isinstance(line.said[-1], frames.Error)
    assert line.said[-1].reason == "PICTURE_BROKEN"
    assert store.objects == {}


async def test_a_process_takes_only_so_much_unfinished_work() -> None:
    """Over its room it says OVERLOADED; what is given back or expired is free again."""
    now = [0.0]
    store = MemoryStore()
    partials = Partials(store, life_s=10.0, limit_bytes=PART_BYTES)
    partials._room.clock = lambda: now[0]
    first = await partials.open(KIM, _declared("a"))
    second = await partials.open(KIM, _declared("b"))
    await first.append(b"x" * PART_BYTES)
    with pytest.raises(ServiceError, match="OVERLOADED"):
        await second.append(b"y" * PART_BYTES)
    await first.discard()
    await second.flush()
    now[0] = 11.0
    third = await partials.open(KIM, _declared("c"))
    await third.append(b"z" * PART_BYTES)
    assert await third.read() == b"z" * PART_BYTES


async def test_many_that_send_little_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a gateway holds much already, what comes goes to the store at once."""
    monkeypatch.setattr(partials_of_gateway, "MEMORY_BYTES", 1000)
    store = MemoryStore()
    partials = Partials(store, life_s=10.0, limit_bytes=10**9)
    opened = [await partials.open(KIM, _declared(name)) for name in ("a", "b", "c")]
    for partial in opened:
        await partial.append(b"x" * 600)
    assert partials._room.memory_bytes <= 1000
    assert [await partial.read() for partial in opened] == [b"x" * 600] * 3
    for partial in opened:
        await partial.discard()
    assert (partials._room.memory_bytes, partials._room.taken_bytes, store.objects) == (0, 0, {})


async def test_the_oldest_unfinished_uploads_make_room() -> None:
    """A visitor who abandons many does not fill the store, and is not locked out."""
    now = [0.0]
    store = MemoryStore(lambda: now[0])
    partials = Partials(store, life_s=1000.0, limit_bytes=10**9, clock=lambda: now[0])
    for number in range(12):
        now[0] += 1.0
        partial = await partials.open(KIM, _declared(f"u{number}"))
        await partial.append(b"x" * 100)
        await partial.flush()
    left = [name for name in store.objects if name.startswith(PARTIAL)]
    assert 1 <= len(left) <= 6
    assert (await partials.open(KIM, _declared("u11"))).received == 100
    assert (await partials.open(KIM, _declared("u0"))).received == 0


def _declared(name: str) -> frames.Upload:
    return frames.Upload(upload_id=name, media_type="image/png", size=PART_BYTES)
