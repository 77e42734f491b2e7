"""Credentials: what is taken for whom, and the reason for everything that is not."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from gateway.tokens import VisitorTokens
from gateway.trust.authenticator import Authenticator
from gateway.trust.identity import NEVER, Identity, require
from gateway.trust.jwks import MIN_INTERVAL_S, JwksCache, KeysPending
from servicekit.api_keys import ApiKey, new_api_key
from servicekit.errors import ServiceError
from servicekit.tenants import Scope
from servicekit.tenants_file import TenantBook, TenantsFileError, parse_tenants
from tests.gateway.trust.provider import EC, ISSUER, RSA, RSA_NEXT, Provider, sign

pytestmark = pytest.mark.integration

OLD, NEW = b"the secret of before, long enough", b"the secret of now, long enough too"
KEY, SPENT, GONE = new_api_key("acme"), new_api_key("acme"), new_api_key("acme")


def _record(key: ApiKey, more: str = "") -> str:
    return f"{{id: {key.id}, hash: '{key.hash}', scopes: [broadcast, agent], created_at: 2020-01-01T00:00:00Z{more}}}"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _file(issuer: str = "", more: str = "") -> str:
    issuers = f"[{{issuer: '{ISSUER}', {issuer}}}]" if issuer else "[]"
    return f"""
