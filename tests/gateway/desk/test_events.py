"""What happens, as server-sent events: from the beginning, from where one was, until the end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.desk import events as desk_events
from tests.gateway.desk.http import BEN, Events, events, handed_over, program, tenants_file
from tests.gateway.mesh import Mesh, mesh

pytestmark = pytest.mark.integration


def shown(told: Events, conversation: str) -> dict[str, Any] | None:
    """What the lists say of a conversation after all that was told."""
    known: dict[str, Any] = {}
    for name, data, _ in told.heard:
        if name == "listed":
            known = {it["conversation"]: it for it in data["conversations"]}
        elif name == "changed":
            known[data["conversation"]] = data
        elif name == "removed":
            known.pop(data["conversation"], None)
    return known.get(conversation)


async def test_the_lists_are_told_as_they_change(edge: Mesh) -> None:
    """A customer joins the line, is taken, writes, is given back."""
    kim = await edge.join()
    async with program(edge.http) as anna, program(edge.http, BEN) as ben, events(ben, "/v1/desk/events") as told:
        assert told.answer.headers["content-type"].startswith("text/event-stream")
        assert told.answer.headers["cache-control"] == "no-store"
        await told.until(lambda: told.of("listed"))
        conversation = await handed_over(kim, anna)
        one = f"/v1/desk/conversations/{conversation}"
        await told.until(lambda: told.of("listed")[-1]["conversations"])
        assert told.of("listed")[-1]["conversations"][0]["position"] == 1
        await anna.post(f"{one}/take")
        await told.until(lambda: (it := shown(told, conversation)) and it.get("agent"))
        await kim.send(type="message", client_msg_id="k2", text="hello there")
        await told.until(lambda: (it := shown(told, conversation)) and it["last_text"] == "hello there")
        await anna.post(f"{one}/hand-back")
        await told.until(lambda: shown(told, conversation) is None)


async def test_a_conversation_goes_on_from_where_one_was(edge: Mesh) -> None:
    """By Last-Event-ID, as browsers send it: no entry twice, none missing."""
    kim = await edge.join()
    async with program(edge.http) as anna:
        one = f"/v1/desk/conversations/{await handed_over(kim, anna)}"
        await anna.post(f"{one}/take")
        async with events(anna, f"{one}/events") as told:
            await told.until(lambda: told.of("caught_up"))
            seqs = [it["seq"] for it in told.of("entry")]
            last = next(place for name, _, place in reversed(told.heard) if name == "entry")
        assert seqs == list(range(1, len(seqs) + 1))
        await kim.send(type="message", client_msg_id="k2", text="are you there?")
        await kim.expect("ack")
        async with events(anna, f"{one}/events", last_event_id=last) as told:
            await told.until(lambda: told.of("entry"))
            assert [(it["seq"], it["text"]) for it in told.of("entry")] == [(seqs[-1] + 1, "are you there?")]
            await kim.send(type="typing", active=True)
            await told.until(lambda: told.of("typing"))
            await kim.send(type="message", client_msg_id="k3", text="how long do I have to return something?")
            await told.until(lambda: any(it.get("suggested_reply") for it in told.of("hint")))
        for strange in ("another:3", "nonsense", "x:99999999999999999999", ":"):
            async with events(anna, f"{one}/events", last_event_id=strange) as told:
                await told.until(lambda told=told: told.of("caught_up"))  # type: ignore[misc]
                assert told.of("entry")


async def test_a_stream_ends_with_what_ended_it(edge: Mesh) -> None:
    """An orchestrator that goes: an error in the envelope that says to come again."""
    async with program(edge.http) as anna, events(anna, "/v1/desk/events") as told:
        await told.until(lambda: told.of("listed"))
        edge.orchestrators[0].desk.servicer.drain()
        await told.until(lambda: told.ended)
        assert (told.of("end")[-1]["reason"], told.of("end")[-1]["retryable"]) == ("UNAVAILABLE", True)


async def test_a_gateway_that_goes_lets_go_of_its_streams(redis_url: str, tmp_path: Path) -> None:
    """At once, not after the patience for slow clients."""
    async with (
        mesh(redis_url, tmp_path, tenants_file=tenants_file(tmp_path)) as edge,
        program(edge.http) as anna,
        events(anna, "/v1/desk/events") as told,
    ):
        await told.until(lambda: told.of("listed"))
        async with asyncio.timeout(5):
            await edge.stack.aclose()
            await told.until(lambda: told.ended)


async def test_one_person_has_a_bounded_number_of_streams(edge: Mesh) -> None:
    """One more is 429; a closed one makes room."""
    async with program(edge.http) as anna:
        opened = [events(anna, "/v1/desk/events") for _ in range(desk_events._MOST_PER_PERSON)]
        for one in opened:
            await (await one.__aenter__()).until(lambda: True)
        answer = await anna.get("/v1/desk/events")
        assert (answer.status_code, answer.json()["reason"]) == (429, "RATE_LIMITED")
        for one in opened:
            await one.__aexit__(None, None, None)
        async with asyncio.timeout(10):
            while True:
                async with anna.stream("GET", "/v1/desk/events") as again:
                    if again.status_code == 200:
                        break
                await asyncio.sleep(0.05)
