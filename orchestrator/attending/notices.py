"""What customers are told when a person comes and goes."""

from __future__ import annotations

from orchestrator.journal.entries import Agent, Author, Body, Notice, NoticeKind
from orchestrator.journal.redis_attending import Notices

_CLOSED = {"en": "This conversation is closed. Thank you for writing!", "zh": "本次会话已结束，感谢您的咨询！"}


def joined(agent: Agent) -> Notices:
    """A person has the conversation."""
    return _notices(NoticeKind.AGENT_JOINED, f"{agent.name} has joined the conversation.", f"{agent.name} 已加入会话。")


def handed_back(agent: Agent) -> Notices:
    """The engine answers again."""
    return _notices(
        NoticeKind.AGENT_LEFT,
        f"{agent.name} has left. The assistant answers again.",
        f"{agent.name} 已离开，接下来由智能助手为您服务。",
    )


def left(agent: Agent) -> Notices:
    """The person is gone; the customer waits again."""
    return _notices(
        NoticeKind.AGENT_LEFT,
        f"{agent.name} had to leave. You are back in the line, at your old place.",
        f"{agent.name} 暂时离开，您已回到排队中原来的位置。",
    )


def closed(language: str) -> Body:
    """The last word of a conversation."""
    return _body(NoticeKind.CLOSED, _CLOSED[language])


def ended() -> Notices:
    """The same in both languages."""
    return Notices(closed("en"), closed("zh"))


def _notices(kind: NoticeKind, english: str, chinese: str) -> Notices:
    return Notices(_body(kind, english), _body(kind, chinese))


def _body(kind: NoticeKind, text: str) -> Body:
    return Body(author=Author.SYSTEM, notice=Notice(kind, text))
