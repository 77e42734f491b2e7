"""Between the orchestrator's protobuf messages and the edge's frames; conversion only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

from gateway import frames
from gateway.card_views import card_views, form_view
from gateway.edge.actions import HistoryPage, Offered, Opened, OpenRequest, UpstreamEvent
from gateway.errors import REASON_CODES, RETRYABLE_REASONS
from gateway.pictures.desk import Attachment
from stickerdesk.catalog.v1 import catalog_pb2
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb

AUTHORS = {
    pb.AUTHOR_CUSTOMER: "customer",
    pb.AUTHOR_ASSISTANT: "assistant",
    pb.AUTHOR_AGENT: "agent",
    pb.AUTHOR_SYSTEM: "system",
}
STATES = {
    pb.CONVERSATION_STATE_OPEN: "open",
    pb.CONVERSATION_STATE_HANDED_OVER: "handed_over",
    pb.CONVERSATION_STATE_CLOSED: "closed",
}
_OUTCOMES = {
    pb.TurnEnded.OUTCOME_ANSWERED: "answered",
    pb.TurnEnded.OUTCOME_STOPPED: "stopped",
    pb.TurnEnded.OUTCOME_FAILED: "failed",
    pb.TurnEnded.OUTCOME_ATTENDED: "attended",
}
_REVISIONS = {
    pb.RevisionContent.KIND_EDITED: "edited",
    pb.RevisionContent.KIND_RETRACTED: "retracted",
}
_KINDS = {"clicked": pb.StickerFeedback.KIND_CLICKED, "dismissed": pb.StickerFeedback.KIND_DISMISSED}


class Links(Protocol):
    """Makes the addresses in frames, for one tenant; see `TenantLinks`."""

    def image(self, image_id: str, variant: str) -> str:
        """The path of a customer's picture, "full" or "thumb"."""

    def sticker(self, sticker_id: str, sha256: str) -> str:
        """The path of a sticker's picture."""


def emotion_name(emotion: int) -> str | None:
    """`"joy"` for EMOTION_JOY; None when nobody judged it or this edge does not know it yet."""
    if emotion == catalog_pb2.EMOTION_UNSPECIFIED or emotion not in catalog_pb2.Emotion.values():
        return None
    name: str = catalog_pb2.Emotion.Name(catalog_pb2.Emotion.ValueType(emotion))
    return name.removeprefix("EMOTION_").lower()


def sticker_view(sticker: catalog_pb2.Sticker, links: Links) -> frames.StickerView:
    """A sticker as clients draw it."""
    return frames.StickerView(
        id=sticker.id,
        url=links.sticker(sticker.id, sticker.sha256),
        width=sticker.width_px,
        height=sticker.height_px,
        alt=frames.AltText(sticker.alt_text.en, sticker.alt_text.zh),
        emoji=sticker.emoji or None,
        emotion=emotion_name(sticker.emotion),
    )


def _stickers(stickers: Iterable[catalog_pb2.Sticker], links: Links) -> tuple[frames.StickerView, ...]:
    return tuple(sticker_view(sticker, links) for sticker in stickers)


def _image(image: pb.ImageContent, links: Links) -> frames.ImageView:
    return frames.ImageView(
        id=image.image_id,
        url=links.image(image.image_id, "full"),
        thumb_url=links.image(image.image_id, "thumb"),
        width=image.width_px,
        height=image.height_px,
        animated=image.animated,
        caption=_caption(image.caption),
        text=image.text_in_picture or None,
    )


def _caption(text: catalog_pb2.LocalizedText) -> frames.AltText | None:
    return frames.AltText(text.en, text.zh) if text.en or text.zh else None


def _understood(entry: pb.Entry) -> frames.PictureUnderstood | None:
    if not entry.HasField("picture_understood"):
        return None
    known = entry.picture_understood
    return frames.PictureUnderstood(
        caption=_caption(known.caption), text=known.words or None, emotion=emotion_name(known.emotion)
    )


