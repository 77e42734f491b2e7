"""The tenants file: what it may say, how it says what is wrong, and how its changes are followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from servicekit.api_keys import new_api_key
from servicekit.tenants import Scope, Tenants, single_tenant
from servicekit.tenants_file import TenantBook, TenantsFileError, load_tenants, parse_tenants

pytestmark = pytest.mark.unit

FULL = f"""
version: 1
tenants:
  acme:
    origins: ["https://Shop.Acme.example/", "http://localhost:3000"]
    frame_ancestors: [https://shop.acme.example]
    packs: [noto-emoji]
    knowledge: knowledge/acme
    keys:
      - id: abcdefghij
        name: crm
        hash: {new_api_key("acme").hash}
        scopes: [service, broadcast]
        created_at: 2026-01-01T00:00:00Z
        expires_at: 2027-01-01T00:00:00+08:00
    issuers:
      - issuer: https://login.acme.example
        jwks_url: https://login.acme.example/jwks.json
        audience: stickerdesk
        scopes: [customer, agent]
    revoked_tokens: [stolen]
    tokens_not_before: 2026-01-01T00:00:00Z
    limits: {{messages_per_minute: 30, connections: 100}}
  beta: {{}}
"""


def _wrong(text: str) -> str:
    with pytest.raises(TenantsFileError) as refused:
        parse_tenants(text, "tenants.yaml")
    return str(refused.value)


def test_a_full_file_is_read() -> None:
    """Every field has its place; origins are normalised; what is left out has its default."""
    tenants = parse_tenants(FULL, "tenants.yaml")
    acme, beta = tenants.tenants["acme"], tenants.tenants["beta"]
    assert acme.origins == ["https://shop.acme.example", "http://localhost:3000"]
    assert acme.keys[0].scopes == {Scope.SERVICE, Scope.BROADCAST}
    assert acme.limits.connections == 100
    assert acme.limits.message_burst == beta.limits.message_burst
    assert beta.origins == []
    assert beta.packs is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("version: 1", "version: 2"), "tenants.yaml:2: version:"),
        (("    packs:", "    pakcs:"), "tenants.yaml:7: tenants.acme.pakcs: no such field"),
        (("scopes: [service", "scopes: [servant"), "tenants.yaml:13: tenants.acme.keys.0.scopes.0:"),
        (("        hash: sha256:", "        hash: md5:"), "tenants.yaml:12: tenants.acme.keys.0.hash:"),
        (("- id: abcdefghij", "- identity: abcdefghij"), "tenants.yaml:10: tenants.acme.keys.0.id: Field required"),
        (("2026-01-01T00:00:00Z\n        exp", "2026-01-01\n        exp"), "tenants.yaml:14: tenants.acme.keys.0.c"),
        (("https://Shop.Acme.example/", "shop.acme.example"), "must be an origin like https://shop.example"),
        (("jwks_url: https:", "jwks_url: http:"), "tenants.acme.issuers.0.jwks_url: must be an https://"),
        (("        jwks_url: https://login.acme.example/jwks.json\n", ""), "exactly one of jwks_url"),
        (("messages_per_minute: 30", "messages_per_minute: -1"), "tenants.yaml:23: tenants.acme.limits.messages_per"),
        (("  beta: {}", "  Beta: {}"), "tenants.Beta"),
        (("  beta: {}", "  acme: {}"), "tenants.yaml:24: acme is there twice"),
        (("version: 1\n", ""), "version: Field required"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_line_and_field(change: tuple[str, str], says: str) -> None:
    """The operator is sent to the line, never shown a stack trace."""
    old, new = change
    assert old in FULL
    assert says in _wrong(FULL.replace(old, new))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "5", "tenants: [", "version: 1\ntenants: {}", "\x00", "a: &a [*a]", "version: 1\ntenants: &t {x: *t}",
     "!!python/object/apply:os.system [id]", "version: 1\ntenants: null", "[" * 5000],
)  # fmt: skip
def test_garbage_is_refused(text: str) -> None:
    """Empty, cut off, recursive, hostile: a sentence each."""
    assert _wrong(text).startswith("tenants.yaml")


def test_aliases_that_multiply_are_read_in_no_time() -> None:
    """A file of a few lines that stands for billions of nodes is refused, not unfolded."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert "no such field" in _wrong("\n".join([*lines, "version: 1", "tenants: {a: {}}"]))


def test_two_keys_of_one_id_are_refused() -> None:
    """Which of them is revoked must never be a question."""
    key = f"{{id: abcdefghij, hash: '{new_api_key('a').hash}', scopes: [agent], created_at: 2026-01-01T00:00:00Z}}"
    assert "same id" in _wrong(f"version: 1\ntenants:\n  a:\n    keys: [{key}, {key}]\n")


def _write(path: Path, text: str) -> None:
    """Replaces the file as an editor or a mounted volume does."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, "utf-8")
    os.replace(fresh, path)


def test_paths_hold_wherever_the_process_stands(tmp_path: Path) -> None:
    """Folders and key files are relative to the file."""
    path = tmp_path / "tenants.yaml"
    _write(path, FULL)
    assert load_tenants(path).tenants["acme"].knowledge == tmp_path / "knowledge" / "acme"


def test_a_changed_file_counts_and_a_broken_one_does_not(tmp_path: Path) -> None:
    """Listeners hear of each good version; a broken, refused or vanished file leaves the one before."""
    path = tmp_path / "tenants.yaml"
    _write(path, "version: 1\ntenants: {a: {}}")
    heard: list[Tenants] = []

    def check(tenants: Tenants) -> None:
        if "refused" in tenants.tenants:
            raise ValueError("no")

    book = TenantBook.open(path, check)
    book.on_change(heard.append)
    assert not book.refresh()
    _write(path, "version: 1\ntenants: {a: {}, b: {}}")
    assert book.refresh()
    assert set(heard[0].tenants) == {"a", "b"}
    for bad in ("version: 1\ntenants: [", "version: 1\ntenants: {refused: {}}"):
        _write(path, bad)
        assert not book.refresh()
        assert book.broken
        assert book.current is heard[0]
    path.unlink()
    assert not book.refresh()
    assert book.current is heard[0]
    _write(path, "version: 1\ntenants: {c: {}}")
    assert book.refresh()
    assert not book.broken
    assert set(book.current.tenants) == {"c"}


def test_a_service_does_not_start_with_a_wrong_file(tmp_path: Path) -> None:
    """Missing or wrong: a sentence with the file's name."""
    with pytest.raises(TenantsFileError, match="No such file"):
        TenantBook.open(tmp_path / "none.yaml")


def test_without_a_file_there_is_one_tenant() -> None:
    """Any origin, no keys, and nothing ever changes."""
    book = TenantBook(single_tenant("default"))
    assert not book.refresh()
    assert book.current.tenants["default"].origins == []
