"""Pages, stickers, search, visitors and health over HTTP on the same port."""

from __future__ import annotations

import asyncio
import io
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.fakes_orchestrator import STICKER_ID
from tests.gateway.conftest import Edge, FakeRecommender

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]
WEBP = {"accept": "image/avif,image/webp,image/*,*/*;q=0.8"}


@pytest.fixture
async def http(edge: Edge) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=edge.http) as client:
        yield client


@pytest.fixture
def catalogue(recommender: tuple[FakeRecommender, str]) -> FakeRecommender:
    return recommender[0]


def _address(catalogue: FakeRecommender, sticker: str = STICKER_ID) -> str:
    return f"/stickers/{sticker}/{catalogue.sha256[:16]}"


async def test_a_sticker_is_webp_for_who_takes_it(http: httpx.AsyncClient, catalogue: FakeRecommender) -> None:
    """The stored bytes, to be cached for ever, apart by Accept."""
    answer = await http.get(_address(catalogue), headers=WEBP)
    assert answer.status_code == 200
    assert answer.content == catalogue.picture
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "accept" in answer.headers["vary"].lower()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("accept", ["image/png", "*/*", "image/webp;q=0, image/*", ""])
async def test_a_sticker_is_png_for_who_does_not(
    http: httpx.AsyncClient, catalogue: FakeRecommender, accept: str
) -> None:
    """Same picture, other type, other ETag."""
    answer = await http.get(_address(catalogue), headers={"accept": accept})
    assert answer.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (8, 8))
    webp = await http.get(_address(catalogue), headers=WEBP)
    assert webp.headers["etag"] != answer.headers["etag"]


