"""Forms of strangers, in memory: the file comes out whole, and nothing else than a typed error."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from gateway.edge.actions import Visitor
from gateway.pictures.quota import Quota
from gateway.pictures.upload import Upload, read_upload
from gateway.trust.budget import Budget
from gateway.trust.ledger import Rates
from servicekit.errors import Code, ServiceError

pytestmark = pytest.mark.unit

KIM = Visitor("kim", "demo", 0, 0)
LEE = Visitor("lee", "demo", 0, 0)


async def read(body: bytes, kind: str, step: int = 7000) -> Upload:
    messages = [
        {"type": "http.request", "body": body[at : at + step], "more_body": True} for at in range(0, len(body), step)
    ]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    headers = [(b"content-type", kind.encode("latin-1"))]
    return await read_upload(Request({"type": "http", "method": "POST", "headers": headers}, receive))


def form(data: bytes, boundary: bytes = b"b0undary") -> bytes:
    return (
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name="note"\r\n\r\nhi\r\n'
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name="file"; filename="c.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + data + b"\r\n--" + boundary + b"--\r\n"
    )


@given(st.binary(max_size=3000), st.integers(1, 500))
async def test_a_file_comes_out_as_it_went_in(data: bytes, step: int) -> None:
    """Whatever bytes it has and however the body is cut."""
    found = await read(form(data), "multipart/form-data; boundary=b0undary", step)
    assert found == Upload(data, "image/png", "c.png")


@given(st.binary(max_size=2000), st.binary(max_size=80))
async def test_anything_else_is_a_typed_error(body: bytes, boundary: bytes) -> None:
    """Broken forms and boundaries: INVALID_UPLOAD or a file, never another exception."""
    kind = "multipart/form-data; boundary=" + boundary.decode("latin-1")
    with contextlib.suppress(ServiceError):
        await read(body, kind)
    with contextlib.suppress(ServiceError):
        await read(form(body)[: len(body) + 60], "multipart/form-data; boundary=b0undary")


def test_visitors_are_rationed_one_by_one() -> None:
    """A burst, then the rate; time brings it back; somebody else is not concerned."""
    now = [0.0]
    quota = Quota(Budget(lambda tenant: Rates(0.1, 2), clock=lambda: now[0]).spend)
    quota.spend(KIM)
    quota.spend(KIM)
    with pytest.raises(ServiceError) as refused:
        quota.spend(KIM)
    assert (refused.value.code, refused.value.retry_after_s) == (Code.EXHAUSTED, pytest.approx(10.0))
    quota.spend(LEE)
    now[0] = 10.0
    quota.spend(KIM)


def test_few_uploads_at_once() -> None:
    """A fourth is refused until one of three is done."""
    quota = Quota(lambda visitor: 0.0)
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(quota.place(KIM))
        with pytest.raises(ServiceError) as refused, quota.place(KIM):
            pass
        assert refused.value.reason == "RATE_LIMITED"
        with quota.place(LEE):
            pass
    with quota.place(KIM):
        pass
