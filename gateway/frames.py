"""Every frame of the edge protocol, version 1, with its bounds; `asyncapi.yaml` is the same in words.

Client frames are decoded strictly (unknown extra fields are ignored, wrong types are not), server frames are encoded
with absent fields left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from gateway.card_frames import AnyCard, FormPrompt
from gateway.entry_parts import AltText as AltText
from gateway.entry_parts import Citation as Citation
from gateway.entry_parts import ImageView as ImageView
from gateway.entry_parts import Notice as Notice
from gateway.entry_parts import PictureUnderstood as PictureUnderstood
from gateway.entry_parts import Revision as Revision
from gateway.entry_parts import StickerView as StickerView
from gateway.frame_base import ClientFrame as ClientFrame
from gateway.frame_base import ServerFrame as ServerFrame
from gateway.service_frames import MAX_SEQ as MAX_SEQ
from gateway.service_frames import Expiring as Expiring
from gateway.service_frames import HistoryId
from gateway.service_frames import HistoryQuery as HistoryQuery
from gateway.service_frames import Queue as Queue
from gateway.service_frames import Rating as Rating
from gateway.service_frames import Receipt as Receipt
from gateway.service_frames import ReceiptSignal as ReceiptSignal
from gateway.service_frames import Refresh as Refresh
from gateway.service_frames import Refreshed as Refreshed
from gateway.service_frames import Service as Service
from gateway.upload_frames import Upload as Upload
from gateway.upload_frames import UploadCancel as UploadCancel
from gateway.upload_frames import UploadCancelled, UploadId, UploadProgress, UploadReady

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


class Welcome(ServerFrame, tag="welcome", frozen=True, kw_only=True):
    """Answers `hello` and `resume`; the replay follows."""

    conversation: str
    epoch: str
    last_seq: int
    heartbeat_s: float
    token: str
    resumed: bool
    language: str
    state: str


class Ack(ServerFrame, tag="ack", frozen=True, kw_only=True):
    """The message is durable."""

    client_msg_id: str
    seq: int
    duplicate: bool
    turn: str


class Delta(ServerFrame, tag="delta", frozen=True, kw_only=True):
    """A piece of an answer that is being written."""

    turn: str
    attempt: int
    index: int
    text: str


class Entry(ServerFrame, tag="entry", frozen=True, kw_only=True):
    """One durable piece of the journal; `at` is RFC 3339 in UTC."""

    seq: int
    at: str
    author: str
    client_msg_id: str | None = None
    turn: str | None = None
    text: str | None = None
    sticker: StickerView | None = None
    image: ImageView | None = None
    notice: Notice | None = None
    revision: Revision | None = None
    stickers: tuple[StickerView, ...] | None = None
    citations: tuple[Citation, ...] | None = None
    emotion: str | None = None
    engine: str | None = None
    quick_replies: tuple[str, ...] | None = None
    picture_understood: PictureUnderstood | None = None
    cards: tuple[AnyCard, ...] | None = None
    form: FormPrompt | None = None
    agent: str | None = None


class Suggestions(ServerFrame, tag="suggestions", frozen=True, kw_only=True):
    """Stickers for what was typed, best first."""

    suggest_id: str
    stickers: tuple[StickerView, ...]


class Typing(ServerFrame, tag="typing", frozen=True, kw_only=True):
    """Somebody else types, or the system thinks."""

    author: str
    active: bool
    turn: str | None = None


class Gap(ServerFrame, tag="gap", frozen=True, kw_only=True):
    """Entries that cannot be replayed."""

    from_seq: int
    to_seq: int
    reason: str


class CaughtUp(ServerFrame, tag="caught_up", frozen=True, kw_only=True):
    """The replay is complete; what follows is live."""

    last_seq: int


class TurnEnded(ServerFrame, tag="turn_ended", frozen=True, kw_only=True):
    """A turn is over."""

    turn: str
    outcome: str


class History(ServerFrame, tag="history", frozen=True, kw_only=True):
    """Answers `history`: older entries in order of seq."""

    history_id: str
    entries: tuple[Entry, ...]
    has_more: bool


class Error(ServerFrame, tag="error", frozen=True, kw_only=True):
    """A fault in the one envelope; `field` names the offending field of a frame."""

    code: int
    reason: str
    message: str
    retryable: bool
    trace_id: str
    retry_after_ms: int | None = None
    client_msg_id: str | None = None
    field: str | None = None
    upload_id: str | None = None
    history_id: str | None = None


class UploadDone(ServerFrame, tag="upload_done", frozen=True, kw_only=True):
    """The picture is checked and kept; a `message` may name it."""

    upload_id: str
    image: ImageView


class ServerPing(ServerFrame, tag="ping", frozen=True, kw_only=True):
    """Asks whether the client is there."""

    t: float


class ServerPong(ServerFrame, tag="pong", frozen=True, kw_only=True):
    """Answers a client's `ping`."""

    t: float


AnyServerFrame: TypeAlias = (
    Welcome
    | Ack
    | Delta
    | Entry
    | Suggestions
    | Typing
    | Gap
    | CaughtUp
    | TurnEnded
    | Receipt
    | Queue
    | Service
    | History
    | Refreshed
    | Expiring
    | Error
    | ServerPing
    | ServerPong
    | UploadReady
    | UploadProgress
    | UploadDone
    | UploadCancelled
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
_ENCODER = msgspec.json.Encoder()
_PATH = re.compile(r" - at `\$\.?(?P<field>[^`]*)`\Z")
_NAMED = re.compile(r"field `(?P<field>[^`]+)`")

encode: Callable[[AnyServerFrame], bytes] = _ENCODER.encode


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
