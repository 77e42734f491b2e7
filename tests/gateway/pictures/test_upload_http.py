"""Pictures over HTTP: what is kept, what is refused, who may see it."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from gateway.pictures.links import PictureLinks
from gateway.tokens import VisitorTokens
from tests.gateway.conftest import SECRET, Edge
from tests.gateway.pictures import album

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]
WEBP = {"accept": "image/webp,image/*,*/*"}


class Sender:
    """A visitor who uploads."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self.http, self.token = http, token

    async def raw(self, data: Any, kind: str = "image/png", **headers: str) -> httpx.Response:
        """The picture as the body."""
        named = {"authorization": f"Bearer {self.token}", "content-type": kind, **_dashed(headers)}
        return await self.http.post("/v1/images", content=data, headers=named)

    async def form(self, data: bytes, name: str = "cat.png", kind: str = "image/png", **headers: str) -> httpx.Response:
        """The picture in a form."""
        named = {"authorization": f"Bearer {self.token}", **_dashed(headers)}
        return await self.http.post("/v1/images", files={"file": (name, data, kind)}, headers=named)


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
async def http(edge: Edge) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=edge.http) as client:
        yield client


@pytest.fixture
async def kim(http: httpx.AsyncClient) -> Sender:
    return Sender(http, (await http.post("/v1/visitors")).json()["token"])


@pytest.mark.parametrize("way", ["raw", "form"])
async def test_a_picture_is_kept_and_shown(kim: Sender, edge: Edge, way: str) -> None:
    """201 with links; they show it re-encoded as WebP, private and not to be guessed at."""
    answer = await getattr(kim, way)(album.picture())
    body = answer.json()
    assert answer.status_code == 201
    assert (body["width"], body["height"], body["media_type"], body["animated"]) == (40, 30, "image/webp", False)
    for url in (body["url"], body["thumb_url"]):
        shown = await kim.http.get(url, headers=WEBP)
        assert shown.status_code == 200
        assert shown.headers["content-type"] == "image/webp"
        assert shown.headers["cache-control"].startswith("private, max-age=")
        assert "immutable" in shown.headers["cache-control"]
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["content-disposition"] == "inline"
        assert "sandbox" in shown.headers["content-security-policy"]
        with Image.open(io.BytesIO(shown.content)) as image:
            assert (image.format, image.size) == ("WEBP", (40, 30))
    assert body["size"] == len((await kim.http.get(body["url"], headers=WEBP)).content)
    assert edge.metric("stickerdesk_edge_uploads_total", outcome="kept") == 1


