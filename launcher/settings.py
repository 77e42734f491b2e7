"""What the `stickerdesk` command can be told, by the variables that the services read too."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError, field_validator

from launcher.errors import LauncherError
from servicekit.settings import ServiceSettings, explain, split_address

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_GATEWAY_LISTEN = "127.0.0.1:8700"


class LauncherSettings(ServiceSettings, service="launcher"):
    """Each field is read from `STICKERDESK_LAUNCHER_<FIELD>`, then `STICKERDESK_<FIELD>`, then `.env`.

    A URL of an outside part replaces the embedded one; an unset address means: choose a free port.
    """

    triton_url: str | None = Field(default=None, description="host:port of a running Triton's gRPC service")
    redis_url: str | None = Field(default=None, description="redis:// URL of a running Redis or Valkey")
    database_url: str | None = Field(default=None, description="SQLAlchemy URL; unset: SQLite in the data folder")
    llm_base_url: str | None = Field(default=None, description="base URL of an OpenAI-compatible API")
    llm_api_key: str | None = Field(
        default=None, repr=False, description="its key; unset: the built-in retrieval engine"
    )
    llm_model: str | None = Field(default=None, description="its model")
    gateway_listen: str | None = Field(
        default=None, description=f"default {DEFAULT_GATEWAY_LISTEN}, or the next free port"
    )
    orchestrator_listen: str | None = None
    recommender_listen: str | None = None
    gateway_metrics_listen: str | None = None
    orchestrator_metrics_listen: str | None = None
    recommender_metrics_listen: str | None = None
    token_secret: str | None = Field(
        default=None, repr=False, description="the gateway's key; unset: the one in the data folder"
    )
    model_repository: Path = Field(default=ROOT / "model_repository", description="what the embedded Triton serves")
    triton_venv: Path = Field(default=ROOT / ".venv-triton", description="where the embedded Triton is installed")

    @field_validator("triton_url", "redis_url", "database_url", "llm_base_url", "llm_api_key", "llm_model")
    @classmethod
    def _empty_is_unset(cls, value: str | None) -> str | None:
        return value or None

    def listen_of(self, service: str) -> tuple[str, int] | None:
        """Returns the configured host and port of `service`, or None when they are to be chosen.

        Raises:
            LauncherError: The address is not `host:port`.
        """
        return self._address(f"{service}_listen")

    def metrics_of(self, service: str) -> tuple[str, int] | None:
        """Returns the configured metrics host and port of `service`, or None when they are to be chosen.

        Raises:
            LauncherError: The address is not `host:port`.
        """
        return self._address(f"{service}_metrics_listen")

    def _address(self, field: str) -> tuple[str, int] | None:
        value: str | None = getattr(self, field)
        if value is None:
            return None
        try:
            return split_address(value)
        except ValueError as error:
            raise LauncherError(f"STICKERDESK_{field.upper()}: {error}.") from error


def load() -> LauncherSettings:
    """Reads the settings.

    Raises:
        LauncherError: One of them does not fit; the message names it.
    """
    try:
        return LauncherSettings()
    except ValidationError as error:
        raise LauncherError(explain(error, "launcher")) from error
