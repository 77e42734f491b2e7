"""While a person has a conversation: what they say arrives once, the engine is silent, and they are given hints."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from orchestrator.reply.engine import Brief, Closing
from servicekit.resilience import Deadline
from stickerdesk.orchestrator.v1 import desk_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2
from tests.orchestrator.attending.agents import agent, handed_over, refused
from tests.orchestrator.harness import client, running
from tests.orchestrator.processes import process

pytestmark = pytest.mark.integration


class NeverReady:
    """An engine that begins to answer and does not come to an end."""

    name = "never"

    async def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Closing]:
        """See the port."""
        yield "Once upon a time"
        await asyncio.Event().wait()


ATTENDED = orchestrator_pb2.TurnEnded.OUTCOME_ATTENDED


async def test_both_talk_and_the_engine_is_silent(redis_url: str) -> None:
    """Every message is acknowledged and its turn ends; nothing is said or read in the engine's name."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        await anna.take(conversation)
        await kim.until(lambda: kim.entries[-1].notice.kind == "agent_joined")
        before = len(kim.entries)
        await kim.say("when do I get my refund?")
        await kim.until(lambda: kim.of("turn_ended")[-1].outcome == ATTENDED)
        await anna.say(conversation, "I am looking it up")
        await kim.until(lambda: kim.entries[-1].author == orchestrator_pb2.AUTHOR_AGENT)
        assert [it.author for it in kim.entries[before:]] == [
            orchestrator_pb2.AUTHOR_CUSTOMER, orchestrator_pb2.AUTHOR_AGENT,
        ]  # fmt: skip
        thinks = [it for it in kim.of("typing") if it.author == orchestrator_pb2.AUTHOR_ASSISTANT and it.active]
        assert len(thinks) == 1
        reads = [it.read_seq for it in kim.of("receipt") if it.reader == orchestrator_pb2.AUTHOR_ASSISTANT]
        assert max(reads) <= before


async def test_the_same_message_twice_is_said_once(redis_url: str) -> None:
    """Other words under its id are refused; every device hears it."""
    async with running(redis_url) as one, client(one.url, "kim") as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        await anna.take(conversation)
        first = await anna.say(conversation, "hello", "m1")
        assert await anna.say(conversation, "hello", "m1") == first
        assert (await refused(anna.say(conversation, "bye", "m1"))).reason == "MESSAGE_ID_CONFLICT"
        async with client(one.url, "kim") as phone:
            for device in (kim, phone):
                await device.until(lambda device=device: device.entries[-1].seq == first.seq)  # type: ignore[misc]
                assert [it.text.text for it in device.entries].count("hello") == 1


async def test_stickers_are_said_too(redis_url: str) -> None:
    """A known one arrives whole; an unknown one is an error of its own."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        await anna.take(conversation)
        identity = one.recommender.stickers[0].id
        sticker = orchestrator_pb2.StickerContent()
        sticker.sticker.id = identity
        await anna.desk.SayToCustomer(
            pb.SayToCustomerRequest(**anna.about(conversation), message_id="s1", sticker=sticker)
        )
        await kim.until(lambda: kim.entries[-1].sticker.sticker.id == identity)
        sticker.sticker.id = "house/nothing"
        request = pb.SayToCustomerRequest(**anna.about(conversation), message_id="s2", sticker=sticker)
        assert (await refused(anna.desk.SayToCustomer(request))).reason == "STICKER_NOT_FOUND"


async def test_pictures_are_said_too(redis_url: str) -> None:
    """By the edge's name for them; what no picture can be is refused by its field."""
    picture = {"image_id": "p1", "media_type": "image/webp", "width_px": 40, "height_px": 30, "size_bytes": 99}
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        await anna.take(conversation)
        for _ in range(2):
            said = await anna.desk.SayToCustomer(_showing(anna.about(conversation), **picture))
        await kim.until(lambda: kim.entries[-1].seq == said.entry.seq)
        heard = kim.entries[-1]
        assert (heard.author, heard.agent_name) == (orchestrator_pb2.AUTHOR_AGENT, "Anna")
        assert (heard.image.image_id, heard.image.width_px, heard.image.size_bytes) == ("p1", 40, 99)
        for wrong in ({"image_id": "../x"}, {"media_type": "text/html"}, {"width_px": 0}):
            request = _showing(anna.about(conversation), **(picture | wrong))
            assert (await refused(anna.desk.SayToCustomer(request))).reason == "INVALID_FRAME"