async def test_a_known_sticker_is_not_sent_again(http: httpx.AsyncClient, catalogue: FakeRecommender) -> None:
    """304 for the ETag, HEAD without a body, one call to the recommender for any number of requests."""
    answers = await asyncio.gather(*(http.get(_address(catalogue), headers=WEBP) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert catalogue.calls == 1
    etag = answers[0].headers["etag"]
    again = await http.get(_address(catalogue), headers={**WEBP, "if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    head = await http.head(_address(catalogue), headers=WEBP)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(catalogue.picture))
    assert catalogue.calls == 1


async def test_an_unknown_sticker_is_404(http: httpx.AsyncClient, catalogue: FakeRecommender) -> None:
    """No such id, or another hash: the envelope, not cached."""
    for path in (_address(catalogue, "noto-emoji/none"), f"/stickers/{STICKER_ID}/0000000000000000"):
        answer = await http.get(path, headers={**WEBP, "accept-language": "zh-CN"})
        body = answer.json()
        assert (answer.status_code, body["code"], body["reason"]) == (404, 404, "STICKER_NOT_FOUND")
        assert "表情" in body["message"]
        assert len(body["trace_id"]) == 32
        assert answer.headers["cache-control"] == "no-store"


async def test_a_recommender_that_is_away_is_503(make_edge: MakeEdge, catalogue: FakeRecommender) -> None:
    """Neither picture nor search can be had: 503, retryable."""
    edge = await make_edge(recommender_url="127.0.0.1:1")
    async with httpx.AsyncClient(base_url=edge.http) as http:
        for path in (_address(catalogue), "/v1/stickers/search?q=x"):
            answer = await http.get(path)
            assert (answer.status_code, answer.json()["reason"]) == (503, "UNAVAILABLE")
            assert answer.json()["retryable"]


async def test_search_finds_stickers(http: httpx.AsyncClient) -> None:
    """The tray's search answers with the same sticker objects as the socket."""
    answer = await http.get("/v1/stickers/search", params={"q": "笑", "locale": "zh", "limit": 5})
    assert answer.status_code == 200
    found = answer.json()
    assert found["stickers"][0]["id"] == STICKER_ID
    assert set(found) == {"stickers", "degraded", "impression_id"}


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "q"), ("q=", "q"), (f"q={'x' * 201}", "q"), ("q=x&limit=0", "limit"), ("q=x&limit=a", "limit")],
)
async def test_a_bad_search_is_400(http: httpx.AsyncClient, query: str, field: str) -> None:
    """The envelope names the parameter."""
    answer = await http.get(f"/v1/stickers/search?{query}")
    assert (answer.status_code, answer.json()["reason"], answer.json()["field"]) == (400, "INVALID_QUERY", field)


async def test_a_visitor_token_opens_the_socket(edge: Edge, http: httpx.AsyncClient) -> None:
    """POST /v1/visitors makes a visitor; GET is not for that."""
    answer = await http.post("/v1/visitors")
    assert answer.status_code == 201
    assert answer.json()["expires_at"] > 0
    client = await edge.join(token=answer.json()["token"])
    assert client.welcome["token"] == answer.json()["token"]
    refused = await http.get("/v1/visitors")
    assert (refused.status_code, refused.json()["reason"]) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in refused.headers["allow"]


async def test_pages_have_types_etags_and_a_policy(http: httpx.AsyncClient, web_dir: Path) -> None:
    """The page with its security headers, modules as JavaScript, 304 until a file changes."""
    page = await http.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert f"ws://127.0.0.1:{http.base_url.port}" in policy
    odd = await http.get("/", headers={"host": "x; script-src *"})
    assert "script-src *" not in odd.headers.get("content-security-policy", "")
    assert page.headers["x-content-type-options"] == "nosniff"
    for path in ("/widget.js", "/sdk/index.js"):
        script = await http.get(path)
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "max-age=60" in script.headers["cache-control"]
        known = {"if-none-match": script.headers["etag"]}
        assert (await http.get(path, headers=known)).status_code == 304
    (web_dir / "widget.js").write_text("export const changed = 1", "utf-8")
    assert (await http.get("/widget.js", headers=known)).text == "export const changed = 1"


@pytest.mark.parametrize(
    "path",
    ["/none.js", "/.secret.js", "/../outside.js", "/%2e%2e/outside.js", "/sdk/%2e%2e/%2e%2e/outside.js",
     "/sdk%5c..%5c..%5coutside.js", "/sdk", "/x%00.js", "/" + "a" * 5000 + ".js", "/index.html/x.js"],
)  # fmt: skip
async def test_nothing_outside_the_site_is_served(edge: Edge, path: str) -> None:
    """Unknown, hidden or climbing paths: 404 in the envelope."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert b" 404 " in head.split(b"\r\n")[0]
    assert b'"NOT_FOUND"' in body


async def test_health_and_readiness(edge: Edge, http: httpx.AsyncClient) -> None:
    """Live at once; ready when the orchestrator has been reached, and still when it is away for a while."""
    assert (await http.get("/healthz")).text == "ok\n"
    await edge.join()
    parts = {"accepting": True, "orchestrator_was_reached": True}
    assert (await http.get("/readyz")).json() == {"ready": True, "parts": parts}
    await edge.orchestrator.kill()
    assert (await http.get("/readyz")).status_code == 200


async def test_an_edge_that_never_reached_its_orchestrator_is_not_ready(make_edge: MakeEdge) -> None:
    """Not ready says which part is missing."""
    edge = await make_edge(orchestrator_url="127.0.0.1:1")
    async with httpx.AsyncClient(base_url=edge.http) as http:
        answer = await http.get("/readyz")
        assert (answer.status_code, answer.json()["parts"]["orchestrator_was_reached"]) == (503, False)


async def test_the_protocol_document_is_served(http: httpx.AsyncClient) -> None:
    """The AsyncAPI document comes from the edge itself."""
    answer = await http.get("/asyncapi.yaml")
    assert answer.text.startswith("asyncapi: 3.0.0")


async def test_a_preflight_from_another_site_is_answered(http: httpx.AsyncClient, make_edge: MakeEdge) -> None:
    """The widget runs on any page, unless the origins are listed."""
    ask = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    allowed = await http.options("/v1/visitors", headers=ask)
    assert allowed.headers["access-control-allow-origin"] == "*"
    strict = await make_edge(origins="https://shop.example")
    async with httpx.AsyncClient(base_url=strict.http) as other:
        mine = await other.options("/v1/visitors", headers=ask)
        assert mine.headers["access-control-allow-origin"] == "https://shop.example"
        foreign = await other.options("/v1/visitors", headers={**ask, "origin": "https://evil.example"})
        assert "access-control-allow-origin" not in foreign.headers


async def test_the_signing_key_is_made_once_and_kept_private(make_edge: MakeEdge, tmp_path: Path) -> None:
    """A second start accepts the first one's tokens; nobody else can read the key."""
    first = await make_edge(token_secret=None)
    token = (await first.join()).welcome["token"]
    second = await make_edge(token_secret=None)
    assert (await second.join(token=token)).welcome["resumed"]
    key = tmp_path / "gateway" / "token.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["token.key"]