version: 1
tenants:
  default: {{}}
  acme:
    origins: [https://acme.example]
    keys:
      - {_record(KEY)}
      - {_record(SPENT, ", expires_at: 2021-01-01T00:00:00Z")}
      - {_record(GONE, ", revoked_at: 2021-01-01T00:00:00Z")}
    issuers: {issuers}
    {more}
"""


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def _make(text: str, key_sets: dict[str, JwksCache] | None = None, **more: Any) -> Authenticator:
    visitors = VisitorTokens([NEW, OLD], tenant="default", life_s=600)
    return Authenticator(visitors, TenantBook(parse_tenants(text, "t")), key_sets, **more)


def _reason(authenticator: Authenticator, token: str) -> tuple[int, str]:
    with pytest.raises(ServiceError) as refused:
        authenticator.verify(token)
    return int(refused.value.code), refused.value.reason


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    made = await Provider().start()
    yield made
    await made.stop()


def test_visitor_tokens_of_both_secrets_are_taken() -> None:
    """After a change of the key nobody loses their conversation; the new key signs."""
    authenticator = _make(_file())
    before = VisitorTokens(OLD, tenant="acme", life_s=600).issue()
    assert authenticator.verify(before[0]) == before[1]
    token = authenticator.visitors.issue()[0]
    assert VisitorTokens(NEW, tenant="x", life_s=1).verify(token).kind == "visitor"
    with pytest.raises(ServiceError):
        VisitorTokens(OLD, tenant="x", life_s=1).verify(token)


def test_api_keys() -> None:
    """A good one speaks for its tenant with its scopes, and its use is told; every other has its reason."""
    used: list[tuple[str, str]] = []
    authenticator = _make(_file(), used=lambda tenant, key: used.append((tenant, key)))
    who = authenticator.verify(str(KEY))
    assert (who.subject, who.tenant, who.kind, who.expires_at_s) == (f"key:{KEY.id}", "acme", "key", NEVER)
    assert who.scopes == {Scope.BROADCAST, Scope.AGENT}
    assert used == [("acme", KEY.id)]
    assert _reason(authenticator, str(SPENT)) == (403, "TOKEN_EXPIRED")
    assert _reason(authenticator, str(GONE)) == (403, "TOKEN_REVOKED")
    for bad in (
        str(new_api_key("acme")), str(new_api_key("nobody")), str(KEY)[:-1], str(KEY) + "x", "sd_",
        str(ApiKey("default", KEY.id, KEY.secret)), str(ApiKey("acme", SPENT.id, KEY.secret)),
    ):  # fmt: skip
        assert _reason(authenticator, bad) == (401, "TOKEN_INVALID")
    assert used == [("acme", KEY.id)]


def test_scopes_are_required() -> None:
    """One of those that are wanted is enough, admin is enough for all, none is 403."""
    agent = Identity("a", "t", 0, 1, frozenset({Scope.AGENT}))
    admin = Identity("a", "t", 0, 1, frozenset({Scope.ADMIN}))
    assert require(agent, Scope.BROADCAST, Scope.AGENT) is agent
    assert require(admin, Scope.BROADCAST) is admin
    with pytest.raises(ServiceError) as refused:
        require(agent, Scope.BROADCAST)
    assert (int(refused.value.code), refused.value.reason) == (403, "SCOPE_MISSING")


PEMS = {"RS256": RSA, "ES256": EC}


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "HS256"])
def test_a_tenants_own_issuer(tmp_path: Path, algorithm: str) -> None:
    """By public key or shared secret: the subject speaks for that tenant, with no more scopes than it may give."""
    secret = tmp_path / "secret"
    secret.write_text("a secret between shop and desk, long enough\n")
    if algorithm == "HS256":
        key: Any = OctKey.import_key(secret.read_text().strip())
        way = f"secret_file: {secret}"
    else:
        key = PEMS[algorithm]
        (tmp_path / "key.pem").write_bytes(key.as_pem(private=False))
        way = f"public_key_file: {tmp_path / 'key.pem'}"
    authenticator = _make(_file(f"{way}, audience: desk, scopes: [customer, agent]"))

    who = authenticator.verify(sign(key, algorithm, aud="desk"))
    assert (who.subject, who.tenant, who.scopes, who.kind) == ("kim", "acme", {Scope.CUSTOMER}, "token")
    wide = authenticator.verify(sign(key, algorithm, aud=["x", "desk"], scopes=["agent", "admin", "nonsense", 5]))
    assert wide.scopes == {Scope.AGENT}
    assert authenticator.verify(sign(key, algorithm, aud="desk", scope="agent customer")).scopes == {
        Scope.AGENT,
        Scope.CUSTOMER,
    }
    now_s = int(time.time())
    assert _reason(authenticator, sign(key, algorithm, aud="desk", exp=now_s - 60)) == (403, "TOKEN_EXPIRED")
    wrongs: list[dict[str, Any]] = [
        {"aud": "other"}, {"aud": "x desk"}, {"aud": None}, {"iss": "https://else"}, {"iss": None}, {"sub": None},
        {"sub": ""}, {"sub": "v" * 129}, {"sub": 7}, {"sub": "a\nb"}, {"exp": None}, {"exp": "soon"}, {"exp": True},
        {"exp": float("nan")}, {"exp": float("inf")}, {"nbf": now_s + 600}, {"nbf": "x"}, {"iat": []},
        {"tenant": "default"}, {"iss": "stickerdesk"},
    ]  # fmt: skip
    for wrong in wrongs:
        assert _reason(authenticator, sign(key, algorithm, **{"aud": "desk", **wrong})) == (401, "TOKEN_INVALID"), wrong


def test_the_header_cannot_choose_the_algorithm(tmp_path: Path) -> None:
    """No `none`, no HMAC with the public key as secret, no key of another size, no key from the header."""
    pem = RSA.as_pem(private=False)
    (tmp_path / "key.pem").write_bytes(pem)
    authenticator = _make(_file(f"public_key_file: {tmp_path / 'key.pem'}"))
    parts = sign().split(".")
    begun = _b64(b'{"alg":"HS256","kid":"rsa-1"}') + "." + parts[1]
    forged = begun + "." + _b64(hmac.digest(pem, begun.encode(), "sha256"))
    none = "eyJhbGciOiJub25lIn0." + parts[1] + "."
    for bad in (forged, none, ".".join([parts[0], parts[1], parts[2][:-4] + "AAAA"]), sign(RSA, "RS384"),
                sign(RSA_NEXT, header={"jwk": RSA_NEXT.as_dict(private=False)}), sign(RSA, "PS256"), sign(EC, "ES256"),
                "a.b", "....", "é.é.é", "x" * 9000, "e30.e30.e30", "W10.W10.W10"):  # fmt: skip
        assert _reason(authenticator, bad) == (401, "TOKEN_INVALID"), bad


@pytest.mark.parametrize("pem", [b"", b"no key", RSA.as_pem(private=True), ECKey.generate_key("P-384").as_pem(),
                                 RSAKey.generate_key(1024, auto_kid=True).as_pem(private=False)])  # fmt: skip
def test_unusable_keys_are_refused_at_the_start(tmp_path: Path, pem: bytes) -> None:
    """An operator learns of it from the file's check, not from customers."""
    (tmp_path / "key.pem").write_bytes(pem)
    with pytest.raises(ValueError, match="acme"):
        _make(_file(f"public_key_file: {tmp_path / 'key.pem'}"))
    with pytest.raises(ValueError, match="cannot be read"):
        _make(_file(f"public_key_file: {tmp_path / 'none.pem'}"))


def test_revocation() -> None:
    """By token, or all that were made before a moment; other tenants' tokens stay good."""
    pem = RSA.as_pem(private=False).decode().replace("\n", "\\n")
    issuer = f'public_key: "{pem}"'
    authenticator = _make(_file(issuer, "revoked_tokens: [stolen]"))
    assert authenticator.verify(sign()).subject == "kim"
    assert _reason(authenticator, sign(jti="stolen")) == (403, "TOKEN_REVOKED")
    later = _make(_file(issuer, "tokens_not_before: 2100-01-01T00:00:00Z"))
    assert _reason(later, sign()) == (403, "TOKEN_REVOKED")
    assert _reason(later, later.visitors.issue("acme")[0]) == (403, "TOKEN_REVOKED")
    assert later.verify(later.visitors.issue("default")[0]).tenant == "default"
    assert _reason(later, later.visitors.issue("gone")[0]) == (403, "TENANT_UNKNOWN")


async def test_published_keys(provider: Provider) -> None:
    """Fetched once, again for a new key, never for made-up ones in a row; the host may go away."""
    clock, url = Clock(), provider.url
    key_sets = {url: JwksCache(url, clock=clock)}
    authenticator = _make(_file(f"jwks_url: '{url}'"), key_sets)
    await authenticator.prepare()
    assert authenticator.verify(sign()).subject == "kim"
    assert provider.asked == 1

    assert _reason(authenticator, sign(RSA_NEXT)) == (401, "TOKEN_INVALID")  # too soon to ask again
    assert provider.asked == 1
    provider.keys = [RSA_NEXT, EC]
    clock.now_s += MIN_INTERVAL_S
    with pytest.raises(KeysPending):
        authenticator.verify(sign(RSA_NEXT))
    assert (await authenticator.resolve(sign(RSA_NEXT))).subject == "kim"
    assert (await authenticator.resolve(sign(EC, "ES256"))).subject == "kim"
    assert provider.asked == 2
    assert _reason(authenticator, sign()) == (401, "TOKEN_INVALID")  # withdrawn

    await provider.stop()
    clock.now_s += 100_000
    assert authenticator.verify(sign(RSA_NEXT)).subject == "kim"
    for _ in range(5):
        with pytest.raises(ServiceError):
            await authenticator.resolve(sign())
    assert authenticator.verify(sign(RSA_NEXT)).subject == "kim"
    await provider.start()
    provider.keys = [RSA]
    clock.now_s += MIN_INTERVAL_S
    assert (await authenticator.resolve(sign())).subject == "kim"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"keys": 5}', b'{"keys": [5, {"kty": "oct", "k": "AAAA"}]}', b"x" * 300_000,
     b"[" * 100_000, b'{"keys": [{"kty": "RSA", "n": "!", "e": 1}]}'],
)  # fmt: skip
async def test_a_broken_key_set_opens_nothing(provider: Provider, body: bytes) -> None:
    """Nor a set with a symmetric key, which anybody could read; the edge goes on."""
    provider.body = body
    url = provider.url
    authenticator = _make(_file(f"jwks_url: '{url}'"), {url: JwksCache(url)})
    await authenticator.prepare()
    with pytest.raises(ServiceError) as refused:
        await authenticator.resolve(sign())
    assert int(refused.value.code) in (401, 503)