@pytest.mark.parametrize(("data", "kind"), [(album.picture(), "image/jpeg"), (album.see_through(), "image/png")])
async def test_who_takes_no_webp_gets_something_else(kim: Sender, data: bytes, kind: str) -> None:
    """JPEG, or PNG where something shows through; another ETag, 304 for it."""
    url = (await kim.raw(data)).json()["url"]
    plain = await kim.http.get(url, headers={"accept": "*/*"})
    assert plain.headers["content-type"] == kind
    assert plain.headers["vary"].lower().startswith("accept")
    webp = await kim.http.get(url, headers=WEBP)
    assert webp.headers["etag"] != plain.headers["etag"]
    for _ in range(2):
        again = await kim.http.get(url, headers={"accept": "*/*", "if-none-match": plain.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("image/avif,image/webp,image/apng,*/*;q=0.8", "image/webp"),  # Chromium, Firefox
        ("image/webp;q=0.1, image/png", "image/webp"),
        ("image/webp;q=0, */*", "image/jpeg"),
        ("image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "image/jpeg"),  # an old Safari
        ("", "image/jpeg"),
        ("text/html", "image/jpeg"),
        (",;q=;=,", "image/jpeg"),
    ],
)
async def test_what_is_accepted_decides(kim: Sender, accept: str, kind: str) -> None:
    """WebP for who says that they take it, for the thumbnail as for the whole; what comes is what the header says."""
    body = (await kim.raw(album.noisy(500))).json()
    for url, side in ((body["url"], 500), (body["thumb_url"], 320)):
        shown = await kim.http.get(url, headers={"accept": accept})
        assert shown.headers["content-type"] == kind
        with Image.open(io.BytesIO(shown.content)) as image:
            assert (f"image/{(image.format or '').lower()}", max(image.size)) == (kind, side)


@pytest.mark.parametrize(("data", "kind"), [(album.picture(), "image/jpeg"), (album.see_through(), "image/png")])
async def test_the_fallback_of_a_picture_element(kim: Sender, data: bytes, kind: str) -> None:
    """`&as=plain` is never WebP, whatever is accepted, and another picture to a cache; the link is as good for it."""
    url = (await kim.raw(data)).json()["url"]
    plain, webp = await kim.http.get(f"{url}&as=plain", headers=WEBP), await kim.http.get(url, headers=WEBP)
    assert (plain.status_code, plain.headers["content-type"]) == (200, kind)
    assert plain.headers["etag"] != webp.headers["etag"]
    assert (await kim.http.get(f"{url}&as=nonsense", headers=WEBP)).headers["content-type"] == "image/webp"
    assert (await kim.http.get(f"{url.partition('?')[0]}?as=plain", headers=WEBP)).status_code == 403


async def test_a_range_is_answered_by_the_whole(kim: Sender) -> None:
    """200 with all of it, never a piece under the wrong name; HEAD tells the same without it."""
    url = (await kim.raw(album.picture())).json()["url"]
    whole = await kim.http.get(url, headers=WEBP)
    for asked in ("bytes=0-9", "bytes=5-", "bytes=-5", "bytes=0-1,3-4", "bytes=999999-", "nonsense"):
        answer = await kim.http.get(url, headers={**WEBP, "range": asked})
        assert (answer.status_code, answer.content) == (200, whole.content)
        assert answer.headers["accept-ranges"] == "none"
        assert "content-range" not in answer.headers
    head = await kim.http.head(url, headers=WEBP)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "etag", "x-content-type-options"):
        assert head.headers[name] == whole.headers[name]


async def test_what_a_cache_is_told(kim: Sender) -> None:
    """Private, unchanging, no longer than the link is good; the 304 says it again; refusals are kept by nobody."""
    body = (await kim.raw(album.picture())).json()
    shown = await kim.http.get(body["url"], headers=WEBP)
    directives = dict(part.strip().partition("=")[::2] for part in shown.headers["cache-control"].split(","))
    assert {"private", "immutable"} <= set(directives)
    assert 0 < int(directives["max-age"]) <= 8 * 86_400
    again = await kim.http.get(body["url"], headers={**WEBP, "if-none-match": shown.headers["etag"]})
    assert (again.status_code, "immutable" in again.headers["cache-control"]) == (304, True)
    for path in (body["url"].partition("?")[0], body["url"] + "0", "/v1/images/none/full?e=1&s=x"):
        refused = await kim.http.get(path, headers=WEBP)
        assert refused.status_code == 403
        assert refused.headers["cache-control"] == "no-store"
        assert refused.headers["x-content-type-options"] == "nosniff"
    other = await kim.http.get(body["url"], headers={**WEBP, "if-none-match": '"another"'})
    assert other.status_code == 200


async def test_a_picture_that_moved_to_heic_is_told_so(kim: Sender) -> None:
    """A phone's own format: 415 with a sentence that says what to do, in the customer's language."""
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
    for language, word in (("en", "Save the picture as JPEG"), ("zh", "JPEG")):
        answer = await kim.form(heic, "IMG_1.HEIC", "image/heic", accept_language=language)
        assert (answer.status_code, answer.json()["reason"]) == (415, "PICTURE_TYPE_HEIF")
        assert word in answer.json()["message"]


async def test_an_animation_is_its_first_frame(kim: Sender) -> None:
    """And says so."""
    body = (await kim.form(album.animation(), "dance.gif", "image/gif")).json()
    assert body["animated"]


