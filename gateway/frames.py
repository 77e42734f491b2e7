"""Every frame of the edge protocol, version 1, with its bounds; `asyncapi.yaml` is the same in words.

Client frames (in `client_frames`) are decoded strictly (unknown extra fields are ignored, wrong types are not), server
frames are encoded with absent fields left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from gateway.card_frames import AnyCard, FormPrompt
from gateway.client_frames import MAX_FRAME_BYTES as MAX_FRAME_BYTES
from gateway.client_frames import MAX_SUGGEST_CHARS as MAX_SUGGEST_CHARS
from gateway.client_frames import MAX_TEXT_CHARS as MAX_TEXT_CHARS
from gateway.client_frames import AnyClientFrame as AnyClientFrame
from gateway.client_frames import BadFrame as BadFrame
from gateway.client_frames import ClientMessageId as ClientMessageId
from gateway.client_frames import ClientPing as ClientPing
from gateway.client_frames import ClientPong as ClientPong
from gateway.client_frames import ConversationId as ConversationId
from gateway.client_frames import Epoch as Epoch
from gateway.client_frames import Feedback as Feedback
from gateway.client_frames import Hello as Hello
from gateway.client_frames import ImageId as ImageId
from gateway.client_frames import InlinePicture as InlinePicture
from gateway.client_frames import Message as Message
from gateway.client_frames import Millis as Millis
from gateway.client_frames import PictureFacts as PictureFacts
from gateway.client_frames import Resume as Resume
from gateway.client_frames import Seq as Seq
from gateway.client_frames import StickerId as StickerId
from gateway.client_frames import Stop as Stop
from gateway.client_frames import Suggest as Suggest
from gateway.client_frames import TurnId as TurnId
from gateway.client_frames import TypingSignal as TypingSignal
from gateway.client_frames import decode as decode
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
from gateway.upload_frames import UploadCancelled as UploadCancelled
from gateway.upload_frames import UploadProgress as UploadProgress
from gateway.upload_frames import UploadReady as UploadReady


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


encode: Callable[[AnyServerFrame], bytes] = msgspec.json.Encoder().encode
