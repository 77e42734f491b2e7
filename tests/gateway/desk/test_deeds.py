"""Deeds of the desk over HTTP, through a real gateway and orchestrator on the real store."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from servicekit.api_keys import ApiKey
from tests.gateway.desk.http import ANNA, BEN, CLERK, FOREIGNER, GONE, handed_over, program, tenants_file, waiting
from tests.gateway.mesh import NOWHERE, Mesh, mesh
from tests.gateway.pictures.album import picture

pytestmark = pytest.mark.integration


async def test_a_person_helps_a_customer(edge: Mesh) -> None:
    """Takes the conversation, talks, gives it back; the customer's frames keep the contract all the way."""
    kim = await edge.join()
    async with program(edge.http) as anna:
        conversation = await handed_over(kim, anna)
        one = f"/v1/desk/conversations/{conversation}"
        taken = await anna.post(f"{one}/take")
        assert (taken.status_code, taken.json()["conversation"]["agent"]["name"]) == (200, "Anna")
        assert (await kim.expect("entry"))["notice"]["kind"] == "agent_joined"
        await anna.post(f"{one}/typing", json={"active": True})
        await kim.expect("typing", author="agent", active=True)
        await kim.send(type="message", client_msg_id="k2", text="where is my refund?")
        await kim.expect("turn_ended", outcome="attended")
        said = await anna.post(f"{one}/say", json={"message_id": "m1", "text": "On its way"})
        assert said.status_code == 201
        heard = await kim.expect("entry", author="agent")
        assert (heard["text"], heard["agent"]) == ("On its way", "Anna")
        assert (await anna.post(f"{one}/say", json={"message_id": "m1", "text": "On its way"})).json() == said.json()
        await anna.post(f"{one}/read", json={"seq": heard["seq"]})
        await kim.expect("receipt", reader="agent")
        page = (await anna.get(f"{one}/entries")).json()
        assert [entry["seq"] for entry in page["entries"]] == list(range(1, heard["seq"] + 1))
        earlier = (await anna.get(f"{one}/entries?before=3")).json()
        assert [entry["seq"] for entry in earlier["entries"]] == [1, 2]
        assert (await anna.post(f"{one}/hand-back")).json()["conversation"]["state"] == "open"
        assert (await kim.expect("entry"))["notice"]["kind"] == "agent_left"
        recent = (await anna.get("/v1/desk/conversations?list=recent")).json()["conversations"]
        assert [it["conversation"] for it in recent] == [conversation]


async def test_who_comes_second_is_told_who_was_first(edge: Mesh) -> None:
    """409 with the name, in the asker's language; what is not theirs cannot be done."""
    kim = await edge.join()
    async with program(edge.http) as anna, program(edge.http, BEN) as ben:
        one = f"/v1/desk/conversations/{await handed_over(kim, anna)}"
        await anna.post(f"{one}/take")
        second = await ben.post(f"{one}/take", headers={"accept-language": "zh-CN"})
        assert (second.status_code, second.json()["reason"]) == (409, "ALREADY_TAKEN")
        assert second.json()["message"].startswith("Anna 已接手")
        for deed, body in (("say", {"message_id": "m", "text": "x"}), ("hand-back", {}), ("close", {})):
            answer = await ben.post(f"{one}/{deed}", json=body)
            assert (answer.status_code, answer.json()["reason"]) == (409, "NOT_TAKEN")
        assert (await anna.post(f"{one}/close")).json()["conversation"]["state"] == "closed"
        assert (await anna.post(f"{one}/take")).json()["reason"] == "CONVERSATION_CLOSED"


@pytest.mark.parametrize(
    ("key", "status", "reason"),
    [(None, 401, "TOKEN_MISSING"), (CLERK, 403, "SCOPE_MISSING"), (GONE, 403, "TOKEN_REVOKED")],
)
@pytest.mark.parametrize(
    "path", ["/v1/desk/conversations?list=waiting", "/v1/desk/events", "/v1/desk/approvals", "/v1/desk/session"]
)
async def test_the_desk_needs_its_scope(edge: Mesh, path: str, key: ApiKey | None, status: int, reason: str) -> None:
    """401 without a key, 403 with one for something else or a revoked one."""
    async with program(edge.http, key) as stranger:
        answer = await stranger.get(path)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason)


