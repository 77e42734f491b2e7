"""Whatever is sent as a token, a header or a tenants file: a typed refusal, never another error."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.tokens import VisitorTokens
from gateway.trust.addresses import Addresses, normalise
from gateway.trust.authenticator import Authenticator
from gateway.trust.doors import Doors
from servicekit.errors import ServiceError
from servicekit.tenants import Tenants
from servicekit.tenants_file import TenantBook, TenantsFileError, parse_tenants
from tests.fuzz import examples

pytestmark = pytest.mark.unit

TOKENS = VisitorTokens(b"x" * 32, tenant="acme", life_s=600)
BOOK = TenantBook(parse_tenants("version: 1\ntenants: {acme: {origins: ['https://acme.example']}}", "t"))
AUTHENTICATOR = Authenticator(TOKENS, BOOK)
DOORS = Doors(AUTHENTICATOR, "acme")
GOOD = TOKENS.issue()[0]

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CLAIMS = st.dictionaries(st.sampled_from(["iss", "sub", "tenant", "exp", "iat", "scope", "alg", "kid", "crit"]), JSON)


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


HEADERS = CLAIMS.map(lambda given: {"alg": "HS256", **given})
MADE = st.builds(lambda head, body, end: f"{_part(head)}.{_part(body)}.{end}", HEADERS, CLAIMS | JSON, st.text())
BENT = st.builds(lambda at, by: GOOD[:at] + by + GOOD[at + 1 :], st.integers(0, len(GOOD) - 1), st.text(max_size=2))
KEYS = st.text().map(lambda text: f"sd_acme_{text}")


@given(st.text() | MADE | BENT | KEYS)
@settings(max_examples=examples(400), deadline=None)
def test_any_token(token: str) -> None:
    """Refused with 401 or 403, or it is the good one."""
    try:
        who = AUTHENTICATOR.verify(token)
    except ServiceError as error:
        refused = int(error.code)
    else:
        refused = 0
        assert who == AUTHENTICATOR.verify(GOOD)
    assert refused in (0, 401, 403)


@given(st.text() | st.none(), st.text() | st.none())
@settings(max_examples=examples(100), deadline=None)
def test_any_door(origin: str | None, named: str | None) -> None:
    """Acme's own page and who is no page come in; nobody else does."""
    refused = 0
    try:
        DOORS.choose(origin, named)
    except ServiceError as error:
        refused = int(error.code)
    welcome = named in (None, "", "acme") and origin in (None, "https://acme.example")
    assert refused == (0 if welcome else 403)


@given(st.text() | st.lists(st.integers(0, 70_000).map(str)).map(":".join))
@settings(max_examples=examples(100), deadline=None)
def test_any_address(text: str) -> None:
    """An address or none."""
    counted = normalise(text)
    assert counted == "" or normalise(counted.removesuffix("/64")) == counted
    scope = {"client": ("10.0.0.1", 1), "headers": [(b"x-forwarded-for", text.encode("latin-1", "replace"))]}
    assert Addresses(1).of(scope)


@given(
    st.text() | st.binary() | JSON.map(json.dumps) | JSON.map(lambda v: json.dumps({"version": 1, "tenants": {"a": v}}))
)
@settings(max_examples=examples(300), deadline=None)
def test_any_tenants_file(text: str | bytes) -> None:
    """Tenants, or a sentence."""
    with contextlib.suppress(TenantsFileError):
        assert isinstance(parse_tenants(text, "tenants.yaml"), Tenants)
