"""Two tenants behind one real edge: nothing of one is within reach of the other's customers or keys."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from gateway.tokens import VisitorTokens
from gateway.trust.identity import Identity
from servicekit.api_keys import new_api_key
from tests.gateway.conftest import SECRET, Edge, FakeRecommender
from tests.gateway.pictures import album
from tests.gateway.trust.provider import RSA, Provider, sign

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]
KEY = new_api_key("acme")
ACME, BETA = "https://acme.example", "https://beta.example"


def _file(folder: Path, more: str = "") -> Path:
    pem = RSA.as_pem(private=False).decode().replace("\n", "\\n")
    path = folder / "tenants.yaml"
    fresh = path.with_suffix(".new")
    fresh.write_text(f"""
version: 1
tenants:
  default: {{}}
  acme:
    origins: ["{ACME}"]
    keys: [{{id: {KEY.id}, hash: "{KEY.hash}", scopes: [broadcast], created_at: 2026-01-01T00:00:00Z}}]
    issuers: [{{issuer: "https://login.acme.example", public_key: "{pem}"}}]
    {more}
  beta: {{origins: ["{BETA}"]}}
""")
    os.replace(fresh, path)
    return path


@pytest.fixture
async def edge(make_edge: MakeEdge, tmp_path: Path) -> Edge:
    return await make_edge(tenants_file=_file(tmp_path))


async def _token(edge: Edge, tenant: str) -> str:
    async with httpx.AsyncClient(base_url=edge.http) as http:
        answer = await http.post("/v1/visitors", params={"tenant": tenant})
    assert answer.status_code == 201
    return str(answer.json()["token"])


def _opens(edge: Edge) -> list[tuple[str, str]]:
    """Tenant and customer of every conversation that the orchestrator was asked to open."""
    requests = [request.open for request in edge.orchestrator.servicer.seen if request.HasField("open")]
    return [(opened.tenant, opened.customer_id) for opened in requests]


async def _refusal(edge: Edge, query: str = "", **options: Any) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refused:
        await edge.dial(query=query, **options)
    return refused.value.response.status_code, json.loads(refused.value.response.body or b"{}")["reason"]


async def test_the_page_decides_the_tenant(edge: Edge) -> None:
    """A new visitor belongs to the tenant of the page, of the address, or to the default one."""
    for options, tenant in (
        ({"origin": ACME}, "acme"), ({"origin": BETA}, "beta"), ({"query": "?tenant=beta"}, "beta"), ({}, "default"),
    ):  # fmt: skip
        client = await edge.dial(**options)
        await client.hello()
        assert _opens(edge)[-1][0] == tenant


async def test_a_token_opens_nothing_of_another_tenant(edge: Edge) -> None:
    """Neither a conversation of one's own there nor a known one; not by page and not by name."""
    acme = await edge.dial(origin=ACME)
    await acme.hello()
    conversation, token = acme.welcome["conversation"], acme.welcome["token"]
    opened = len(_opens(edge))
    for options in ({"origin": BETA}, {"query": "?tenant=beta"}, {}):
        thief = await edge.dial(**options)
        await thief.send(type="hello", token=token, conversation=conversation)
        assert (await thief.expect("error"))["reason"] == "TENANT_MISMATCH"
        assert (await thief.closed())[0] == 4403
    assert len(_opens(edge)) == opened

    for options in ({"origin": BETA}, {}):
        other = await edge.dial(**options)
        await other.send(type="hello", conversation=conversation)
        assert (await other.expect("error"))["reason"] == "CONVERSATION_FORBIDDEN"
        assert (await other.closed())[0] == 4403
    back = await edge.dial(query="?tenant=acme")
    await back.hello(token=token, conversation=conversation)
    assert back.welcome["resumed"]


async def test_the_same_subject_in_two_tenants_is_two_people(edge: Edge) -> None:
    """A tenant that names its own subjects cannot name itself into another's conversations."""
    tokens = VisitorTokens(SECRET.encode(), tenant="", life_s=600)
    here, there = (tokens.renew(Identity("v_same", name, 0, 0))[0] for name in ("acme", "beta"))
    acme = await (await edge.dial(query="?tenant=acme")).hello(token=here)
    beta = await (await edge.dial(query="?tenant=beta")).hello(token=there)
    assert acme.welcome["conversation"] != beta.welcome["conversation"]


async def test_pages_of_other_origins_are_refused(edge: Edge) -> None:
    """Before the upgrade, with the reason; so is a tenant that is not."""
    assert await _refusal(edge, "?tenant=acme", origin="https://evil.example") == (403, "ORIGIN_FORBIDDEN")
    assert await _refusal(edge, "?tenant=acme", origin=BETA) == (403, "ORIGIN_FORBIDDEN")
    assert await _refusal(edge, "?tenant=nobody") == (403, "TENANT_UNKNOWN")


