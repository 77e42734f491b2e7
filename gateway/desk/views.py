"""Between the desk's protobuf messages and its JSON; conversion only."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway.edge.actions import Opened
from gateway.views import AUTHORS, STATES, Links, emotion_name, event_of
from stickerdesk.orchestrator.v1 import desk_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2

Event = tuple[str, Any]
"""Name and data of a server-sent event."""


def summary_view(one: pb.ConversationSummary) -> dict[str, Any]:
    """A conversation in a list; what is not known is left out."""
    head = one.conversation
    view: dict[str, Any] = {
        "conversation": head.id,
        "customer": head.customer_id,
        "name": one.customer_name,
        "state": STATES.get(head.state, "open"),
        "language": head.language,
        "last_seq": head.last_seq,
        "last_text": one.last_text,
        "last_author": AUTHORS.get(one.last_author, ""),
        "position": one.position,
        "reason": one.reason,
        "ticket": one.ticket,
    }
    if head.HasField("last_entry_at"):
        view["last_at"] = head.last_entry_at.ToJsonString()
    if (emotion := emotion_name(one.emotion)) is not None:
        view["emotion"] = emotion
    if one.HasField("waiting_since"):
        view["waiting_since"] = one.waiting_since.ToJsonString()
        view["waited_s"] = one.waited.ToMilliseconds() / 1000
    if one.HasField("agent"):
        view["agent"] = {"id": one.agent.id, "name": one.agent.name}
        view["taken_at"] = one.taken_at.ToJsonString()
    return view


def event_view(news: pb.WatchDeskResponse, links: Links) -> Event | None:
    """What happened; None for what this edge does not know yet."""
    kind = news.WhichOneof("event")
    match kind:
        case "listed":
            return "listed", {"conversations": [summary_view(one) for one in news.listed.conversations]}
        case "changed":
            return "changed", summary_view(news.changed)
        case "removed":
            return "removed", {"conversation": news.removed}
        case "approvals_changed":
            return "approvals", {}
        case "hint":
            return "hint", _hint(news.hint)
        case "conversation":
            return _of_conversation(news.conversation, links)
    return None


def _of_conversation(response: orchestrator_pb2.ConverseResponse, links: Links) -> Event | None:
    event = event_of(response, links)
    if event is None:
        return None
    if isinstance(event, Opened):
        facts = {
            "conversation": event.conversation, "epoch": event.epoch, "last_seq": event.last_seq,
            "state": event.state, "language": event.language,
        }  # fmt: skip
        return "opened", facts
    return str(type(event).__struct_config__.tag), msgspec.to_builtins(event)


def _hint(hint: pb.DeskHint) -> dict[str, Any]:
    view: dict[str, Any] = {"seq": hint.seq, "intent": hint.intent, "certainty": hint.certainty}
    if (emotion := emotion_name(hint.emotion)) is not None:
        view["emotion"] = emotion
    if hint.suggested_reply:
        view["suggested_reply"] = hint.suggested_reply
        view["citation"] = {"article": hint.citation.article_id, "title": hint.citation.title}
    return view
