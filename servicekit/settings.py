"""Settings from the environment and `.env`, one prefix per service over one shared prefix."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

SHARED_PREFIX = "STICKERDESK_"
_REDIS_SCHEMES = ("redis", "rediss", "unix")
_TRACES_PATH = "/v1/traces"


def _address(value: str) -> str:
    split_address(value)
    return value


def _target(value: str) -> str:
    if urlsplit(value).scheme in ("http", "https", "grpc"):
        raise ValueError(f"it takes host:port of the gRPC service, without {value.partition(':')[0]}://")
    return value


def _redis_url(value: str) -> str:
    if urlsplit(value).scheme not in _REDIS_SCHEMES:  # the value is not repeated: it may hold a password
        raise ValueError("it begins with redis://, rediss:// or unix://")
    return value


def _traces_endpoint(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("it begins with http:// or https://")
    return value if parts.path.strip("/") else parts._replace(path=_TRACES_PATH).geturl()


class SettingRefused(ValueError):
    """What a setting names cannot be used, which only showed when it was opened.

    Attributes:
        variable: The setting, without the prefix.
    """

    variable: ClassVar[str]


def _none_if_empty(value: Any) -> Any:
    return value or None


Address = Annotated[str, AfterValidator(_address)]  # host:port to listen on
GrpcTarget = Annotated[str, AfterValidator(_target)]  # host:port, or a target of another gRPC scheme such as dns:///
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
PemFile = Annotated[Path | None, BeforeValidator(_none_if_empty)]  # empty: none, whatever a broader variable says
TracesEndpoint = Annotated[str, AfterValidator(_traces_endpoint)]


class ServiceSettings(BaseSettings):
    """What every server can be told; a service subclasses it with `service="name"`.

    Each field is read from `STICKERDESK_<SERVICE>_<FIELD>`, then `STICKERDESK_<FIELD>` (one value for all
    services), each first from the environment, then from `.env`.

    Raises:
        pydantic.ValidationError: A value does not fit; it names the field.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True)
    service: ClassVar[str] = "service"

    listen: Address = Field(default="127.0.0.1:0", description="host:port to serve on; port 0 takes a free one")
    metrics_listen: Address | None = Field(default=None, description="host:port for Prometheus metrics; unset: none")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    otlp_endpoint: TracesEndpoint | None = Field(
        default=None, description="OTLP/HTTP collector for traces; without a path, /v1/traces of it; unset: no export"
    )
    drain_s: float = Field(
        default=10.0, ge=0, le=600, description="seconds that work in flight has to end after SIGTERM"
    )
    tls_certificate: PemFile = Field(
        default=None, description="PEM file; with TLS_KEY and TLS_AUTHORITY: mutual TLS between the services"
    )
    tls_key: PemFile = Field(default=None, description="PEM file with the certificate's private key")
    tls_authority: PemFile = Field(
        default=None, description="PEM file with the authority that every service's certificate comes from"
    )
    health_listen: Address | None = Field(
        default=None, description="host:port for gRPC health alone, without TLS, for probes that have no certificate"
    )
    data_dir: Path = Field(default=Path(".stickerdesk"), description="folder for what must survive a restart")

    @classmethod
    def __pydantic_init_subclass__(cls, *, service: str | None = None, **kwargs: Any) -> None:
        """Takes `service="name"` of the class statement."""
        super().__pydantic_init_subclass__(**kwargs)
        if service:
            cls.service = service

    def __init_subclass__(cls, service: str | None = None, **kwargs: Any) -> None:
        """Lets the class statement carry `service="name"`."""
        super().__init_subclass__(**kwargs)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Own prefix over shared prefix, environment over `.env`."""
        own = f"{SHARED_PREFIX}{cls.service.upper()}_"
        return (
            init_settings,
            EnvSettingsSource(settings_cls, env_prefix=own),
            EnvSettingsSource(settings_cls, env_prefix=SHARED_PREFIX),
            DotEnvSettingsSource(settings_cls, env_file=".env", env_prefix=own),
            DotEnvSettingsSource(settings_cls, env_file=".env", env_prefix=SHARED_PREFIX),
        )


def explain(error: ValidationError, service: str) -> str:
    """One line per wrong setting, with the variable to change and, in a JSON value, where in it."""
    lines = []
    for problem in error.errors():
        field, *inside = (str(part) for part in problem["loc"])
        where = f", at {'.'.join(inside)}" if inside else ""
        message = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{_variables(service, field)}{where}: {message}")
    return "\n".join(lines)


def _variables(service: str, field: str) -> str:
    return f"{SHARED_PREFIX}{service.upper()}_{field.upper()} (or {SHARED_PREFIX}{field.upper()})"


def split_address(address: str) -> tuple[str, int]:
    """Splits `host:port`; IPv6 hosts stand in brackets.

    Raises:
        ValueError: There is no port, or it is not 0..65535.
    """
    host, separator, port = address.rpartition(":")
    if not separator or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{address!r} is not host:port")
    return host.strip("[]") or "0.0.0.0", int(port)
