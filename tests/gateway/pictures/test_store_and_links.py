from __future__ import annotations

from pathlib import Path

import pytest

from gateway.pictures.links import PictureLinks
from gateway.pictures.store import DirectoryStore, new_name
from servicekit.errors import ServiceError

pytestmark = pytest.mark.unit


async def test_objects_are_kept_replaced_and_removed(tmp_path: Path) -> None:
    """What was put is what is got; removing twice is fine."""
    store, name = DirectoryStore(tmp_path / "deep" / "er"), new_name()
    await store.put(name, b"one")
    await store.put(name, b"two")
    assert await store.get(name) == b"two"
    assert not list(tmp_path.rglob(".*")), "no drafts are left behind"
    await store.delete(name)
    await store.delete(name)
    with pytest.raises(ServiceError, match="OBJECT_NOT_FOUND"):
        await store.get(name)


@pytest.mark.parametrize(
    "name", ["", "short", "../../../etc/passwd", "a" * 65, "aaaaaaaa/..", "AAAAAAAA", "aaaaaaaa\0"]
)
async def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    """Only names that the edge makes reach the disk."""
    with pytest.raises(ServiceError, match="OBJECT_NOT_FOUND"):
        await DirectoryStore(tmp_path).get(name)


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    """A full or missing disk is a retryable 503."""
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ServiceError, match="STORE_UNAVAILABLE"):
        await DirectoryStore(tmp_path / "file").put(new_name(), b"x")


class Clock:
    now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


def parts(path: str) -> tuple[str, str, str, str]:
    name, _, query = path.partition("?")
    image_id, variant = name.split("/")[-2:]
    pairs = dict(pair.split("=") for pair in query.split("&"))
    return image_id, variant, pairs["e"], pairs["s"]


def test_a_link_opens_until_it_expires_and_is_stable_for_a_day() -> None:
    """The same address within a day lets caches work; after its life it is refused."""
    clock = Clock()
    links = PictureLinks(b"k" * 32, life_days=7, clock=clock)
    path = links.path("abc", "full")
    assert links.path("abc", "full") == path
    assert links.check(*parts(path)) > 6 * 86_400
    clock.now_s += 9 * 86_400
    with pytest.raises(ServiceError, match="LINK_EXPIRED"):
        links.check(*parts(path))


@pytest.mark.parametrize("position", range(4))
def test_a_changed_link_is_refused(position: int) -> None:
    """Another picture, variant, expiry or signature does not open."""
    links = PictureLinks(b"k" * 32, clock=Clock())
    changed = list(parts(links.path("abc", "full")))
    changed[position] = {0: "abd", 1: "thumb", 2: "9" * 11, 3: "é" * 27}[position]
    with pytest.raises(ServiceError, match="LINK_INVALID"):
        links.check(*changed)


def test_links_of_another_key_are_refused() -> None:
    """Two deployments do not open each other's pictures."""
    path = PictureLinks(b"a" * 32, clock=Clock()).path("abc", "full")
    with pytest.raises(ServiceError, match="LINK_INVALID"):
        PictureLinks(b"b" * 32, clock=Clock()).check(*parts(path))
