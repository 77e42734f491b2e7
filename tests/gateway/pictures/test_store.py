"""One contract for every store: the folder, S3 as a server speaks it, and the tests' own in memory."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.pictures.s3_store import S3Store, check_url, open_store
from gateway.pictures.store import DirectoryStore, ObjectStore, erase
from gateway.settings import GatewaySettings
from servicekit.errors import Code, ServiceError
from tests.gateway.pictures.memory_store import MemoryStore

pytestmark = pytest.mark.integration

NAME = "kept/0123456789ab/picture.webp"


@pytest.fixture(params=["folder", "s3", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """Each of them."""
    if request.param == "memory":
        return MemoryStore()
    if request.param == "folder":
        return open_store("", tmp_path / "deep" / "er")
    return open_store(request.getfixturevalue("s3_url"), tmp_path)


async def _names(store: ObjectStore, prefix: str) -> set[str]:
    return {item.name async for item in store.list(prefix)}


async def test_objects_are_kept_replaced_and_removed(store: ObjectStore) -> None:
    """What was put is what is got; removing twice is fine."""
    await store.put(NAME, b"one")
    await store.put(NAME, b"two" * 100_000)
    assert await store.get(NAME) == b"two" * 100_000
    await store.delete(NAME)
    await store.delete(NAME)
    with pytest.raises(ServiceError, match="OBJECT_NOT_FOUND"):
        await store.get(NAME)


async def test_an_empty_object_is_an_object(store: ObjectStore) -> None:
    """Nothing is not the same as not there."""
    await store.put(NAME, b"")
    assert await store.get(NAME) == b""


async def test_what_lies_under_a_prefix_is_listed(store: ObjectStore) -> None:
    """With size and time; neighbours whose names begin alike are not; nothing there is an empty list."""
    assert await _names(store, "kept/abc/") == set()
    for name in ("kept/abc/a.webp", "kept/abc/b.json", "kept/abcd/a.webp", "partial/abc/u1/x-0-5-w"):
        await store.put(name, b"12345")
    assert await _names(store, "kept/abc/") == {"kept/abc/a.webp", "kept/abc/b.json"}
    assert len(await _names(store, "kept/")) == 3
    found = [item async for item in store.list("partial/abc/")]
    assert [(item.name, item.size) for item in found] == [("partial/abc/u1/x-0-5-w", 5)]
    assert abs(found[0].changed_at_s - time.time()) < 120


async def test_a_long_list_is_whole(store: ObjectStore) -> None:
    """Over the thousand that S3 gives at once."""
    gate = asyncio.Semaphore(16)

    async def put(number: int) -> None:
        async with gate:
            await store.put(f"kept/many/o{number}", b"")

    await asyncio.gather(*(put(number) for number in range(1_050)))
    assert len(await _names(store, "kept/many/")) == 1_050


async def test_erasing_takes_all_under_a_prefix_and_nothing_else(store: ObjectStore) -> None:
    """Also only what is old enough; again is fine."""
    for name in ("kept/abc/a", "kept/abc/b", "kept/abd/a"):
        await store.put(name, b"x")
    assert await erase(store, "kept/abc/", before_s=time.time() - 3600) == 0
    assert await erase(store, "kept/abc/") == 2
    assert await erase(store, "kept/abc/") == 0
    assert await _names(store, "kept/") == {"kept/abd/a"}


@pytest.mark.parametrize(
    "name",
    [
        "",
        "short",
        "../../../etc/passwd",
        "kept/../../x",
        "kept/a/" + "a" * 65,
        "kept/A",
        "kept/a\0",
        "/kept/a",
        "kept//a",
    ],
)
async def test_no_name_leaves_the_store(store: ObjectStore, name: str) -> None:
    """Only names that the edge makes reach it."""
    with pytest.raises(ServiceError, match="OBJECT_NOT_FOUND"):
        await store.get(name)


@pytest.mark.parametrize("prefix", ["", "/", "kept", "../", "kept/../", "kept//"])
async def test_no_prefix_takes_more_than_is_meant(store: ObjectStore, prefix: str) -> None:
    """An empty or crooked prefix is a mistake of ours, never "everything"."""
    with pytest.raises(ValueError, match="prefix"):
        await erase(store, prefix)


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    """A full or missing disk is a retryable 503."""
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ServiceError, match="STORE_UNAVAILABLE"):
        await DirectoryStore(tmp_path / "file").put(NAME, b"x")


async def test_a_folder_keeps_no_drafts_and_no_empty_folders(tmp_path: Path) -> None:
    """Nothing half written is left behind, not even by a crash of yesterday."""
    stale = tmp_path / ".drafts" / "0123"
    stale.parent.mkdir()
    stale.write_bytes(b"half")
    os.utime(stale, (0, 0))
    store = DirectoryStore(tmp_path)
    await store.put(NAME, b"x")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["picture.webp"]
    await store.delete(NAME)
    assert [path.name for path in tmp_path.iterdir()] == [".drafts"]


async def test_writers_and_removers_of_one_folder_do_not_meet(tmp_path: Path) -> None:
    """A folder that is removed because it is empty is made again by who writes into it."""
    store = DirectoryStore(tmp_path)

    async def churn(number: int) -> None:
        for _ in range(40):
            await store.put(f"kept/abc/o{number}", b"x")
            assert await store.get(f"kept/abc/o{number}") == b"x"
            await store.delete(f"kept/abc/o{number}")

    await asyncio.gather(*(churn(number) for number in range(4)))
    assert await _names(store, "kept/") == set()


async def test_an_s3_server_that_is_away_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, unused: Callable[[], int]
) -> None:
    """Each call is a retryable 503 with a time to wait."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    store = S3Store("bucket", endpoint=f"http://127.0.0.1:{unused()}")
    for call in (store.put(NAME, b"x"), store.get(NAME), store.delete(NAME), erase(store, "kept/")):
        with pytest.raises(ServiceError) as refused:
            await call
        assert (refused.value.code, refused.value.reason, refused.value.retryable) == (
            Code.UNAVAILABLE, "STORE_UNAVAILABLE", True,
        )  # fmt: skip
        assert refused.value.retry_after_s
        assert "127.0.0.1" not in refused.value.message