def _revision(revision: pb.RevisionContent) -> frames.Revision:
    return frames.Revision(
        target=revision.target_seq, kind=_REVISIONS.get(revision.kind, "edited"), text=revision.text or None
    )


@lru_cache(maxsize=64)
def _to_the_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _rfc3339(seconds: int, nanos: int) -> str:
    """A moment in UTC as protobuf's own JSON has it, at a fraction of its cost: three, six or nine digits, or none."""
    millis, rest = divmod(nanos, 1_000_000)
    if rest:
        micros, rest = divmod(nanos, 1_000)
        return f"{_to_the_second(seconds)}.{f'{nanos:09}' if rest else f'{micros:06}'}Z"
    return f"{_to_the_second(seconds)}.{millis:03}Z" if millis else f"{_to_the_second(seconds)}Z"


def entry_of(entry: pb.Entry, links: Links) -> frames.Entry:
    """An entry as clients get it."""
    content = entry.WhichOneof("content")
    return frames.Entry(
        seq=entry.seq,
        at=_rfc3339(entry.created_at.seconds, entry.created_at.nanos),
        author=AUTHORS.get(entry.author, "system"),
        client_msg_id=entry.client_msg_id or None,
        turn=entry.turn_id or None,
        text=entry.text.text if content == "text" else None,
        sticker=sticker_view(entry.sticker.sticker, links) if content == "sticker" else None,
        image=_image(entry.image, links) if content == "image" else None,
        notice=frames.Notice(entry.notice.kind, entry.notice.text) if content == "notice" else None,
        revision=_revision(entry.revision) if content == "revision" else None,
        stickers=_stickers(entry.stickers, links) or None,
        citations=tuple(frames.Citation(item.article_id, item.title) for item in entry.citations) or None,
        emotion=emotion_name(entry.emotion),
        engine=entry.engine or None,
        quick_replies=tuple(entry.quick_replies) or None,
        picture_understood=_understood(entry),
        cards=card_views(entry) or None,
        form=form_view(entry),
        agent=entry.agent_name or None,
    )


def _opened(opened: pb.Opened) -> Opened:
    head = opened.conversation
    return Opened(
        conversation=head.id,
        epoch=head.epoch,
        last_seq=head.last_seq,
        state=STATES.get(head.state, "open"),
        language=head.language or "en",
        resumed=opened.resumed,
    )


def _error(error: pb.ErrorEvent) -> frames.Error:
    known = error.reason in REASON_CODES
    reason = error.reason if known else "INTERNAL"
    return frames.Error(
        code=REASON_CODES[reason],
        reason=reason,
        message=error.message,
        retryable=error.retryable if known else reason in RETRYABLE_REASONS,
        trace_id=error.trace_id,
        retry_after_ms=error.retry_after.ToMilliseconds() if error.HasField("retry_after") else None,
        client_msg_id=error.client_msg_id or None,
    )


_EVENTS: dict[str, Callable[[Any], UpstreamEvent]] = {
    "opened": _opened,
    "ack": lambda ack: frames.Ack(
        client_msg_id=ack.client_msg_id, seq=ack.seq, duplicate=ack.duplicate, turn=ack.turn_id
    ),
    "delta": lambda delta: frames.Delta(turn=delta.turn_id, attempt=delta.attempt, index=delta.index, text=delta.text),
    "typing": lambda typing: frames.Typing(
        author=AUTHORS.get(typing.author, "assistant"), active=typing.active, turn=typing.turn_id or None
    ),
    "gap": lambda gap: frames.Gap(from_seq=gap.from_seq, to_seq=gap.to_seq, reason=gap.reason),
    "caught_up": lambda caught_up: frames.CaughtUp(last_seq=caught_up.last_seq),
    "turn_ended": lambda ended: frames.TurnEnded(turn=ended.turn_id, outcome=_OUTCOMES.get(ended.outcome, "failed")),
    "receipt": lambda receipt: frames.Receipt(
        reader=AUTHORS.get(receipt.reader, "agent"), delivered=receipt.delivered_seq, read=receipt.read_seq
    ),
    "queue": lambda queue: frames.Queue(
        position=queue.position, wait_s=queue.wait.ToMilliseconds() / 1000 if queue.HasField("wait") else None
    ),
    "error": _error,
}