async def test_the_same_again_is_the_same_picture(kim: Sender) -> None:
    """By its bytes, or by the Idempotency-Key; another picture under the key is 409; somebody else's is another."""
    first, second = (await kim.raw(album.picture())).json(), (await kim.form(album.picture())).json()
    assert first == second
    keyed = (await kim.raw(album.picture(), idempotency_key="k1")).json()
    assert keyed["id"] != first["id"]
    assert (await kim.raw(album.picture(), idempotency_key="k1")).json() == keyed
    other = await kim.raw(album.picture(colour="blue"), idempotency_key="k1")
    assert (other.status_code, other.json()["reason"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert (await kim.raw(album.picture(), idempotency_key="k" * 129)).status_code == 400
    lee = Sender(kim.http, (await kim.http.post("/v1/visitors")).json()["token"])
    assert (await lee.raw(album.picture())).json()["id"] != first["id"]


@pytest.mark.parametrize(
    ("data", "kind", "status", "reason"),
    [
        (b"", "image/png", 400, "PICTURE_EMPTY"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 415, "PICTURE_TYPE_UNSUPPORTED"),
        (b"hello", "text/plain", 415, "PICTURE_TYPE_UNSUPPORTED"),
        (album.picture("JPEG"), "image/png", 415, "PICTURE_TYPE_MISMATCH"),
        (album.picture("BMP"), "application/octet-stream", 415, "PICTURE_TYPE_UNSUPPORTED"),
        (album.truncated(), "image/png", 400, "PICTURE_BROKEN"),
        (album.bomb(), "image/png", 413, "PICTURE_TOO_LARGE"),
    ],
)
async def test_what_is_no_picture_is_refused(
    kim: Sender, edge: Edge, data: bytes, kind: str, status: int, reason: str
) -> None:
    """With its reason, in the customer's language, and nothing is kept."""
    answer = await kim.raw(data, kind, accept_language="zh-CN")
    assert (answer.status_code, answer.json()["reason"], answer.json()["code"]) == (status, reason, status)
    assert "图片" in answer.json()["message"] or "文件" in answer.json()["message"]
    assert edge.metric("stickerdesk_edge_uploads_total", outcome=reason) == 1
    assert edge.metric("stickerdesk_edge_uploads_total", outcome="kept") == 0


async def test_a_name_that_lies_is_refused(kim: Sender) -> None:
    """The extension must agree as well."""
    answer = await kim.form(album.picture("PNG"), "cat.jpg", "application/octet-stream")
    assert (answer.status_code, answer.json()["reason"]) == (415, "PICTURE_TYPE_MISMATCH")


async def test_a_polyglot_loses_its_second_language(kim: Sender) -> None:
    """What is served has no trace of the script."""
    body = (await kim.raw(album.polyglot(), "image/jpeg")).json()
    for accept in ("image/webp", "*/*"):
        assert b"script" not in (await kim.http.get(body["url"], headers={"accept": accept})).content


async def test_a_huge_upload_is_refused_before_it_is_read(edge: Edge, kim: Sender) -> None:
    """413 for the Content-Length alone."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    head = f"POST /v1/images HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {kim.token}\r\nContent-Type: image/png\r\n"
    writer.write(f"{head}Content-Length: 99999999999999\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"PICTURE_TOO_LARGE" in answer


async def test_a_huge_upload_without_a_length_is_refused_on_the_way(edge: Edge, kim: Sender) -> None:
    """413 after the limit, however the body is cut; the edge never holds more of it than that."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    head = f"POST /v1/images HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {kim.token}\r\nContent-Type: image/png\r\n"
    writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
    chunk = b"10000\r\n" + b"\x89" * 0x10000 + b"\r\n"
    for _ in range(5 * 16 + 1):
        writer.write(chunk)
        await writer.drain()
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 20)
    writer.close()
    assert b"413" in answer.split(b"\r\n")[0]
    assert b"PICTURE_TOO_LARGE" in answer


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"not a form"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc'),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\nabc\r\n--b--\r\n'),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\na\r\n' * 2 + b"--b--\r\n",
        ),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\na\r\n" * 9 + b"--b--\r\n"),
    ],
)
async def test_a_broken_form_is_refused(kim: Sender, kind: str, body: bytes) -> None:
    """INVALID_UPLOAD."""
    answer = await kim.raw(body, kind)
    assert (answer.status_code, answer.json()["reason"]) == (400, "INVALID_UPLOAD")


