"""Order, holes and duplicates of what one client is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.converse.events import CaughtUp, Delta, Downward, EntrySeen, Opened, TurnEnded, TypingSeen
from orchestrator.converse.session import Session
from orchestrator.journal.entries import Author, Body, Entry, Head, Outcome
from orchestrator.journal.feed import EntryAppended, TextStreamed, TurnOver, TypingChanged, Writing
from orchestrator.journal.ports import Page
from orchestrator.journal.replay import Cursor, Gap

pytestmark = pytest.mark.unit


def entry(seq: int, *, answer: bool = False) -> Entry:
    if answer:
        return Entry(seq, 0, Body(author=Author.ASSISTANT, turn_id="t", text="a", outcome=Outcome.ANSWERED))
    return Entry(seq, 0, Body(author=Author.CUSTOMER, client_msg_id=f"m{seq}", turn_id="t", text="q"))


def page(*seqs: int, last: int, more: bool = False) -> Page:
    return Page(tuple(entry(seq) for seq in seqs), more, "e1", last)


def live(session: Session, seq: int, *, answer: bool = False) -> list[Downward]:
    return session.on_event(EntryAppended.of("c", entry(seq, answer=answer)))


def delta(session: Session, offset: int, text: str, attempt: int = 1, turn: str = "t") -> list[Downward]:
    return session.on_event(TextStreamed(conversation_id="c", turn_id=turn, attempt=attempt, offset=offset, text=text))


def opened(last: int = 0, has: int = 0) -> Session:
    session = Session("me")
    head = Head(conversation_id="c", tenant="t", customer_id="u", epoch="e1", last_seq=last)
    assert session.open(head, Cursor(has, "e1"), 100, resumed=bool(last)) == [Opened(head, bool(last))]
    return session


def caught_up(last: int = 0) -> Session:
    session = opened(last, has=last)
    assert session.on_page(page(last=last)) == [CaughtUp(last)]
    return session


def seqs(events: list[Downward]) -> list[int]:
    return [event.entry.seq for event in events if isinstance(event, EntrySeen)]


def test_news_that_overtake_a_page_are_looked_for_again() -> None:
    """An entry told while an older page was on its way is not left out until the next one comes."""
    session = opened()
    assert live(session, 1) == []
    assert session.on_page(page(last=0)) == []
    assert session.wants_page
    assert seqs(session.on_page(page(1, last=1))) == [1]
    assert not session.wants_page
    session.on_missed()
    assert live(session, 2) == []
    assert session.on_page(page(last=1)) == []
    assert session.wants_page
    assert seqs(session.on_page(page(2, last=2))) == [2]


def test_what_the_journal_has_no_more_is_not_waited_for() -> None:
    """A page that is up to date and empty is the end, whatever is missing before it."""
    session = opened(last=5)
    session.on_page(page(last=5))
    assert not session.wants_page


def test_replay_then_caught_up() -> None:
    """Pages come in order, then the client is told once that it is up to date."""
    session = opened(last=3)
    first = session.on_page(page(1, 2, last=3, more=True))
    assert (seqs(first), session.wants_page) == ([1, 2], True)
    rest = session.on_page(page(3, last=3))
    assert (seqs(rest), rest[-1], session.wants_page) == ([3], CaughtUp(3), False)


def test_an_unreachable_past_is_told_first() -> None:
    """The gap comes right after opened."""
    session = Session("me")
    head = Head(conversation_id="c", tenant="t", customer_id="u", epoch="e2", last_seq=3)
    assert isinstance(session.open(head, Cursor(9, "e1"), 100, resumed=True)[1], Gap)


def test_news_during_replay_wait_for_their_turn() -> None:
    """An entry that is appended while older ones are replayed is not sent early, and not lost."""
    session = opened(last=2)
    assert live(session, 3) == []
    assert seqs(session.on_page(page(1, 2, last=2))) == [1, 2]
    assert session.wants_page
    assert seqs(session.on_page(page(3, last=3))) == [3]


def test_news_that_skip_one_ask_for_the_journal() -> None:
    """A lost announcement shows as a hole and is filled from the journal."""
    session = caught_up(1)
    assert live(session, 3) == []
    assert session.wants_page
    assert seqs(session.on_page(page(2, 3, last=3))) == [2, 3]
    assert not session.wants_page


def test_doubled_news_are_told_once() -> None:
    """The same entry through the bus and from this process is one."""
    session = caught_up(1)
    assert seqs(live(session, 2)) == [2]
    assert live(session, 2) == []


def test_deltas_are_numbered_per_client() -> None:
    """Index counts from 0; overlap is cut."""
    session = caught_up()
    out = [*delta(session, 0, "Hel"), *delta(session, 3, "lo"), *delta(session, 3, "lo you")]
    assert out == [Delta("t", 0, 1, "Hel"), Delta("t", 1, 1, "lo"), Delta("t", 2, 1, " you")]


def test_a_client_that_comes_late_gets_what_was_said() -> None:
    """It starts with the whole so far, then goes on."""
    session = caught_up()
    assert session.on_writing(Writing("t", 1, "Hello ")) == [Delta("t", 0, 1, "Hello ")]
    assert delta(session, 6, "you") == [Delta("t", 1, 1, "you")]


def test_deltas_after_a_hole_are_held_back() -> None:
    """A text with a hole would mislead; the entry will repeat the whole."""
    session = caught_up()
    delta(session, 0, "Hello")
    assert delta(session, 9, "x") == []


def test_a_higher_attempt_starts_anew_and_silences_the_lower() -> None:
    """After a takeover only the new attempt counts."""
    session = caught_up()
    delta(session, 0, "old", attempt=1)
    assert delta(session, 0, "new", attempt=2) == [Delta("t", 0, 2, "new")]
    assert delta(session, 3, "old", attempt=1) == []


def test_an_answer_ends_its_turn_once() -> None:
    """turn_ended follows the entry; the later announcement of the same end is not told again; no delta follows."""
    session = caught_up()
    assert live(session, 1, answer=True)[-1] == TurnEnded("t", Outcome.ANSWERED)
    assert session.on_event(TurnOver(conversation_id="c", turn_id="t", outcome=Outcome.ANSWERED)) == []
    assert delta(session, 0, "late") == []


def test_a_turn_that_ended_without_words_is_told() -> None:
    """Stopped before it spoke: turn_ended alone."""
    session = caught_up()
    over = TurnOver(conversation_id="c", turn_id="t", outcome=Outcome.STOPPED)
    assert session.on_event(over) == [TurnEnded("t", Outcome.STOPPED)]


def test_an_end_without_words_survives_a_look_into_the_journal() -> None:
    """Told while the journal is read, it is passed on afterwards; one that an entry has told is not told again."""
    session = caught_up()
    session.on_missed()
    for turn in ("t", "silent"):
        over = TurnOver(conversation_id="c", turn_id=turn, outcome=Outcome.STOPPED)
        assert session.on_event(over) == []
    out = session.on_page(Page((entry(1, answer=True),), False, "e1", 1))
    assert [event for event in out if isinstance(event, TurnEnded)] == [
        TurnEnded("t", Outcome.ANSWERED),
        TurnEnded("silent", Outcome.STOPPED),
    ]


def test_nobody_hears_the_own_typing() -> None:
    """Typing goes to the other devices."""
    session = caught_up()
    mine = TypingChanged(conversation_id="c", author=Author.CUSTOMER, active=True, stream_id="me")
    theirs = TypingChanged(conversation_id="c", author=Author.CUSTOMER, active=True, stream_id="you")
    assert session.on_event(mine) == []
    assert session.on_event(theirs) == [TypingSeen(Author.CUSTOMER, True, "")]


@given(st.data())
def test_any_loss_and_doubling_ends_in_every_entry_once(data: st.DataObject) -> None:
    """However announcements are lost, doubled and delayed, entries come in order, each once."""
    total = data.draw(st.integers(1, 15))
    has = data.draw(st.integers(0, total))
    session, sent, written = opened(last=total, has=has), [], total
    for _ in range(data.draw(st.integers(0, 30))):
        kind = data.draw(st.sampled_from(["append", "append silently", "repeat", "page"]))
        if kind.startswith("append"):
            written += 1
            if kind == "append":
                sent += seqs(live(session, written))
        elif kind == "repeat":
            sent += seqs(live(session, data.draw(st.integers(1, written))))
        elif session.wants_page:
            upto = min(written, session.sent_seq + 4)
            got = range(session.sent_seq + 1, upto + 1)
            sent += seqs(session.on_page(page(*got, last=written, more=upto < written)))
    session.on_missed()
    while session.wants_page:
        got = range(session.sent_seq + 1, written + 1)
        sent += seqs(session.on_page(page(*got, last=written)))
    assert sent == list(range(has + 1, written + 1))
