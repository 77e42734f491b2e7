"""Visitor tokens: who may come back as whom, and for how long."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from gateway.tokens import VisitorTokens, load_secret
from servicekit.errors import ServiceError

pytestmark = pytest.mark.unit

SECRET = b"0123456789abcdef0123456789abcdef"
DAY_S = 86_400.0


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> VisitorTokens:
    return VisitorTokens(SECRET, tenant="shop", life_s=10 * DAY_S, clock=clock)


def test_a_token_names_its_visitor(tokens: VisitorTokens) -> None:
    """What is issued can be read; two visitors are two people."""
    token, visitor = tokens.issue()
    assert tokens.verify(token) == visitor
    assert visitor.tenant == "shop"
    assert tokens.issue()[1].subject != visitor.subject


def test_a_token_ends(tokens: VisitorTokens, clock: Clock) -> None:
    """After its life, with half a minute for clocks that differ: TOKEN_EXPIRED."""
    token, _ = tokens.issue()
    clock.now_s += 10 * DAY_S + 29
    tokens.verify(token)
    clock.now_s += 2
    with pytest.raises(ServiceError) as refused:
        tokens.verify(token)
    assert (refused.value.code, refused.value.reason) == (403, "TOKEN_EXPIRED")


def test_a_token_is_renewed_at_half_its_life(tokens: VisitorTokens, clock: Clock) -> None:
    """The same before, a fresh one for the same visitor after."""
    token, visitor = tokens.issue()
    clock.now_s += 5 * DAY_S - 1
    assert tokens.refresh(token, visitor) == token
    clock.now_s += 2
    fresh = tokens.refresh(token, visitor)
    assert fresh != token
    renewed = tokens.verify(fresh)
    assert renewed.subject == visitor.subject
    assert renewed.expires_at_s > visitor.expires_at_s


def _signed(claims: dict[str, object], key: bytes = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(key), algorithms=[algorithm])


GOOD: dict[str, object] = {
    "iss": "stickerdesk", "sub": "v", "tenant": "shop", "scope": "visitor", "iat": 1, "exp": 9_999_999_999,
}  # fmt: skip


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "é.é.é",
        "." * 4000,
        _signed(GOOD, key=b"another key, thirty-two bytes long"),
        _signed(GOOD, algorithm="HS512"),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ2In0.",
        *(_signed({**GOOD, name: value}) for name, value in
          [("iss", "x"), ("sub", ""), ("sub", 5), ("sub", "v" * 129), ("tenant", None), ("scope", "admin"),
           ("exp", "soon"), ("iat", None)]),
        _signed({name: value for name, value in GOOD.items() if name != "exp"}),
    ],
)  # fmt: skip
def test_anything_else_is_invalid(tokens: VisitorTokens, token: str) -> None:
    """Garbage, other keys, other algorithms, none, missing or wrong claims: TOKEN_INVALID."""
    with pytest.raises(ServiceError) as refused:
        tokens.verify(token)
    assert (refused.value.code, refused.value.reason) == (401, "TOKEN_INVALID")


def test_the_key_is_kept(tmp_path: Path) -> None:
    """Made once, read again, not readable by others; a configured one wins."""
    first = load_secret(None, tmp_path)
    assert load_secret(None, tmp_path) == first
    assert len(first) >= 32
    assert os.stat(tmp_path / "gateway" / "token.key").st_mode & 0o077 == 0
    assert load_secret("configured", tmp_path) == b"configured"