async def test_an_s3_server_that_never_answers_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes the connection and says nothing is given up, so that nobody waits for ever."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    held: list[asyncio.StreamWriter] = []

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        await reader.read()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        store = S3Store("bucket", endpoint=f"http://127.0.0.1:{port}", timeout_s=0.2)
        for call in (store.get(NAME), store.put(NAME, b"x"), erase(store, "kept/")):
            with pytest.raises(ServiceError, match="STORE_UNAVAILABLE"):
                await call
        for writer in held:
            writer.close()
    assert held


async def test_an_s3_server_that_talks_nonsense_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not S3 at all: a page where a list should be, a refusal where an object should be."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")

    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        status = b"200 OK" if b"list-type" in request else b"403 Forbidden"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>")
        writer.close()

    async with await asyncio.start_server(chatter, "127.0.0.1", 0) as server:
        store = S3Store("bucket", endpoint=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout_s=1.0)
        for call in (store.get(NAME), store.put(NAME, b"x"), store.delete(NAME), erase(store, "kept/")):
            with pytest.raises(ServiceError, match="STORE_UNAVAILABLE"):
                await call


async def test_a_bucket_that_is_not_there_is_unavailable(s3_url: str, tmp_path: Path) -> None:
    """It is the operator's mistake, not the customer's: 503, and nothing is taken for kept."""
    store = open_store(s3_url.replace("s3://", "s3://not-"), tmp_path)
    with pytest.raises(ServiceError, match="STORE_UNAVAILABLE"):
        await store.put(NAME, b"x")


@pytest.mark.parametrize(
    "url",
    [
        "http://bucket/x",
        "s3://",
        "s3:///prefix",
        "file://",
        "file://elsewhere/folder",
        "s3://key:secret@bucket/x",
        "s3://bucket/x?endpoint=ftp://host",
        "s3://bucket/x?acl=public",
        "nonsense",
    ],
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    """With a sentence that never repeats it: it may hold a key."""
    with pytest.raises(ValueError, match=r"must|unknown") as refused:
        check_url(url)
    assert "secret" not in str(refused.value)
    with pytest.raises(ValidationError, match=r"must|unknown"):
        GatewaySettings(pictures_url=url)


async def test_a_folder_may_be_named_by_url(tmp_path: Path) -> None:
    """Blanks are escaped as in any URL."""
    store = open_store(f"file://{tmp_path}/my%20pictures", Path("/nowhere"))
    await store.put(NAME, b"x")
    assert (tmp_path / "my pictures" / NAME).read_bytes() == b"x"
