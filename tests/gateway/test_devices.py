"""One customer on several devices, at different gateways and orchestrators: all see the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.reply.engine import Brief, Closing
from servicekit.resilience import Deadline
from tests.fakes import ScriptedEngine
from tests.gateway.mesh import Mesh, mesh

pytestmark = pytest.mark.integration


class Gated(ScriptedEngine):
    """Says its first part and waits for the test before it says the rest."""

    def __init__(self, *parts: str) -> None:
        super().__init__(*parts)
        self.gate = asyncio.Event()

    async def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Closing]:
        """See the port."""
        async for part in super().stream(brief, deadline):
            yield part
            await self.gate.wait()


@pytest.fixture
async def edge(redis_url: str, tmp_path: Path) -> AsyncIterator[Mesh]:
    """Two gateways, two orchestrators, one store."""
    async with mesh(redis_url, tmp_path, size=2) as made:
        yield made


async def test_devices_share_entries_deltas_typing_and_receipts(redis_url: str, tmp_path: Path) -> None:
    """A phone and a tab: what one says, reads and is answered shows on the other, once each."""
    engine = Gated("All ", "is ", "well.")
    async with mesh(redis_url, tmp_path, engine, size=2) as edge:
        phone = await edge.join(0)
        tab = await edge.join(1, token=phone.welcome["token"])
        assert tab.welcome["conversation"] == phone.welcome["conversation"]
        await phone.send(type="typing", active=True)
        await tab.expect("typing", author="customer", active=True)
        await phone.send(type="message", client_msg_id="m1", text="hello")
        for device in (phone, tab):
            assert (await device.expect("delta", index=0))["text"] == "All "
        engine.gate.set()
        for device in (phone, tab):
            await device.expect("turn_ended", outcome="answered")
            assert device.entries() == [1, 2]
            assert [one["read"] for one in device.frames if one["type"] == "receipt"] == [1]
            assert any(one["type"] == "typing" and one["author"] == "assistant" for one in device.frames)
        await tab.send(type="receipt", delivered=2, read=2)
        assert (await phone.expect("receipt", reader="customer"))["read"] == 2
        again = await edge.join(0, token=phone.welcome["token"])
        known = {one["reader"]: one["read"] for one in again.frames if one["type"] == "receipt"}
        assert known == {"customer": 2, "assistant": 1}


async def test_devices_may_both_write(edge: Mesh) -> None:
    """Messages of both end in one order; the same id from both is one message."""
    phone = await edge.join(0)
    tab = await edge.join(1, token=phone.welcome["token"])
    for number in range(4):
        device = (phone, tab)[number % 2]
        await device.send(type="message", client_msg_id=f"m{number}", text=f"message {number}")
    for device in (phone, tab):
        await device.send(type="message", client_msg_id="both", text="the same")
    for device in (phone, tab):
        while len(device.entries()) < 10:
            await device.receive()
        assert device.entries() == list(range(1, 11))
    texts = [[one.get("text") for one in device.frames if one["type"] == "entry"] for device in (phone, tab)]
    assert texts[0] == texts[1]
    assert texts[0].count("the same") == 1


async def test_older_entries_are_read_on_any_device(edge: Mesh) -> None:
    """History pages backwards and has the same entries as the talk."""
    phone = await edge.join(0)
    for number in range(3):
        await phone.send(type="message", client_msg_id=f"m{number}", text=f"message {number}")
        await phone.expect("turn_ended")
    tab = await edge.join(1, token=phone.welcome["token"])
    before = 7
    pages: list[dict[str, Any]] = []
    while before > 1:
        await tab.send(type="history", history_id=f"h{before}", before_seq=before, limit=4)
        page = await tab.expect("history", history_id=f"h{before}")
        pages = page["entries"] + pages
        before = page["entries"][0]["seq"]
        assert page["has_more"] == (before > 1)
    assert pages == [one for one in tab.frames if one["type"] == "entry"]


async def test_a_rating_is_kept_and_a_bad_one_refused(edge: Mesh) -> None:
    """Acknowledged with seq 0, again as a duplicate; other words under the id are a conflict."""
    phone = await edge.join(0)
    for duplicate in (False, True):
        await phone.send(type="rating", rating_id="r1", score=5, comment="quick")
        ack = await phone.expect("ack", client_msg_id="r1")
        assert (ack["seq"], ack["duplicate"]) == (0, duplicate)
    await phone.send(type="rating", rating_id="r1", score=1)
    assert (await phone.expect("error", client_msg_id="r1"))["reason"] == "MESSAGE_ID_CONFLICT"
    assert phone.entries() == []


async def test_who_waits_for_a_person_is_told_the_place(edge: Mesh) -> None:
    """Two customers at two gateways; both devices of the second are told."""
    first, second = await edge.join(0), await edge.join(1)
    for number, waiting in enumerate((first, second), 1):
        await waiting.send(type="message", client_msg_id="m1", text="let me talk to a human agent please")
        assert (await waiting.expect("queue"))["position"] == number
    other = await edge.join(0, token=second.welcome["token"])
    assert (await other.expect("queue"))["position"] == 2
