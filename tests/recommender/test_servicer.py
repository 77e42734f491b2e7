"""The gRPC surface through a real channel, with hostile input."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator

import grpc
import pytest
import pytest_asyncio
from google.protobuf.timestamp_pb2 import Timestamp

from recommender.embedding_cache import EmbeddingCache
from recommender.engine import Recommender
from recommender.expression import EmojiChannel, EmotionChannel
from recommender.feedback_memory import MemoryFeedbackStore
from recommender.lexical import LexicalChannel
from recommender.maintenance import Maintenance
from recommender.pack_store import PackStore
from recommender.semantic import SemanticChannel
from recommender.servicer import SERVICE_NAME, RecommenderServicer
from recommender.settings import RecommenderSettings
from servicekit.errors import ServiceError, from_rpc_error
from servicekit.lifecycle import GrpcServer
from servicekit.telemetry import Telemetry
from stickerdesk.catalog.v1 import catalog_pb2 as catalog
from stickerdesk.recommender.v1 import recommender_pb2 as pb
from stickerdesk.recommender.v1.recommender_pb2_grpc import (
    RecommenderServiceStub,
    add_RecommenderServiceServicer_to_server,
)
from tests.recommender.archives import archive
from tests.recommender.builders import FakeTextEncoder
from tests.recommender.shipped import shipped_emoji

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RecommenderServiceStub]:
    """A client of a server with the shipped pack and a fake encoder."""
    tmp_path = tmp_path_factory.mktemp("recommender")
    settings = RecommenderSettings(listen="127.0.0.1:0", drain_s=0, data_dir=tmp_path)
    telemetry = Telemetry.create("recommender", settings)
    semantic = SemanticChannel(FakeTextEncoder(), EmbeddingCache(tmp_path / "e.npz"))
    recommender = Recommender(
        PackStore(shipped_emoji(tmp_path), tmp_path / "packs"),
        [LexicalChannel(), EmojiChannel(), EmotionChannel()],
        [semantic],
        MemoryFeedbackStore(),
    )
    server = GrpcServer(settings, telemetry, [SERVICE_NAME])
    add_RecommenderServiceServicer_to_server(RecommenderServicer(recommender), server.server)
    port = await server.start()
    await recommender.load()
    await Maintenance(recommender, semantic).step()
    options = [("grpc.max_send_message_length", -1)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        yield RecommenderServiceStub(channel)
    await server.stop()


async def _error(call: object) -> ServiceError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call  # type: ignore[misc]
    return from_rpc_error(caught.value)


def _request() -> str:
    return uuid.uuid4().hex


@pytest.mark.parametrize(
    ("text", "emoji"), [("thank you so much", "🙏"), ("实在太感谢了", "🙏"), ("退款到了吗", "💰"), ("party 🎉", "🎉")]
)
async def test_a_moment_gets_fitting_stickers(stub: RecommenderServiceStub, text: str, emoji: str) -> None:
    """English, Chinese and emoji each bring their sticker, with scores, reasons and a name for feedback."""
    answer = await stub.Recommend(pb.RecommendRequest(text=text))
    assert emoji in [one.sticker.emoji for one in answer.stickers]
    assert len(answer.stickers) <= 6
    assert not answer.abstained
    assert not answer.degraded
    assert answer.impression_id
    assert all(0 < one.score <= 1 and one.reasons and one.sticker.alt_text.zh for one in answer.stickers)


@pytest.mark.parametrize("text", ["asdkjh", "42", "....", "B07XJ8C8F5", "\x00", "\u202e\u200b", "的"])
async def test_it_abstains_when_nothing_fits(stub: RecommenderServiceStub, text: str) -> None:
    """Noise is answered with an empty list that says so."""
    answer = await stub.Recommend(pb.RecommendRequest(text=text))
    assert answer.abstained
    assert not answer.stickers


async def test_an_emotion_alone_is_enough(stub: RecommenderServiceStub) -> None:
    """Without text the stickers of the wanted emotion come, typical ones first."""
    answer = await stub.Recommend(pb.RecommendRequest(emotion=catalog.EMOTION_GRATITUDE))
    assert answer.stickers[0].sticker.emoji == "🙏"
    assert {one.sticker.emotion for one in answer.stickers} == {catalog.EMOTION_GRATITUDE}


async def test_wishes_are_kept(stub: RecommenderServiceStub) -> None:
    """Excluded emotions and ids stay out, and the limit holds."""
    request = pb.RecommendRequest(
        text="happy angry sad face",
        limit=3,
        excluded_emotions=[catalog.EMOTION_ANGER],
        excluded_sticker_ids=["noto-emoji/crying-face"],
    )
    answer = await stub.Recommend(request)
    assert 0 < len(answer.stickers) <= 3
    assert all(one.sticker.emotion != catalog.EMOTION_ANGER for one in answer.stickers)
    assert all(one.sticker.id != "noto-emoji/crying-face" for one in answer.stickers)


async def test_search_finds_what_is_named(stub: RecommenderServiceStub) -> None:
    """A typed word brings up to the default of 24 stickers, best first."""
    answer = await stub.SearchStickers(pb.SearchStickersRequest(query="heart"))
    scores = [one.score for one in answer.stickers]
    assert 10 <= len(scores) <= 24
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    "request_message",
    [
        pb.RecommendRequest(),
        pb.RecommendRequest(text=" \n\t"),
        pb.RecommendRequest(text="x" * 4001),
        pb.RecommendRequest(text="x", limit=-1),
        pb.RecommendRequest(text="x", limit=51),
        pb.RecommendRequest(text="x", limit=2**31 - 1),
        pb.RecommendRequest(text="x", locale="fr"),
        pb.RecommendRequest(text="x", emotion=99),  # type: ignore[arg-type]
        pb.RecommendRequest(text="x", excluded_emotions=[-1]),  # type: ignore[list-item]
        pb.RecommendRequest(text="x", excluded_sticker_ids=["a/b"] * 201),
        pb.RecommendRequest(text="x", packs=["p"] * 65),
        pb.RecommendRequest(text="x", image_embedding=[1.0]),
        pb.RecommendRequest(text="x", image_embedding=[0.0] * 256),
        pb.RecommendRequest(text="x", image_embedding=[float("nan")] * 256),
    ],
)
async def test_broken_bounds_are_refused(stub: RecommenderServiceStub, request_message: pb.RecommendRequest) -> None:
    """Each bound of the contract is a typed refusal that names the field."""
    error = await _error(stub.Recommend(request_message))
    assert (error.code, error.reason, error.retryable) == (400, "INVALID_REQUEST", False)
    assert error.metadata["field"]


@pytest.mark.parametrize("query", ["", "  ", "x" * 201, "好" * 10_000])
async def test_broken_queries_are_refused(stub: RecommenderServiceStub, query: str) -> None:
    """Empty and over-long queries are typed refusals."""
    assert (await _error(stub.SearchStickers(pb.SearchStickersRequest(query=query)))).reason == "INVALID_REQUEST"


@pytest.mark.parametrize("text", ["好" * 4000, "a" * 4000, "👍" * 4000, "thank you " * 400, "'; DROP TABLE x; --"])
async def test_long_and_odd_text_within_bounds_is_answered(stub: RecommenderServiceStub, text: str) -> None:
    """Whatever fits the bounds gets an answer."""
    assert (await stub.Recommend(pb.RecommendRequest(text=text))).impression_id


@pytest.mark.parametrize("locale", ["", "en", "zh", "zh-Hans-CN", "en_GB", "ZH"])
async def test_both_languages_in_any_spelling_are_locales(stub: RecommenderServiceStub, locale: str) -> None:
    """BCP 47 tags of both languages are taken."""
    assert (await stub.Recommend(pb.RecommendRequest(text="ok", locale=locale))).impression_id


async def test_a_sticker_and_its_picture(stub: RecommenderServiceStub) -> None:
    """A sticker comes with its picture only when asked, and the digest fits."""
    request = pb.GetStickerRequest(sticker_id="noto-emoji/grinning-face")
    assert (await stub.GetSticker(request)).image == b""
    request.with_image = True
    answer = await stub.GetSticker(request)
    assert hashlib.sha256(answer.image).hexdigest() == answer.sticker.sha256
    assert answer.sticker.emotion == catalog.EMOTION_JOY
    assert answer.sticker.polarity == catalog.POLARITY_POSITIVE


@pytest.mark.parametrize("sticker_id", ["", "no/such", "../../etc/passwd", "noto-emoji/", "x" * 10_000])
async def test_unknown_stickers_are_not_found(stub: RecommenderServiceStub, sticker_id: str) -> None:
    """An id that is not there, however odd, is STICKER_NOT_FOUND."""
    assert (await _error(stub.GetSticker(pb.GetStickerRequest(sticker_id=sticker_id)))).reason == "STICKER_NOT_FOUND"


async def test_a_pack_comes_and_goes(stub: RecommenderServiceStub) -> None:
    """An added pack is listed and found at once, once per request id; removed it is gone."""
    added = await stub.AddStickers(pb.AddStickersRequest(request_id="a", archive=archive("zeppelin")))
    assert (added.pack.id, added.pack.sticker_count, added.pack.HasField("added_at")) == ("tiny", 1, True)
    again = await stub.AddStickers(pb.AddStickersRequest(request_id="a", archive=archive("zeppelin")))
    assert again == added
    packs = (await stub.ListPacks(pb.ListPacksRequest())).packs
    assert [(pack.id, pack.HasField("added_at")) for pack in packs] == [("noto-emoji", False), ("tiny", True)]
    found = await stub.SearchStickers(pb.SearchStickersRequest(query="zeppelin"))
    assert found.stickers[0].sticker.id == "tiny/zeppelin"
    removed = await stub.RemoveStickers(
        pb.RemoveStickersRequest(request_id="b", sticker_ids=["tiny/zeppelin", "no/such"])
    )
    assert removed.removed_count == 1
    assert not (await stub.SearchStickers(pb.SearchStickersRequest(query="zeppelin"))).stickers


async def test_broken_packs_are_refused(stub: RecommenderServiceStub) -> None:
    """Rubbish, emptiness, a missing request id, a taken id and an oversized archive are each a typed refusal."""
    send = stub.AddStickers
    assert (await _error(send(pb.AddStickersRequest(request_id="x", archive=b"PK rubbish")))).reason == "PACK_INVALID"
    assert (await _error(send(pb.AddStickersRequest(request_id="x")))).reason == "INVALID_REQUEST"
    assert (await _error(send(pb.AddStickersRequest(archive=archive("a"))))).reason == "INVALID_REQUEST"
    taken = pb.AddStickersRequest(request_id="b", archive=archive("a", pack="noto-emoji"))
    assert (await _error(send(taken))).reason == "PACK_EXISTS"
    huge = pb.AddStickersRequest(request_id="c", archive=b"\0" * (33 * 1024 * 1024))
    assert (await _error(send(huge))).reason == "PACK_TOO_LARGE"


async def test_broken_removals_are_refused(stub: RecommenderServiceStub) -> None:
    """No name, too many names and no request id are typed refusals."""
    for request in (
        pb.RemoveStickersRequest(request_id="a"),
        pb.RemoveStickersRequest(request_id="a", sticker_ids=["a/b"] * 1001),
        pb.RemoveStickersRequest(sticker_ids=["a/b"]),
    ):
        assert (await _error(stub.RemoveStickers(request))).reason == "INVALID_REQUEST"


def _click(**changes: object) -> pb.FeedbackEvent:
    event = pb.FeedbackEvent(kind=pb.FeedbackEvent.KIND_CLICKED, sticker_id="noto-emoji/folded-hands", query="thanks")
    for field, value in changes.items():
        setattr(event, field, value)
    return event


async def test_feedback_counts_once_and_skips_the_unknown(stub: RecommenderServiceStub) -> None:
    """Known stickers count, unknown ones do not, a repeated request counts nothing."""
    request = pb.RecordFeedbackRequest(request_id=_request(), events=[_click(), _click(sticker_id="no/such")])
    assert (await stub.RecordFeedback(request)).accepted_count == 1
    assert (await stub.RecordFeedback(request)).accepted_count == 0


async def test_events_from_the_future_are_taken_as_now(stub: RecommenderServiceStub) -> None:
    """A client's wrong clock cannot give a click more weight than one of today."""
    event = _click()
    event.occurred_at.CopyFrom(Timestamp(seconds=4_000_000_000))
    request = pb.RecordFeedbackRequest(request_id=_request(), events=[event])
    assert (await stub.RecordFeedback(request)).accepted_count == 1


@pytest.mark.parametrize(
    "events",
    [
        [],
        [_click()] * 101,
        [_click(kind=pb.FeedbackEvent.KIND_UNSPECIFIED)],
        [_click(position=-1)],
        [_click(position=2**31 - 1)],
        [_click(query="x" * 201)],
    ],
)
async def test_broken_feedback_is_refused(stub: RecommenderServiceStub, events: list[pb.FeedbackEvent]) -> None:
    """No event, too many, and events out of bounds are typed refusals."""
    request = pb.RecordFeedbackRequest(request_id=_request(), events=events)
    assert (await _error(stub.RecordFeedback(request))).reason == "INVALID_REQUEST"