async def test_a_customers_token_opens_nothing(edge: Mesh) -> None:
    """A visitor is no agent, also of their own conversation."""
    kim = await edge.join()
    async with program(edge.http, None) as visitor:
        visitor.headers["authorization"] = f"Bearer {kim.welcome['token']}"
        answer = await visitor.post(f"/v1/desk/conversations/{kim.welcome['conversation']}/take")
        assert (answer.status_code, answer.json()["reason"]) == (403, "SCOPE_MISSING")


async def test_nothing_of_another_tenant_is_within_reach(edge: Mesh) -> None:
    """404 for each deed, as if it did not exist."""
    kim = await edge.join()
    async with program(edge.http) as anna, program(edge.http, FOREIGNER) as eve:
        conversation = await handed_over(kim, anna)
        one = f"/v1/desk/conversations/{conversation}"
        assert await waiting(eve) == []
        say = {"message_id": "m", "text": "x"}
        for deed, body in (("take", {}), ("say", say), ("typing", {"active": True}), ("read", {"seq": 1})):
            answer = await eve.post(f"{one}/{deed}", json=body)
            assert (answer.status_code, answer.json()["reason"]) == (404, "CONVERSATION_NOT_FOUND")
        for path in (f"{one}/entries", f"{one}/events"):
            assert (await eve.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("deed", "body", "field"),
    [
        ("say", {"text": "x"}, "body"),
        ("say", {"message_id": "a b", "text": "x"}, "message_id"),
        ("say", {"message_id": "m"}, "text"),
        ("say", {"message_id": "m", "text": "  "}, "text"),
        ("say", {"message_id": "m", "text": "x", "sticker": "a/b"}, "text"),
        ("say", {"message_id": "m", "text": "x" * 4001}, "text"),
        ("say", {"message_id": "m", "sticker": "../../etc"}, "sticker"),
        ("typing", {"active": "yes"}, "active"),
        ("typing", {}, "body"),
        ("read", {"seq": -1}, "seq"),
        ("read", {"seq": 1e300}, "seq"),
        ("take", [], "body"),
    ],
)
async def test_a_bad_body_names_its_field(edge: Mesh, deed: str, body: Any, field: str) -> None:
    """400 in the envelope."""
    async with program(edge.http) as anna:
        answer = await anna.post(f"/v1/desk/conversations/c-1/{deed}", json=body)
        assert (answer.status_code, answer.json()["reason"], answer.json()["field"]) == (400, "INVALID_BODY", field)


async def test_hostile_requests_are_refused(edge: Mesh) -> None:
    """Broken JSON, a huge body, wrong methods, unknown lists, places that are none."""
    async with program(edge.http) as anna:
        one = "/v1/desk/conversations/c-1"
        assert (await anna.post(f"{one}/say", content=b"{" * 5000)).status_code == 400
        assert (await anna.post(f"{one}/say", content=b"[" + b"1," * 40_000 + b"1]")).status_code == 413
        assert (await anna.get(f"{one}/take")).status_code == 405
        assert (await anna.put("/v1/desk/session")).status_code == 405
        assert (await anna.get("/v1/desk/conversations?list=all")).json()["field"] == "list"
        assert (await anna.get("/v1/desk/conversations?list=mine&after=x")).status_code == 400
        assert (await anna.get(f"{one}/entries?before=-1")).status_code == 400
        assert (await anna.post(f"{one}/take")).json()["reason"] == "CONVERSATION_NOT_FOUND"
        assert (await anna.post(f"/v1/desk/conversations/{'c' * 65}/take")).status_code == 400


async def test_a_person_who_is_too_fast_waits(edge: Mesh) -> None:
    """429 with the time to wait; another person is not held up."""
    async with program(edge.http) as anna, program(edge.http, BEN) as ben:
        answers = await asyncio.gather(*(anna.get("/v1/desk/session") for _ in range(250)))
        late = [answer for answer in answers if answer.status_code == 429]
        assert late
        assert late[0].json()["reason"] == "RATE_LIMITED"
        assert int(late[0].headers["retry-after"]) >= 1
        assert (await ben.get("/v1/desk/session")).status_code == 200


