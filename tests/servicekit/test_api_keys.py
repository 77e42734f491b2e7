"""API keys: their shape, their hash, and what neither gives away."""

from __future__ import annotations

import pytest

from servicekit.api_keys import ApiKey, new_api_key, parse_api_key

pytestmark = pytest.mark.unit


def test_a_key_can_be_read_again() -> None:
    """For every secret, also such with _ and -; two keys are two keys."""
    for _ in range(200):
        key = new_api_key("my-shop")
        assert parse_api_key(str(key)) == key
        assert key.matches(key.hash)
    assert new_api_key("a").hash != new_api_key("a").hash


def test_a_hash_opens_nothing_elsewhere() -> None:
    """Copied to another tenant or id it does not match."""
    key = new_api_key("acme")
    assert not ApiKey("beta", key.id, key.secret).matches(key.hash)
    assert not ApiKey("acme", "other23456", key.secret).matches(key.hash)
    assert not ApiKey("acme", key.id, key.secret[:-1] + ("A" if key.secret[-1] != "A" else "B")).matches(key.hash)


def test_a_key_is_not_in_its_repr() -> None:
    """What is logged by mistake opens nothing."""
    key = new_api_key("acme")
    assert key.secret not in repr(key)
    assert key.secret not in key.hash


@pytest.mark.parametrize(
    "text", ["", "sd_", "sd_a_b_c", "sd_acme_abcdefghij_" + "x" * 42, "sd_acme_abcdefghij_" + "x" * 44,
             "sd_ACME_abcdefghij_" + "x" * 43, "sd_acme_abcdefghij_" + "é" * 43, "sd_acme_abcdefghij_" + "x" * 10_000,
             "sd_acme_abcdefghij_" + "x" * 43 + "\n"],
)  # fmt: skip
def test_anything_else_is_no_key(text: str) -> None:
    """Too short, too long, wrong letters."""
    assert parse_api_key(text) is None
