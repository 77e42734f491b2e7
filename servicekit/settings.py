"""Settings from the environment and `.env`, one prefix per service over one shared prefix."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

SHARED_PREFIX = "STICKERDESK_"


class ServiceSettings(BaseSettings):
    """What every server can be told; a service subclasses it with `service="name"`.

    Each field is read from `STICKERDESK_<SERVICE>_<FIELD>`, then `STICKERDESK_<FIELD>` (one value for all
    services), each first from the environment, then from `.env`.

    Raises:
        pydantic.ValidationError: A value does not fit; it names the field.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True)
    service: ClassVar[str] = "service"

    listen: str = Field(default="127.0.0.1:0", description="host:port to serve on; port 0 takes a free one")
    metrics_listen: str | None = Field(default=None, description="host:port for Prometheus metrics; unset: none")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    otlp_endpoint: str | None = Field(default=None, description="OTLP/HTTP traces endpoint; unset: no export")
    drain_s: float = Field(
        default=10.0, ge=0, le=600, description="seconds that work in flight has to end after SIGTERM"
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
    """One line per wrong setting, with the variable to change."""
    lines = []
    for problem in error.errors():
        field = "_".join(str(part) for part in problem["loc"]).upper()
        lines.append(f"{SHARED_PREFIX}{service.upper()}_{field} (or {SHARED_PREFIX}{field}): {problem['msg']}")
    return "\n".join(lines)


def split_address(address: str) -> tuple[str, int]:
    """Splits `host:port`; IPv6 hosts stand in brackets.

    Raises:
        ValueError: There is no port, or it is not 0..65535.
    """
    host, separator, port = address.rpartition(":")
    if not separator or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{address!r} is not host:port")
    return host.strip("[]") or "0.0.0.0", int(port)
