"""A picture as a message: acknowledged at once, understood in the turn, answered fittingly."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from orchestrator.journal.entries import Emotion
from orchestrator.understanding.picture import Seen
from servicekit.errors import unavailable
from stickerdesk.catalog.v1 import catalog_pb2 as catalog
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.fakes import FakePictures
from tests.orchestrator.harness import Client, client, running
from tests.orchestrator.llm.provider import Script, provider
from tests.orchestrator.reply.models import model

pytestmark = pytest.mark.integration

PREVIEW = b"\xff\xd8\xff\x00\xfe preview, not text \x80"
CRYING = Seen({"en": "a crying cat", "zh": "一只哭泣的猫"}, Emotion.SADNESS, 0.9, "negative", embedding=(1.0,) * 256)


def image(image_id: str = "ab" * 16, preview: bytes = PREVIEW, **fields: object) -> pb.ImageContent:
    facts = {"media_type": "image/webp", "width_px": 40, "height_px": 30, "size_bytes": 900} | fields
    return pb.ImageContent(image_id=image_id, preview=preview, **facts)


async def show(kim: Client, content: pb.ImageContent, client_msg_id: str = "") -> pb.Entry:
    """Sends a picture and waits for the entry that answers it."""
    ended = len(kim.of("turn_ended"))
    message = pb.UserMessage(client_msg_id=client_msg_id or secrets.token_hex(6), image=content)
    await kim.send(user_message=message)
    await kim.until(lambda: len(kim.of("turn_ended")) > ended)
    return kim.entries[-1]


async def test_a_sad_picture_is_named_and_asked_about(redis_url: str) -> None:
    """The journal has the picture without its preview; the answer names what is seen and offers no sticker."""
    pictures = FakePictures({PREVIEW: CRYING})
    async with running(redis_url, pictures=pictures) as desk, client(desk.url) as kim:
        answer = await show(kim, image())
        assert pictures.looked == [PREVIEW]
        assert kim.entries[0].image == image(preview=b"")
        assert "a crying cat" in answer.text.text
        assert answer.picture_understood.caption.zh == "一只哭泣的猫"
        assert answer.picture_understood.emotion == catalog.EMOTION_SADNESS
        assert not answer.stickers
        assert kim.streamed(answer.turn_id) == answer.text.text
        again = await show(kim, image(image_id="cd" * 16))
        assert "a crying cat" in again.text.text
        assert again.text.text != answer.text.text


async def test_it_is_answered_in_the_customers_language(redis_url: str) -> None:
    """Chinese caption, Chinese words, a sticker by the picture's embedding where one is fit."""
    happy = Seen({"en": "a dog", "zh": "一只小狗"}, Emotion.JOY, 0.9, "positive", embedding=(0.5,) * 256)
    pictures = FakePictures({PREVIEW: happy})
    async with running(redis_url, pictures=pictures) as desk, client(desk.url, locale="zh-CN") as kim:
        answer = await show(kim, image())
        assert "一只小狗" in answer.text.text
        assert answer.stickers
        assert desk.recommender.images == [(0.5,) * 256]


@pytest.mark.parametrize(
    ("words", "locale", "article"),
    [
        ("订单 2026 未发货\n快递三天没更新了", "zh-CN", "shipping-delay"),
        ("订单 2026 未发货\n快递三天没更新了", "en", "shipping-delay"),
        ("my parcel hasn't moved since Tuesday", "en", "shipping-delay"),
    ],
)
async def test_words_in_a_picture_are_words(redis_url: str, words: str, locale: str, article: str) -> None:
    """A screenshot finds the article, in the language of the conversation and not of the screenshot."""
    pictures = FakePictures({PREVIEW: Seen({}, words=words)})
    async with running(redis_url, pictures=pictures) as desk, client(desk.url, locale=locale) as kim:
        answer = await show(kim, image())
        assert [one.article_id for one in answer.citations] == [article]
        chinese = any("一" <= letter <= "鿿" for letter in answer.text.text)
        assert chinese is locale.startswith("zh")


async def test_words_that_ask_for_a_person_get_one(redis_url: str) -> None:
    """A sticker with lettering is what it says."""
    pictures = FakePictures({PREVIEW: Seen({}, words="转人工")})
    async with running(redis_url, pictures=pictures) as desk, client(desk.url, locale="zh-CN") as kim:
        assert (await show(kim, image())).notice.kind == "handed_over"


@pytest.mark.parametrize(("seen", "word"), [(Seen({}), "picture"), (Seen({}, words="qwzx vbnm"), "qwzx vbnm")])
async def test_what_is_not_understood_is_not_guessed_at(redis_url: str, seen: Seen, word: str) -> None:
    """An unknown picture is said to be one; unknown words are read back."""
    async with running(redis_url, pictures=FakePictures({PREVIEW: seen})) as desk, client(desk.url) as kim:
        answer = await show(kim, image())
        assert word in answer.text.text
        assert answer.HasField("picture_understood") is seen.known
        assert answer.author == pb.AUTHOR_ASSISTANT


