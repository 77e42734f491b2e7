"""Between the contract's messages and the domain; refuses what the contract forbids."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from recommender.catalogue import EMOTIONS, POLARITIES, Pack, Sticker
from recommender.channel import ChannelKind, Query
from recommender.feedback import Event, Reaction
from recommender.pack_store import PackSummary
from recommender.query_key import query_key
from recommender.ranking import Ranked, Wish
from recommender.words import is_chinese
from servicekit.errors import ServiceError, exhausted, invalid
from stickerdesk.catalog.v1 import catalog_pb2 as catalog
from stickerdesk.recommender.v1 import recommender_pb2 as pb

MAX_TEXT_CHARACTERS = 4000
MAX_QUERY_CHARACTERS = 200
MAX_EXCLUDED_IDS = 200
MAX_REMOVED_IDS = 1000
MAX_EVENTS = 100
MAX_PACKS = 64
MAX_REQUEST_ID_CHARACTERS = 64
MAX_ARCHIVE_BYTES = 32 * 1024 * 1024
MAX_POSITION = 1000
JOINT_DIMENSION = 256

_MATCH_CHANNEL = {
    ChannelKind.LEXICAL: pb.MatchReason.CHANNEL_LEXICAL,
    ChannelKind.SEMANTIC: pb.MatchReason.CHANNEL_SEMANTIC,
    ChannelKind.EMOJI: pb.MatchReason.CHANNEL_EMOJI,
    ChannelKind.VISUAL: pb.MatchReason.CHANNEL_VISUAL,
    ChannelKind.EMOTION: pb.MatchReason.CHANNEL_EMOTION,
    ChannelKind.FEEDBACK: pb.MatchReason.CHANNEL_FEEDBACK,
}
_REACTION = {
    pb.FeedbackEvent.KIND_SHOWN: Reaction.SHOWN,
    pb.FeedbackEvent.KIND_CLICKED: Reaction.CLICKED,
    pb.FeedbackEvent.KIND_DISMISSED: Reaction.DISMISSED,
}


def recommend_request(request: pb.RecommendRequest) -> tuple[Query, Wish]:
    """Checks and converts.

    Raises:
        ServiceError: A bound of the contract is broken.
    """
    _check_text("text", request.text, MAX_TEXT_CHARACTERS)
    emotion = _emotion_name(request.emotion)
    embedding = _embedding(request.image_embedding)
    if not request.text.strip() and not emotion and not embedding:
        raise _refused("text", "text is empty, and there is no emotion and no picture to go by")
    if len(request.excluded_sticker_ids) > MAX_EXCLUDED_IDS:
        raise _refused("excluded_sticker_ids", f"at most {MAX_EXCLUDED_IDS} sticker ids can be excluded")
    wish = Wish(
        limit=_limit(request.limit, default=6, maximum=50),
        language=_language(request.locale, request.text),
        emotion=emotion,
        excluded_emotions=frozenset(filter(None, map(_emotion_name, request.excluded_emotions))),
        excluded_ids=frozenset(request.excluded_sticker_ids),
        packs=_packs(request.packs),
        expressive=True,
    )
    return Query(request.text, embedding, emotion), wish


def search_request(request: pb.SearchStickersRequest) -> tuple[Query, Wish]:
    """Checks and converts.

    Raises:
        ServiceError: A bound of the contract is broken.
    """
    _check_text("query", request.query, MAX_QUERY_CHARACTERS)
    if not request.query.strip():
        raise _refused("query", "query is empty")
    wish = Wish(
        limit=_limit(request.limit, default=24, maximum=100),
        language=_language(request.locale, request.query),
        packs=_packs(request.packs),
    )
    return Query(request.query), wish


def feedback_events(request: pb.RecordFeedbackRequest, now: float) -> list[Event]:
    """Checks and converts; `now` stands in for a missing time, and no event lies in the future.

    Raises:
        ServiceError: A bound of the contract is broken.
    """
    check_request_id(request.request_id)
    if not 1 <= len(request.events) <= MAX_EVENTS:
        raise _refused("events", f"there must be 1 to {MAX_EVENTS} events")
    return [_event(event, now) for event in request.events]


def check_add(request: pb.AddStickersRequest) -> None:
    """Checks the envelope; the archive itself is checked when it is read.

    Raises:
        ServiceError: A bound of the contract is broken.
    """
    check_request_id(request.request_id)
    if not request.archive:
        raise _refused("archive", "archive is empty")
    if len(request.archive) > MAX_ARCHIVE_BYTES:
        raise exhausted("PACK_TOO_LARGE", f"the archive has over {MAX_ARCHIVE_BYTES} bytes", retryable=False)


def check_remove(request: pb.RemoveStickersRequest) -> None:
    """Checks a removal.

    Raises:
        ServiceError: A bound of the contract is broken.
    """
    check_request_id(request.request_id)
    if len(request.sticker_ids) > MAX_REMOVED_IDS:
        raise _refused("sticker_ids", f"at most {MAX_REMOVED_IDS} stickers can be removed at once")
    if not request.sticker_ids and not request.pack:
        raise _refused("sticker_ids", "name stickers or a pack to remove")


def check_request_id(request_id: str) -> None:
    """Checks that a mutation can be told from another.

    Raises:
        ServiceError: It is empty or too long.
    """
    if not 1 <= len(request_id) <= MAX_REQUEST_ID_CHARACTERS:
        raise _refused("request_id", f"request_id must have 1 to {MAX_REQUEST_ID_CHARACTERS} characters")


def scored(ranked: Sequence[Ranked]) -> Iterable[pb.ScoredSticker]:
    """Converts ranked stickers."""
    for one in ranked:
        reasons = [
            pb.MatchReason(channel=_MATCH_CHANNEL[why.kind], contribution=why.contribution, detail=why.detail)
            for why in one.reasons
        ]
        yield pb.ScoredSticker(sticker=sticker_message(one.sticker), score=one.score, reasons=reasons)


def sticker_message(sticker: Sticker) -> catalog.Sticker:
    """Converts a sticker."""
    return catalog.Sticker(
        id=sticker.id,
        pack=sticker.pack,
        media_type=sticker.media_type,
        width_px=sticker.width_px,
        height_px=sticker.height_px,
        size_bytes=sticker.size_bytes,
        sha256=sticker.sha256,
        alt_text=catalog.LocalizedText(en=sticker.alt.en, zh=sticker.alt.zh),
        keywords=catalog.LocalizedKeywords(en=sticker.keywords.en, zh=sticker.keywords.zh),
        emoji=sticker.emoji,
        emotion=_emotion_number(sticker.emotion),
        polarity=_polarity_number(sticker.polarity),
        licence=sticker.licence,
        category=sticker.category,
    )


def pack_message(pack: Pack | PackSummary) -> pb.Pack:
    """Converts a pack or its summary."""
    summary = PackSummary.of(pack) if isinstance(pack, Pack) else pack
    message = pb.Pack(
        id=summary.id,
        title=catalog.LocalizedText(en=summary.title_en, zh=summary.title_zh),
        licence=summary.licence,
        version=summary.version,
        sticker_count=summary.sticker_count,
    )
    if summary.added_at is not None:
        message.added_at.CopyFrom(_timestamp(summary.added_at))
    return message


def _event(event: pb.FeedbackEvent, now: float) -> Event:
    reaction = _REACTION.get(event.kind)
    if reaction is None:
        raise _refused("kind", "an event does not say what happened")
    if not 0 <= event.position <= MAX_POSITION:
        raise _refused("position", f"position must be 0 to {MAX_POSITION}")
    _check_text("query", event.query, MAX_QUERY_CHARACTERS)
    occurred_at = event.occurred_at.ToNanoseconds() / 1e9 if event.HasField("occurred_at") else now
    return Event(reaction, event.sticker_id, event.position, query_key(event.query), min(occurred_at, now))


def _check_text(field: str, text: str, maximum: int) -> None:
    if len(text) > maximum:
        raise _refused(field, f"{field} has over {maximum} characters")


def _language(locale: str, text: str) -> str:
    """The language that the person reads: by locale, else by the text itself."""
    if not locale:
        return ("zh" if is_chinese(text) else "en") if text.strip() else ""
    language = locale.replace("_", "-").partition("-")[0].lower()
    if language not in ("en", "zh"):
        raise _refused("locale", 'locale must begin with "en" or "zh", or be empty')
    return language


def _limit(limit: int, *, default: int, maximum: int) -> int:
    if not 0 <= limit <= maximum:
        raise _refused("limit", f"limit must be 0 (for {default}) to {maximum}")
    return limit or default


def _packs(packs: Sequence[str]) -> frozenset[str]:
    if len(packs) > MAX_PACKS:
        raise _refused("packs", f"at most {MAX_PACKS} packs can be named")
    return frozenset(packs)


def _embedding(values: Sequence[float]) -> tuple[float, ...]:
    if not values:
        return ()
    norm = math.sqrt(sum(value * value for value in values)) if len(values) == JOINT_DIMENSION else math.nan
    if not 0.9 <= norm <= 1.1:
        raise _refused("image_embedding", f"image_embedding must be {JOINT_DIMENSION} numbers of L2 norm 1")
    return tuple(values)


def _emotion_name(number: int) -> str:
    if number == catalog.EMOTION_UNSPECIFIED:
        return ""
    if not 1 <= number <= len(EMOTIONS):
        raise _refused("emotion", "there is no such emotion")
    return EMOTIONS[number - 1]


def _number_of(names: Sequence[str]) -> Callable[[str], int]:
    numbers = {name: number for number, name in enumerate(names, start=1)}
    return lambda name: numbers.get(name, 0)


def _emotion_number(name: str) -> catalog.Emotion.ValueType:
    return catalog.Emotion.ValueType(_number_of(EMOTIONS)(name))


def _polarity_number(name: str) -> catalog.Polarity.ValueType:
    return catalog.Polarity.ValueType(_number_of(POLARITIES)(name))


def _timestamp(at: float) -> Timestamp:
    stamp = Timestamp()
    stamp.FromMilliseconds(round(at * 1000))
    return stamp


def _refused(field: str, why: str) -> ServiceError:
    return invalid("INVALID_REQUEST", why, metadata={"field": field})
