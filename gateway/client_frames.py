"""Frames of a client, with their bounds, and how they are read: strictly, but for fields that are unknown."""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from gateway.frame_base import ClientFrame
from gateway.service_frames import MAX_SEQ, HistoryId, HistoryQuery, Rating, ReceiptSignal, Refresh
from gateway.upload_frames import Upload, UploadCancel, UploadId

MAX_FRAME_BYTES = 64 * 1024
MAX_TEXT_CHARS = 4000
MAX_SUGGEST_CHARS = 200

_ID = r"^[A-Za-z0-9._-]{1,64}\Z"
_IMAGE_ID = r"^[a-z0-9]{8,64}\Z"
_STICKER_ID = r"^[a-z0-9][a-z0-9._-]{0,63}/[a-z0-9][a-z0-9._-]{0,127}\Z"

ClientMessageId: TypeAlias = Annotated[str, Meta(pattern=_ID)]
ConversationId: TypeAlias = Annotated[str, Meta(max_length=64)]
TurnId: TypeAlias = Annotated[str, Meta(max_length=64)]
StickerId: TypeAlias = Annotated[str, Meta(pattern=_STICKER_ID)]
ImageId: TypeAlias = Annotated[str, Meta(pattern=_IMAGE_ID)]
Seq: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_SEQ)]
Epoch: TypeAlias = Annotated[str, Meta(max_length=64)]
Millis: TypeAlias = Annotated[float, Meta(ge=0, le=MAX_SEQ)]


class Hello(ClientFrame, tag="hello", frozen=True, kw_only=True, gc=False):
    """The first frame: who the client is and, to resume, what it already has."""

    token: Annotated[str, Meta(max_length=4096)] | None = None
    conversation: ConversationId | None = None
    last_seq: Seq | None = None
    epoch: Epoch | None = None
    locale: Annotated[str, Meta(max_length=35)] | None = None
    client: Annotated[str, Meta(max_length=200)] | None = None


class PictureFacts(Struct, frozen=True, kw_only=True, gc=False):
    """What a client says about a picture; what it says must agree with the bytes."""

    format: Annotated[str, Meta(max_length=16)] | None = None
    width: Annotated[int, Meta(ge=1)] | None = None
    height: Annotated[int, Meta(ge=1)] | None = None
    size: Annotated[int, Meta(ge=1)] | None = None


class InlinePicture(Struct, frozen=True, kw_only=True, gc=False):
    """A picture small enough for a frame; `data` is base64."""

    type: Annotated[str, Meta(max_length=64)]
    data: bytes
    metadata: PictureFacts | None = None


class Message(ClientFrame, tag="message", frozen=True, kw_only=True, gc=False):
    """What the customer says: a text of 1 to 4000 characters, a sticker, or a picture (uploaded before, or inline)."""

    client_msg_id: ClientMessageId
    text: str | None = None
    sticker: StickerId | None = None
    image: ImageId | None = None
    picture: InlinePicture | None = None


class Suggest(ClientFrame, tag="suggest", frozen=True, kw_only=True, gc=False):
    """Asks for stickers for what is being typed; the end of a longer text counts."""

    suggest_id: Annotated[str, Meta(min_length=1, max_length=64)]
    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
    limit: Annotated[int, Meta(ge=1, le=50)] | None = None


class TypingSignal(ClientFrame, tag="typing", frozen=True, kw_only=True, gc=False):
    """The customer types or stopped."""

    active: bool


class Resume(ClientFrame, tag="resume", frozen=True, kw_only=True, gc=False):
    """Asks on an open connection for a replay from a known point."""

    conversation: ConversationId
    last_seq: Seq
    epoch: Epoch


class Feedback(ClientFrame, tag="feedback", frozen=True, kw_only=True, gc=False):
    """An offered sticker was chosen or waved away."""

    sticker: StickerId
    kind: Literal["clicked", "dismissed"]
    position: Annotated[int, Meta(ge=0, le=1000)]
    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)] | None = None


class Stop(ClientFrame, tag="stop", frozen=True, kw_only=True, gc=False):
    """Stops the answer that is being written."""

    turn: TurnId | None = None


