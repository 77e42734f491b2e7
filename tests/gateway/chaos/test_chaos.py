"""Nothing is lost and nothing doubled on a network that cuts, stalls, drops, doubles and reorders.

Real clients, gateway, orchestrator and store. Frames are dropped, doubled, delayed and swapped in both directions;
connections are cut in the middle of a frame, or stall and deliver late what was sent on them, after the client has
gone on with another; and the line between gateway and orchestrator is cut again and again. The longer mode:
`STICKERDESK_CHAOS_MESSAGES=10000` and more, with other seeds by `STICKERDESK_CHAOS_SEED`.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from orchestrator.journal.entries import Author, Body, Outcome
from orchestrator.journal.ports import Begun, Result, TurnRef
from orchestrator.journal.store import Limits
from orchestrator.turns.writing import AnswerWriter
from servicekit.resilience import Deadline
from tests.gateway.chaos.proxy import FAIR, ChaosProxy, CutProxy, Weather
from tests.gateway.chaos.talker import Talker
from tests.gateway.client import Client
from tests.gateway.mesh import mesh

pytestmark = pytest.mark.integration

MESSAGES = int(os.environ.get("STICKERDESK_CHAOS_MESSAGES", "2000"))
SEED = int(os.environ.get("STICKERDESK_CHAOS_SEED", "7"))
TALKERS = 40
CUT_EVERY_S = 2.0
LIMIT_S = 120 + MESSAGES / 4  # for a machine that is busy otherwise


class Echo:
    """Answers at once with what was said; what is tried here is the way, not the answer."""

    async def answer(self, turn: TurnRef, begun: Begun, writer: AnswerWriter, deadline: Deadline) -> Result:
        """See the port."""
        text = begun.history[-1].body.text or ""
        for word in text.split():
            writer.write(f"{word} ")
        return self.stopped(turn, begun, writer.text)

    def stopped(self, turn: TurnRef, begun: Begun, text: str) -> Result:
        """See the port."""
        body = Body(author=Author.ASSISTANT, turn_id=turn.turn_id, text=text, outcome=Outcome.ANSWERED)
        return Result(Outcome.ANSWERED, (body,))

    def given_up(self, turn: TurnRef, begun: Begun, why: str) -> Result:
        """See the port."""
        return self.stopped(turn, begun, why)


def check(talker: Talker) -> None:
    """What a client took is its journal: complete, in order, each message once, each with one answer."""
    assert talker.faults == []
    assert [entry["seq"] for entry in talker.entries] == list(range(1, len(talker.entries) + 1))
    said = Counter(entry["client_msg_id"] for entry in talker.entries if entry["author"] == "customer")
    assert set(said) == talker.wanted
    assert set(said.values()) == {1}
    asked = Counter(entry["turn"] for entry in talker.entries if entry["author"] == "customer")
    answered = Counter(entry["turn"] for entry in talker.entries if entry["author"] == "assistant")
    assert asked == answered


async def cut_for_ever(proxy: CutProxy, rng: random.Random) -> None:
    """The line to the orchestrator breaks every now and then."""
    while True:
        await asyncio.sleep(CUT_EVERY_S * (0.5 + rng.random()))
        proxy.cut()


@pytest.mark.timeout(LIMIT_S + 60)
async def test_nothing_is_lost_and_nothing_doubled(redis_url: str, tmp_path: Path) -> None:
    """Thousands of messages through all of it at once."""
    rng = random.Random(SEED)
    loose = {"frames_per_s": 1e6, "frame_burst": 10**6, "hello_s": 3.0, "max_connections_per_address": 10_000}
    async with mesh(redis_url, tmp_path, answering=Echo(), limits=Limits(lease_ms=2_000)) as straight:
        behind = int(straight.orchestrators[0].url.rpartition(":")[2])
        async with CutProxy(behind) as line:
            changed = {"orchestrator_url": f"127.0.0.1:{line.port}", **loose}
            port = await straight.another_gateway(tmp_path, **changed)
            async with ChaosProxy(port, rng, Weather()) as network:
                talkers = [
                    Talker(network.port, f"k{number}", MESSAGES // TALKERS, random.Random(SEED + number))
                    for number in range(TALKERS)
                ]
                cutting = asyncio.ensure_future(cut_for_ever(line, rng))
                async with asyncio.timeout(LIMIT_S):
                    await asyncio.gather(*(talker.run() for talker in talkers))
                cutting.cancel()
                print(dict(network.done), "joins", sum(talker.joins for talker in talkers))
                for talker in talkers:
                    check(talker)
                network.weather = FAIR
                fresh = await (await Client.dial(f"ws://127.0.0.1:{port}/v1/ws")).hello(token=talkers[0].known["token"])
                texts = [frame["seq"] for frame in fresh.frames if frame["type"] == "entry"]
                assert texts == [entry["seq"] for entry in talkers[0].entries]
                await fresh.close()
    assert all(network.done[name] for name in ("cut", "drop", "double", "swap", "delay"))
