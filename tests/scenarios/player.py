"""Plays a scenario as its customer: over the stream, message by message, answering what is asked."""

from __future__ import annotations

import asyncio
import io
import secrets
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from stickerdesk.catalog.v1 import catalog_pb2
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.orchestrator.harness import Client
from tests.scenarios import judge
from tests.scenarios.judge import Answer
from tests.scenarios.scenario import Picture, Scenario, Step
from tests.scenarios.shop import Books, Person, arrive, rendered

_PACKS = Path(__file__).parents[2] / "recommender" / "packs"
_MOST_ANSWERS = 10
_SAME_ANSWER = 3  # times that a customer says the same
_TURN_S = 45.0


@dataclass
class Played:
    """How it went.

    Attributes:
        wrong: What was not as it should be, step by step; empty: it passed.
        transcript: Who said what.
    """

    scenario: Scenario
    run: int
    wrong: list[str] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything was as it should be."""
        return not self.wrong

    def told(self) -> str:
        """The failure with its transcript."""
        return "\n".join(
            [f"{self.scenario.id} ({self.scenario.kind})", *self.transcript, *(f"  ✗ {one}" for one in self.wrong)]
        )


class Player:
    """Plays scenarios.

    Args:
        books: The shop's books.
        url: Where the orchestrator listens.
        silence: Lets the dialogue's state run out.
    """

    def __init__(self, books: Books, url: str, silence: Callable[[], Awaitable[None]]) -> None:
        self._books, self._url, self._silence = books, url, silence

    async def play(self, scenario: Scenario, run: int, person: Person | None = None) -> Played:
        """Plays it once with a customer of its own; whatever goes wrong is written down, never raised."""
        played = Played(scenario, run)
        language = "zh" if scenario.language == "zh" or scenario.locale == "zh" else "en"
        person = person or await arrive(self._books, f"s-{scenario.id}-{run}", scenario.customer, language)
        talk = _Talk(self._url, person.external_id, scenario.locale or language)
        try:
            await talk.connect()
            for number, step in enumerate(scenario.steps, 1):
                wrong = await self._step(talk, scenario, step, person, played)
                played.wrong += [f"step {number}: {one}" for one in wrong]
            played.wrong += [f"in the end: {one}" for one in await self._end(scenario, person)]
        except (TimeoutError, ConnectionError, RuntimeError) as error:
            played.wrong.append(f"broke off: {type(error).__name__} {error}")
        finally:
            await talk.close()
        return played

    async def _step(self, talk: _Talk, scenario: Scenario, step: Step, person: Person, played: Played) -> list[str]:
        if step.silence:
            await self._silence()
        if step.reconnect:
            await talk.close()
            await talk.connect()
        message, told = _message(step, person)
        answer, wrong = await self._said(talk, message, told, step, scenario, played, twice=step.twice)
        said, asked = [*answer.entries], dict.fromkeys(step.answering, 0)
        for _ in range(_MOST_ANSWERS):
            what = next((one for one in step.answering if _asked(answer, one, scenario)), None)
            if what is None or asked[what] >= _SAME_ANSWER:
                break
            asked[what] += 1
            words = rendered(step.answering[what], person.facts)
            message = pb.UserMessage(text=pb.TextContent(text=words))
            answer, more = await self._said(talk, message, words, step, scenario, played)
            said, wrong = [*said, *answer.entries], wrong + more
        wrong += judge.of_answer(step.expect, Answer(tuple(said)), answer, person.facts)
        return wrong + await self._in_books(step, person)

    async def _said(
        self, talk: _Talk, message: pb.UserMessage, told: str, step: Step, scenario: Scenario, played: Played,
        *, twice: bool = False,
    ) -> tuple[Answer, list[str]]:  # fmt: skip
        """One message and its answer, with what is wrong with any answer."""
        played.transcript.append(f"  > {told}")
        answer = await talk.say(message, twice=twice)
        played.transcript.append(f"  < {_shown(answer)}")
        return answer, judge.of_any(answer, step.expect.language or scenario.language)

    async def _in_books(self, step: Step, person: Person) -> list[str]:
        """What the books should hold after a step and do not."""
        wrong = []
        if step.expect.rows is not None:
            wrong += judge.of_rows(step.expect.rows, await self._books.rows(person), person.facts)
        if step.expect.orders:
            wrong += judge.of_orders(step.expect.orders, await self._books.orders(person), person.facts)
        return wrong

    async def _end(self, scenario: Scenario, person: Person) -> list[str]:
        """Nothing has happened but what was asked for."""
        told = [step.expect.rows for step in scenario.steps if step.expect.rows is not None]
        wrong = judge.of_rows(told[-1] if told else {}, await self._books.rows(person), person.facts)
        meant = {*scenario.changes, *(name for step in scenario.steps for name in step.expect.orders)}
        after = await self._books.orders(person)
        changed = {name for name, before in person.orders.items() if after.get(name) != before}
        return wrong + [f"order {name} is not as it was" for name in sorted(changed - meant)]


class _Talk:
    """One customer's line."""

    def __init__(self, url: str, customer: str, locale: str) -> None:
        self._url, self._customer, self._locale = url, customer, locale
        self._client: Client | None = None

    async def connect(self) -> None:
        self._client = Client(self._url)
        await self._client.open(self._customer, locale=self._locale)
        if self._client.status is not None:
            raise ConnectionError(f"the stream ended with {self._client.status}")

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def say(self, message: pb.UserMessage, *, twice: bool = False) -> Answer:
        """Sends it and waits until it is answered; a second copy must be acknowledged as one."""
        assert self._client is not None
        client, identity = self._client, secrets.token_hex(6)
        message.client_msg_id = identity
        before, ended = len(client.heard), len(client.of("turn_ended"))
        for _ in range(1 + twice):
            await client.send(user_message=message)

        def over() -> bool:
            acks = [ack for ack in client.of("ack") if ack.client_msg_id == identity]
            refused = any(one.client_msg_id == identity for one in client.of("error"))
            done = len(acks) > twice and len(client.of("turn_ended")) > ended
            return done or refused or client.status is not None

        await client.until(over, _TURN_S)
        if client.status is not None:
            raise ConnectionError(f"the stream ended with {client.status}")
        return _answer(client.heard[before:], twice=twice)