class ClientPing(ClientFrame, tag="ping", frozen=True, kw_only=True, gc=False):
    """Measures the round trip; answered by `pong` with the same `t`."""

    t: Millis


class ClientPong(ClientFrame, tag="pong", frozen=True, kw_only=True, gc=False):
    """Answers a server's `ping`."""

    t: Millis


AnyClientFrame: TypeAlias = (
    Hello
    | Message
    | Suggest
    | TypingSignal
    | Resume
    | Feedback
    | Stop
    | ReceiptSignal
    | HistoryQuery
    | Rating
    | Refresh
    | ClientPing
    | ClientPong
    | Upload
    | UploadCancel
)


class BadFrame(Exception):
    """A frame that cannot be taken.

    Attributes:
        reason: MALFORMED_JSON, UNKNOWN_FRAME, INVALID_FRAME or TEXT_TOO_LONG.
        field: The field at fault, "" when it is the whole frame.
        detail: What is wrong with it, in English, for the developer who reads the error.
        client_msg_id: The message concerned, when one can be told.
        upload_id: The upload concerned, when one can be told.
        history_id: The page concerned, when one can be told.
    """

    def __init__(
        self,
        reason: str,
        detail: str,
        field: str = "",
        client_msg_id: str | None = None,
        upload_id: str | None = None,
        history_id: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.field = field
        self.client_msg_id = client_msg_id
        self.upload_id = upload_id
        self.history_id = history_id


class _Loose(Struct, gc=False):
    """Just enough to tell which message, rating, upload or page a broken frame was."""

    client_msg_id: ClientMessageId | None = None
    rating_id: ClientMessageId | None = None
    upload_id: UploadId | None = None
    history_id: HistoryId | None = None


_DECODER = msgspec.json.Decoder(AnyClientFrame)
_LOOSE = msgspec.json.Decoder(_Loose)
_PATH = re.compile(r" - at `\$\.?(?P<field>[^`]*)`\Z")
_NAMED = re.compile(r"field `(?P<field>[^`]+)`")


def decode(data: str | bytes) -> AnyClientFrame:
    """Reads one client frame.

    Raises:
        BadFrame: It is not JSON, its type is unknown, or a field breaks its bounds.
    """
    try:
        frame: AnyClientFrame = _DECODER.decode(data)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), data) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadFrame("MALFORMED_JSON", "the frame is not one JSON object") from None
    if isinstance(frame, Message):
        _check_message(frame)
    elif isinstance(frame, ReceiptSignal) and frame.delivered is None and frame.read is None:
        raise BadFrame("INVALID_FRAME", "`delivered` or `read` is required", "read")
    return frame


def _check_message(frame: Message) -> None:
    if sum(content is not None for content in (frame.text, frame.sticker, frame.image, frame.picture)) != 1:
        detail = "exactly one of `text`, `sticker`, `image` and `picture` is required"
        raise BadFrame("INVALID_FRAME", detail, "text", frame.client_msg_id)
    if frame.text is None:
        return
    if len(frame.text) > MAX_TEXT_CHARS:
        raise BadFrame("TEXT_TOO_LONG", f"at most {MAX_TEXT_CHARS} characters", "text", frame.client_msg_id)
    if not frame.text.strip():
        raise BadFrame("INVALID_FRAME", "must not be blank", "text", frame.client_msg_id)


def _invalid(complaint: str, data: str | bytes) -> BadFrame:
    if complaint.startswith("Expected `object`") and not _PATH.search(complaint):
        return BadFrame("MALFORMED_JSON", "the frame is not one JSON object")
    path = _PATH.search(complaint)
    named = _NAMED.search(complaint)
    field = path["field"] if path and path["field"] else named["field"] if named else ""
    if field == "type" and "Invalid value" in complaint:
        return BadFrame("UNKNOWN_FRAME", "no such frame type", "type")
    named_by = _identity(data)
    message = named_by.client_msg_id or named_by.rating_id
    return BadFrame("INVALID_FRAME", _PATH.sub("", complaint), field, message, named_by.upload_id, named_by.history_id)


def _identity(data: str | bytes) -> _Loose:
    try:
        return _LOOSE.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _Loose()
