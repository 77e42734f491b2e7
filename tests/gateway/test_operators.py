"""Announcements and revisions over HTTP, through a real gateway and orchestrator on the real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from servicekit.api_keys import ApiKey, new_api_key
from tests.gateway.mesh import Mesh, mesh

pytestmark = pytest.mark.integration

BROADCASTER, AGENT, FOREIGNER = new_api_key("default"), new_api_key("default"), new_api_key("other")
TEXT = {"en": "We are back", "zh": "我们回来了"}
HELLO = {"announcement_id": "a1", "text": TEXT}


def _section(key: ApiKey, scope: str) -> str:
    return f'{{id: {key.id}, hash: "{key.hash}", scopes: [{scope}], created_at: 2026-01-01T00:00:00Z}}'


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    """Two tenants and their keys."""
    path = tmp_path / "tenants.yaml"
    path.write_text(f"""
version: 1
tenants:
  default: {{keys: [{_section(BROADCASTER, "broadcast")}, {_section(AGENT, "agent")}]}}
  other: {{keys: [{_section(FOREIGNER, "agent, broadcast")}]}}
""")
    return path


@pytest.fixture
async def edge(redis_url: str, tmp_path: Path, tenants: Path) -> AsyncIterator[Mesh]:
    """One gateway and one orchestrator."""
    async with mesh(redis_url, tmp_path, tenants_file=tenants) as made:
        yield made


async def post(edge: Mesh, path: str, body: Any, key: ApiKey | None = BROADCASTER, **options: Any) -> httpx.Response:
    """One request."""
    headers = {"authorization": f"Bearer {key}"} if key is not None else {}
    async with httpx.AsyncClient(base_url=edge.http, headers=headers) as http:
        return await http.post(path, **({"json": body} if options.get("content") is None else options))


async def test_a_broadcast_reaches_every_gateway_once(redis_url: str, tmp_path: Path, tenants: Path) -> None:
    """In each customer's language, as an entry like any other; the same again reaches nobody."""
    async with mesh(redis_url, tmp_path, size=2, tenants_file=tenants) as edge:
        kim, lin = await edge.join(0), await edge.join(1, locale="zh-CN")
        first = await post(edge, "/v1/broadcasts", HELLO)
        assert (first.status_code, first.json()) == (202, {"reached": 2, "duplicates": 0})
        assert (await post(edge, "/v1/broadcasts", HELLO)).json() == {"reached": 0, "duplicates": 2}
        assert (await kim.expect("entry"))["notice"] == {"kind": "announcement", "text": "We are back"}
        assert (await lin.expect("entry"))["notice"]["text"] == "我们回来了"
        again = await edge.join(1, token=kim.welcome["token"])
        assert again.entries() == kim.entries() == [1]


async def test_a_broadcast_stays_with_its_tenant(edge: Mesh) -> None:
    """The key decides whose customers are meant."""
    kim = await edge.join()
    answer = await post(edge, "/v1/broadcasts", HELLO, FOREIGNER)
    assert answer.json() == {"reached": 0, "duplicates": 0}
    await kim.send(type="ping", t=1)
    await kim.expect("pong")
    assert kim.entries() == []


@pytest.mark.parametrize(("key", "status", "reason"), [(None, 401, "TOKEN_MISSING"), (AGENT, 403, "SCOPE_MISSING")])
async def test_a_broadcast_needs_its_scope(edge: Mesh, key: ApiKey | None, status: int, reason: str) -> None:
    """401 without a key, 403 with one for something else."""
    answer = await post(edge, "/v1/broadcasts", HELLO, key)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ([], "body"),
        ({**HELLO, "announcement_id": "a b"}, "announcement_id"),
        ({**HELLO, "text": {}}, "text"),
        ({**HELLO, "text": {"en": "x" * 1001}}, "text.en"),
        ({**HELLO, "languages": ["fr"]}, "languages[0]"),
        ({**HELLO, "customer_ids": [""]}, "customer_ids[0]"),
    ],
)
async def test_bad_broadcasts_name_the_field(edge: Mesh, body: Any, field: str) -> None:
    """400 INVALID_BODY."""
    answer = await post(edge, "/v1/broadcasts", body)
    assert (answer.status_code, answer.json()["reason"], answer.json()["field"]) == (400, "INVALID_BODY", field)


async def test_hostile_bodies_are_refused(edge: Mesh) -> None:
    """Not JSON, nested without end, too large; another method."""
    assert (await post(edge, "/v1/broadcasts", None, content=b"{")).status_code == 400
    assert (await post(edge, "/v1/broadcasts", None, content=b"[" * 100_000)).status_code == 400
    assert (await post(edge, "/v1/broadcasts", None, content=b" " * 300_000)).status_code == 413
    async with httpx.AsyncClient(base_url=edge.http) as http:
        assert (await http.get("/v1/broadcasts")).status_code == 405


async def test_a_revision_reaches_the_customer(edge: Mesh) -> None:
    """Edited, then taken back; each is an entry, the same id again is the same."""
    kim = await edge.join()
    await kim.send(type="message", client_msg_id="m1", text="hello")
    await kim.expect("turn_ended")
    where = f"/v1/conversations/{kim.welcome['conversation']}/entries/2/revisions"
    edit = {"revision_id": "v1", "kind": "edited", "text": "Better."}
    for _ in range(2):
        answer = await post(edge, where, edit, AGENT)
        assert (answer.status_code, answer.json()["seq"]) == (201, 3)
    assert (await kim.expect("entry"))["revision"] == {"target": 2, "kind": "edited", "text": "Better."}
    await post(edge, where, {"revision_id": "v2", "kind": "retracted"}, AGENT)
    assert (await kim.expect("entry"))["revision"] == {"target": 2, "kind": "retracted"}


@pytest.mark.parametrize(
    ("entry", "key", "status", "reason"),
    [
        ("1", AGENT, 409, "ENTRY_NOT_OURS"),
        ("9", AGENT, 404, "ENTRY_NOT_FOUND"),
        ("0", AGENT, 404, "ENTRY_NOT_FOUND"),
        ("9" * 40, AGENT, 404, "ENTRY_NOT_FOUND"),
        ("x", AGENT, 404, "ENTRY_NOT_FOUND"),
        ("2", FOREIGNER, 404, "CONVERSATION_NOT_FOUND"),
        ("2", BROADCASTER, 403, "SCOPE_MISSING"),
    ],
)
async def test_what_cannot_be_revised(edge: Mesh, entry: str, key: ApiKey, status: int, reason: str) -> None:
    """The customer's words, nothing there, another tenant's, without the scope."""
    kim = await edge.join()
    await kim.send(type="message", client_msg_id="m1", text="hello")
    await kim.expect("turn_ended")
    where = f"/v1/conversations/{kim.welcome['conversation']}/entries/{entry}/revisions"
    answer = await post(edge, where, {"revision_id": "v1", "kind": "retracted"}, key)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)


async def test_an_edit_needs_words(edge: Mesh) -> None:
    """400 that names the field."""
    answer = await post(edge, "/v1/conversations/c/entries/1/revisions", {"revision_id": "v", "kind": "edited"}, AGENT)
    assert (answer.status_code, answer.json()["field"]) == (400, "text")
