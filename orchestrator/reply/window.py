"""What of a conversation fits into a model's context: the newest messages whole, the older ones in short."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.llm.chat import ChatMessage, Role

_LINE_CHARS = 120
_WIDE_FROM = "⺀"  # from here on a character is about a token of its own
_NARROW_PER_TOKEN = 3.5
_PER_MESSAGE = 4
_SUMMARY_SHARE = 0.25


def tokens(text: str) -> int:
    """About how many tokens a text has, rather too many: models disagree, and the SDKs cannot count."""
    wide = sum(1 for sign in text if sign >= _WIDE_FROM)
    return wide + int((len(text) - wide) / _NARROW_PER_TOKEN) + 1


def fitted(messages: Sequence[ChatMessage], budget: int, title: str, lines: tuple[str, str]) -> tuple[ChatMessage, ...]:
    """The messages within a budget of tokens; the last one always, those before it while they fit.

    Args:
        messages: In order.
        budget: Tokens for all of them.
        title: Stands before the summary of what did not fit.
        lines: What stands for a customer's and for an assistant's message in the summary, with {text}.
    """
    left = budget
    kept = 0
    for message in reversed(messages):
        left -= tokens(message.text) + _PER_MESSAGE
        if kept and left < 0:
            break
        kept += 1
    older, newer = messages[: len(messages) - kept], tuple(messages[len(messages) - kept :])
    if not older:
        return newer
    return (_summary(older, max(0, int(budget * _SUMMARY_SHARE)), title, lines), *newer)


def _summary(older: Sequence[ChatMessage], budget: int, title: str, lines: tuple[str, str]) -> ChatMessage:
    """One line for each, the newest that fit; it is the customer's message, for customers' words stand in it."""
    told: list[str] = []
    for message in reversed(older):
        line = lines[0 if message.role is Role.USER else 1].format(text=_line(message.text))
        budget -= tokens(line)
        if budget < 0:
            break
        told.append(line)
    return ChatMessage(Role.USER, "\n".join([title, *reversed(told)]))


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LINE_CHARS else f"{line[: _LINE_CHARS - 1]}…"