async def test_a_dead_orchestrator_is_said(redis_url: str, tmp_path: Path) -> None:
    """503 in the envelope, and nothing hangs."""
    tenants = tenants_file(tmp_path)
    async with (
        mesh(redis_url, tmp_path, tenants_file=tenants, orchestrator_url=NOWHERE) as edge,
        program(edge.http, ANNA) as anna,
    ):
        answer = await anna.get("/v1/desk/conversations?list=waiting")
        assert (answer.status_code, answer.json()["reason"], answer.json()["retryable"]) == (503, "UNAVAILABLE", True)
        assert (await anna.get("/v1/desk/events")).status_code == 503


async def test_what_was_said_is_changed_and_taken_back(edge: Mesh) -> None:
    """The customer gets each change once, however often it was sent; what they wrote themselves nobody changes."""
    kim = await edge.join()
    async with program(edge.http) as anna, program(edge.http, FOREIGNER) as eve:
        conversation = await handed_over(kim, anna)
        one = f"/v1/desk/conversations/{conversation}"
        await anna.post(f"{one}/take")
        said = (await anna.post(f"{one}/say", json={"message_id": "m1", "text": "Monday"})).json()
        change = f"{one}/entries/{said['seq']}/revisions"
        edit = {"revision_id": "r1", "kind": "edited", "text": "Tuesday"}
        for _ in range(2):
            assert (await anna.post(change, json=edit)).status_code == 201
        heard = await kim.expect("entry", revision={"target": said["seq"], "kind": "edited", "text": "Tuesday"})
        taken_back = await anna.post(change, json={"revision_id": "r2", "kind": "retracted", "text": "left out"})
        assert taken_back.json()["seq"] == heard["seq"] + 1
        for seq, revision, status, reason in (
            (1, edit | {"revision_id": "r3"}, 409, "ENTRY_NOT_OURS"),
            (999, edit | {"revision_id": "r4"}, 404, "ENTRY_NOT_FOUND"),
            ("0", edit, 404, "ENTRY_NOT_FOUND"),
            ("1e3", edit, 404, "ENTRY_NOT_FOUND"),
            (said["seq"], edit | {"text": " "}, 400, "INVALID_BODY"),
            (said["seq"], edit | {"kind": "gone"}, 400, "INVALID_BODY"),
            (said["seq"], edit | {"text": "x" * 4001}, 400, "INVALID_BODY"),
        ):
            answer = await anna.post(f"{one}/entries/{seq}/revisions", json=revision)
            assert (answer.status_code, answer.json()["reason"]) == (status, reason)
        assert (await eve.post(change, json=edit)).json()["reason"] == "CONVERSATION_NOT_FOUND"
        assert (await anna.get(change)).status_code == 405


async def test_a_picture_is_said(edge: Mesh) -> None:
    """Checked and kept like a customer's, seen by the customer alone through the link of the entry, and said once."""
    kim = await edge.join()
    async with program(edge.http) as anna, program(edge.http, BEN) as ben, program(edge.http, FOREIGNER) as eve:
        one = f"/v1/desk/conversations/{await handed_over(kim, anna)}"
        file = {"file": ("cup.png", picture(), "image/png")}
        assert (await ben.post(f"{one}/pictures?message_id=p0", files=file)).json()["reason"] == "NOT_TAKEN"
        await anna.post(f"{one}/take")
        for _ in range(2):
            said = await anna.post(f"{one}/pictures?message_id=p1", files=file)
            assert said.status_code == 201
        heard = await kim.expect("entry", author="agent")
        assert (heard["seq"], heard["agent"], heard["image"]["width"]) == (said.json()["seq"], "Anna", 40)
        shown = await eve.get(heard["image"]["url"], headers={"accept": "image/webp"})
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
        for path, body, status, reason in (
            ("?message_id=p2", b"no picture", 415, "PICTURE_TYPE_UNSUPPORTED"),
            ("?message_id=p3", b"", 400, "PICTURE_EMPTY"),
            ("?message_id=p4", picture()[:50], 400, "PICTURE_BROKEN"),
            ("?message_id=p5", b"\x89PNG" + b"x" * (5 << 20), 413, "PICTURE_TOO_LARGE"),
            ("", picture(), 400, "INVALID_BODY"),
        ):
            answer = await anna.post(f"{one}/pictures{path}", content=body, headers={"content-type": "image/png"})
            assert (answer.status_code, answer.json()["reason"]) == (status, reason)
        assert (await eve.post(f"{one}/pictures?message_id=p1", files=file)).status_code == 404
        assert (await anna.get(f"{one}/pictures")).status_code == 405