def _answer(heard: list[pb.ConverseResponse], *, twice: bool) -> Answer:
    entries = [one.entry for one in heard if one.WhichOneof("event") == "entry"]
    theirs = tuple(one for one in entries if one.author != pb.AUTHOR_CUSTOMER and not one.HasField("revision"))
    faults = [one.error.reason for one in heard if one.WhichOneof("event") == "error"]
    acks = [one.ack for one in heard if one.WhichOneof("event") == "ack"]
    if twice and [ack.duplicate for ack in acks] != [False, True]:
        faults.append("the copy was not acknowledged as one")
    if twice and sum(one.author == pb.AUTHOR_CUSTOMER for one in entries) != 1:
        faults.append("the copy stands in the journal")
    return Answer(theirs, tuple(faults))


def _message(step: Step, person: Person) -> tuple[pb.UserMessage, str]:
    if step.sticker:
        sticker = catalog_pb2.Sticker(id=step.sticker)
        return pb.UserMessage(sticker=pb.StickerContent(sticker=sticker)), f"[{step.sticker}]"
    if step.picture is not None:
        picture = _picture(step.picture, person)
        image = pb.ImageContent(
            image_id=secrets.token_hex(8), media_type="image/jpeg", width_px=384, height_px=300,
            size_bytes=len(picture), preview=picture,
        )  # fmt: skip
        return pb.UserMessage(image=image), f"[picture {step.picture.sticker or ' / '.join(step.picture.words)}]"
    text = rendered(step.say, person.facts)
    return pb.UserMessage(text=pb.TextContent(text=text)), text


def _picture(picture: Picture, person: Person) -> bytes:
    image = Image.new("RGB", (384, 300), "white")
    if picture.sticker:
        pack, name = picture.sticker.split("/")
        with zipfile.ZipFile(_PACKS / f"{pack}.zip") as archive:
            drawn = Image.open(io.BytesIO(archive.read(f"images/{name}.webp"))).convert("RGBA").resize((280, 280))
        image.paste(drawn, (52, 10), drawn)
    for number, line in enumerate(picture.words):
        words = rendered(line, person.facts)
        ImageDraw.Draw(image).text((12, 30 + 70 * number), words, font=ImageFont.load_default(32), fill="black")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def _asked(answer: Answer, what: str, scenario: Scenario) -> bool:
    """Whether the customer is to say that: asked by a form, or offered in words; a model asks for anything in words."""
    in_words = scenario.engine == "scripted" or (what == "confirm" and answer.offers)
    return (answer.form is not None or in_words) and answer.asks(what)


def _shown(answer: Answer) -> str:
    words = answer.text.replace("\n", " ⏎ ")
    extras = sorted(answer.cards) + sorted(answer.citations)
    if answer.form is not None:
        extras.append(f"form {answer.form.form.form}.{answer.form.form.slot or 'confirm'}")
    if answer.handed_over:
        extras.append("handed over")
    if answer.stickers:
        extras.append("sticker")
    return words + (f"  [{', '.join(extras)}]" if extras else "") + "".join(f" !{one}" for one in answer.faults)


async def play_all(
    scenarios: list[Scenario], play: Callable[[Scenario, int], Awaitable[Played]], *, runs: int = 1, at_once: int = 4
) -> list[Played]:
    """Plays each so many times, a few at a time; one after another of the same scenario."""
    gate = asyncio.Semaphore(at_once)

    async def one(scenario: Scenario) -> list[Played]:
        async with gate:
            return [await play(scenario, run) for run in range(runs)]

    return [played for of_one in await asyncio.gather(*map(one, scenarios)) for played in of_one]