async def test_a_repeated_picture_is_one_message(redis_url: str) -> None:
    """By its id; another picture under the same id is a conflict."""
    async with running(redis_url) as desk, client(desk.url) as kim:
        await show(kim, image(), "p1")
        await kim.send(user_message=pb.UserMessage(client_msg_id="p1", image=image()))
        await kim.until(lambda: len(kim.of("ack")) == 2)
        assert kim.of("ack")[1].duplicate
        await kim.send(user_message=pb.UserMessage(client_msg_id="p1", image=image(image_id="ef" * 16)))
        await kim.until(lambda: kim.has("error"))
        assert kim.of("error")[0].reason == "MESSAGE_ID_CONFLICT"


async def test_without_stickers_there_is_still_an_answer(redis_url: str) -> None:
    """A recommender that is down takes nothing but the stickers."""
    calm = Seen({"en": "a lake"}, Emotion.NEUTRAL, 0.9, "neutral", embedding=(0.1,) * 256)
    async with running(redis_url, pictures=FakePictures({PREVIEW: calm})) as desk, client(desk.url) as kim:
        desk.recommender.failing = unavailable("DOWN", "down")
        answer = await show(kim, image())
        assert "a lake" in answer.text.text
        assert not answer.stickers


async def test_a_bad_picture_is_refused(redis_url: str) -> None:
    """Each fault names its message; the stream goes on."""
    bad = [
        (image(image_id="../x"), 400),
        (image(media_type="text/html"), 400),
        (image(width_px=0), 400),
        (image(preview=b"x" * (64 * 1024 + 1)), 413),
    ]
    async with running(redis_url) as desk, client(desk.url) as kim:
        for number, (content, _) in enumerate(bad):
            await kim.send(user_message=pb.UserMessage(client_msg_id=f"b{number}", image=content))
        await kim.until(lambda: len(kim.of("error")) == len(bad))
        assert [error.code for error in kim.of("error")] == [code for _, code in bad]
        assert (await kim.ask("hello")).text.text


async def test_words_beneath_a_picture_lead_and_where_they_mean_nothing_it_speaks(redis_url: str) -> None:
    """Two messages, one answer: to the words, or to what is seen where they say nothing. Later ones stand alone."""
    async with running(redis_url, pictures=FakePictures({PREVIEW: CRYING})) as desk, client(desk.url) as kim:
        for words, answer in (("how long does delivery take?", "days"), ("xoxo", "crying cat")):
            ended = len(kim.of("turn_ended"))
            await kim.send(user_message=pb.UserMessage(client_msg_id=words[:3], image=image()))
            await kim.say(words)
            await kim.until(lambda ended=ended: len(kim.of("turn_ended")) == ended + 2)  # type: ignore[misc]
            assert answer in kim.entries[-1].text.text
        said = [entry for entry in kim.entries if entry.author == pb.AUTHOR_ASSISTANT]
        assert len(said) == 2
        assert kim.entries[0].emotion == catalog.EMOTION_UNSPECIFIED
        assert "crying cat" not in (await kim.ask("hello")).text.text


class Stuck(FakePictures):
    """Looks for ever."""

    async def look(self, preview: bytes) -> Seen:
        self.looked.append(preview)
        await asyncio.Event().wait()
        raise AssertionError("never")


async def test_who_takes_a_turn_over_sees_the_picture_too(redis_url: str) -> None:
    """The first orchestrator goes away while it looks; the second has the same preview and answers once."""
    stuck, seeing = Stuck(), FakePictures({PREVIEW: CRYING})
    async with (
        running(redis_url, prefix="overtaken", pictures=stuck) as one,
        running(redis_url, prefix="overtaken", pictures=seeing) as two,
        client(two.url, "watcher") as laptop,
    ):
        async with client(one.url, "watcher") as phone:
            await phone.send(user_message=pb.UserMessage(client_msg_id="p", image=image()))
            await phone.until(lambda: bool(stuck.looked))
            await one.runner.stop()
        await laptop.until(lambda: laptop.has("turn_ended"))
        assert seeing.looked == [PREVIEW]
        assert "a crying cat" in laptop.entries[-1].text.text
        assert laptop.seqs == [1, 2]


async def test_a_picture_with_words_beneath_it_is_answered_once(redis_url: str) -> None:
    """The words' answer answers both; the picture's turn ends without one, and a model is told what it shows."""
    cup = Seen({"en": "a broken cup", "zh": "一只摔碎的杯子"}, Emotion.SADNESS, 0.9, "negative")
    async with (
        provider(Script(("I am sorry about the cup.",))) as server,
        model(server.address) as made,
        running(redis_url, made.engine, pictures=FakePictures({PREVIEW: cup})) as desk,
        client(desk.url) as kim,
    ):
        await kim.send(user_message=pb.UserMessage(client_msg_id="p", image=image()))
        await kim.say("it arrived like this, what now?")
        await kim.until(lambda: len(kim.of("turn_ended")) == 2)
        assert [entry.author for entry in kim.entries] == [
            pb.AUTHOR_CUSTOMER, pb.AUTHOR_CUSTOMER, pb.AUTHOR_ASSISTANT,
        ]  # fmt: skip
        (asked,) = server.requests
        assert "a broken cup" in asked["messages"][-2]["content"]
        assert asked["messages"][-1]["content"] == "it arrived like this, what now?"