async def test_the_header_of_a_request() -> None:
    """Missing or of another scheme: TOKEN_MISSING; a foreign page: ORIGIN_FORBIDDEN; else who it is."""
    authenticator = _make(_file())
    cases = {None: "TOKEN_MISSING", "": "TOKEN_MISSING", "Basic x": "TOKEN_MISSING", "Bearer": "TOKEN_MISSING",
             "Bearer  ": "TOKEN_MISSING", "Bearer nonsense": "TOKEN_INVALID"}  # fmt: skip
    for header, reason in cases.items():
        with pytest.raises(ServiceError) as refused:
            await authenticator.authenticate(header)
        assert refused.value.reason == reason
    assert (await authenticator.authenticate(f"bearer {KEY}")).tenant == "acme"
    assert (await authenticator.authenticate(f"Bearer {KEY}", origin="https://ACME.example")).tenant == "acme"
    with pytest.raises(ServiceError) as refused:
        await authenticator.authenticate(f"Bearer {KEY}", origin="https://evil.example")
    assert refused.value.reason == "ORIGIN_FORBIDDEN"


async def test_a_changed_file_counts_at_once(tmp_path: Path) -> None:
    """A key that is revoked while the edge runs opens nothing from then on; a version with a bad issuer is refused."""
    path = tmp_path / "tenants.yaml"
    path.write_text(_file())
    book = TenantBook.open(path)
    authenticator = Authenticator(VisitorTokens(NEW, tenant="default", life_s=600), book)
    assert authenticator.verify(str(KEY)).tenant == "acme"
    path.write_text(_file().replace(KEY.id, "revoked222"))
    assert book.refresh()
    assert _reason(authenticator, str(KEY)) == (401, "TOKEN_INVALID")
    with pytest.raises(TenantsFileError):
        parse_tenants(_file("jwks_url: 'http://evil.example/'"), "t")
