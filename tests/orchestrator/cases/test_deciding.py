"""A person decides what waited: done once, and told to the conversation."""

from __future__ import annotations

import argparse
import asyncio

import pytest

from orchestrator import approvals as command
from orchestrator.backoffice.schema import Approval, Refund
from orchestrator.cases.deciding import Decisions
from orchestrator.cases.form_words import FormWords
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.forms import Forms
from orchestrator.journal.entries import Body, Entry
from orchestrator.reply.templates import Templates
from orchestrator.settings import OrchestratorSettings
from servicekit.errors import ServiceError, not_found, unavailable
from tests.orchestrator.backoffice.shops import Shop, order
from tests.orchestrator.cases.conversations import Talk
from tests.orchestrator.harness import knowledge

pytestmark = pytest.mark.integration


class Journal:
    """Takes what is said outside a turn; once per id, as the real one."""

    def __init__(self) -> None:
        self.said: dict[str, Body] = {}
        self.failing: ServiceError | None = None

    async def say(self, conversation_id: str, *, say_id: str, body: Body) -> Entry:
        if self.failing is not None:
            raise self.failing
        self.said.setdefault(f"{conversation_id} {say_id}", body)
        return Entry(1, 1, body)


async def waiting(shop: Shop) -> Approval:
    """A refund that waits for a person."""
    number = order("demo-zhao", "fresh_teapot")
    await Talk(shop, "demo-zhao", "zh").all(f"订单 {number} 的茶壶收到就碎了，我要退款", "好的")
    (approval,) = await shop.rows(Approval)
    assert isinstance(approval, Approval)
    return approval


def decisions(shop: Shop, journal: Journal) -> Decisions:
    """The use case over a journal that listens."""
    words = FormWords(Wording("Asia/Shanghai"))
    return Decisions(shop.shop_tools, journal, Forms(), words, Templates(knowledge()))  # type: ignore[arg-type]


async def test_an_approval_is_carried_out_and_told_once(shop: Shop) -> None:
    """The refund, its number and its amount; the same decision again tells nothing twice."""
    approval, journal, before = await waiting(shop), Journal(), await shop.count(Refund)
    for _ in range(2):
        await decisions(shop, journal).decide(approval.id, agree=True, by="mei")
    (body,) = journal.said.values()
    refunds = await shop.rows(Refund)
    assert len(refunds) == before + 1
    assert max(refunds, key=lambda one: one.id).number in (body.text or "")
    assert "通过" in (body.text or "")
    assert body.cards


async def test_a_denial_is_told(shop: Shop) -> None:
    """With its number, and nothing goes back."""
    approval, journal, before = await waiting(shop), Journal(), await shop.count(Refund)
    await decisions(shop, journal).decide(approval.id, agree=False, by="mei")
    (body,) = journal.said.values()
    assert approval.id in (body.text or "")
    assert await shop.count(Refund) == before


async def test_what_could_not_be_told_is_told_later(shop: Shop) -> None:
    """The decision stands, whoever dies in between."""
    approval, journal = await waiting(shop), Journal()
    journal.failing = unavailable("UNAVAILABLE", "away")
    with pytest.raises(ServiceError, match="away"):
        await decisions(shop, journal).decide(approval.id, agree=True, by="mei")
    journal.failing = None
    assert await decisions(shop, journal).tell_what_is_left() == 1
    assert len(journal.said) == 1
    assert await decisions(shop, journal).tell_what_is_left() == 0


async def test_it_is_tried_again_and_again_until_the_store_is_back(shop: Shop) -> None:
    """Without anybody who decides or starts anything."""
    approval, journal, looked = await waiting(shop), Journal(), 0
    journal.failing = unavailable("UNAVAILABLE", "away")
    with pytest.raises(ServiceError, match="away"):
        await decisions(shop, journal).decide(approval.id, agree=True, by="mei")

    async def sleep(_: float) -> None:
        nonlocal looked
        looked += 1
        if looked == 2:
            journal.failing = None
        if journal.said:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await decisions(shop, journal).keep_telling(sleep=sleep)
    assert (looked, len(journal.said)) == (3, 1)


async def test_the_command_says_that_it_is_done_though_nobody_could_be_told(shop: Shop) -> None:
    """The store is away: the decision is carried out, and whoever decided hears so."""
    approval = await waiting(shop)
    settings = OrchestratorSettings(database_url=shop.url, redis_url="redis://127.0.0.1:1/0")
    asked = command.arguments().parse_args(["approve", approval.id, "--by", "mei"])
    assert "will be told" in await command.run(settings, asked)
    (row,) = await shop.rows(Approval)
    assert row.decided_by == "mei"


async def test_a_conversation_that_is_gone_stops_nobody(shop: Shop) -> None:
    """The decision stands; there is nobody to tell."""
    approval, journal = await waiting(shop), Journal()
    journal.failing = not_found("CONVERSATION_NOT_FOUND", "gone")
    made = await decisions(shop, journal).decide(approval.id, agree=True, by="mei")
    assert made.approval.status == "approved"


async def test_unknown_and_contrary_decisions_are_refused(shop: Shop) -> None:
    """By typed errors."""
    approval, journal = await waiting(shop), Journal()
    with pytest.raises(ServiceError, match="no such approval"):
        await decisions(shop, journal).decide("AP0", agree=True, by="mei")
    await decisions(shop, journal).decide(approval.id, agree=True, by="mei")
    with pytest.raises(ServiceError, match="already"):
        await decisions(shop, journal).decide(approval.id, agree=False, by="bo")


def test_the_command_takes_what_it_says() -> None:
    """And nothing else."""
    asked = command.arguments().parse_args(["deny", "AP1", "--by", "mei", "--note", "no"])
    assert asked == argparse.Namespace(command="deny", approval="AP1", by="mei", note="no")
    with pytest.raises(SystemExit):
        command.arguments().parse_args(["burn"])


async def test_a_line_names_what_waits(shop: Shop) -> None:
    """Number, tool, amount, and why."""
    approval = await waiting(shop)
    assert all(word in command.line(approval) for word in (approval.id, "request_refund", "238", "refund_over_limit"))
