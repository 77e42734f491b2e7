from __future__ import annotations

import pytest

from gateway.pictures.links import PictureLinks
from servicekit.errors import ServiceError

pytestmark = pytest.mark.unit


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
