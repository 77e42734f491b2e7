"""Security headers, on every kind of answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from gateway.trust.headers import page_headers
from tests.gateway.conftest import Edge

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]


def _directives(policy: str) -> dict[str, str]:
    pairs = (directive.partition(" ") for directive in policy.split("; "))
    return {name: value for name, _, value in pairs}


async def test_pages_have_a_strict_policy(edge: Edge) -> None:
    """No inline script or style, no plugin, no base, no strings that become HTML, no foreign frame."""
    async with httpx.AsyncClient(base_url=edge.http) as http:
        page = await http.get("/")
    policy = _directives(page.headers["content-security-policy"])
    assert "unsafe" not in page.headers["content-security-policy"]
    assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert "strict-transport-security" not in page.headers


@pytest.mark.parametrize("path", ["/healthz", "/v1/stickers/search?q=x", "/none", "/asyncapi.yaml", "/v1/images/a/b"])
async def test_what_is_no_page_may_load_nothing(edge: Edge, path: str) -> None:
    """JSON, text and errors: not sniffed, not framed, nothing runs in them."""
    async with httpx.AsyncClient(base_url=edge.http) as http:
        answer = await http.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["referrer-policy"]


async def test_settings_for_https_and_frames(make_edge: MakeEdge, tmp_path: Path) -> None:
    """HSTS where it is asked for; frames of listed sites, and of the tenant that the address names."""
    path = tmp_path / "tenants.yaml"
    path.write_text("version: 1\ntenants:\n  default: {}\n  acme: {frame_ancestors: ['https://acme.example']}\n")
    edge = await make_edge(hsts_s=3600, frame_ancestors="https://desk.example", tenants_file=path)
    async with httpx.AsyncClient(base_url=edge.http) as http:
        page, acme, odd = [await http.get("/", params={"tenant": name}) for name in ("", "acme", "; script-src *")]
    assert page.headers["strict-transport-security"] == "max-age=3600; includeSubDomains"
    framing = [_directives(one.headers["content-security-policy"])["frame-ancestors"] for one in (page, acme, odd)]
    assert framing == [
        "'self' https://desk.example",
        "'self' https://desk.example https://acme.example",
        "'self' https://desk.example",
    ]
    assert "x-frame-options" not in page.headers


@pytest.mark.parametrize("host", ["x; script-src *", "a b", "", "x'", "[::1]:8700", "desk.example:8700"])
def test_a_host_cannot_write_the_policy(host: str) -> None:
    """Only what looks like a host gets in; the rest leaves the socket to 'self'."""
    connect = _directives(page_headers(host)["content-security-policy"])["connect-src"]
    plausible = host in ("[::1]:8700", "desk.example:8700")
    assert connect == (f"'self' ws://{host} wss://{host}" if plausible else "'self'")
