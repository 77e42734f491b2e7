"""The use cases and the maintenance of remote channels, on fakes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from recommender.catalogue import Catalogue
from recommender.channel import ChannelKind, Hit, Query
from recommender.embedding_cache import EmbeddingCache
from recommender.engine import Recommender
from recommender.expression import EmojiChannel, EmotionChannel
from recommender.feedback import Event, Evidence, FeedbackUnavailableError, Reaction
from recommender.feedback_memory import MemoryFeedbackStore
from recommender.lexical import LexicalChannel
from recommender.maintenance import Maintenance
from recommender.pack_store import PackStore
from recommender.query_key import query_key
from recommender.ranking import Wish
from recommender.semantic import SemanticChannel
from servicekit.errors import ServiceError
from servicekit.resilience import Deadline, current_deadline
from tests.recommender.archives import archive
from tests.recommender.builders import FakeTextEncoder

pytestmark = pytest.mark.unit

WISH = Wish(5)


class SlowChannel:
    """A channel that never answers."""

    kind = ChannelKind.VISUAL

    async def refresh(self, catalogue: Catalogue) -> None:
        """Has nothing to refresh."""

    async def search(self, query: Query, limit: int) -> Sequence[Hit]:
        """Waits for ever."""
        await asyncio.Event().wait()
        return []


class DeadFeedback:
    """A feedback store that is out of reach."""

    async def record(self, request_id: str, events: Sequence[Event]) -> int:
        """Fails."""
        raise FeedbackUnavailableError("down")

    async def evidence(self, query_key: str, now: float) -> Evidence:
        """Fails."""
        raise FeedbackUnavailableError("down")


class Stack:
    """A recommender on a temporary folder with a fake encoder."""

    def __init__(self, folder: Path) -> None:
        shipped = folder / "shipped"
        shipped.mkdir()
        (shipped / "base.zip").write_bytes(archive("thank-you", "puppy", "angry", pack="base"))
        self.encoder = FakeTextEncoder()
        self.semantic = SemanticChannel(self.encoder, EmbeddingCache(folder / "e.npz"))
        self.store = PackStore(shipped, folder / "data")
        self.recommender = Recommender(
            self.store, [LexicalChannel(), EmojiChannel(), EmotionChannel()], [self.semantic], MemoryFeedbackStore()
        )
        self.maintenance = Maintenance(self.recommender, self.semantic)

    async def ids(self, text: str) -> list[str]:
        """Ids that a text finds."""
        return [one.sticker.id for one in (await self.recommender.find(Query(text), WISH)).ranked]


@pytest.fixture
async def stack(tmp_path: Path) -> Stack:
    """A loaded stack whose semantic index is built."""
    made = Stack(tmp_path)
    await made.recommender.load()
    await made.maintenance.step()
    return made


async def test_nothing_is_served_before_the_catalogue_is_loaded(tmp_path: Path) -> None:
    """Until then every request is told to come back."""
    with pytest.raises(ServiceError, match="CATALOGUE_LOADING"):
        await Stack(tmp_path).recommender.find(Query("dog"), WISH)


async def test_words_and_meaning_work_together(stack: Stack) -> None:
    """A keyword and a paraphrase both find their sticker."""
    assert await stack.ids("angry") == ["base/angry"]
    assert await stack.ids("much appreciated") == ["base/thank-you"]
    assert await stack.ids("qwrtzp") == []


async def test_without_the_encoder_words_still_work_and_it_recovers(stack: Stack) -> None:
    """The answer is flagged while a channel is down, and is whole again afterwards."""
    stack.encoder.down = True
    answer = await stack.recommender.find(Query("angry puppies"), WISH)
    assert answer.degraded
    assert {one.sticker.id for one in answer.ranked} == {"base/angry", "base/puppy"}
    stack.encoder.down = False
    assert not (await stack.recommender.find(Query("angry puppies"), WISH)).degraded


async def test_an_encoder_that_comes_late_is_taken_in(tmp_path: Path) -> None:
    """Started without an encoder, the stack serves words and builds the index once it can."""
    stack = Stack(tmp_path)
    stack.encoder.down = True
    await stack.recommender.load()
    await stack.maintenance.step()
    assert (await stack.recommender.find(Query("much appreciated"), WISH)).degraded
    stack.encoder.down = False
    for _ in range(10):
        await stack.maintenance.step()
    assert await stack.ids("much appreciated") == ["base/thank-you"]


async def test_a_retrained_encoder_gets_a_new_index(stack: Stack) -> None:
    """After the encoder changes its dimension one degraded answer passes, then all is well."""
    stack.encoder.dimension = 160
    assert (await stack.recommender.find(Query("much appreciated"), WISH)).degraded
    await stack.maintenance.step()
    assert await stack.ids("much appreciated") == ["base/thank-you"]


async def test_added_stickers_are_found_and_removed_ones_are_not(stack: Stack) -> None:
    """Both changes show at once in words and, after maintenance, in meaning."""
    await stack.recommender.add("r1", archive("cash-rain"), overwrite=False)
    assert await stack.ids("cash rain") == ["tiny/cash-rain"]
    await stack.maintenance.step()
    assert "tiny/cash-rain" in await stack.ids("umbrella")
    assert await stack.recommender.remove("r2", ["tiny/cash-rain"], "") == 1
    assert await stack.ids("umbrella") == []
    with pytest.raises(ServiceError, match="STICKER_NOT_FOUND"):
        stack.recommender.picture("tiny/cash-rain")


async def test_readers_never_see_half_a_pack(stack: Stack) -> None:
    """While a pack comes and goes, every answer has all or none of its stickers, and their pictures."""
    names = [f"balloon-{letter}" for letter in ("red", "green", "blue", "white")]
    counts = set()

    async def read() -> None:
        while not done.is_set():
            found = [one for one in await stack.ids("balloon") if one.startswith("tiny/")]
            counts.add(len(found))
            catalogue = stack.recommender.catalogue
            assert catalogue.pictures.keys() == catalogue.stickers.keys()
            await asyncio.sleep(0)

    done = asyncio.Event()
    reader = asyncio.create_task(read())
    for turn in range(3):
        await stack.recommender.add(f"a{turn}", archive(*names), overwrite=False)
        await stack.recommender.remove(f"b{turn}", [], "tiny")
    done.set()
    await reader
    assert counts <= {0, 4}


async def test_changes_of_another_replica_are_taken_over(stack: Stack, tmp_path: Path) -> None:
    """A pack that another process adds to the shared folder appears."""
    PackStore(tmp_path / "shipped", tmp_path / "data").add("r1", archive("balloon"), overwrite=False)
    await stack.maintenance.step()
    assert await stack.ids("balloon") == ["tiny/balloon"]


async def test_a_slow_channel_is_not_waited_for(tmp_path: Path) -> None:
    """The answer comes when patience ends, and when the caller's deadline is near."""
    stack = Stack(tmp_path)
    recommender = Recommender(
        stack.store, [LexicalChannel()], [SlowChannel()], MemoryFeedbackStore(), channel_patience_s=0.05
    )
    await recommender.load()
    assert (await recommender.find(Query("angry"), WISH)).degraded
    patient = Recommender(
        stack.store, [LexicalChannel()], [SlowChannel()], MemoryFeedbackStore(), channel_patience_s=60
    )
    await patient.load()
    token = current_deadline.set(Deadline.after(0.1))
    try:
        assert (await patient.find(Query("angry"), WISH)).ranked
    finally:
        current_deadline.reset(token)


