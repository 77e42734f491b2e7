"""What every tool keeps to, on SQLite and on PostgreSQL: good, bad, late, twice, and not yours."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from orchestrator.backoffice.office import Who, locked
from orchestrator.backoffice.schema import Audit, Receipt
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.catalogue import KINDS, ShopTools
from orchestrator.tools.tool import Outcome, ToolCall
from servicekit.errors import Code, ServiceError
from servicekit.resilience import Deadline
from tests.orchestrator.backoffice.shops import TENANT, Shop, order, talk
from tests.orchestrator.tools.cases import BAD, EFFECTS, LOOKS, REFUSED, Good

pytestmark = pytest.mark.integration

_GOOD = {case.tool: case for case in (*EFFECTS, *LOOKS)}
_PLACE = {"issue_coupon": "parcel", "find_orders": "query", "track_parcel": "number"}
# A moment that a lock outlasts, for it is let go only afterwards.
_BRIEF_S = 0.1

effects = pytest.mark.parametrize("good", EFFECTS, ids=lambda good: good.tool)
looks = pytest.mark.parametrize("good", LOOKS, ids=lambda good: good.tool)
everything = pytest.mark.parametrize("good", [*EFFECTS, *LOOKS], ids=lambda good: good.tool)


def test_no_tool_is_left_out() -> None:
    """Every tool of the shop has a good call, with which time, repetition and permission are tried, and bad ones."""
    names = {kind.name for kind in KINDS}
    assert {good.tool for good in EFFECTS} == {kind.name for kind in KINDS if kind.effect}
    assert {good.tool for good in LOOKS} == {kind.name for kind in KINDS if not kind.effect}
    assert {tool for tool, _, _ in BAD} == names
    assert {case[0] for case in REFUSED} == {good.tool for good in EFFECTS} - {"hand_over"}


@everything
async def test_good_call(shop: Shop, good: Good) -> None:
    """The call works, tells what was found or done, and an effect leaves one row, one receipt, one audit line."""
    before = await shop.count(good.table) if good.table else 0
    result = await shop.run(good.tool, good.customer, good.filled())
    assert result.outcome is good.outcome
    assert not result.duplicate
    assert good.facts.items() <= result.facts.items()
    if good.table:
        assert await shop.count(good.table) == before + 1
    expected = 1 if good in EFFECTS else 0
    assert await shop.count(Receipt) == expected
    assert await shop.count(Audit, Audit.tool == good.tool, Audit.outcome == good.outcome) == expected


@pytest.mark.parametrize(("tool", "change", "field"), BAD)
async def test_bad_argument(shop: Shop, tool: str, change: dict[str, Any], field: str) -> None:
    """A wrong argument is refused by name, and nothing happens."""
    good = _GOOD[tool]
    with pytest.raises(ServiceError) as refused:
        await shop.run(tool, good.customer, good.filled(**change))
    assert (refused.value.code, refused.value.reason) == (Code.INVALID, "TOOL_ARGUMENT_INVALID")
    assert refused.value.metadata["field"] == field
    assert await shop.count(Receipt) == 0


@pytest.mark.parametrize(("tool", "customer", "template", "arguments", "rule"), REFUSED)
async def test_policy_refuses(
    shop: Shop, tool: str, customer: str, template: str, arguments: dict[str, Any], rule: str
) -> None:
    """What the policy does not allow is refused with its rule, written in the audit, and nothing happens."""
    with pytest.raises(ServiceError) as refused:
        await shop.run(tool, customer, {**arguments, _PLACE.get(tool, "order"): order(customer, template)})
    assert (refused.value.code, refused.value.reason) == (Code.PRECONDITION, "TOOL_NOT_ALLOWED")
    assert refused.value.metadata["rule"] == rule
    assert await shop.count(Receipt) == 0
    assert await shop.count(Audit, Audit.tool == tool, Audit.outcome == "refused") == 1


@effects
async def test_timeout_leaves_nothing_behind(shop: Shop, good: Good) -> None:
    """A call that waits too long ends with 504; what it began is undone, and asked again it is done."""
    async with shop.another().database.writing() as session:
        await locked(session, Who(TENANT, good.customer))
        with pytest.raises(ServiceError) as late:
            await shop.run(good.tool, good.customer, good.filled(), deadline=Deadline.after(_BRIEF_S))
    assert (late.value.code, late.value.reason) == (Code.TIMEOUT, "TOOL_TIMEOUT")
    assert await shop.count(Receipt) == 0
    result = await shop.run(good.tool, good.customer, good.filled())
    assert (result.outcome, result.duplicate) == (good.outcome, False)


@everything
async def test_no_time_left(shop: Shop, good: Good) -> None:
    """With the turn's deadline over, nothing is begun."""
    with pytest.raises(ServiceError) as late:
        await shop.run(good.tool, good.customer, good.filled(), deadline=Deadline.after(0))
    assert late.value.reason == "TOOL_TIMEOUT"
    assert await shop.count(Receipt) == 0