async def test_without_a_token_nothing_is_taken(http: httpx.AsyncClient) -> None:
    """401 for none or a bad one, 403 for one that has expired."""
    expired = VisitorTokens(SECRET.encode(), tenant="default", life_s=60, clock=lambda: time.time() - 1000)
    cases = {"": 401, "Basic abc": 401, "Bearer nonsense": 401, f"Bearer {expired.issue()[0]}": 403}
    for value, status in cases.items():
        answer = await http.post("/v1/images", content=album.picture(), headers={"authorization": value})
        assert answer.status_code == status
        assert ("www-authenticate" in answer.headers) == (status == 401)
    assert answer.json()["reason"] == "TOKEN_EXPIRED"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_other_methods_are_405(http: httpx.AsyncClient, method: str) -> None:
    """With what is allowed."""
    answer = await http.request(method, "/v1/images")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_foreign_site_may_not_upload(make_edge: MakeEdge) -> None:
    """The list of origins holds for uploads as well."""
    edge = await make_edge(origins="https://shop.example")
    async with httpx.AsyncClient(base_url=edge.http) as http:
        kim = Sender(http, (await http.post("/v1/visitors")).json()["token"])
        assert (await kim.raw(album.picture(), origin="https://evil.example")).json()["reason"] == "ORIGIN_FORBIDDEN"
        assert (await kim.raw(album.picture(), origin="https://shop.example")).status_code == 201
        ask = {
            "origin": "https://shop.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,idempotency-key",
        }
        assert (await http.options("/v1/images", headers=ask)).status_code == 200


async def test_too_many_pictures_are_429(make_edge: MakeEdge) -> None:
    """With when to try again; for this visitor only."""
    edge = await make_edge(upload_burst=2, uploads_per_minute=1)
    async with httpx.AsyncClient(base_url=edge.http) as http:
        kim, lee = [Sender(http, (await http.post("/v1/visitors")).json()["token"]) for _ in range(2)]
        answers = [await kim.raw(album.picture()) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert int(answers[2].headers["retry-after"]) > 10
        assert (await lee.raw(album.picture())).status_code == 201


def _altered(url: str) -> Iterator[str]:
    path, _, query = url.partition("?")
    yield path
    yield f"{path}?e=1&s="
    yield url.replace("/full", "/thumb")
    yield f"{path}?{query[:-1]}{'A' if query[-1] != 'A' else 'B'}"
    yield url.replace("e=", "e=9")
    yield url.replace(path.split("/")[3], "0" * 32)


async def test_a_tampered_link_is_refused(kim: Sender) -> None:
    """Without, with another, or with another picture's signature: 403."""
    url = (await kim.raw(album.picture())).json()["url"]
    for altered in _altered(url):
        answer = await kim.http.get(altered, headers=WEBP)
        assert (answer.status_code, answer.json()["reason"]) == (403, "LINK_INVALID")


async def test_an_expired_link_and_one_to_nothing(kim: Sender) -> None:
    """403 LINK_EXPIRED; 404 for a good signature of a picture that is gone; 404 for an unknown variant."""
    image = (await kim.raw(album.picture())).json()["id"]
    links = PictureLinks(SECRET.encode(), clock=lambda: time.time() - 30 * 86_400)
    answer = await kim.http.get(links.path(image, "full"))
    assert (answer.status_code, answer.json()["reason"]) == (403, "LINK_EXPIRED")
    now = PictureLinks(SECRET.encode())
    for accept in ("image/webp", "*/*"):
        gone = await kim.http.get(now.path("ab" * 16, "full"), headers={"accept": accept})
        assert (gone.status_code, gone.json()["reason"]) == (404, "IMAGE_NOT_FOUND")
    assert (await kim.http.get(f"/v1/images/{image}/huge")).status_code == 404


async def test_a_store_that_cannot_write_is_503(kim: Sender, tmp_path: Path) -> None:
    """Retryable; the picture is not half there."""
    (tmp_path / "gateway").mkdir(exist_ok=True)
    (tmp_path / "gateway" / "pictures").write_bytes(b"a file where a folder should be")
    answer = await kim.raw(album.picture())
    assert (answer.status_code, answer.json()["reason"], answer.json()["retryable"]) == (503, "UNAVAILABLE", True)