def _showing(about: dict[str, object], **picture: object) -> pb.SayToCustomerRequest:
    image = orchestrator_pb2.ImageContent(**picture)  # type: ignore[arg-type]
    return pb.SayToCustomerRequest(**about, message_id="p1", image=image)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"message_id": "", "text": orchestrator_pb2.TextContent(text="x")}, "INVALID_FRAME"),
        ({"message_id": "a b", "text": orchestrator_pb2.TextContent(text="x")}, "INVALID_FRAME"),
        ({"message_id": "m"}, "INVALID_FRAME"),
        ({"message_id": "m", "text": orchestrator_pb2.TextContent(text=" \x00 ")}, "INVALID_FRAME"),
        ({"message_id": "m", "text": orchestrator_pb2.TextContent(text="x" * 4001)}, "TEXT_TOO_LONG"),
        ({"message_id": "m", "sticker": orchestrator_pb2.StickerContent()}, "INVALID_FRAME"),
    ],
)
async def test_what_cannot_be_said(redis_url: str, fields: dict[str, object], reason: str) -> None:
    """Nothing, too much, under no id."""
    async with running(redis_url) as one, agent(one.url) as anna:
        request = pb.SayToCustomerRequest(**anna.about("c-1"), **fields)  # type: ignore[arg-type]
        assert (await refused(anna.desk.SayToCustomer(request))).reason == reason


async def test_typing_and_reading_are_told(redis_url: str) -> None:
    """Both ways: the customer sees a person typing and how far they read; the person sees the customer typing."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        await anna.take(conversation)
        anna.watch(conversation_id=conversation)
        await anna.until(lambda: anna.events("caught_up"))
        await anna.desk.SetTyping(pb.SetTypingRequest(**anna.about(conversation), active=True))
        await kim.until(
            lambda: any(it.author == orchestrator_pb2.AUTHOR_AGENT and it.active for it in kim.of("typing"))
        )
        await anna.desk.MarkRead(pb.MarkReadRequest(**anna.about(conversation), seq=2))
        await kim.until(lambda: any(it.reader == orchestrator_pb2.AUTHOR_AGENT for it in kim.of("receipt")))
        await kim.send(typing=orchestrator_pb2.TypingSignal(active=True))
        await anna.until(lambda: any(it.active for it in anna.events("typing")))
        assert {it.author for it in anna.events("typing")} == {orchestrator_pb2.AUTHOR_CUSTOMER}
        assert (await refused(
            anna.desk.MarkRead(pb.MarkReadRequest(**anna.about(conversation), seq=-1))
        )).metadata["field"] == "seq"  # fmt: skip


async def test_a_person_is_given_hints(redis_url: str) -> None:
    """What the customer wants and feels, and what the built-in engine would say, for the message it belongs to."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        await anna.take(conversation)
        anna.watch(conversation_id=conversation)
        await anna.until(lambda: anna.events("caught_up"))
        await kim.say("how long do I have to return something?")
        await anna.until(lambda: anna.of("hint"))
        (hint,) = anna.of("hint")
        assert hint.seq == kim.of("ack")[-1].seq
        assert "30" in hint.suggested_reply
        assert hint.citation.article_id
        async with agent(one.url, "Ben") as ben:
            ben.watch(conversation_id=conversation)
            await ben.until(lambda: ben.of("hint"))
            assert ben.of("hint") == [hint]


async def test_an_answer_that_was_being_written_is_void(redis_url: str) -> None:
    """A person takes over in the middle of it: the customer sees its end, and not one word of it in the journal."""
    async with running(redis_url, NeverReady()) as one, client(one.url) as kim, agent(one.url) as anna:
        await kim.say("tell me a story")
        await kim.until(lambda: kim.has("delta"))
        conversation = kim.of("opened")[0].conversation.id
        await anna.take(conversation)
        await kim.until(lambda: kim.has("turn_ended"))
        await anna.say(conversation, "I tell you one myself")
        await kim.until(lambda: kim.entries[-1].text.text == "I tell you one myself")
        assert [it.author for it in kim.entries] == [
            orchestrator_pb2.AUTHOR_CUSTOMER, orchestrator_pb2.AUTHOR_SYSTEM, orchestrator_pb2.AUTHOR_AGENT,
        ]  # fmt: skip


async def test_nothing_is_lost_when_the_process_dies_in_between(redis_url: str, tmp_path: Path) -> None:
    """Killed after the taking: whoever is left lets the same agent go on, in the same conversation."""
    prefix = "t" + secrets.token_hex(4)
    async with AsyncExitStack() as stack:
        dying = await stack.enter_async_context(process(redis_url, tmp_path, redis_prefix=prefix))
        async with client(dying.url, "kim") as kim, agent(dying.url) as anna:
            conversation = await handed_over(kim, anna)
            await anna.take(conversation)
            said = asyncio.create_task(anna.say(conversation, "hello", "m1"))
            await dying.kill()
            await asyncio.gather(said, return_exceptions=True)
        left = await stack.enter_async_context(process(redis_url, tmp_path, redis_prefix=prefix))
        async with client(left.url, "kim") as kim, agent(left.url) as anna:
            assert [it.conversation.id for it in await anna.listed(pb.DESK_LIST_MINE)] == [conversation]
            entry = await anna.say(conversation, "hello", "m1")
            await kim.until(lambda: kim.entries[-1].seq == entry.seq)
            assert [it.text.text for it in kim.entries].count("hello") == 1
            await kim.say("are you there?")
            await kim.until(lambda: kim.has("turn_ended"))
            assert kim.of("turn_ended")[-1].outcome == ATTENDED
