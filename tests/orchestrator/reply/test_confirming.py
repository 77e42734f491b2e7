"""From the model's call to the customer's word to the effect: over the stream, on the real journal and shop."""

from __future__ import annotations

import json

import pytest

from orchestrator.backoffice.schema import Ticket
from orchestrator.policy.decision import DecisionTree
from orchestrator.reply.retrieval import RetrievalEngine
from orchestrator.reply.templates import Templates
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.harness import client, knowledge, running
from tests.orchestrator.llm.provider import Script, provider
from tests.orchestrator.reply.models import model

pytestmark = pytest.mark.integration

RETRIEVAL = RetrievalEngine(knowledge(), Templates(knowledge()), DecisionTree(), pace_s=0)
WISH = {"kind": "question", "summary": "the vase hums"}
HUMS = {"en": "my vase hums at night, tell somebody", "zh": "花瓶晚上会响，跟你们的人说一声"}
YES, NO = {"en": "yes please", "zh": "好的"}, {"en": "no thanks", "zh": "不用了"}
ASKS = Script(calls=(("open_ticket", WISH),))
DOWN = Script(status=500)
languages = pytest.mark.parametrize("language", ["en", "zh"])


@languages
@pytest.mark.parametrize("provider_lives", [True, False])
async def test_yes_does_it_once(redis_url: str, shop: Shop, language: str, provider_lives: bool) -> None:
    """Asked, confirmed, done, told with its card; a provider that dies in between changes only the words."""
    told = Script(("It is done.",)) if provider_lives else DOWN
    async with (
        provider(ASKS, told) as server,
        model(server.address, shop.belt, attempts=1) as made,
        running(redis_url, made.engine, RETRIEVAL, shop=shop.office, turn_s=30.0) as on,
        client(on.url, locale=language) as stream,
    ):
        question = await stream.ask(HUMS[language])
        assert question.quick_replies[0] in ("Yes, go ahead", "确认办理")
        assert await shop.count(Ticket) == 0
        done = await stream.ask(YES[language])
        again = await stream.ask(YES[language])
    (ticket,) = await shop.rows(Ticket)
    assert done.cards[0].ticket.number == ticket.number
    if provider_lives:
        facts = json.dumps(server.requests[1]["messages"][0])
        assert ticket.number in facts
    else:
        assert ticket.number in done.text.text
        assert done.engine == "retrieval"
    assert ticket.number not in again.text.text


@languages
async def test_no_leaves_it(redis_url: str, shop: Shop, language: str) -> None:
    """Nothing is done, and a yes that comes later is about nothing."""
    async with (
        provider(ASKS, Script(("All right.",))) as server,
        model(server.address, shop.belt) as made,
        running(redis_url, made.engine, RETRIEVAL, shop=shop.office, turn_s=30.0) as on,
        client(on.url, locale=language) as stream,
    ):
        await stream.ask(HUMS[language])
        await stream.ask(NO[language])
        await stream.ask(YES[language])
    assert await shop.count(Ticket) == 0


async def test_another_question_is_no_word(redis_url: str, shop: Shop) -> None:
    """It is answered, and what waited is void."""
    async with (
        provider(ASKS, Script(("It does.",))) as server,
        model(server.address, shop.belt) as made,
        running(redis_url, made.engine, RETRIEVAL, shop=shop.office, turn_s=30.0) as on,
        client(on.url) as stream,
    ):
        await stream.ask(HUMS["en"])
        assert (await stream.ask("does the blue one hum as well?")).text.text.startswith("It does.")
        await stream.ask(YES["en"])
    assert await shop.count(Ticket) == 0


async def test_the_emoji_counts(redis_url: str, shop: Shop) -> None:
    """A thumb is a word."""
    async with (
        provider(ASKS, Script(("Done.",))) as server,
        model(server.address, shop.belt) as made,
        running(redis_url, made.engine, RETRIEVAL, shop=shop.office, turn_s=30.0) as on,
        client(on.url) as stream,
    ):
        await stream.ask(HUMS["en"])
        await stream.ask("👍")
    assert await shop.count(Ticket) == 1


async def test_a_deed_that_the_policy_refuses_is_told(redis_url: str, shop: Shop) -> None:
    """The customer's yes does not go over the shop's rules; the model cannot say that it was done."""
    wish = Script(calls=(("open_ticket", {"kind": "delay", "summary": "slow", "order": "PW0000000001"}),))
    async with (
        provider(wish, Script(("I have opened a ticket for you.",))) as server,
        model(server.address, shop.belt) as made,
        running(redis_url, made.engine, RETRIEVAL, shop=shop.office, turn_s=30.0) as on,
        client(on.url) as stream,
    ):
        await stream.ask(HUMS["en"])
        answer = await stream.ask(YES["en"])
    assert "opened a ticket" not in answer.text.text
    assert answer.engine == "retrieval"
    assert await shop.count(Ticket) == 0


async def test_a_model_can_bring_a_person(redis_url: str, shop: Shop) -> None:
    """The conversation is handed over, with a ticket."""
    script = Script(calls=(("hand_over", {"reason": "other", "summary": "hums"}),))
    async with (
        provider(script, Script(("A colleague will be with you.",))) as server,
        model(server.address, shop.belt) as made,
        running(redis_url, made.engine, RETRIEVAL, shop=shop.office, turn_s=30.0) as on,
        client(on.url) as stream,
    ):
        answer = await stream.ask(HUMS["en"])
        assert answer.text.text.strip() == "A colleague will be with you."
    assert await shop.count(Ticket, Ticket.kind == "hand_over") == 1
    assert answer.author == pb.AUTHOR_ASSISTANT
