"""What every turn log must do; runs against the fake and against the real server."""

from __future__ import annotations

import secrets

import pytest

from orchestrator.journal.entries import Author, Body, ConversationState, Image, Notice, NoticeKind, Outcome
from orchestrator.journal.ports import BeginStatus, Result, TurnRef
from servicekit.errors import Code, ServiceError
from tests.fakes import said
from tests.orchestrator.stores import LIMITS, Stores

pytestmark = pytest.mark.integration


async def asked(stores: Stores, *texts: str, owner: str = "a") -> list[TurnRef]:
    head, _ = await stores.journal.open(
        conversation_id="", tenant="demo", customer_id=secrets.token_hex(8), language="en"
    )
    turns = []
    for number, text in enumerate(texts):
        posted = await stores.journal.post(head.conversation_id, said(text, f"m{number}"), owner=owner)
        assert posted.turn is not None
        turns.append(posted.turn)
    return turns


def answer(turn: TurnRef, text: str = "answer") -> Result:
    body = Body(author=Author.ASSISTANT, turn_id=turn.turn_id, text=text, outcome=Outcome.ANSWERED)
    return Result(Outcome.ANSWERED, (body,))


async def texts(stores: Stores, turn: TurnRef) -> list[str | None]:
    page = await stores.journal.read(turn.conversation_id, after_seq=0, limit=50)
    return [entry.body.text for entry in page.entries]


async def test_a_turn_from_claim_to_answer(stores: Stores) -> None:
    """Begin gives the message, the head and a fence; finish appends the answer and ends the turn."""
    (turn,) = await asked(stores, "hello")
    begun = await stores.turns.begin(turn, owner="a")
    assert (begun.status, begun.attempt) == (BeginStatus.RUN, 1)
    assert [entry.body.text for entry in begun.history] == ["hello"]
    assert begun.head is not None
    entries = await stores.turns.finish(turn, owner="a", fence=begun.fence, result=answer(turn))
    assert entries is not None
    assert [entry.seq for entry in entries] == [2]
    assert await texts(stores, turn) == ["hello", "answer"]
    assert (await stores.turns.begin(turn, owner="a")).status is BeginStatus.DONE


async def test_an_answer_is_appended_once(stores: Stores) -> None:
    """Finishing again, as after a lost reply of the store, appends nothing."""
    (turn,) = await asked(stores, "hello")
    begun = await stores.turns.begin(turn, owner="a")
    await stores.turns.finish(turn, owner="a", fence=begun.fence, result=answer(turn))
    assert await stores.turns.finish(turn, owner="a", fence=begun.fence, result=answer(turn)) is None
    assert await texts(stores, turn) == ["hello", "answer"]


async def test_turns_of_a_conversation_run_in_order(stores: Stores) -> None:
    """The second waits for the first, whoever owns it, and then sees its answer."""
    first, second = await asked(stores, "one", "two")
    assert (await stores.turns.begin(second, owner="a")).status is BeginStatus.WAIT
    begun = await stores.turns.begin(first, owner="a")
    assert (await stores.turns.begin(second, owner="a")).status is BeginStatus.WAIT
    assert [entry.body.text for entry in begun.history] == ["one"]
    await stores.turns.finish(first, owner="a", fence=begun.fence, result=answer(first, "answer to one"))
    later = await stores.turns.begin(second, owner="a")
    assert later.status is BeginStatus.RUN
    assert [entry.body.text for entry in later.history] == ["one", "answer to one", "two"]


async def test_another_process_takes_over_the_silent(stores: Stores) -> None:
    """Not before the lease is over; then with a higher attempt and fence, and the old owner has lost it."""
    (turn,) = await asked(stores, "hello")
    dead = await stores.turns.begin(turn, owner="a")
    assert turn not in await stores.turns.take_over(owner="b")
    await stores.wait(LIMITS.lease_ms + 50)
    assert turn in await stores.turns.take_over(owner="b")
    alive = await stores.turns.begin(turn, owner="b")
    assert (alive.status, alive.attempt) == (BeginStatus.RUN, 2)
    assert alive.fence > dead.fence
    assert (await stores.turns.begin(turn, owner="a")).status is BeginStatus.LOST
    with pytest.raises(ServiceError) as caught:
        await stores.turns.finish(turn, owner="a", fence=dead.fence, result=answer(turn, "stale"))
    assert (caught.value.code, caught.value.reason) == (Code.CONFLICT, "STALE_FENCE")
    await stores.turns.finish(turn, owner="b", fence=alive.fence, result=answer(turn, "fresh"))
    assert await texts(stores, turn) == ["hello", "fresh"]


