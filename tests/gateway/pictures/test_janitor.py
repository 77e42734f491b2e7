"""What has been kept long enough goes; what is younger, or is sent again, stays."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry

from gateway.edge.actions import Visitor
from gateway.metrics import EdgeMetrics
from gateway.pictures.desk import PictureDesk
from gateway.pictures.janitor import Janitor
from gateway.pictures.quota import Quota
from servicekit.errors import ServiceError
from tests.gateway.pictures import album
from tests.gateway.pictures.memory_store import MemoryStore

pytestmark = pytest.mark.unit

DAY_S = 86_400.0
KIM, LEE = Visitor("kim", "demo", 0, 0), Visitor("lee", "demo", 0, 0)
SAME_NAME = Visitor("kim", "other", 0, 0)


class Shop:
    """A desk and a janitor on one clock."""

    def __init__(self, secret: bytes = b"s" * 32, store: MemoryStore | None = None) -> None:
        self.now_s = 1_000_000.0
        self.store = store or MemoryStore(lambda: self.now_s)
        quota = Quota(lambda visitor: 0.0)
        self.desk = PictureDesk(self.store, secret, quota, EdgeMetrics(CollectorRegistry()), clock=lambda: self.now_s)
        self.janitor = Janitor(self.store, pictures_days=30, upload_life_s=3600, clock=lambda: self.now_s)


async def test_pictures_go_after_the_retention() -> None:
    """All of one at once, also for who has a link; younger ones stay."""
    shop = Shop()
    old = await shop.desk.take(KIM, album.picture())
    shop.now_s += 20 * DAY_S
    young = await shop.desk.take(KIM, album.picture(colour="red"))
    shop.now_s += 11 * DAY_S
    assert await shop.janitor.sweep_pictures() == 4
    for call in (shop.desk.attach(KIM, old.id), shop.desk.read(old.id, "full", webp=True),
                 shop.desk.read(old.id, "full", webp=False)):  # fmt: skip
        with pytest.raises(ServiceError, match="IMAGE_NOT_FOUND"):
            await call
    assert (await shop.desk.attach(KIM, young.id)).id == young.id
    assert await shop.janitor.sweep_pictures() == 0


async def test_a_picture_that_is_sent_again_starts_anew() -> None:
    """It must not vanish from a message of today because it was first sent a month ago."""
    shop = Shop()
    first = await shop.desk.take(KIM, album.picture())
    shop.now_s += 29 * DAY_S
    assert (await shop.desk.take(KIM, album.picture())).id == first.id
    shop.now_s += 2 * DAY_S
    assert await shop.janitor.sweep_pictures() == 0
    assert (await shop.desk.attach(KIM, first.id)).id == first.id


async def test_parts_of_uploads_that_nobody_finished_go() -> None:
    """After an hour; a picture does not."""
    shop = Shop()
    await shop.desk.take(KIM, album.picture())
    await shop.store.put("partial/0123456789ab/u1/mark-0-5-w", b"12345")
    shop.now_s += 3000
    assert await shop.janitor.sweep_partials() == 0
    shop.now_s += 700
    assert await shop.janitor.sweep_partials() == 1
    assert len(shop.store.objects) == 4


async def test_a_store_that_is_away_is_swept_later() -> None:
    """The sweep fails with a typed error and nothing is lost."""
    shop = Shop()
    await shop.desk.take(KIM, album.picture())
    shop.store.down = True
    with pytest.raises(ServiceError, match="STORE_UNAVAILABLE"):
        await shop.janitor.sweep_pictures()
    shop.store.down = False
    assert len(shop.store.objects) == 4


async def test_one_call_erases_all_of_a_customer_and_of_nobody_else() -> None:
    """Pictures of every age, by whatever key they were named, and unfinished uploads; twice is fine."""
    shop = Shop()
    mine = [await shop.desk.take(KIM, album.picture(colour=colour)) for colour in ("red", "blue")]
    await shop.desk.take(KIM, album.picture(), key="an Idempotency-Key")
    renewed = Shop(b"another secret, after a rotation", shop.store)
    await renewed.desk.take(KIM, album.picture(colour="green"))
    theirs = [await shop.desk.take(who, album.picture()) for who in (LEE, SAME_NAME)]
    assert await renewed.desk.forget("demo", "kim") == 16
    assert await renewed.desk.forget("demo", "kim") == 0
    for kept in mine:
        with pytest.raises(ServiceError, match="IMAGE_NOT_FOUND"):
            await shop.desk.attach(KIM, kept.id)
    for who, kept in zip((LEE, SAME_NAME), theirs, strict=True):
        assert (await shop.desk.attach(who, kept.id)).id == kept.id


async def test_a_picture_half_written_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that fails in the middle leaves a picture that nobody finds; sent again it is whole."""
    shop = Shop()
    put, written = shop.store.put, 0

    async def failing(name: str, data: bytes) -> None:
        nonlocal written
        written += 1
        shop.store.down = written == 3
        await put(name, data)

    monkeypatch.setattr(shop.store, "put", failing)
    with pytest.raises(ServiceError, match="STORE_UNAVAILABLE"):
        await shop.desk.take(KIM, album.picture())
    shop.store.down = False
    kept = await shop.desk.take(KIM, album.picture())
    assert (await shop.desk.attach(KIM, kept.id)).preview
    assert len(shop.store.objects) == 4


async def test_an_id_that_is_none_of_ours_reaches_no_store() -> None:
    """Short, long, crooked: not there."""
    shop = Shop()
    for name in ("", "a" * 32, "a" * 57, "../" * 20, "A" * 56, "g" * 56):
        with pytest.raises(ServiceError, match="IMAGE_NOT_FOUND"):
            await shop.desk.read(name, "full", webp=True)
        with pytest.raises(ServiceError, match="IMAGE_NOT_FOUND"):
            await shop.desk.attach(KIM, name)
