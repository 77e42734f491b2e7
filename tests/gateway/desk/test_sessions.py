"""Getting in, staying in, and what another site's page cannot do."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from gateway.desk.sessions import COOKIE, HEADER
from gateway.desk.used_links import UsedLinks
from servicekit.desk_login import DeskLogin, make_login, read_login
from servicekit.sealing import Seal
from tests.gateway.desk.http import ANNA, CLERK, GONE, browser, handed_over, tenants_file
from tests.gateway.mesh import SECRET, Mesh

pytestmark = pytest.mark.integration


async def test_a_key_becomes_a_session(edge: Mesh) -> None:
    """In a cookie that no script reads and no other site sends; it does what the key does, until it is dropped."""
    kim = await edge.join()
    async with browser(edge.http) as anna:
        answer = await anna.post("/v1/desk/session", json={"key": f" {ANNA}\n"})
        assert (answer.status_code, answer.json()["name"]) == (201, "Anna")
        cookie = answer.headers["set-cookie"].lower()
        assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/v1/desk", "max-age=3600"))
        assert str(ANNA) not in answer.headers["set-cookie"]
        conversation = await handed_over(kim, anna)
        assert (await anna.post(f"/v1/desk/conversations/{conversation}/take")).status_code == 200
        renewed = await anna.get("/v1/desk/session")
        assert COOKIE in renewed.headers["set-cookie"]
        assert (await anna.delete("/v1/desk/session")).status_code == 200
        assert (await anna.get("/v1/desk/session")).json()["reason"] == "TOKEN_MISSING"


async def test_a_link_is_good_once(edge: Mesh) -> None:
    """For who it names; a second use, another key's, an old one and a made-up one open nothing."""
    word = make_login(SECRET.encode(), "default", "安娜")
    async with browser(edge.http) as anna:
        answer = await anna.post("/v1/desk/session", json={"login": word})
        assert (answer.status_code, answer.json()["name"], answer.json()["tenant"]) == (201, "安娜", "default")
        assert (await anna.get("/v1/desk/conversations?list=mine")).status_code == 200
    old = make_login(SECRET.encode(), "default", "Anna", life_s=-2)
    forged = make_login(b"another secret", "default", "Anna")
    elsewhere = make_login(SECRET.encode(), "nowhere", "Anna")
    for bad, status in ((word, 401), (old, 401), (forged, 401), ("x.y", 401), (elsewhere, 403)):
        async with browser(edge.http) as eve:
            assert (await eve.post("/v1/desk/session", json={"login": bad})).status_code == status


async def test_a_link_outlives_a_restart_and_so_does_its_use(edge: Mesh, tmp_path: Path) -> None:
    """Another gateway on the same folder takes a new link and refuses one that was used; a session goes on there."""
    fresh, used = (make_login(SECRET.encode(), "default", "Anna") for _ in range(2))
    async with browser(edge.http) as anna:
        assert (await anna.post("/v1/desk/session", json={"login": used})).status_code == 201
        session = dict(anna.cookies)
    port = await edge.another_gateway(tmp_path, orchestrator_url=edge.orchestrators[0].url)
    async with browser(f"http://127.0.0.1:{port}") as anna:
        assert (await anna.post("/v1/desk/session", json={"login": used})).status_code == 401
        assert (await anna.post("/v1/desk/session", json={"login": fresh})).status_code == 201
    async with browser(f"http://127.0.0.1:{port}") as anna:
        assert (await anna.get("/v1/desk/session", cookies=session)).json()["name"] == "Anna"


def test_a_used_link_is_kept_until_its_end(tmp_path: Path) -> None:
    """In a folder that is made, emptied of what is over, and done without where it cannot be written."""
    now_s = [1000.0]
    folder = tmp_path / "a" / "b"
    first, later = DeskLogin("aa", "default", "Anna", 1500.0), DeskLogin("bb", "default", "Anna", 3000.0)
    used = UsedLinks(folder, lambda: now_s[0])
    assert [used.take(first), used.take(first), UsedLinks(folder, lambda: now_s[0]).take(first)] == [True, False, False]
    now_s[0] = 2000.0
    assert used.take(later)
    assert [path.name for path in folder.iterdir()] == ["bb"]
    assert not used.take(DeskLogin("../x", "default", "Anna", 3000.0))
    (tmp_path / "file").write_text("")
    elsewhere = UsedLinks(tmp_path / "file" / "x", lambda: now_s[0])
    assert [elsewhere.take(later), elsewhere.take(later)] == [True, False]


