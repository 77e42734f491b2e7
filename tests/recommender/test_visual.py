"""The visual channel, with an image tower that sees colours."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recommender.catalogue import Catalogue, Localized, Pack
from recommender.channel import ChannelDownError, Query
from recommender.embedding_cache import EmbeddingCache
from recommender.engine import Recommender
from recommender.feedback_memory import MemoryFeedbackStore
from recommender.lexical import LexicalChannel
from recommender.maintenance import Maintenance
from recommender.pack_store import PackStore
from recommender.ranking import Wish
from recommender.triton_images import TritonImageEncoder
from recommender.vector_index import Vectors
from recommender.visual import VisualChannel
from tests.recommender.archives import archive, picture
from tests.recommender.builders import sticker

pytestmark = pytest.mark.unit


class ColourEncoder:
    """Embeds a picture as its mean colour around mid-grey."""

    def __init__(self, dimension: int = 256) -> None:
        self.dimension = dimension
        self.down = False
        self.encoded = 0

    async def encode(self, pictures: Sequence[bytes], *, timeout_s: float) -> Vectors:
        """Embeds pictures."""
        if self.down:
            raise ChannelDownError("the fake is down")
        self.encoded += len(pictures)
        return np.stack([self.see(data) for data in pictures])

    def see(self, data: bytes) -> Vectors:
        """Embeds one picture."""
        with Image.open(io.BytesIO(data)) as opened:
            colour = np.asarray(opened.convert("RGB"), dtype=np.float32).mean(axis=(0, 1))
        vector = np.zeros(self.dimension, np.float32)
        vector[:3] = colour - 127.5
        scaled: Vectors = vector / np.linalg.norm(vector)
        return scaled


def _catalogue() -> Catalogue:
    pictures = {f"p/{colour}": picture(colour) for colour in ("red", "green", "blue")}
    stickers = [replace(sticker(colour), sha256=colour * 10) for colour in ("red", "green", "blue")]
    return Catalogue.of([Pack("p", Localized("P", "P"), "CC0-1.0", "1", "d", tuple(stickers))], pictures)


def _channel(encoder: ColourEncoder, folder: Path) -> VisualChannel:
    return VisualChannel(encoder, EmbeddingCache(folder / "i.npz"))


def _query(encoder: ColourEncoder, colour: str) -> Query:
    return Query("", tuple(map(float, encoder.see(picture(colour)))))


async def test_the_sticker_that_looks_alike_is_found(tmp_path: Path) -> None:
    """A crimson picture finds the red sticker, not the green one."""
    encoder = ColourEncoder()
    channel = _channel(encoder, tmp_path)
    await channel.refresh(_catalogue())
    assert [hit.sticker_id for hit in await channel.search(_query(encoder, "crimson"), 5)] == ["p/red"]


async def test_text_alone_needs_no_image_tower(tmp_path: Path) -> None:
    """Without a picture there is nothing to say and nothing to miss; with one, the missing index is said."""
    encoder = ColourEncoder()
    channel = _channel(encoder, tmp_path)
    assert await channel.search(Query("red"), 5) == []
    with pytest.raises(ChannelDownError):
        await channel.search(_query(encoder, "red"), 5)


async def test_a_second_start_sees_only_the_probe(tmp_path: Path) -> None:
    """Embeddings of pictures come from disk while the tower is the same, and are made anew when it is not."""
    await _channel(ColourEncoder(), tmp_path).refresh(_catalogue())
    again, other = ColourEncoder(), ColourEncoder(128)
    await _channel(again, tmp_path).refresh(_catalogue())
    await _channel(other, tmp_path).refresh(_catalogue())
    assert (again.encoded, other.encoded) == (4, 7)


async def test_an_embedding_of_another_dimension_is_refused(tmp_path: Path) -> None:
    """The index does not guess what a foreign vector means."""
    channel = _channel(ColourEncoder(128), tmp_path)
    await channel.refresh(_catalogue())
    with pytest.raises(ChannelDownError):
        await channel.search(_query(ColourEncoder(256), "red"), 5)


async def test_a_tower_that_comes_late_is_taken_in(tmp_path: Path) -> None:
    """Pictures degrade the answer until the tower is there; text never does."""
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "base.zip").write_bytes(archive("one", "two", "three", pack="base"))
    encoder = ColourEncoder()
    encoder.down = True
    channel = _channel(encoder, tmp_path)
    recommender = Recommender(
        PackStore(tmp_path / "shipped", tmp_path / "data"), [LexicalChannel()], [channel], MemoryFeedbackStore()
    )
    await recommender.load()
    maintenance = Maintenance(recommender, channel)
    await maintenance.step()
    assert (await recommender.find(_query(encoder, "red"), Wish(5))).degraded
    assert not (await recommender.find(Query("one"), Wish(5))).degraded
    encoder.down = False
    for _ in range(10):
        await maintenance.step()
    answer = await recommender.find(_query(encoder, "red"), Wish(5))
    assert not answer.degraded
    assert [one.sticker.id for one in answer.ranked] == ["base/one"]


async def test_an_unreachable_triton_is_a_channel_that_is_down() -> None:
    """No server, no embedding, one kind of error."""
    encoder = TritonImageEncoder("127.0.0.1:1")
    with pytest.raises(ChannelDownError):
        await encoder.encode([picture()], timeout_s=0.5)
    await encoder.close()