@everything
async def test_a_database_that_never_answers(good: Good) -> None:
    """A server that takes the connection and is silent: the call ends in its time, and says that it was too long."""
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        lost = Shop(f"postgresql://shop@127.0.0.1:{server.sockets[0].getsockname()[1]}/none")
        with pytest.raises(ServiceError) as late:
            await lost.run(good.tool, good.customer, good.filled(), deadline=Deadline.after(_BRIEF_S))
        await lost.close()
    assert asked.is_set()
    assert (late.value.code, late.value.reason) == (Code.TIMEOUT, "TOOL_TIMEOUT")


@looks
async def test_looking_again(shop: Shop, good: Good) -> None:
    """In the same turn, in another and both at once: the same is found, and nothing is written."""
    first = await shop.run(good.tool, good.customer, good.filled())
    calls = [shop.run(good.tool, good.customer, good.filled(), turn=turn) for turn in ("t1", "t1", "t2")]
    for again in await asyncio.gather(*calls):
        assert (again.outcome, again.facts, again.card) == (first.outcome, first.facts, first.card)
    assert await shop.count(Receipt) == await shop.count(Audit) == 0


@effects
async def test_same_turn_again(shop: Shop, good: Good) -> None:
    """The same call of the same turn, by another process too, answers from its receipt and does nothing."""
    first = await shop.run(good.tool, good.customer, good.filled())
    rows = await shop.count(good.table) if good.table else 0
    elsewhere = ToolBelt(ShopTools(shop.another()).tools())
    again = await elsewhere.run(ToolCall(good.tool, good.filled()), talk(good.customer))
    assert again.duplicate
    assert (again.outcome, again.facts, again.card) == (first.outcome, first.facts, first.card)
    assert await shop.count(Receipt) == 1
    assert not good.table or await shop.count(good.table) == rows


@effects
async def test_same_wish_in_another_turn(shop: Shop, good: Good) -> None:
    """The same message again, as a new turn, finds that it has been done."""
    first = await shop.run(good.tool, good.customer, good.filled())
    rows = await shop.count(good.table) if good.table else 0
    again = await shop.run(good.tool, good.customer, good.filled(), turn="t2")
    assert (again.outcome, again.duplicate) == (good.again, False)
    assert again.facts == first.facts
    assert not good.table or await shop.count(good.table) == rows


@effects
async def test_all_at_once(shop: Shop, good: Good) -> None:
    """Two processes that run the same turn, and a second turn, all at the same moment: it is done once."""
    belts = [shop.belt, ToolBelt(ShopTools(shop.another()).tools())]
    before = await shop.count(good.table) if good.table else 0
    call = ToolCall(good.tool, good.filled())
    runs = [belt.run(call, talk(good.customer, turn=turn)) for belt in belts for turn in ("t1", "t1", "t2")]
    results = await asyncio.gather(*runs)
    assert {result.outcome for result in results} <= {good.outcome, good.again}
    assert len({str(result.facts) for result in results}) == 1
    assert not good.table or await shop.count(good.table) == before + 1
    assert await shop.count(Receipt) == 2


@pytest.mark.parametrize("good", [case for case in (*EFFECTS, *LOOKS) if case.number], ids=lambda good: good.tool)
async def test_somebody_else_s_order(shop: Shop, good: Good) -> None:
    """Another customer's order does not exist here: same error as for a number that nobody has; the audit keeps it."""
    if good.tool == "find_orders":
        result = await shop.run(good.tool, "demo-new", good.filled())
        assert (result.outcome, result.facts["orders"], result.card) == (Outcome.NONE, [], None)
        return
    said = []
    for arguments in (good.filled(), good.filled(**{good.number: "PW0000000000"})):
        with pytest.raises(ServiceError) as refused:
            await shop.run(good.tool, "demo-new", arguments)
        said.append((refused.value.code, refused.value.reason, refused.value.message, refused.value.metadata))
    assert said[0] == said[1]
    assert said[0][:2] == (Code.FORBIDDEN, "TOOL_FORBIDDEN")
    assert await shop.count(Receipt) == 0
    assert await shop.count(Audit, Audit.reason == "TOOL_FORBIDDEN") == 2


@everything
async def test_switched_off(shop: Shop, good: Good) -> None:
    """A tool that a deployment switches off cannot be called and is not shown to a model."""
    belt = ToolBelt(shop.shop_tools.tools(), switched_off=[good.tool])
    with pytest.raises(ServiceError) as refused:
        await belt.run(ToolCall(good.tool, good.filled()), talk(good.customer))
    assert refused.value.reason == "TOOL_FORBIDDEN"
    assert good.tool not in [schema["function"]["name"] for schema in belt.schemas("en")]


async def test_database_out_of_reach(shop: Shop) -> None:
    """Without a database a call is 503 and retryable, and says nothing about machines."""
    lost = Shop("postgresql://shop@127.0.0.1:9/none", shop.clock)
    with pytest.raises(ServiceError) as refused:
        await lost.run("find_orders", "demo-lin", {})
    await lost.close()
    assert (refused.value.code, refused.value.reason) == (Code.UNAVAILABLE, "BACKOFFICE_UNAVAILABLE")
    assert refused.value.retryable
    assert "127.0.0.1" not in refused.value.message
