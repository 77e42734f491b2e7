"""Parts that die in the middle of a turn: the complete answer once, or an error that says what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from launcher.valkey import EmbeddedValkey
from orchestrator.reply.engine import Brief, Closing
from servicekit.errors import unavailable
from servicekit.resilience import Deadline
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.fakes import ScriptedEngine
from tests.orchestrator.harness import Client, client, running
from tests.orchestrator.processes import process

pytestmark = pytest.mark.integration

QUESTION = "my parcel hasn't moved since Tuesday"
SLOW = {"pace_s": 0.05, "lease_s": 0.6}


class Exploding(ScriptedEngine):
    """Breaks in a way that nobody foresaw."""

    async def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Closing]:
        yield self._parts[0]
        raise RuntimeError("unforeseen")


async def half_answered(kim: Client) -> str:
    """Asks, and waits until some of the answer has been streamed; the id of the message."""
    sent = await kim.say(QUESTION)
    await kim.until(lambda: len(kim.of("delta")) >= 2)
    assert len(kim.entries) == 1
    return sent


async def test_kill_9_in_the_middle_of_an_answer(redis_url: str, tmp_path: Path) -> None:
    """A second process takes the turn over; its clients see a higher attempt and one answer."""
    async with (
        process(redis_url, tmp_path, redis_prefix="kill9", **SLOW) as one,
        process(redis_url, tmp_path, redis_prefix="kill9", **SLOW) as two,
    ):
        async with client(two.url, "killed") as laptop:
            phone = Client(one.url)
            await phone.open("killed")
            sent = await half_answered(phone)
            await laptop.until(lambda: laptop.has("delta"))
            await one.kill()
            await phone.until(lambda: phone.status is not None)
            assert phone.status == grpc.StatusCode.UNAVAILABLE
            await laptop.until(lambda: laptop.has("turn_ended"))
            answer = laptop.entries[-1]
            assert laptop.seqs == [1, 2]
            assert laptop.streamed(answer.turn_id) == answer.text.text
            assert max(delta.attempt for delta in laptop.of("delta")) == 2
            await phone.close()
        async with client(two.url, "killed", last_seq=1, epoch=phone.of("opened")[0].conversation.epoch) as again:
            await again.say(QUESTION, sent)
            await again.until(lambda: again.has("ack"))
            assert again.of("ack")[0].duplicate
            assert again.seqs == [2]


async def test_a_turn_survives_when_nobody_is_left(redis_url: str, tmp_path: Path) -> None:
    """The only process is killed; the one that is started later answers what was acknowledged."""
    async with process(redis_url, tmp_path, redis_prefix="alone", **SLOW) as one:
        phone = Client(one.url)
        await phone.open("lonely")
        await half_answered(phone)
        await one.kill()
        await phone.close()
    async with process(redis_url, tmp_path, redis_prefix="alone", **SLOW) as two, client(two.url, "lonely") as again:
        await again.until(lambda: len(again.entries) == 2)
        assert "PEACH" in again.entries[1].text.text  # the case is closed by whoever takes it over


async def test_sigterm_lets_the_answer_end(redis_url: str, tmp_path: Path) -> None:
    """The running answer is finished and sent, then the stream ends with UNAVAILABLE; the process leaves with 0."""
    async with process(redis_url, tmp_path, redis_prefix="drain", **SLOW) as one:
        phone = Client(one.url)
        await phone.open("drained")
        await half_answered(phone)
        assert await one.terminate() == 0
        await phone.until(lambda: phone.status is not None)
        assert phone.status == grpc.StatusCode.UNAVAILABLE
        assert phone.seqs == [1, 2]
        await phone.close()


async def test_a_store_that_dies_and_comes_back(tmp_path: Path) -> None:
    """No ack without the store, but a retryable error that names the message; then every acked message is there."""
    valkey = EmbeddedValkey.start(tmp_path)
    async with running(valkey.url) as desk, client(desk.url, "patient") as kim:
        await kim.ask("hello")
        await asyncio.sleep(1.1)  # the server syncs its file every second
        valkey.kill()
        sent = await kim.say("are you there?")
        await kim.until(lambda: kim.has("error"))
        error = kim.of("error")[0]
        assert (error.code, error.reason, error.retryable, error.client_msg_id) == (503, "UNAVAILABLE", True, sent)
        assert len(kim.of("ack")) == 1
        valkey = EmbeddedValkey.start(tmp_path, port=valkey.port)
        try:
            await kim.say("are you there?", sent)
            await kim.until(lambda: len(kim.of("ack")) == 2 or len(kim.of("error")) > 1)
            await kim.until(lambda: len(kim.of("turn_ended")) == 2)
            assert not kim.of("ack")[1].duplicate
            assert kim.seqs == [1, 2, 3, 4]
        finally:
            valkey.stop()


async def test_without_triton_and_recommender_there_is_an_answer(redis_url: str) -> None:
    """Words alone find the article; no sticker is shown; nothing is an error."""
    async with running(redis_url) as desk, client(desk.url) as kim:
        desk.encoder.down = True
        desk.recommender.failing = unavailable("DOWN", "down")
        answer = await kim.ask(QUESTION)
        assert [one.article_id for one in answer.citations] == ["shipping-delay"]
        assert not answer.stickers
        assert not kim.has("error")


async def test_a_poison_message_ends_with_a_notice(redis_url: str) -> None:
    """Every try fails: the customer is told and offered a person, and the next message is answered."""
    async with running(redis_url, Exploding("x")) as desk, client(desk.url) as kim:
        notice = await kim.ask(QUESTION)
        assert notice.notice.kind == "turn_failed"
        assert list(notice.quick_replies) == ["Talk to a person"]
        assert kim.of("turn_ended")[0].outcome == pb.TurnEnded.OUTCOME_FAILED
        handed = await kim.ask("Talk to a person")
        assert handed.notice.kind == "handed_over"
        assert kim.seqs == [1, 2, 3, 4]
