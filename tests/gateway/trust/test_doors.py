"""Which tenant a client comes to; where it is; how many of its kind there may be."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.tokens import VisitorTokens
from gateway.trust.addresses import Addresses, is_public, normalise
from gateway.trust.authenticator import Authenticator
from gateway.trust.caps import PUBLIC_CAP, ConnectionCaps
from gateway.trust.doors import Doors
from servicekit.errors import ServiceError
from servicekit.tenants_file import TenantBook, parse_tenants

pytestmark = pytest.mark.unit

BOOK = """
version: 1
tenants:
  default: {origins: [https://desk.example]}
  acme: {origins: [https://acme.example, https://both.example]}
  beta: {origins: [https://beta.example, https://both.example]}
  open: {}
"""


def _doors(text: str = BOOK, default: str = "default") -> Doors:
    tokens = VisitorTokens(b"x" * 32, tenant=default, life_s=600)
    return Doors(Authenticator(tokens, TenantBook(parse_tenants(text, "t"))), default)


@pytest.mark.parametrize(
    ("origin", "named", "tenant"),
    [
        (None, None, "default"),
        ("https://desk.example", None, "default"),
        ("https://acme.example", None, "acme"),
        ("https://ACME.example", None, "acme"),
        ("https://beta.example", "beta", "beta"),
        ("https://both.example", "beta", "beta"),
        (None, "acme", "acme"),
        ("https://anywhere.example", "open", "open"),
    ],
)
def test_who_is_let_in(origin: str | None, named: str | None, tenant: str) -> None:
    """By the name in the address, else by the page, else to the default tenant."""
    assert _doors().choose(origin, named).tenant == tenant


@pytest.mark.parametrize(
    ("origin", "named", "reason"),
    [
        ("https://evil.example", None, "ORIGIN_FORBIDDEN"),
        ("https://both.example", None, "ORIGIN_FORBIDDEN"),
        ("https://beta.example", "acme", "ORIGIN_FORBIDDEN"),
        ("null", None, "ORIGIN_FORBIDDEN"),
        ("https://acme.example.evil.example", "acme", "ORIGIN_FORBIDDEN"),
        (None, "nobody", "TENANT_UNKNOWN"),
        (None, "x" * 5000, "TENANT_UNKNOWN"),
    ],
)
def test_who_is_not(origin: str | None, named: str | None, reason: str) -> None:
    """A page of nobody's, of another tenant's, of two at once; a tenant that is not."""
    with pytest.raises(ServiceError) as refused:
        _doors().choose(origin, named)
    assert (int(refused.value.code), refused.value.reason) == (403, reason)


def test_without_a_default_tenant_the_only_one_is_it() -> None:
    """And of several, one must be named."""
    assert _doors("version: 1\ntenants: {acme: {}}").choose(None).tenant == "acme"
    with pytest.raises(ServiceError):
        _doors("version: 1\ntenants: {acme: {}, beta: {}}").choose(None)


def test_a_door_opens_for_its_tenant_only() -> None:
    """Tokens of another tenant, and such without the scope of customers, are refused."""
    doors = _doors()
    acme, beta = doors.choose(None, "acme"), doors.choose(None, "beta")
    token, visitor = acme.issue()
    assert acme.verify(token) == visitor
    assert acme.renew(visitor)[1].subject == visitor.subject
    assert doors.choose(None, "acme") is acme
    with pytest.raises(ServiceError) as refused:
        beta.verify(token)
    assert refused.value.reason == "TENANT_MISMATCH"


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"), (" 203.0.113.9:443 ", "203.0.113.9"), ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        ('"[2001:db8::1]"', "2001:db8::/64"), ("fe80::1%eth0", "fe80::/64"), ("unknown", ""), ("", ""), ("_x", ""),
        ("1.2.3.4.5", ""), ("9" * 10_000, ""),
    ],
)  # fmt: skip
def test_addresses_are_normalised(text: str, counted: str) -> None:
    """One subscriber is one address, whatever form it comes in; garbage is none."""
    assert normalise(text) == counted


def _scope(*forwarded: str, peer: str = "10.0.0.1") -> dict[str, Any]:
    return {"client": (peer, 1), "headers": [(b"x-forwarded-for", value.encode()) for value in forwarded]}


def test_only_our_own_proxies_are_believed() -> None:
    """What a client writes into the header itself never counts."""
    claimed = _scope("6.6.6.6, 203.0.113.9", "10.0.0.2")
    assert Addresses(0).of(claimed) == "10.0.0.1"
    assert Addresses(1).of(claimed) == "10.0.0.2"
    assert Addresses(2).of(claimed) == "203.0.113.9"
    assert Addresses(9).of(claimed) == "10.0.0.1"
    assert Addresses(1).of(_scope("nonsense")) == "10.0.0.1"
    assert Addresses(1).of({"client": None, "headers": []}) == ""
    assert [is_public(normalise(a)) for a in ("8.8.8.8", "2a00:1450::1", "10.0.0.1", "127.0.0.1", "::1", "")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


def _refused(caps: ConnectionCaps, address: str, tenant: str) -> bool:
    try:
        caps.enter(address, tenant)
    except ServiceError as error:
        return (int(error.code), error.reason) == (503, "TOO_MANY_CONNECTIONS")
    return False


def test_caps() -> None:
    """Per address and per tenant; a place that is given back is free again; nothing is kept of who left."""
    caps = ConnectionCaps(2, {"small": 3}.get)
    first = caps.enter("8.8.8.8", "big")
    caps.enter("8.8.8.8", "big")
    assert _refused(caps, "8.8.8.8", "big")
    caps.leave(first)
    assert not _refused(caps, "8.8.8.8", "big")
    places = [caps.enter(f"9.9.9.{n}", "small") for n in range(3)]
    assert _refused(caps, "9.9.9.9", "small")
    for place in places:
        caps.leave(place)
    assert len(caps) == 2
    assert set(caps._by_address) == {"8.8.8.8"}


def test_caps_by_default() -> None:
    """A private address is most likely a proxy: it has no cap of its own; a public one has."""
    caps = ConnectionCaps(None, lambda tenant: None)
    for _ in range(PUBLIC_CAP):
        caps.enter("8.8.8.8", "t")
        caps.enter("10.0.0.1", "t")
    assert _refused(caps, "8.8.8.8", "t")
    assert not _refused(caps, "10.0.0.1", "t")
    assert not _refused(ConnectionCaps(0, lambda tenant: None), "8.8.8.8", "t")
