"""What a session decides when the orchestrator says something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.edge.actions import Action, Offer, Opened, Send
from gateway.edge.core import SessionCore, State
from gateway.edge.cursor import Place
from gateway.edge.from_client import receipt_offer

_MAX_TURNS = 64  # answers awaited at once; they only decide how long a drain waits


def _on_opened(session: SessionCore, event: Opened, now_s: float) -> list[Action]:
    same_journal = (event.conversation, event.epoch) == (session.conversation, session.epoch)
    if not session.greet and not same_journal:
        # The journal was replaced behind the client's back: a fresh hello tells it in the ordinary way.
        return [session.close(CloseCode.REPLACED, "journal replaced")]
    if session.greet and session.epoch and event.epoch != session.epoch:
        session.cursor.reset(0)  # what the client has is of another journal
        session.receipt = (0, 0)
    elif session.greet and event.last_seq < session.cursor.last_seq:
        session.cursor.reset(event.last_seq)  # nobody can have more than there is
    session.failures = 0
    session.conversation, session.epoch = event.conversation, event.epoch
    session.state = State.LIVE
    actions: list[Action] = [Send(_welcome(session, event))] if session.greet else []
    session.greet = False
    actions.extend(Offer(message) for message in session.pending)
    if session.suggest is not None:
        actions.append(Offer(session.suggest))
        session.suggest = None
    if session.receipt != (0, 0):
        actions.append(receipt_offer(session))
    if session.rating is not None:
        actions.append(Offer(session.rating))
    return actions


def _welcome(session: SessionCore, event: Opened) -> frames.Welcome:
    return frames.Welcome(
        conversation=event.conversation,
        epoch=event.epoch,
        last_seq=event.last_seq,
        heartbeat_s=session.limits.heartbeat_s,
        token=session.token,
        resumed=event.resumed,
        language=event.language,
        state=event.state,
    )


def _on_ack(session: SessionCore, event: frames.Ack, now_s: float) -> list[Action]:
    if event.seq == 0:
        _settle_rating(session, event.client_msg_id)
        return [Send(event)]
    session.pending.settle(event.client_msg_id)
    if event.turn and not event.duplicate and len(session.turns) < _MAX_TURNS:
        session.turns.add(event.turn)
    return [Send(event)]


def _on_delta(session: SessionCore, event: frames.Delta, now_s: float) -> list[Action]:
    return [Send(event)] if session.cursor.delta(event) else []


def _on_entry(session: SessionCore, event: frames.Entry, now_s: float) -> list[Action]:
    place = session.cursor.entry(event.seq)
    if place is Place.SEEN:
        return []
    if place is Place.BEYOND_HOLE:  # never pass on a hole: ask for the replay from where the client stands
        return session.reopen(State.RECONNECTING, now_s)
    if event.turn and event.author != "customer":
        _end_turn(session, event.turn)
    return [Send(event)]


def _on_gap(session: SessionCore, event: frames.Gap, now_s: float) -> list[Action]:
    return [Send(event)] if session.cursor.gap(event) else []


def _on_caught_up(session: SessionCore, event: frames.CaughtUp, now_s: float) -> list[Action]:
    announced, session.announce = session.announce, False
    return [Send(event)] if announced else []


def _on_turn_ended(session: SessionCore, event: frames.TurnEnded, now_s: float) -> list[Action]:
    _end_turn(session, event.turn)
    return [Send(event)]


def _on_error(session: SessionCore, event: frames.Error, now_s: float) -> list[Action]:
    if event.client_msg_id:
        session.pending.settle(event.client_msg_id)
        _settle_rating(session, event.client_msg_id)
    return [Send(event)]


def _settle_rating(session: SessionCore, rating_id: str) -> None:
    if session.rating is not None and session.rating.rating_id == rating_id:
        session.rating = None


def _pass_on(session: SessionCore, event: frames.AnyServerFrame, now_s: float) -> list[Action]:
    return [Send(event)]


def _end_turn(session: SessionCore, turn: str) -> None:
    session.turns.discard(turn)
    session.cursor.turn_over(turn)


ON_EVENT: dict[type[Any], Callable[[SessionCore, Any, float], list[Action]]] = {
    Opened: _on_opened,
    frames.Ack: _on_ack,
    frames.Delta: _on_delta,
    frames.Entry: _on_entry,
    frames.Gap: _on_gap,
    frames.CaughtUp: _on_caught_up,
    frames.TurnEnded: _on_turn_ended,
    frames.Error: _on_error,
    frames.Suggestions: _pass_on,
    frames.Typing: _pass_on,
    frames.Receipt: _pass_on,
    frames.Queue: _pass_on,
}
"""Every event of the upstream stream and who decides over it: the session, the event, the moment."""