def event_of(response: pb.ConverseResponse, links: Links) -> UpstreamEvent | None:
    """The event in the session's words; None for one that this edge does not know yet."""
    kind = response.WhichOneof("event")
    if kind == "entry":
        return entry_of(response.entry, links)
    if kind == "suggestions":
        found = response.suggestions
        return frames.Suggestions(suggest_id=found.suggest_id, stickers=_stickers(found.stickers, links))
    return None if kind is None else _EVENTS[kind](getattr(response, kind))


def page_of(response: pb.ListEntriesResponse, links: Links) -> HistoryPage:
    """A page of a journal in the session's words."""
    entries = tuple(entry_of(entry, links) for entry in response.entries)
    return HistoryPage(entries, response.has_more, response.epoch)


def open_message(request: OpenRequest) -> pb.ConverseRequest:
    """The first request of a stream."""
    return pb.ConverseRequest(
        open=pb.OpenRequest(
            conversation_id=request.conversation,
            customer_id=request.customer,
            tenant=request.tenant,
            locale=request.locale,
            last_seq=request.last_seq,
            epoch=request.epoch,
        )
    )


def request_of(frame: Offered, picture: Attachment | None = None) -> pb.ConverseRequest:
    """A client's frame in the orchestrator's words; `picture` is what a message with an image stands for."""
    if isinstance(frame, frames.Message):
        return _message(frame, picture)
    return _REQUESTS[type(frame)](frame)


def _message(frame: frames.Message, picture: Attachment | None) -> pb.ConverseRequest:
    message = pb.UserMessage(client_msg_id=frame.client_msg_id)
    if frame.text is not None:
        message.text.text = frame.text
    elif picture is not None:
        message.image.CopyFrom(
            pb.ImageContent(
                image_id=picture.id,
                media_type=picture.media_type,
                width_px=picture.width,
                height_px=picture.height,
                size_bytes=picture.size,
                animated=picture.animated,
                preview=picture.preview,
            )
        )
    else:
        message.sticker.sticker.id = frame.sticker or ""
    return pb.ConverseRequest(user_message=message)


def _feedback(frame: frames.Feedback) -> pb.ConverseRequest:
    return pb.ConverseRequest(
        sticker_feedback=pb.StickerFeedback(
            kind=_KINDS[frame.kind],
            sticker_id=frame.sticker,
            position=frame.position,
            text=(frame.text or "")[-frames.MAX_SUGGEST_CHARS :],
        )
    )


def _suggest(frame: frames.Suggest) -> pb.ConverseRequest:
    text = frame.text[-frames.MAX_SUGGEST_CHARS :]
    return pb.ConverseRequest(suggest=pb.SuggestRequest(suggest_id=frame.suggest_id, text=text, limit=frame.limit or 0))


_REQUESTS: dict[type[Any], Callable[[Any], pb.ConverseRequest]] = {
    frames.Suggest: _suggest,
    frames.TypingSignal: lambda frame: pb.ConverseRequest(typing=pb.TypingSignal(active=frame.active)),
    frames.Feedback: _feedback,
    frames.ReceiptSignal: lambda frame: pb.ConverseRequest(
        receipt=pb.ReceiptSignal(delivered_seq=frame.delivered or 0, read_seq=frame.read or 0)
    ),
    frames.Rating: lambda frame: pb.ConverseRequest(
        rating=pb.RatingSignal(rating_id=frame.rating_id, score=frame.score, comment=frame.comment or "")
    ),
    frames.Stop: lambda frame: pb.ConverseRequest(stop=pb.StopRequest(turn_id=frame.turn or "")),
}