@pytest.mark.parametrize(
    ("key", "status", "reason"),
    [("", 401, "TOKEN_MISSING"), ("sdk_nonsense", 401, "TOKEN_INVALID"), (str(CLERK), 403, "SCOPE_MISSING"),
     (str(GONE), 403, "TOKEN_REVOKED")],
    ids=["none", "nonsense", "out of scope", "revoked"],
)  # fmt: skip
async def test_a_bad_key_gets_no_session(edge: Mesh, key: str, status: int, reason: str) -> None:
    """And no cookie."""
    async with browser(edge.http) as stranger:
        answer = await stranger.post("/v1/desk/session", json={"key": key})
        assert (answer.status_code, answer.json()["reason"]) == (status, reason)
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "changed",
    [
        {HEADER: None},
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": None, "origin": "https://evil.example"},
        {"sec-fetch-site": None, "origin": "null"},
    ],
)
async def test_another_sites_page_does_nothing(edge: Mesh, changed: dict[str, str | None]) -> None:
    """Even if a browser sent the cookie along: neither a deed nor a login in somebody's name."""
    async with browser(edge.http) as anna:
        await anna.post("/v1/desk/session", json={"key": str(ANNA)})
        for name, value in changed.items():
            if value is None:
                del anna.headers[name]
            else:
                anna.headers[name] = value
        for answer in (
            await anna.post("/v1/desk/conversations/c-1/take"),
            await anna.post("/v1/desk/session", json={"key": str(ANNA)}),
            await anna.delete("/v1/desk/session"),
        ):
            assert (answer.status_code, answer.json()["reason"]) == (403, "ORIGIN_FORBIDDEN")


async def test_an_old_browser_without_fetch_metadata_gets_in(edge: Mesh) -> None:
    """Its origin says that it is our page."""
    async with browser(edge.http) as anna:
        del anna.headers["sec-fetch-site"]
        assert (await anna.post("/v1/desk/session", json={"key": str(ANNA)})).status_code == 201


async def test_a_revoked_key_ends_its_sessions(edge: Mesh, tmp_path: Path) -> None:
    """Within the time in which the tenants file is read again."""
    async with browser(edge.http) as anna:
        await anna.post("/v1/desk/session", json={"key": str(ANNA)})
        path = tenants_file(tmp_path)
        path.write_text(
            path.read_text().replace(f"id: {ANNA.id},", f"id: {ANNA.id}, revoked_at: 2026-01-02T00:00:00Z,")
        )
        deadline = time.monotonic() + 20
        while (answer := await anna.get("/v1/desk/session")).status_code == 200 and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        assert answer.json()["reason"] == "TOKEN_REVOKED"


@pytest.mark.parametrize("cookie", ["", "x", "a.b", "é.é", "e30.AAAA", "." * 5000])
async def test_a_made_up_cookie_opens_nothing(edge: Mesh, cookie: str) -> None:
    """Whatever stands in it."""
    headers = [(b"cookie", f"{COOKIE}={cookie}".encode("latin-1", "ignore"))]
    async with httpx.AsyncClient(base_url=edge.http) as eve:
        answer = await eve.get("/v1/desk/session", headers=headers)
        assert (answer.status_code, answer.json()["reason"]) == (401, "TOKEN_INVALID")


def test_a_seal_opens_for_its_purpose_only() -> None:
    """Another purpose, another secret, a changed letter: nothing."""
    seal = Seal(b"secret", "one")
    word = seal.close({"a": "ü"})
    assert seal.open(word) == {"a": "ü"}
    assert Seal(b"secret", "two").open(word) is None
    assert Seal(b"other", "one").open(word) is None
    assert seal.open(word[:-1] + ("A" if word[-1] != "A" else "B")) is None
    assert seal.open("x" * 10_000) is None
    assert read_login(b"secret", Seal(b"secret", "desk login").close({"id": 1})) is None
