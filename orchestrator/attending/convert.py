"""Between the desk's protos and the domain; bounds of the contract are checked here."""

from __future__ import annotations

import re
from typing import Protocol

from orchestrator.attending.attendance import Visit, Words
from orchestrator.attending.board import Approvals, Changed, Hint, Listed, News, Removed
from orchestrator.attending.summaries import Shelf, Summary
from orchestrator.converse.convert import bad, conversation, downward, image_of
from orchestrator.converse.events import Downward
from orchestrator.journal.entries import Agent, Author
from orchestrator.sticker_protos import emotion_proto
from servicekit.errors import too_large
from stickerdesk.orchestrator.v1 import desk_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2

MAX_TEXT_CHARS = 4_000
MAX_PAGE = 200
DEFAULT_PAGE = 50
_TENANT = re.compile(r"[a-z0-9-]{1,64}")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_STICKER_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}/[a-z0-9][a-z0-9._-]{0,127}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SHELVES = {
    pb.DESK_LIST_WAITING: Shelf.WAITING,
    pb.DESK_LIST_MINE: Shelf.MINE,
    pb.DESK_LIST_TAKEN: Shelf.TAKEN,
    pb.DESK_LIST_RECENT: Shelf.RECENT,
}
_AUTHORS = {
    Author.CUSTOMER: orchestrator_pb2.AUTHOR_CUSTOMER,
    Author.ASSISTANT: orchestrator_pb2.AUTHOR_ASSISTANT,
    Author.AGENT: orchestrator_pb2.AUTHOR_AGENT,
    Author.SYSTEM: orchestrator_pb2.AUTHOR_SYSTEM,
}


class _Named(Protocol):
    tenant: str

    @property
    def agent(self) -> pb.DeskAgent:
        """Who asks."""
        ...


class _Visiting(_Named, Protocol):
    conversation_id: str


def agent_of(request: _Named) -> Agent:
    """Who asks, for which tenant.

    Raises:
        ServiceError: INVALID_FRAME (400) that names the field.
    """
    if not _TENANT.fullmatch(request.tenant):
        raise bad("tenant", "1 to 64 characters of [a-z0-9-] are needed")
    identity, name = request.agent.id, _CONTROL.sub("", request.agent.name).strip()
    if not 1 <= len(identity) <= 128:
        raise bad("agent.id", "1 to 128 characters are needed")
    if not 1 <= len(name) <= 64:
        raise bad("agent.name", "1 to 64 characters are needed")
    return Agent(identity, name)


def visit_of(request: _Visiting) -> Visit:
    """Who acts, and where.

    Raises:
        ServiceError: INVALID_FRAME (400) that names the field.
    """
    agent = agent_of(request)
    if not 1 <= len(request.conversation_id) <= 64:
        raise bad("conversation_id", "1 to 64 characters are needed")
    return Visit(request.tenant, agent, request.conversation_id)


def shelf_of(wanted: pb.DeskList.ValueType) -> Shelf:
    """Which list.

    Raises:
        ServiceError: INVALID_FRAME (400).
    """
    shelf = _SHELVES.get(wanted)
    if shelf is None:
        raise bad("list", "waiting, mine, taken or recent")
    return shelf


def page_of(request: pb.ListConversationsRequest) -> tuple[int, int]:
    """Where a page begins, and how long it is.

    Raises:
        ServiceError: INVALID_FRAME (400).
    """
    if not 0 <= request.page_size <= MAX_PAGE:
        raise bad("page_size", f"1 to {MAX_PAGE}, or 0 for {DEFAULT_PAGE}")
    token = request.page_token
    if token and not (token.isascii() and token.isdigit() and len(token) <= 9):
        raise bad("page_token", "is not of this list")
    return int(token or 0), request.page_size or DEFAULT_PAGE


def said_of(request: pb.SayToCustomerRequest) -> Words:
    """What is to be said.

    Raises:
        ServiceError: INVALID_FRAME (400) that names the field, TEXT_TOO_LONG or PICTURE_TOO_LARGE (413).
    """
    if not _MESSAGE_ID.fullmatch(request.message_id):
        raise bad("message_id", "1 to 64 characters of [A-Za-z0-9._-] are needed")
    if request.WhichOneof("content") == "text":
        text = _CONTROL.sub("", request.text.text)
        if len(text) > MAX_TEXT_CHARS:
            raise too_large("TEXT_TOO_LONG", f"at most {MAX_TEXT_CHARS} characters, send it in parts")
        if not text.strip():
            raise bad("text", "must not be empty")
        return Words(request.message_id, text=text)
    if request.WhichOneof("content") == "sticker":
        if not _STICKER_ID.fullmatch(request.sticker.sticker.id):
            raise bad("sticker", "is not the id of a sticker")
        return Words(request.message_id, sticker_id=request.sticker.sticker.id)
    if request.WhichOneof("content") == "image":
        return Words(request.message_id, image=image_of(request.image))
    raise bad("content", "text, sticker or image is required")


def summary_proto(one: Summary) -> pb.ConversationSummary:
    """A conversation of a list, for the wire."""
    head = one.head
    out = pb.ConversationSummary(
        conversation=conversation(head),
        customer_name=one.customer,
        last_text=one.last_text,
        last_author=_AUTHORS[one.last_author] if one.last_author else orchestrator_pb2.AUTHOR_UNSPECIFIED,
        emotion=emotion_proto(one.emotion),
        position=one.position,
        reason=one.reason,
        ticket=one.ticket,
    )
    if head.handed_ms:
        out.waiting_since.FromMilliseconds(head.handed_ms)
        out.waited.FromMilliseconds(one.waited_ms)
    if head.agent is not None:
        out.agent.id, out.agent.name = head.agent.id, head.agent.name
        out.taken_at.FromMilliseconds(head.taken_ms)
    return out


def news_proto(news: News | Hint | Downward) -> pb.WatchDeskResponse:
    """What a watcher is told, for the wire."""
    match news:
        case Listed():
            return pb.WatchDeskResponse(listed=pb.DeskListed(conversations=map(summary_proto, news.summaries)))
        case Changed():
            return pb.WatchDeskResponse(changed=summary_proto(news.summary))
        case Removed():
            return pb.WatchDeskResponse(removed=news.conversation_id)
        case Approvals():
            return pb.WatchDeskResponse(approvals_changed=True)
        case Hint():
            return pb.WatchDeskResponse(hint=_hint(news))
        case _:
            return pb.WatchDeskResponse(conversation=downward(news))


def _hint(hint: Hint) -> pb.DeskHint:
    out = pb.DeskHint(
        seq=hint.seq, intent=hint.intent, certainty=hint.certainty, emotion=emotion_proto(hint.emotion),
        suggested_reply=hint.reply,
    )  # fmt: skip
    if hint.article_id:
        out.citation.article_id, out.citation.title = hint.article_id, hint.title
    return out
