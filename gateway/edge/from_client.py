"""What a session decides when the client says something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.edge.actions import Action, Keep, Offer, Send
from gateway.edge.core import SessionCore, State
from gateway.edge.pending import Admission
from gateway.errors import error_frame, public_reason
from gateway.messages import language_of
from servicekit.errors import Code, ServiceError


def _on_hello(session: SessionCore, frame: frames.Hello, now_s: float) -> list[Action]:
    if session.state is not State.AWAITING_HELLO:
        detail = "hello was said already; use resume"
        return session.strike(
            error_frame("INVALID_FRAME", session.language, session.trace_id, field="type", detail=detail)
        )
    session.locale = frame.locale or ""
    session.language = language_of(frame.locale)
    try:
        _admit(session, frame.token)
    except ServiceError as error:
        code = CloseCode.TOKEN_INVALID if error.code is Code.UNAUTHENTICATED else CloseCode.FORBIDDEN
        return [session.fault(error), session.close(code, public_reason(error))]
    session.conversation = frame.conversation or ""
    session.epoch = frame.epoch or ""
    session.cursor.reset((frame.last_seq or 0) if frame.epoch else 0)
    return session.open_for_client(now_s)


def _admit(session: SessionCore, token: str | None) -> None:
    if token:
        session.who = session.tokens.verify(token)
        session.token = session.tokens.refresh(token, session.who)
    else:
        session.token, session.who = session.tokens.issue()


def _on_resume(session: SessionCore, frame: frames.Resume, now_s: float) -> list[Action]:
    if session.conversation and frame.conversation != session.conversation:
        return [session.error("CONVERSATION_FORBIDDEN")]
    if not session.conversation:  # the first open is still under way: it replays all there is
        return [session.error("RECONNECTING", retry_after_ms=1000)]
    session.epoch = frame.epoch
    session.cursor.reset(frame.last_seq)
    return session.open_for_client(now_s)


def _on_message(session: SessionCore, frame: frames.Message, now_s: float) -> list[Action]:
    if session.draining:
        return [session.error("UNAVAILABLE", client_msg_id=frame.client_msg_id, retry_after_ms=1000)]
    return [Keep(frame)] if frame.picture is not None else admit_message(session, frame)


def admit_message(session: SessionCore, frame: frames.Message) -> list[Action]:
    """Takes a message whose picture, if it has one, is kept."""
    identity = frame.client_msg_id
    admission = session.pending.admit(frame)
    if admission is Admission.CONFLICT:
        return [session.error("MESSAGE_ID_CONFLICT", client_msg_id=identity)]
    if admission is Admission.FULL:
        reason = "TOO_MANY_PENDING" if session.state is State.LIVE else "RECONNECTING"
        return [session.error(reason, client_msg_id=identity, retry_after_ms=1000)]
    if admission is Admission.REPEATED or session.state is not State.LIVE:
        return []
    return [Offer(frame)]


def _on_suggest(session: SessionCore, frame: frames.Suggest, now_s: float) -> list[Action]:
    if session.state is State.LIVE:
        return [Offer(frame)]
    session.suggest = frame  # the newest supersedes
    return []


def _on_typing(session: SessionCore, frame: frames.TypingSignal, now_s: float) -> list[Action]:
    return [Offer(frame)] if session.state is State.LIVE else []


def _on_effect(session: SessionCore, frame: frames.Feedback | frames.Stop, now_s: float) -> list[Action]:
    if session.state is State.LIVE:
        return [Offer(frame)]
    return [session.error("RECONNECTING", retry_after_ms=1000)]


def _on_ping(session: SessionCore, frame: frames.ClientPing, now_s: float) -> list[Action]:
    return [Send(frames.ServerPong(t=frame.t))]


def _on_pong(session: SessionCore, frame: frames.ClientPong, now_s: float) -> list[Action]:
    rtt_s = now_s - frame.t / 1000
    session.rtt_s = rtt_s if 0.0 <= rtt_s <= 3600.0 else None
    return []


ON_FRAME: dict[type[Any], Callable[[SessionCore, Any, float], list[Action]]] = {
    frames.Hello: _on_hello,
    frames.Message: _on_message,
    frames.Suggest: _on_suggest,
    frames.TypingSignal: _on_typing,
    frames.Resume: _on_resume,
    frames.Feedback: _on_effect,
    frames.Stop: _on_effect,
    frames.ClientPing: _on_ping,
    frames.ClientPong: _on_pong,
}
"""Every frame of a client and who decides over it: the session, the frame, the moment."""
