"""Between protos and the domain; bounds of the contract are checked here."""

from __future__ import annotations

import re

from orchestrator.converse.cards import card_proto, form_proto
from orchestrator.converse.events import (
    Ack,
    CaughtUp,
    Delta,
    Downward,
    EntrySeen,
    Fault,
    Feedback,
    Open,
    Opened,
    Queued,
    Rate,
    ReceiptSeen,
    Received,
    Say,
    Stop,
    Suggest,
    Suggestions,
    TurnEnded,
    Typing,
    TypingSeen,
    Upward,
)
from orchestrator.journal.entries import Author, Body, Entry, Head, Image, ImageSeen, Outcome, Rating, Receipt, Revision
from orchestrator.journal.replay import DEFAULT_REPLAY_LIMIT, Cursor, Gap
from orchestrator.sticker_protos import emotion_proto, sticker_proto
from orchestrator.understanding.language import of_locale
from servicekit.errors import invalid, too_large
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb

MAX_TEXT_CHARS = 4_000
MAX_TYPED_CHARS = 200
MAX_COMMENT_CHARS = 1_000
MAX_REPLAY = 1_000
MAX_PREVIEW_BYTES = 64 * 1024
_MSG_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TENANT = re.compile(r"[a-z0-9-]{1,64}")
_STICKER_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}/[a-z0-9][a-z0-9._-]{0,127}")
_IMAGE_ID = re.compile(r"[a-z0-9]{1,64}")
_MEDIA_TYPE = re.compile(r"image/[a-z0-9.+-]{1,32}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def upward(request: pb.ConverseRequest) -> Upward:
    """A request in words of the domain.

    Raises:
        ServiceError: INVALID_FRAME (400) that names the field, or TEXT_TOO_LONG (413).
    """
    match request.WhichOneof("event"):
        case "open":
            return _open(request.open)
        case "user_message":
            return _say(request.user_message)
        case "suggest":
            return _suggest(request.suggest)
        case "typing":
            return Typing(request.typing.active)
        case "sticker_feedback":
            return _feedback(request.sticker_feedback)
        case "stop":
            return Stop(request.stop.turn_id[:64])
        case "receipt":
            return _received(request.receipt)
        case "rating":
            return _rate(request.rating)
    raise bad("event", "one is required")


def bad(field: str, why: str) -> Exception:
    """The 400 that names a field."""
    return invalid("INVALID_FRAME", f"{field}: {why}", metadata={"field": field})


def checked_customer(tenant: str, customer_id: str) -> tuple[str, str]:
    """Tenant and customer as they came, when they can be such.

    Raises:
        ServiceError: INVALID_FRAME (400).
    """
    if not 1 <= len(customer_id) <= 128:
        raise bad("customer_id", "1 to 128 characters are needed")
    if not _TENANT.fullmatch(tenant):
        raise bad("tenant", "1 to 64 characters of [a-z0-9-] are needed")
    return tenant, customer_id


def _open(request: pb.OpenRequest) -> Open:
    tenant, customer_id = checked_customer(request.tenant, request.customer_id)
    if len(request.conversation_id) > 64:
        raise bad("conversation_id", "at most 64 characters")
    if request.last_seq < 0:
        raise bad("last_seq", "must not be negative")
    if not 0 <= request.replay_limit <= MAX_REPLAY:
        raise bad("replay_limit", f"0 to {MAX_REPLAY}")
    return Open(
        request.conversation_id,
        customer_id,
        tenant,
        of_locale(request.locale),
        Cursor(request.last_seq, request.epoch),
        request.replay_limit or DEFAULT_REPLAY_LIMIT,
    )


def _say(request: pb.UserMessage) -> Say:
    if not _MSG_ID.fullmatch(request.client_msg_id):
        raise bad("client_msg_id", "1 to 64 characters of [A-Za-z0-9._-] are needed")
    if request.WhichOneof("content") == "text":
        text = _CONTROL.sub("", request.text.text)
        if len(text) > MAX_TEXT_CHARS:
            raise too_large("TEXT_TOO_LONG", f"at most {MAX_TEXT_CHARS} characters, send it in parts")
        if not text.strip():
            raise bad("text", "must not be empty")
        return Say(request.client_msg_id, text=text)
    if request.WhichOneof("content") == "sticker":
        if not _STICKER_ID.fullmatch(request.sticker.sticker.id):
            raise bad("sticker", "is not the id of a sticker")
        return Say(request.client_msg_id, sticker_id=request.sticker.sticker.id)
    if request.WhichOneof("content") == "image":
        return _picture(request.client_msg_id, request.image)
    raise bad("content", "text, sticker or image is required")


def _picture(client_msg_id: str, image: pb.ImageContent) -> Say:
    return Say(client_msg_id, image=image_of(image), preview=image.preview)


def image_of(image: pb.ImageContent) -> Image:
    """A picture that the edge keeps.

    Raises:
        ServiceError: INVALID_FRAME (400) that names the field, or PICTURE_TOO_LARGE (413).
    """
    if not _IMAGE_ID.fullmatch(image.image_id):
        raise bad("image_id", "1 to 64 characters of [a-z0-9] are needed")
    if not _MEDIA_TYPE.fullmatch(image.media_type):
        raise bad("media_type", "is not a picture's")
    if image.width_px < 1 or image.height_px < 1 or image.size_bytes < 1:
        raise bad("width_px", "width, height and size must be at least 1")
    if len(image.preview) > MAX_PREVIEW_BYTES:
        raise too_large("PICTURE_TOO_LARGE", "the preview of a picture has at most 64 KiB")
    return Image(
        id=image.image_id,
        media_type=image.media_type,
        width_px=image.width_px,
        height_px=image.height_px,
        size_bytes=image.size_bytes,
        animated=image.animated,
    )


def _suggest(request: pb.SuggestRequest) -> Suggest:
    if len(request.suggest_id) > 64:
        raise bad("suggest_id", "at most 64 characters")
    if not 0 <= request.limit <= 50:
        raise bad("limit", "1 to 50, or 0 for 12")
    return Suggest(request.suggest_id, request.text[-MAX_TYPED_CHARS:], request.limit or 12)


def _feedback(request: pb.StickerFeedback) -> Feedback:
    if request.kind not in (pb.StickerFeedback.KIND_CLICKED, pb.StickerFeedback.KIND_DISMISSED):
        raise bad("kind", "clicked or dismissed")
    if not _STICKER_ID.fullmatch(request.sticker_id):
        raise bad("sticker_id", "is not the id of a sticker")
    clicked = request.kind == pb.StickerFeedback.KIND_CLICKED
    return Feedback(request.sticker_id, clicked, max(0, request.position), request.text[:MAX_TYPED_CHARS])


def _received(request: pb.ReceiptSignal) -> Received:
    if request.delivered_seq < 0 or request.read_seq < 0:
        raise bad("delivered_seq", "must not be negative")
    return Received(Receipt(request.delivered_seq, request.read_seq))


def _rate(request: pb.RatingSignal) -> Rate:
    if not _MSG_ID.fullmatch(request.rating_id):
        raise bad("rating_id", "1 to 64 characters of [A-Za-z0-9._-] are needed")
    if not 1 <= request.score <= 5:
        raise bad("score", "1 to 5")
    if len(request.comment) > MAX_COMMENT_CHARS:
        raise too_large("TEXT_TOO_LONG", f"a comment has at most {MAX_COMMENT_CHARS} characters")
    return Rate(request.rating_id, Rating(request.score, _CONTROL.sub("", request.comment).strip()))


def downward(event: Downward) -> pb.ConverseResponse:
    """An event as the stream carries it."""
    match event:
        case Opened():
            return pb.ConverseResponse(opened=pb.Opened(conversation=conversation(event.head), resumed=event.resumed))
        case Ack():
            ack = pb.Ack(
                client_msg_id=event.client_msg_id, seq=event.seq, duplicate=event.duplicate, turn_id=event.turn_id
            )
            return pb.ConverseResponse(ack=ack)
        case Delta():
            delta = pb.Delta(turn_id=event.turn_id, index=event.index, attempt=event.attempt, text=event.text)
            return pb.ConverseResponse(delta=delta)
        case EntrySeen():
            return pb.ConverseResponse(entry=entry_proto(event.entry))
        case Suggestions():
            found = pb.Suggestions(suggest_id=event.suggest_id, stickers=map(sticker_proto, event.stickers))
            return pb.ConverseResponse(suggestions=found)
        case TypingSeen():
            typing = pb.TypingEvent(author=_AUTHORS[event.author], active=event.active, turn_id=event.turn_id)
            return pb.ConverseResponse(typing=typing)
        case Gap():
            gap = pb.Gap(from_seq=event.from_seq, to_seq=event.to_seq, reason=event.reason)
            return pb.ConverseResponse(gap=gap)
        case CaughtUp():
            return pb.ConverseResponse(caught_up=pb.CaughtUp(last_seq=event.last_seq))
        case TurnEnded():
            ended = pb.TurnEnded(turn_id=event.turn_id, outcome=_OUTCOMES[event.outcome])
            return pb.ConverseResponse(turn_ended=ended)
        case ReceiptSeen():
            receipt = pb.ReceiptEvent(
                reader=_AUTHORS[event.reader],
                delivered_seq=event.receipt.delivered,
                read_seq=event.receipt.read,
            )
            return pb.ConverseResponse(receipt=receipt)
        case Queued():
            queue = pb.QueueEvent(position=event.position)
            if event.wait_s is not None:
                queue.wait.FromMilliseconds(round(event.wait_s * 1000))
            return pb.ConverseResponse(queue=queue)
        case Fault():
            return pb.ConverseResponse(error=_error(event))


def _error(fault: Fault) -> pb.ErrorEvent:
    error = pb.ErrorEvent(
        code=fault.code,
        reason=fault.reason,
        message=fault.message,
        retryable=fault.retryable,
        client_msg_id=fault.client_msg_id,
        trace_id=fault.trace_id,
    )
    if fault.retry_after_s is not None:
        error.retry_after.FromMilliseconds(round(fault.retry_after_s * 1000))
    return error


_AUTHORS = {
    Author.CUSTOMER: pb.AUTHOR_CUSTOMER,
    Author.ASSISTANT: pb.AUTHOR_ASSISTANT,
    Author.AGENT: pb.AUTHOR_AGENT,
    Author.SYSTEM: pb.AUTHOR_SYSTEM,
}
_OUTCOMES = {
    Outcome.ANSWERED: pb.TurnEnded.OUTCOME_ANSWERED,
    Outcome.STOPPED: pb.TurnEnded.OUTCOME_STOPPED,
    Outcome.FAILED: pb.TurnEnded.OUTCOME_FAILED,
    Outcome.ATTENDED: pb.TurnEnded.OUTCOME_ATTENDED,
}


def entry_proto(entry: Entry) -> pb.Entry:
    """An entry for the wire."""
    body = entry.body
    out = pb.Entry(
        seq=entry.seq,
        author=_AUTHORS[body.author],
        client_msg_id=body.client_msg_id,
        turn_id=body.turn_id,
        stickers=map(sticker_proto, body.stickers),
        citations=[pb.Citation(article_id=one.article_id, title=one.title) for one in body.citations],
        emotion=emotion_proto(body.emotion),
        engine=body.engine,
        quick_replies=body.quick_replies,
        cards=map(card_proto, body.cards),
        form=form_proto(body.form) if body.form is not None else None,
        agent_name=body.agent_name,
    )
    out.created_at.FromMilliseconds(entry.at_ms)
    if body.seen is not None and body.seen != ImageSeen():
        out.picture_understood.words = body.seen.words
        out.picture_understood.emotion = emotion_proto(body.seen.emotion)
        out.picture_understood.caption.en = body.seen.caption_en
        out.picture_understood.caption.zh = body.seen.caption_zh
    _put_content(out, body)
    return out


def _put_content(out: pb.Entry, body: Body) -> None:
    if body.sticker is not None:
        out.sticker.sticker.CopyFrom(sticker_proto(body.sticker))
    elif body.image is not None:
        out.image.CopyFrom(_image(body.image))
    elif body.notice is not None:
        out.notice.kind, out.notice.text = body.notice.kind, body.notice.text
    elif body.revision is not None:
        out.revision.CopyFrom(_revision(body.revision))
    else:
        out.text.text = body.text or ""


def _revision(revision: Revision) -> pb.RevisionContent:
    kind = pb.RevisionContent.Kind.Value(f"KIND_{revision.kind.name}")
    return pb.RevisionContent(target_seq=revision.target_seq, kind=kind, text=revision.text)


def _image(image: Image) -> pb.ImageContent:
    return pb.ImageContent(
        image_id=image.id,
        media_type=image.media_type,
        width_px=image.width_px,
        height_px=image.height_px,
        size_bytes=image.size_bytes,
        animated=image.animated,
    )


def conversation(head: Head) -> pb.Conversation:
    """A head for the wire."""
    out = pb.Conversation(
        id=head.conversation_id,
        tenant=head.tenant,
        customer_id=head.customer_id,
        epoch=head.epoch,
        last_seq=head.last_seq,
        state=pb.ConversationState.Value(f"CONVERSATION_STATE_{head.state.name}"),
        language=head.language,
    )
    out.created_at.FromMilliseconds(head.created_ms)
    if head.last_ms:
        out.last_entry_at.FromMilliseconds(head.last_ms)
    return out
