"""What a session decides when the client says something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.edge.actions import Action, Fetch, Keep, Offer, Send
from gateway.edge.core import SessionCore, State, unix_s
from gateway.edge.pending import Admission
from gateway.edge.uploads import Uploads
from gateway.errors import error_frame, frame_of, public_reason
from gateway.messages import language_of
from gateway.service_frames import DEFAULT_HISTORY
from servicekit.errors import Code, ServiceError

_ON_REFUSAL = {
    Code.UNAUTHENTICATED: CloseCode.TOKEN_INVALID,
    Code.EXHAUSTED: CloseCode.RATE_LIMITED,  # too many new visitors: the same one may come back a little later
    Code.UNAVAILABLE: CloseCode.UNAVAILABLE,  # the key of the token is being fetched: come back in a moment
}


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
        return turned_away(session, error)
    session.conversation = frame.conversation or ""
    session.epoch = frame.epoch or ""
    session.cursor.reset((frame.last_seq or 0) if frame.epoch else 0)
    return session.open_for_client(now_s)


def turned_away(session: SessionCore, error: ServiceError) -> list[Action]:
    """Tells a client whose token is not, or no more, taken, and ends the connection."""
    return [session.fault(error), session.close(_ON_REFUSAL.get(error.code, CloseCode.FORBIDDEN), public_reason(error))]


def _admit(session: SessionCore, token: str | None) -> None:
    if not token:
        session.admit(*session.tokens.issue())
        return
    visitor = session.tokens.verify(token)
    kept = session.tokens.refresh(token, visitor)
    session.admit(kept, visitor if kept == token else session.tokens.verify(kept))


def _on_refresh(session: SessionCore, frame: frames.Refresh, now_s: float) -> list[Action]:
    before = session.visitor
    try:
        token, visitor = (
            (frame.token, session.tokens.verify(frame.token)) if frame.token else session.tokens.renew(before)
        )
    except ServiceError as error:
        return [session.fault(error)]
    if (visitor.subject, visitor.tenant) != (before.subject, before.tenant):
        return [session.error("TOKEN_FORBIDDEN")]
    session.admit(token, visitor)
    return [Send(frames.Refreshed(token=token, expires_at=unix_s(visitor.expires_at_s)))]


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
    if (wait_s := session.tokens.spend(session.visitor)) > 0.0:
        wait_ms = max(1, round(wait_s * 1000))
        return [session.error("RATE_LIMITED", client_msg_id=frame.client_msg_id, retry_after_ms=wait_ms)]
    return [Keep(frame)] if frame.picture is not None else admit_message(session, frame, now_s)


def admit_message(session: SessionCore, frame: frames.Message, now_s: float) -> list[Action]:
    """Takes a message whose picture, if it has one, is kept."""
    identity = frame.client_msg_id
    if session.rating is not None and session.rating.rating_id == identity:
        return [session.error("MESSAGE_ID_CONFLICT", client_msg_id=identity)]
    if not session.pending:
        session.unheard_s = now_s
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


def _on_receipt(session: SessionCore, frame: frames.ReceiptSignal, now_s: float) -> list[Action]:
    delivered, read = session.receipt
    read = max(read, frame.read or 0)
    risen = (max(delivered, frame.delivered or 0, read), read)  # what was read has arrived
    if risen == session.receipt:
        return []
    session.receipt = risen
    return [receipt_offer(session)] if session.state is State.LIVE else []


def receipt_offer(session: SessionCore) -> Offer:
    """All that the client said about how far it has got; told again on every new stream, for the old may have died."""
    delivered, read = session.receipt
    return Offer(frames.ReceiptSignal(delivered=delivered, read=read))


def _on_rating(session: SessionCore, frame: frames.Rating, now_s: float) -> list[Action]:
    if frame.rating_id in session.pending:
        return [session.error("MESSAGE_ID_CONFLICT", client_msg_id=frame.rating_id)]
    session.rating = frame  # the newest replaces
    return [Offer(frame)] if session.state is State.LIVE else []


def _on_history(session: SessionCore, frame: frames.HistoryQuery, now_s: float) -> list[Action]:
    if session.state is not State.LIVE:  # before that, nobody has proved that the conversation is the client's
        return [session.error("RECONNECTING", history_id=frame.history_id, retry_after_ms=1000)]
    return [Fetch(frame, session.conversation, frame.limit or DEFAULT_HISTORY)]


def _on_ping(session: SessionCore, frame: frames.ClientPing, now_s: float) -> list[Action]:
    return [Send(frames.ServerPong(t=frame.t))]


def _on_pong(session: SessionCore, frame: frames.ClientPong, now_s: float) -> list[Action]:
    rtt_s = now_s - frame.t / 1000
    session.rtt_s = rtt_s if 0.0 <= rtt_s <= 3600.0 else None
    return []


def _on_upload(session: SessionCore, frame: frames.Upload, now_s: float) -> list[Action]:
    if session.draining:  # what came so far is kept: it goes on at another gateway
        return [session.error("UNAVAILABLE", upload_id=frame.upload_id, retry_after_ms=1000)]
    return uploads_of(session).begin(frame, now_s)


def _on_upload_cancel(session: SessionCore, frame: frames.UploadCancel, now_s: float) -> list[Action]:
    return uploads_of(session).cancel(frame)


def uploads_of(session: SessionCore) -> Uploads:
    """What the client uploads; most connections never do, and have none."""
    if session.uploads is None:
        session.uploads = Uploads(
            lambda error: frame_of(error, session.language, session.trace_id), life_s=session.limits.upload_life_s
        )
    return session.uploads


ON_FRAME: dict[type[Any], Callable[[SessionCore, Any, float], list[Action]]] = {
    frames.Hello: _on_hello,
    frames.Message: _on_message,
    frames.Suggest: _on_suggest,
    frames.TypingSignal: _on_typing,
    frames.Resume: _on_resume,
    frames.Feedback: _on_effect,
    frames.Stop: _on_effect,
    frames.ReceiptSignal: _on_receipt,
    frames.HistoryQuery: _on_history,
    frames.Rating: _on_rating,
    frames.Refresh: _on_refresh,
    frames.ClientPing: _on_ping,
    frames.ClientPong: _on_pong,
    frames.Upload: _on_upload,
    frames.UploadCancel: _on_upload_cancel,
}
"""Every frame of a client and who decides over it: the session, the frame, the moment."""