async def test_pictures_stay_in_their_tenant(edge: Edge) -> None:
    """A customer of another tenant can neither attach a picture nor, without its link, see it."""
    acme, beta = await _token(edge, "acme"), await _token(edge, "beta")
    async with httpx.AsyncClient(base_url=edge.http) as http:
        headers = {"authorization": f"Bearer {acme}", "content-type": "image/png"}
        kept = await http.post("/v1/images", content=album.picture(), headers=headers)
        assert kept.status_code == 201
        image = kept.json()["id"]
        assert (
            await http.get(f"/v1/images/{image}/full", headers={"authorization": f"Bearer {beta}"})
        ).status_code == 403
        foreign = await http.post("/v1/images", content=album.picture(), headers={**headers, "origin": BETA})
        assert (foreign.status_code, foreign.json()["reason"]) == (403, "ORIGIN_FORBIDDEN")
        key = {**headers, "authorization": f"Bearer {KEY}"}
        narrow = await http.post("/v1/images", content=album.picture(), headers=key)
        assert (narrow.status_code, narrow.json()["reason"]) == (403, "SCOPE_MISSING")
        none = await http.post("/v1/images", content=album.picture())
        assert (none.status_code, none.json()["reason"]) == (401, "TOKEN_MISSING")
        assert none.headers["www-authenticate"] == "Bearer"
    thief = await (await edge.dial(query="?tenant=beta")).hello(token=beta)
    await thief.send(type="message", client_msg_id="m1", image=image)
    assert (await thief.expect("error", client_msg_id="m1"))["reason"] == "IMAGE_NOT_FOUND"


async def test_a_shops_own_customers(edge: Edge) -> None:
    """A JWT of the tenant's issuer is the customer that it names; a key without the scope is none."""
    client = await (await edge.dial(origin=ACME)).hello(token=sign(RSA))
    assert _opens(edge)[-1] == ("acme", "kim")
    assert client.welcome["token"]
    key = await edge.dial(origin=ACME)
    await key.send(type="hello", token=str(KEY))
    assert (await key.expect("error"))["reason"] == "SCOPE_MISSING"
    assert (await key.closed())[0] == 4403
    spent = await edge.dial(origin=ACME)
    await spent.send(type="hello", token=sign(RSA, exp=int(time.time()) - 100))
    error = await spent.expect("error")
    assert (error["code"], error["reason"]) == (403, "TOKEN_EXPIRED")
    assert (await spent.closed())[0] == 4403


async def test_an_issuer_out_of_reach_is_no_refusal(make_edge: MakeEdge, tmp_path: Path) -> None:
    """Who comes while its keys cannot be had is told to come again; when they can, it is let in."""
    provider = await Provider().start()
    await provider.stop()
    path = tmp_path / "tenants.yaml"
    issuer = f"[{{issuer: 'https://login.acme.example', jwks_url: '{provider.url}'}}]"
    path.write_text(f"version: 1\ntenants: {{acme: {{issuers: {issuer}}}}}")
    edge = await make_edge(tenants_file=path)
    early = await edge.dial()
    await early.send(type="hello", token=sign())
    error = await early.expect("error")
    assert (error["code"], error["reason"], error["retryable"]) == (503, "UNAVAILABLE", True)
    assert (await early.closed())[0] == 4503


async def test_cors_follows_the_tenants(make_edge: MakeEdge, tmp_path: Path) -> None:
    """Pages of listed origins may read, others not; a changed file counts while the edge runs."""
    path = tmp_path / "tenants.yaml"
    path.write_text(f"version: 1\ntenants: {{acme: {{origins: ['{ACME}']}}}}")
    edge = await make_edge(tenants_file=path)
    async with httpx.AsyncClient(base_url=edge.http) as http:

        async def allowed(origin: str) -> str | None:
            answer = await http.get("/v1/stickers/search", params={"q": "x"}, headers={"origin": origin})
            return answer.headers.get("access-control-allow-origin")

        assert await allowed(ACME) == ACME
        assert await allowed(BETA) is None
        assert (await http.post("/v1/visitors", headers={"origin": BETA})).json()["reason"] == "ORIGIN_FORBIDDEN"
        fresh = path.with_suffix(".new")
        fresh.write_text(f"version: 1\ntenants: {{acme: {{origins: ['{ACME}', '{BETA}']}}}}")
        os.replace(fresh, path)
        edge.gateway._guard.book.refresh()
        assert await allowed(BETA) == BETA
        assert (await http.post("/v1/visitors", headers={"origin": BETA})).status_code == 201


async def test_the_tray_has_the_tenants_packs(
    make_edge: MakeEdge, tmp_path: Path, recommender: tuple[FakeRecommender, str]
) -> None:
    """Searched by page or by name; a tenant without packs finds nothing, a foreign page is refused."""
    path = tmp_path / "tenants.yaml"
    path.write_text(
        "version: 1\ntenants:\n"
        f"  acme: {{origins: ['{ACME}'], packs: [house]}}\n  none: {{packs: []}}\n  default: {{}}\n"
    )
    edge = await make_edge(tenants_file=path)
    async with httpx.AsyncClient(base_url=edge.http) as http:

        async def search(origin: str | None = None, **query: str) -> httpx.Response:
            headers = {"origin": origin} if origin else {}
            return await http.get("/v1/stickers/search", params={"q": "x", **query}, headers=headers)

        assert "Origin" in (await search(ACME)).headers["vary"]
        assert recommender[0].packs == ("house",)
        await search()
        assert recommender[0].packs == ()
        await search(tenant="acme")
        assert recommender[0].packs == ("house",)
        recommender[0].packs = None
        assert (await search(tenant="none")).json()["stickers"] == []
        assert (await search(BETA, tenant="acme")).json()["reason"] == "ORIGIN_FORBIDDEN"
        assert recommender[0].packs is None