async def test_renewal_keeps_others_away(stores: Stores) -> None:
    """A claim that is renewed within the lease is not taken; one that is another's is not renewed."""
    (turn,) = await asked(stores, "hello")
    await stores.turns.begin(turn, owner="a")
    for _ in range(3):
        await stores.wait(LIMITS.lease_ms // 2)
        assert await stores.turns.renew([turn], owner="a") == [True]
    assert turn not in await stores.turns.take_over(owner="b")
    assert await stores.turns.renew([turn], owner="b") == [False]


async def test_a_released_turn_is_taken_at_once(stores: Stores) -> None:
    """A draining process gives back what it has not finished, and the try does not count."""
    (turn,) = await asked(stores, "hello")
    for owner, heir in (("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")):
        assert (await stores.turns.begin(turn, owner=owner)).status is BeginStatus.RUN
        await stores.turns.release([turn], owner=owner)
        assert turn in await stores.turns.take_over(owner=heir)
    assert (await stores.turns.begin(turn, owner="e")).attempt == 5


async def test_a_poison_turn_is_recognised(stores: Stores) -> None:
    """After the allowed tries begin says so, with a fence under which it can be buried."""
    (turn,) = await asked(stores, "hello")
    for _ in range(LIMITS.max_tries):
        assert (await stores.turns.begin(turn, owner="a")).status is BeginStatus.RUN
    begun = await stores.turns.begin(turn, owner="a")
    assert begun.status is BeginStatus.POISON
    notice = Body(
        author=Author.SYSTEM,
        turn_id=turn.turn_id,
        notice=Notice(NoticeKind.TURN_FAILED, "sorry"),
        outcome=Outcome.FAILED,
    )
    await stores.turns.finish(
        turn, owner="a", fence=begun.fence, result=Result(Outcome.FAILED, (notice,), dead_letter="tried too often")
    )
    page = await stores.journal.read(turn.conversation_id, after_seq=1, limit=5)
    assert page.entries[0].body.notice == Notice(NoticeKind.TURN_FAILED, "sorry")


async def test_a_restart_is_a_new_attempt_but_no_failure(stores: Stores) -> None:
    """Falling back to another engine in the middle raises the attempt without using up tries."""
    (turn,) = await asked(stores, "hello")
    assert (await stores.turns.begin(turn, owner="a")).attempt == 1
    assert [await stores.turns.restart(turn) for _ in range(4)] == [2, 3, 4, 5]
    assert (await stores.turns.begin(turn, owner="a")).status is BeginStatus.RUN


async def test_state_lives_and_dies(stores: Stores) -> None:
    """The next turn sees the state; after its life it sees none."""
    (turn,) = await asked(stores, "hello")
    begun = await stores.turns.begin(turn, owner="a")
    assert begun.state == b""
    result = Result(Outcome.ANSWERED, answer(turn).bodies, state=b'{"intent":"x"}', language="zh")
    await stores.turns.finish(turn, owner="a", fence=begun.fence, result=result)
    second = await stores.journal.post(turn.conversation_id, said("again", "m9"), owner="a")
    assert second.turn is not None
    seen = await stores.turns.begin(second.turn, owner="a")
    assert seen.state == b'{"intent":"x"}'
    assert seen.head is not None
    assert seen.head.language == "zh"
    await stores.wait(LIMITS.state_ms + 50)
    assert (await stores.turns.begin(second.turn, owner="a")).state == b""


async def test_a_turn_may_end_without_words(stores: Stores) -> None:
    """Stopped before it said anything: nothing is appended, and the next turn runs."""
    first, second = await asked(stores, "one", "two")
    begun = await stores.turns.begin(first, owner="a")
    assert await stores.turns.finish(first, owner="a", fence=begun.fence, result=Result(Outcome.STOPPED)) == ()
    assert (await stores.turns.begin(first, owner="a")).status is BeginStatus.DONE
    assert (await stores.turns.begin(second, owner="a")).status is BeginStatus.RUN


async def test_an_acknowledged_message_is_answered_even_after_closing(stores: Stores) -> None:
    """Closing ends writing by the customer, not answers to what was acknowledged; the state stays closed."""
    (turn,) = await asked(stores, "hello")
    begun = await stores.turns.begin(turn, owner="a")
    await stores.journal.close(turn.conversation_id, Body(author=Author.SYSTEM, text="bye"))
    result = Result(Outcome.ANSWERED, answer(turn).bodies, conversation=ConversationState.HANDED_OVER)
    assert await stores.turns.finish(turn, owner="a", fence=begun.fence, result=result)
    assert (await stores.journal.head(turn.conversation_id)).state is ConversationState.CLOSED


async def test_old_entries_are_trimmed_with_their_ids(stores: Stores) -> None:
    """Beyond the limit the oldest go; the head tells what is left; a forgotten id may be used again."""
    head, _ = await stores.journal.open(
        conversation_id="", tenant="demo", customer_id=secrets.token_hex(8), language="en"
    )
    for number in range(6):
        posted = await stores.journal.post(head.conversation_id, said("x", f"m{number}"), owner="a")
        assert posted.turn is not None
        begun = await stores.turns.begin(posted.turn, owner="a")
        await stores.turns.finish(posted.turn, owner="a", fence=begun.fence, result=answer(posted.turn))
    kept = await stores.journal.head(head.conversation_id)
    assert (kept.last_seq, kept.first_seq) == (12, 12 - LIMITS.max_entries + 1)
    assert not (await stores.journal.post(head.conversation_id, said("other", "m0"), owner="a")).duplicate
    assert (await stores.journal.post(head.conversation_id, said("x", "m5"), owner="a")).duplicate


async def test_a_preview_lives_with_its_turn(stores: Stores) -> None:
    """Whoever takes the turn over has the picture's preview, byte for byte; the journal never has it."""
    head, _ = await stores.journal.open(
        conversation_id="", tenant="demo", customer_id=secrets.token_hex(8), language="en"
    )
    preview = bytes(range(256)) * 4
    body = Body(author=Author.CUSTOMER, client_msg_id="p", image=Image(id="ab" * 16, width_px=1))
    posted = await stores.journal.post(head.conversation_id, body, owner="dead", preview=preview)
    assert posted.turn is not None
    assert posted.turn.preview == preview
    await stores.wait(LIMITS.lease_ms + 50)
    taken = {turn.turn_id: turn for turn in await stores.turns.take_over(owner="alive")}
    assert taken[posted.turn_id].preview == preview
    page = await stores.journal.read(head.conversation_id, after_seq=0, limit=5)
    assert [entry.body.image for entry in page.entries] == [body.image]


async def test_a_message_may_begin_its_turn(stores: Stores) -> None:
    """In one step: message, claim, lock and fence; the message that comes meanwhile waits its turn."""
    head, _ = await stores.journal.open(
        conversation_id="", tenant="demo", customer_id=secrets.token_hex(8), language="en"
    )
    first = await stores.journal.post(head.conversation_id, said("one", "m1"), owner="a", begin=True)
    again = await stores.journal.post(head.conversation_id, said("one", "m1"), owner="a", begin=True)
    second = await stores.journal.post(head.conversation_id, said("two", "m2"), owner="b", begin=True)
    assert first.turn is not None
    assert first.begun is not None
    assert (again.duplicate, again.begun, second.begun) == (True, None, None)
    assert (first.begun.status, first.begun.attempt) == (BeginStatus.RUN, 1)
    assert [entry.body.text for entry in first.begun.history] == ["one"]
    await stores.turns.finish(first.turn, owner="a", fence=first.begun.fence, result=answer(first.turn))
    assert second.turn is not None
    assert (await stores.turns.begin(second.turn, owner="b")).status is BeginStatus.RUN


async def test_a_turn_that_was_begun_with_its_message_is_taken_over(stores: Stores) -> None:
    """Whoever began it and died: another process takes it after the lease, and the dead one's answer is refused."""
    head, _ = await stores.journal.open(
        conversation_id="", tenant="demo", customer_id=secrets.token_hex(8), language="en"
    )
    posted = await stores.journal.post(head.conversation_id, said("one", "m1"), owner="dead", begin=True)
    assert posted.turn is not None
    assert posted.begun is not None
    assert await stores.turns.take_over(owner="b") == []
    await stores.wait(LIMITS.lease_ms + 50)
    (taken,) = await stores.turns.take_over(owner="b")
    begun = await stores.turns.begin(taken, owner="b")
    assert (begun.status, begun.attempt) == (BeginStatus.RUN, 2)
    with pytest.raises(ServiceError) as caught:
        await stores.turns.finish(posted.turn, owner="dead", fence=posted.begun.fence, result=answer(posted.turn))
    assert caught.value.reason == "STALE_FENCE"
    assert await stores.turns.finish(taken, owner="b", fence=begun.fence, result=answer(taken))
    assert await texts(stores, taken) == ["one", "answer"]
