"""The story end to end: message in, answer out, on the real journal and the real back office, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from orchestrator.backoffice.schema import Coupon, Ticket
from orchestrator.journal.feed import Hub
from orchestrator.journal.ports import Result
from orchestrator.metrics import Metrics
from orchestrator.turns.writing import AnswerWriter
from servicekit.resilience import Deadline
from tests.fakes import FakeEncoder, FakeRecommender, MemoryStore, SilentBus, said
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.harness import client, running, use_case
from tests.orchestrator.stores import LIMITS

pytestmark = pytest.mark.integration

STORY = [
    ("zh", "快递三天没更新", "10 元", r"[\u4e00-\u9fff]"),
    ("en", "my parcel hasn't moved for three days", "1.50 USD", r"I'm sorry|Sorry"),
]


async def answered(shop: Shop, text: str, customer: str, language: str) -> Result:
    """What a turn of a new conversation leaves, through the real use case."""
    return (await attempts(shop, text, customer, language, 1))[0]


async def attempts(shop: Shop, text: str, customer: str, language: str, count: int) -> list[Result]:
    """The same turn run so many times, as after a takeover."""
    store = MemoryStore(LIMITS, lambda: 1_000_000)
    head, _ = await store.open(conversation_id="", tenant="default", customer_id=customer, language=language)
    posted = await store.post(head.conversation_id, said(text, "m1"), owner="a")
    assert posted.turn is not None
    begun = await store.begin(posted.turn, owner="a")
    turn = use_case([], FakeRecommender(), FakeEncoder(), Metrics(CollectorRegistry()), shop=shop.office)
    return [
        await turn.answer(
            posted.turn, begun, AnswerWriter(Hub(SilentBus(), "a"), store, posted.turn, at), Deadline.after(10)
        )
        for at in range(1, count + 1)
    ]


@pytest.mark.parametrize(("language", "text", "amount", "words"), STORY)
async def test_a_late_parcel_is_closed_in_the_chat(
    redis_url: str, shop: Shop, language: str, text: str, amount: str, words: str
) -> None:
    """Delay confirmed, ticket opened, coupon given, explained; the same message again gives nothing twice."""
    async with running(redis_url, shop=shop.office) as on, client(on.url, locale=language) as stream:
        first, second = await stream.ask(text), await stream.ask(text)
    (coupon,), (ticket,) = await shop.rows(Coupon), await shop.rows(Ticket)
    for answer in (first.text.text, second.text.text):
        assert coupon.code in answer
        assert ticket.number in answer
        assert amount in answer
        assert re.search(words, answer)
    assert "已" in second.text.text or "already" in second.text.text
    assert [one.article_id for one in first.citations] == ["shipping-delay"]
    assert first.engine == "retrieval"


@pytest.mark.parametrize(("language", "text", "amount", "words"), STORY)
async def test_numbers_come_from_facts(shop: Shop, language: str, text: str, amount: str, words: str) -> None:
    """Every number of the answer stands in what the tools told."""
    (body,) = (await answered(shop, text, "v-facts", language)).bodies
    told = [await shop.run("track_parcel", "v-facts", {}, language=language)]
    (coupon,), (ticket,) = await shop.rows(Coupon), await shop.rows(Ticket)
    known = f"{told[0].facts} {coupon.code} {ticket.number} {amount} {ticket.reply_by} {coupon.valid_until} 24"
    answer = re.sub(r"\d+月\d+日 \d\d:\d\d|\d+年\d+月\d+日|\d+ [A-Z][a-z]{2} (\d{4}|\d\d:\d\d)", "", body.text or "")
    assert [number for number in re.findall(r"\d+", answer) if number not in known] == []


@pytest.mark.parametrize(("language", "text", "amount", "words"), STORY)
async def test_a_takeover_repeats_no_effect(shop: Shop, language: str, text: str, amount: str, words: str) -> None:
    """The same turn run by another process answers from receipts: one ticket, one coupon, the same words."""
    first, second = await attempts(shop, text, "v-heir", language, 2)
    assert first.bodies[0].text == second.bodies[0].text
    assert (await shop.count(Coupon), await shop.count(Ticket)) == (1, 1)


@pytest.mark.parametrize(
    ("customer", "language", "text", "expected"),
    [
        ("demo-wu", "zh", "我的快递到哪了", "正在派送"),
        ("demo-olivia", "en", "where is my parcel", "HE"),
        ("demo-zhao", "zh", "我的快递到哪了", "备货中"),
        ("demo-chen", "zh", "快递三天没更新", "自提点"),
        ("demo-lin", "zh", "快递一直没更新", "丢件"),
        ("demo-noah", "en", "PW0000000001", "PW0000000001"),
    ],
)
async def test_other_parcels_are_told_as_they_are(
    shop: Shop, customer: str, language: str, text: str, expected: str
) -> None:
    """Under way, announced, delivered, at the pickup point, lost, unknown: each in its words; coupons if late."""
    (body,) = (await answered(shop, text, customer, language)).bodies
    assert re.search(expected, body.text or "")
    assert await shop.count(Coupon) == (1 if customer == "demo-lin" else 0)


@pytest.mark.parametrize(
    ("customer", "text"),
    [("demo-new", "my parcel hasn't moved for three days"), ("demo-noah", "how do I track my parcel?")],
)
async def test_without_a_parcel_or_for_a_rule_the_article_answers(shop: Shop, customer: str, text: str) -> None:
    """Nobody is told of parcels that they do not have or did not ask about, and nothing is done."""
    (body,) = (await answered(shop, text, customer, "en")).bodies
    assert body.citations
    assert "HE" not in (body.text or "")
    assert (await shop.count(Coupon), await shop.count(Ticket)) == (0, 0)


async def test_an_office_out_of_reach_leaves_the_article(tmp_path: Path) -> None:
    """The customer still gets what the shop promises in general."""
    shop = Shop(f"sqlite:///{tmp_path / 'empty.sqlite3'}")  # no tables yet: not prepared
    (body,) = (await answered(shop, "my parcel hasn't moved for three days", "v-any", "en")).bodies
    await shop.close()
    assert [one.article_id for one in body.citations] == ["shipping-delay"]


async def test_an_angry_customer_gets_no_sticker(shop: Shop) -> None:
    """The case is closed all the same, with an apology."""
    (body,) = (await answered(shop, "快递三天没更新，气死我了", "v-angry", "zh")).bodies
    assert body.stickers == ()
    assert await shop.count(Coupon) == 1