async def test_clicks_change_the_order(stack: Stack) -> None:
    """After clicks on the second of two equals it is first, for that query."""
    wish = Wish(5)
    before = [one.sticker.id for one in (await stack.recommender.find(Query("angry puppy"), wish)).ranked]
    key = query_key("angry puppy")
    clicks = [Event(Reaction.CLICKED, before[1], 1, key, time.time()) for _ in range(20)]
    assert await stack.recommender.record("f1", clicks) == 20
    assert await stack.recommender.record("f1", clicks) == 0
    after = [one.sticker.id for one in (await stack.recommender.find(Query("angry puppy"), wish)).ranked]
    assert after[0] == before[1]


async def test_feedback_on_unknown_stickers_does_not_count(stack: Stack) -> None:
    """Ids that are not in the catalogue are dropped."""
    assert await stack.recommender.record("f1", [Event(Reaction.CLICKED, "no/such", 0, "", 1.0)]) == 0


async def test_a_dead_feedback_store_degrades_reads_and_refuses_writes(tmp_path: Path) -> None:
    """Answers go on without clicks; a click that cannot be kept is said to be lost."""
    recommender = Recommender(Stack(tmp_path).store, [LexicalChannel()], [], DeadFeedback())
    await recommender.load()
    answer = await recommender.find(Query("angry"), WISH)
    assert answer.degraded
    assert answer.ranked
    with pytest.raises(ServiceError, match="FEEDBACK_UNAVAILABLE"):
        await recommender.record("f1", [Event(Reaction.CLICKED, "base/puppy", 0, "", 1.0)])


async def test_maintenance_outlives_damage(stack: Stack, tmp_path: Path) -> None:
    """A damaged state file is logged, and the stickers stay as they were."""
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "state.json").write_text("{")
    await stack.maintenance.step()
    assert await stack.ids("angry") == ["base/angry"]
