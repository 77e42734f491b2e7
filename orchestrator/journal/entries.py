"""What a journal holds: entries, the stickers in them, and the head of a conversation."""

from __future__ import annotations

import hashlib
from enum import StrEnum

import msgspec

from orchestrator.journal.cards import Card, FormPrompt


class Author(StrEnum):
    """Who wrote an entry."""

    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    AGENT = "agent"
    SYSTEM = "system"


class Emotion(StrEnum):
    """What a picture or a message expresses; messages use a subset (no love, no surprise)."""

    NEUTRAL = "neutral"
    JOY = "joy"
    GRATITUDE = "gratitude"
    LOVE = "love"
    SURPRISE = "surprise"
    ANXIETY = "anxiety"
    SADNESS = "sadness"
    ANGER = "anger"
    CONFUSION = "confusion"


class ConversationState(StrEnum):
    """State of a conversation."""

    OPEN = "open"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a turn ended."""

    ANSWERED = "answered"
    STOPPED = "stopped"
    FAILED = "failed"
    ATTENDED = "attended"


class NoticeKind(StrEnum):
    """What the system announces."""

    HANDED_OVER = "handed_over"
    TURN_FAILED = "turn_failed"
    CLOSED = "closed"
    ANNOUNCEMENT = "announcement"
    AGENT_JOINED = "agent_joined"
    AGENT_LEFT = "agent_left"


class RevisionKind(StrEnum):
    """What happened to an entry."""

    EDITED = "edited"
    RETRACTED = "retracted"


class Sticker(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sticker as the journal keeps it: all that a client needs to draw it, without its search words."""

    id: str
    pack: str = ""
    media_type: str = ""
    width_px: int = 0
    height_px: int = 0
    size_bytes: int = 0
    sha256: str = ""
    alt_en: str = ""
    alt_zh: str = ""
    emoji: str = ""
    emotion: Emotion | None = None
    polarity: str = ""
    licence: str = ""
    category: str = ""


class Image(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture that the edge keeps, as the journal names it."""

    id: str
    media_type: str = ""
    width_px: int = 0
    height_px: int = 0
    size_bytes: int = 0
    animated: bool = False


class ImageSeen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an answer understood in the picture that it answers."""

    caption_en: str = ""
    caption_zh: str = ""
    words: str = ""
    emotion: Emotion | None = None


class Citation(msgspec.Struct, frozen=True):
    """What an answer rests on."""

    article_id: str
    title: str


class Notice(msgspec.Struct, frozen=True):
    """A notice of the system, in the conversation's language."""

    kind: NoticeKind
    text: str


class Revision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change of an earlier entry; `text` is the new one when it was edited."""

    target_seq: int
    kind: RevisionKind
    text: str = ""


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry before the journal gave it a place. Exactly one of text, sticker, image, notice and revision is set.

    Attributes:
        cards: Orders, tickets and coupons that an answer speaks of; at most 6.
        form: The question of a form that an answer asks.
        seen: On the answer to a picture: what was understood in it.
        outcome: Set on the last entry of a turn: how the turn ended.
        agent_name: Of the person who wrote it.
    """

    author: Author
    client_msg_id: str = ""
    turn_id: str = ""
    text: str | None = None
    sticker: Sticker | None = None
    image: Image | None = None
    notice: Notice | None = None
    revision: Revision | None = None
    stickers: tuple[Sticker, ...] = ()
    citations: tuple[Citation, ...] = ()
    emotion: Emotion | None = None
    engine: str = ""
    quick_replies: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    form: FormPrompt | None = None
    seen: ImageSeen | None = None
    outcome: Outcome | None = None
    agent_name: str = ""

    def digest(self) -> str:
        """Names what is said, so that the same client_msg_id with other words is noticed."""
        if self.text is not None:
            said = f"t:{self.text}"
        elif self.image is not None:
            said = f"i:{self.image.id}"
        else:
            said = f"s:{self.sticker.id if self.sticker else ''}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]


class Entry(msgspec.Struct, frozen=True):
    """One durable piece of a journal.

    Attributes:
        seq: Its place, from 1, without holes.
        at_ms: When it was appended, in milliseconds since 1970, by the store's clock.
        body: What it says.
    """

    seq: int
    at_ms: int
    body: Body


class Receipt(msgspec.Struct, frozen=True):
    """How far one side has got: the last seq that arrived, and the last that was read."""

    delivered: int = 0
    read: int = 0


class Rating(msgspec.Struct, frozen=True):
    """How the customer judges the conversation, 1 (bad) to 5 (good)."""

    score: int
    comment: str = ""


class Agent(msgspec.Struct, frozen=True):
    """A person of the shop: a stable id, and the name that customers read."""

    id: str
    name: str


class Summary(msgspec.Struct, frozen=True):
    """What was said up to an entry, in short. It is data about a conversation, never an instruction."""

    seq: int
    text: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a conversation.

    Attributes:
        epoch: Changes when the journal was lost or replaced.
        last_seq: The last place taken; 0 when empty.
        first_seq: The first entry that is kept; last_seq + 1 when none is.
        last_ms: When the last entry was appended; 0 when empty.
        receipts: How far each side has got, where that is known.
        rating: The customer's newest judgement.
        agent: The person who has it; None: nobody.
        taken_ms: Since when; 0 with nobody.
        handed_ms: When it was handed over, which is its place in the line; 0: it is the engine's.
        handed_seq: The entry that said so.
        hint: What was understood in the customer's newest message, as the feed tells it; empty with nobody.
        summary: Of its older entries, where one was made.
    """

    conversation_id: str
    tenant: str
    customer_id: str
    epoch: str
    last_seq: int = 0
    first_seq: int = 1
    state: ConversationState = ConversationState.OPEN
    language: str = "en"
    created_ms: int = 0
    last_ms: int = 0
    receipts: dict[Author, Receipt] = {}
    rating: Rating | None = None
    agent: Agent | None = None
    taken_ms: int = 0
    handed_ms: int = 0
    handed_seq: int = 0
    hint: bytes = b""
    summary: Summary | None = None

    @property
    def open(self) -> bool:
        """Whether it takes messages."""
        return self.state is not ConversationState.CLOSED

    @property
    def waits(self) -> bool:
        """Whether it waits for a person."""
        return self.state is ConversationState.HANDED_OVER and self.agent is None


_body_encoder = msgspec.json.Encoder()
_body_decoder = msgspec.json.Decoder(Body)


def encode_body(body: Body) -> bytes:
    """The body as the journal stores it."""
    return _body_encoder.encode(body)


def decode_body(raw: bytes) -> Body:
    """The body that `encode_body` wrote; fields of newer versions are ignored."""
    return _body_decoder.decode(raw)
