"""Tenants, as one YAML file describes them: keys, origins, token issuers, packs, knowledge and limits of each.

Every service reads the same file (`STICKERDESK_TENANTS_FILE`) and takes from it what is its own. Reading and watching
it is in `tenants_file`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

TENANT_PATTERN = r"^[a-z0-9-]{1,64}$"
_ORIGIN = re.compile(r"https?://([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Scope(StrEnum):
    """What a token or a key may do. `admin` may do everything within its tenant."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BROADCAST = "broadcast"
    SERVICE = "service"
    ADMIN = "admin"


def _origin(text: str) -> str:
    plain = text.strip().rstrip("/").lower()
    if not _ORIGIN.fullmatch(plain):
        raise ValueError("must be an origin like https://shop.example")
    return plain


def _key_set_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return text
    raise ValueError("must be an https:// URL")


TenantId = Annotated[str, StringConstraints(pattern=TENANT_PATTERN)]
Origin = Annotated[str, AfterValidator(_origin)]
Claim = Annotated[str, StringConstraints(min_length=1, max_length=256)]
PackId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KeyRecord(_Section):
    """An API key as it is kept.

    Attributes:
        id: The part of the key that names it.
        name: What it is for, in the operator's words.
        hash: `sha256:` and 64 digits, see `api_keys`.
        scopes: What it may do.
        created_at: When it was made.
        expires_at: From when it is refused; absent: never.
        revoked_at: From when it is refused, because somebody said so.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{6,16}$")]
    name: Annotated[str, StringConstraints(max_length=100)] = ""
    hash: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
    scopes: Annotated[frozenset[Scope], Field(min_length=1)]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None


class Issuer(_Section):
    """Somebody whose JWTs are taken for this tenant. Exactly one of the four ways to its key.

    Attributes:
        issuer: The `iss` of its tokens.
        audience: The `aud` that its tokens must have; absent: not looked at.
        jwks_url: Where its public keys are (RS256, ES256).
        public_key: Its public key in PEM.
        public_key_file: The same in a file, relative to the tenants file.
        secret_file: A shared secret of at least 32 bytes (HS256) in a file, relative to the tenants file.
        scopes: The most that its tokens may do, whatever they claim.
    """

    issuer: Claim
    audience: Claim | None = None
    jwks_url: Annotated[str, AfterValidator(_key_set_url)] | None = None
    public_key: str | None = None
    public_key_file: Path | None = None
    secret_file: Path | None = None
    scopes: Annotated[frozenset[Scope], Field(min_length=1)] = frozenset({Scope.CUSTOMER})

    @model_validator(mode="after")
    def _one_key(self) -> Issuer:
        ways = (self.jwks_url, self.public_key, self.public_key_file, self.secret_file)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("exactly one of jwks_url, public_key, public_key_file and secret_file is needed")
        return self


class TenantLimits(_Section):
    """What a tenant and each of its customers may do, over all gateways where they share a Redis.

    Attributes:
        messages_per_minute: Of one customer, in the long run; absent: what one connection may.
        message_burst: Of one customer at once; absent: what one connection may.
        tenant_messages_per_minute: Of all customers together, in the long run; absent: any number.
        tenant_message_burst: Of all customers at once; absent: ten seconds' worth.
        connections: WebSockets at once, per gateway; absent: as many as the gateway takes.
    """

    messages_per_minute: float | None = Field(default=None, gt=0, le=1e6)
    message_burst: int | None = Field(default=None, ge=1, le=1_000_000)
    tenant_messages_per_minute: float | None = Field(default=None, gt=0, le=1e9)
    tenant_message_burst: int | None = Field(default=None, ge=1, le=100_000_000)
    connections: int | None = Field(default=None, ge=1)


class Tenant(_Section):
    """One merchant.

    Attributes:
        origins: Sites whose pages may use the edge as this tenant; empty: any.
        frame_ancestors: Sites that may show the edge's own pages in a frame.
        keys: API keys.
        issuers: Whose JWTs are taken, beside the edge's own visitor tokens.
        revoked_tokens: `jti` of tokens that are no longer taken.
        tokens_not_before: Tokens made before are no longer taken.
        packs: Sticker packs; absent: all.
        knowledge: Folder of articles, relative to the tenants file; absent: the default one.
        limits: What it may do.
    """

    origins: list[Origin] = []
    frame_ancestors: list[Origin] = []
    keys: list[KeyRecord] = []
    issuers: list[Issuer] = []
    revoked_tokens: frozenset[Claim] = frozenset()
    tokens_not_before: AwareDatetime | None = None
    packs: list[PackId] | None = None
    knowledge: Path | None = None
    limits: TenantLimits = TenantLimits()

    @model_validator(mode="after")
    def _once(self) -> Tenant:
        ids = [key.id for key in self.keys]
        if len(ids) != len(set(ids)):
            raise ValueError("two keys have the same id")
        issuers = [issuer.issuer for issuer in self.issuers]
        if len(issuers) != len(set(issuers)):
            raise ValueError("an issuer is named twice")
        return self

    def key(self, identity: str) -> KeyRecord | None:
        """The key of an id."""
        return next((key for key in self.keys if key.id == identity), None)


class Tenants(_Section):
    """All tenants of an installation.

    Attributes:
        version: Of the file's form.
        tenants: By id.
    """

    version: Literal[1]
    tenants: Annotated[dict[TenantId, Tenant], Field(min_length=1)]

    def get(self, tenant: str) -> Tenant | None:
        """A tenant, or None."""
        return self.tenants.get(tenant)


def single_tenant(tenant: str, origins: list[str] | None = None) -> Tenants:
    """What holds without a file: one tenant without keys, with every pack and the default knowledge."""
    return Tenants(version=1, tenants={tenant: Tenant(origins=list(origins or []))})


def utc_now() -> datetime:
    """Now, as the file writes moments."""
    return datetime.now(UTC).replace(microsecond=0)
