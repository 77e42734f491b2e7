"""A person's word on what waits for one, over gRPC: heard once, and told to the conversation that waits."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import grpc
import pytest

from orchestrator.backoffice.demo.demo_shop import order_number
from orchestrator.backoffice.schema import Refund
from servicekit.errors import from_rpc_error
from stickerdesk.orchestrator.v1 import desk_pb2 as pb
from tests.orchestrator.attending.agents import Agent
from tests.orchestrator.backoffice.shops import TENANT, Shop
from tests.orchestrator.harness import Client, client, running
from tests.orchestrator.processes import process

pytestmark = pytest.mark.integration

ZHAO = "demo-zhao"  # of the standard tier: a teapot is more than is refunded without a person


async def wish(zhao: Client, tenant: str = TENANT) -> None:
    """A refund that needs a person."""
    number = order_number(tenant, ZHAO, "fresh_teapot")
    await zhao.ask(f"订单 {number} 的茶壶收到就碎了，我要退款")
    await zhao.ask("好的")


async def listed(anna: Agent, status: pb.ApprovalStatus.ValueType = pb.APPROVAL_STATUS_PENDING) -> list[pb.Approval]:
    """What waits, or what was decided."""
    page = await anna.desk.ListApprovals(
        pb.ListApprovalsRequest(tenant=anna.tenant, agent=anna.who, status=status, page_size=10)
    )
    return list(page.approvals)


async def decide(anna: Agent, approval: str, word: Any = pb.APPROVAL_WORD_APPROVE, **fields: Any) -> pb.Approval:
    """A person's word."""
    request = {"tenant": anna.tenant, "agent": anna.who, "approval_id": approval, "word": word} | fields
    done = await anna.desk.DecideApproval(pb.DecideApprovalRequest(**request))
    made: pb.Approval = done.approval
    return made


async def refused(anna: Agent, approval: str, word: Any = pb.APPROVAL_WORD_APPROVE, **fields: Any) -> tuple[int, str]:
    """How a word is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        await decide(anna, approval, word, **fields)
    error = from_rpc_error(caught.value)
    return int(error.code), error.reason


async def test_a_person_agrees_and_the_customer_reads_it(redis_url: str, shop: Shop) -> None:
    """It is listed with what a person needs, watchers are told, it is done once, and the conversation says so once."""
    before = await shop.count(Refund)
    async with running(redis_url, shop=shop.office) as on, client(on.url, ZHAO, tenant=TENANT) as zhao:
        anna = Agent(on.url, "Anna", TENANT)
        anna.watch()
        await anna.until(lambda: anna.of("listed"))
        await wish(zhao)
        await anna.until(lambda: anna.of("approvals_changed"))
        (waiting,) = await listed(anna)
        assert (waiting.tool, waiting.why, waiting.amount_minor) == ("request_refund", "refund_over_limit", 23800)
        assert waiting.arguments["item"]
        assert not waiting.HasField("decided_at")
        for _ in range(2):
            made = await decide(anna, waiting.id, note="photo seen")
            assert (made.status, made.decided_by) == (pb.APPROVAL_STATUS_APPROVED, anna.who.id)
            assert made.HasField("told_at")
        await zhao.until(lambda: "通过" in zhao.entries[-1].text.text)
        assert sum("通过" in entry.text.text for entry in zhao.entries) == 1
        assert await listed(anna) == []
        assert [one.id for one in await listed(anna, pb.APPROVAL_STATUS_APPROVED)] == [waiting.id]
        assert await refused(anna, waiting.id, pb.APPROVAL_WORD_DENY) == (409, "APPROVAL_DECIDED")
        await anna.stop()
    assert await shop.count(Refund) == before + 1


async def test_another_merchants_approvals_do_not_exist(redis_url: str, shop: Shop) -> None:
    """Neither to see nor to decide; what does not fit the contract is refused by its field."""
    async with running(redis_url, shop=shop.office) as on, client(on.url, ZHAO, tenant=TENANT) as zhao:
        await wish(zhao)
        anna, eve = Agent(on.url, "Anna", TENANT), Agent(on.url, "Eve", "another")
        (waiting,) = await listed(anna)
        assert await listed(eve) == []
        assert await refused(eve, waiting.id) == (404, "APPROVAL_UNKNOWN")
        assert await refused(anna, "APNOTHING") == (404, "APPROVAL_UNKNOWN")
        for wrong in (
            {"word": pb.APPROVAL_WORD_UNSPECIFIED}, {"note": "x" * 501}, {"approval_id": "x" * 33},
            {"approval_id": ""}, {"tenant": "No Tenant"}, {"agent": pb.DeskAgent(id="", name="x")},
        ):  # fmt: skip
            assert await refused(anna, waiting.id, **wrong) == (400, "INVALID_FRAME")
        assert [one.id for one in await listed(anna)] == [waiting.id]
        for one in (anna, eve):
            await one.stop()


async def test_kill_9_between_the_wish_and_the_word(redis_url: str, tmp_path: Path) -> None:
    """What waits outlives its process: another one lists it, does it once, and tells the customer, who came back."""
    shared = {"redis_prefix": "ap" + secrets.token_hex(4), "shop_tenant": "demo", "lease_s": 0.6, "pace_s": 0}
    async with process(redis_url, tmp_path, **shared) as one, client(one.url, ZHAO) as zhao:
        await wish(zhao, "demo")
        await one.kill()
    async with process(redis_url, tmp_path, **shared) as two, client(two.url, ZHAO) as zhao:
        anna = Agent(two.url, "Anna", "demo")
        (waiting,) = await listed(anna)
        await decide(anna, waiting.id)
        await zhao.until(lambda: "通过" in zhao.entries[-1].text.text)
        assert zhao.entries[-1].cards or zhao.entries[-1].text.text
        await anna.stop()