async def test_a_tenants_stickers_stay_in_it(make_edge: MakeEdge, tmp_path: Path) -> None:
    """Acme's pack: its customers are told an address that opens; beta's asking for the sticker find nothing."""
    path = tmp_path / "tenants.yaml"
    path.write_text("version: 1\ntenants:\n  acme: {packs: [noto-emoji]}\n  beta: {packs: []}\n")
    edge = await make_edge(tenants_file=path, public_packs=())
    async with httpx.AsyncClient(base_url=edge.http) as http:
        found = await http.get("/v1/stickers/search", params={"q": "x", "tenant": "acme"})
        url = found.json()["stickers"][0]["url"]
        seen = await http.get(url)
        assert (seen.status_code, seen.headers["cache-control"]) == (200, "private, max-age=31536000, immutable")
        plain, _, query = url.partition("?")
        for foreign in (plain, f"{plain}?t=beta", f"{plain}?{query.replace('t=acme', 't=beta')}"):
            refused = await http.get(foreign, headers={"authorization": f"Bearer {await _token(edge, 'beta')}"})
            assert (refused.status_code, refused.json()["reason"]) == (404, "STICKER_NOT_FOUND")
            assert "immutable" not in refused.headers["cache-control"]
    customer = await (await edge.dial(query="?tenant=acme")).hello()
    await customer.send(type="suggest", suggest_id="s1", text="x")
    assert "?t=acme&s=" in (await customer.expect("suggestions"))["stickers"][0]["url"]


async def test_what_is_withdrawn_ends_open_connections(edge: Edge, tmp_path: Path) -> None:
    """A token that is revoked, or whose tenant goes, closes its connection at once; the others stay."""
    kim = await (await edge.dial(origin=ACME)).hello(token=sign(RSA))
    lee = await (await edge.dial(origin=ACME)).hello(token=sign(RSA, sub="lee", jti="t-2"))
    guest = await edge.join()
    silent, newcomer = await edge.dial(origin=ACME), await edge.dial(origin=ACME)
    _file(tmp_path, "revoked_tokens: [t-1]")
    edge.gateway._guard.book.refresh()
    error = await kim.expect("error")
    assert (error["code"], error["reason"]) == (403, "TOKEN_REVOKED")
    assert (await kim.closed())[0] == 4403
    await lee.send(type="message", client_msg_id="m1", text="still here")
    await lee.expect("ack", client_msg_id="m1")

    path = tmp_path / "tenants.yaml"
    path.write_text("version: 1\ntenants: {default: {}}\n")
    edge.gateway._guard.book.refresh()
    assert (await lee.expect("error"))["reason"] == "TENANT_UNKNOWN"
    assert (await lee.closed())[0] == 4403
    await guest.send(type="message", client_msg_id="m1", text="still here")
    await guest.expect("ack", client_msg_id="m1")
    await silent.send(type="hello", token=sign(RSA, jti="t-3"))
    assert (await silent.expect("error"))["reason"] == "TOKEN_INVALID"
    assert (await silent.closed())[0] == 4401
    await newcomer.send(type="hello")
    assert (await newcomer.expect("error"))["reason"] == "TENANT_UNKNOWN"
    assert (await newcomer.closed())[0] == 4403


async def test_connections_are_capped_per_tenant_and_address(make_edge: MakeEdge, tmp_path: Path) -> None:
    """One more is refused with 503 and Retry-After; the other tenant has room; who leaves makes room."""
    edge = await make_edge(
        tenants_file=_file(tmp_path, "limits: {connections: 1}"), max_connections_per_address=3, trusted_proxies=1
    )
    first = await edge.dial(origin=ACME)
    assert await _refusal(edge, origin=ACME) == (503, "TOO_MANY_CONNECTIONS")
    await edge.dial(origin=BETA)
    await first.close()
    again = await _until_let_in(edge, ACME)
    assert again is not None
    home = {"additional_headers": {"X-Forwarded-For": "6.6.6.6, 8.8.8.8"}, "origin": BETA}
    for _ in range(3):
        await edge.dial(**home)
    assert await _refusal(edge, **home) == (503, "TOO_MANY_CONNECTIONS")
    await edge.dial(origin=BETA, additional_headers={"X-Forwarded-For": "8.8.8.8, 9.9.9.9"})


async def _until_let_in(edge: Edge, origin: str) -> Any:
    """The edge notices a close when it reads it, a moment after the client has sent it."""
    while True:
        try:
            return await edge.dial(origin=origin)
        except InvalidStatus as refused:
            if refused.response.status_code != 503:
                raise
