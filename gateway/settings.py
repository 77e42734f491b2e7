"""What the gateway can be told by its environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator
from pydantic_settings import NoDecode

from gateway.edge.limits import Limits
from gateway.http_protocol import Patience
from gateway.pictures.s3_store import check_url
from servicekit.settings import Address, GrpcTarget, RedisUrl, ServiceSettings
from servicekit.tenants import Origin, PackId

Secret = Annotated[str, StringConstraints(min_length=32)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class GatewaySettings(ServiceSettings, service="gateway"):
    """`STICKERDESK_GATEWAY_<FIELD>`, then `STICKERDESK_<FIELD>`."""

    listen: Address = Field(
        default="127.0.0.1:8700", description="host:port for HTTP and WebSocket; port 0 takes a free one"
    )
    workers: int = Field(default=1, ge=1, le=64, description="processes on the one port")
    shared_port: bool = Field(default=False, description="whether other gateways of this machine listen on the port")
    orchestrator_url: GrpcTarget = Field(default="127.0.0.1:8702", description="gRPC target of the orchestrator")
    recommender_url: GrpcTarget = Field(default="127.0.0.1:8703", description="gRPC target of the recommender")
    web_dir: Path | None = Field(
        default=None, description="folder of the pages; unset: the one that comes with the package"
    )
    tenant: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")] = "default"
    origins: Annotated[tuple[Origin, ...], NoDecode] = Field(
        default=(), description="without a tenants file: origins that may use the edge, by commas; empty: any"
    )
    frame_ancestors: Annotated[tuple[Origin, ...], NoDecode] = Field(
        default=(), description="origins that may show the edge's own pages in a frame, by commas; empty: none"
    )
    hsts_s: int = Field(
        default=0, ge=0, le=63_072_000, description="seconds of Strict-Transport-Security; 0: not said; needs HTTPS"
    )
    tenants_file: Path | None = Field(
        default=None, description="YAML file of the tenants, read again when it changes; unset: the one tenant above"
    )
    token_secret: str | None = Field(
        default=None, min_length=32, description="key of visitor tokens; unset: made once and kept in the data folder"
    )
    token_secrets_old: Annotated[tuple[Secret, ...], NoDecode] = Field(
        default=(), description="keys of before, by commas: their tokens are still taken, new ones are not made"
    )
    token_days: float = Field(default=30.0, gt=0, le=3650, description="life of a visitor token")
    heartbeat_s: Seconds = 25.0
    header_s: Seconds = Field(default=10.0, description="for a request's head to arrive whole")
    body_s: Seconds = Field(default=60.0, description="for a request's body to arrive whole")
    write_s: Seconds = Field(default=30.0, description="for an HTTP client that does not read its answer")
    hello_s: Seconds = 10.0
    opening_s: Seconds = 20.0  # in line included: who gave up would come back at its end
    opening_at_once: int = Field(default=32, ge=1, description="conversations that are opened at once; the rest waits")
    trunks: int = Field(
        default=2,
        ge=0,
        le=64,
        description="calls to orchestrators that connections share; 0: each has its own",
    )
    trunk_life_s: Seconds = Field(
        default=300.0, description="after this a shared call takes no more connections, so that new replicas get theirs"
    )
    away_s: Seconds = Field(default=3.0, description="an orchestrator out of reach for longer is told to the clients")
    patience_s: Seconds = 60.0
    slow_consumer_s: Seconds = 15.0
    redis_url: RedisUrl | None = Field(
        default=None, description="Redis or Valkey that gateways share their limits by; unset: each has its own"
    )
    redis_cluster: bool = Field(default=False, description="whether redis_url names a node of a cluster")
    redis_prefix: str = Field(default="sd", pattern=r"^[A-Za-z0-9_-]{1,32}$", description="before every key")
    max_connections: int = Field(default=10_000, ge=1)
    max_connections_per_address: int | None = Field(
        default=None, ge=0, description="unset: 500 of a public address, any number of a private one; 0: any number"
    )
    trusted_proxies: int = Field(
        default=0, ge=0, le=10, description="proxies of ours before the edge, which append to X-Forwarded-For"
    )
    visitors_per_minute: float | None = Field(
        default=None,
        ge=0,
        description="new visitors of one address in the long run; unset: 60 of a public one, any number of a private "
        "one; 0: any number",
    )
    visitor_burst: int = Field(default=300, ge=1, description="new visitors of one address at once")
    tenant_visitors_per_minute: float = Field(
        default=6000.0, ge=0, description="new visitors of a tenant in the long run, and at once; 0: any number"
    )
    max_pending: int = Field(default=32, ge=1, le=1000)
    frames_per_s: float = Field(default=20.0, gt=0)
    frame_burst: int = Field(default=60, ge=1)
    uploads_per_minute: float = Field(default=20.0, gt=0, description="pictures of one visitor in the long run")
    upload_burst: int = Field(default=10, ge=1, description="pictures of one visitor at once")
    pictures_url: str = Field(
        default="", description="s3://bucket/prefix?endpoint=…&region=… or file:///folder; empty: in the data folder"
    )
    pictures_days: float = Field(default=30.0, gt=0, le=3650, description="pictures are removed after this")
    decoding_mib: int = Field(
        default=512, ge=64, description="memory that decoding pictures may take at once; one that needs more goes alone"
    )
    upload_life_s: Seconds = 3600.0
    unfinished_bytes: int = Field(
        default=512 * 1024 * 1024, ge=0, description="parts of unfinished uploads that one gateway may put in the store"
    )
    public_packs: Annotated[tuple[PackId, ...], NoDecode] = Field(
        default=("noto-emoji", "stickerdesk-house"),
        description="packs, by commas, whose pictures anybody may see; others are where every tenant has them, or by "
        "signed addresses",
    )
    link_days: int = Field(default=7, ge=1, le=365, description="days that a link to a picture is good for, at least")
    sticker_cache_bytes: int = Field(default=48 * 1024 * 1024, ge=0)

    @field_validator("origins", "frame_ancestors", "token_secrets_old", "public_packs", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("pictures_url")
    @classmethod
    def _store(cls, value: str) -> str:
        if value:
            check_url(value)
        return value

    def patience(self) -> Patience:
        """How long slow HTTP clients are waited for."""
        return Patience(header_s=self.header_s, body_s=self.body_s, write_s=self.write_s)

    def limits(self) -> Limits:
        """The bounds of one session."""
        return Limits(
            heartbeat_s=self.heartbeat_s,
            hello_s=self.hello_s,
            opening_s=self.opening_s,
            away_s=self.away_s,
            patience_s=self.patience_s,
            max_pending=self.max_pending,
            frames_per_s=self.frames_per_s,
            frame_burst=self.frame_burst,
            upload_life_s=self.upload_life_s,
        )
