"""What an operator reads of a service that cannot start, and of one that is asked what it takes."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pydantic import Field

from servicekit.errors import unavailable
from servicekit.lifecycle import GrpcServer, serve_metrics
from servicekit.settings import GrpcTarget, RedisUrl, ServiceSettings
from servicekit.starting import describe, start
from servicekit.telemetry import Telemetry

pytestmark = pytest.mark.unit


class ShopSettings(ServiceSettings, service="shop"):
    triton_url: GrpcTarget = "127.0.0.1:8001"
    redis_url: RedisUrl | None = None
    limits: dict[str, int] = Field(default_factory=dict)


def _ended(settings: ShopSettings) -> int:
    return 0


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LISTEN", "somewhere", "'somewhere' is not host:port"),
        ("METRICS_LISTEN", "9100", "'9100' is not host:port"),
        ("TRITON_URL", "http://triton:8001", "without http://"),
        ("REDIS_URL", "http://u:geheim@store", "begins with redis://"),
        ("OTLP_ENDPOINT", "collector:4318", "begins with http://"),
        ("LIMITS", "{", "must be JSON"),
        ("LIMITS", '{"acme": "many"}', "acme"),
    ],
)
def test_a_wrong_setting_is_told_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, told: str
) -> None:
    """Status 2, one line, no traceback, and no password of a URL."""
    monkeypatch.setenv(f"STICKERDESK_{name}", value)
    assert start(ShopSettings, _ended) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
    assert name in line.upper()
    assert "geheim" not in line


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(13, "Permission denied", "/kept/orchestrator"), "STICKERDESK_DATA_DIR"),
        (OSError("cannot listen on 127.0.0.1:80"), "cannot listen on 127.0.0.1:80"),
        (unavailable("TRITON_AWAY", "Triton does not answer"), "TRITON_AWAY"),
    ],
)
def test_what_is_in_the_way_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, told: str
) -> None:
    """Status 1: another attempt may succeed."""
    monkeypatch.setenv("STICKERDESK_DATA_DIR", "/kept")

    def serve(settings: ShopSettings) -> int:
        raise error

    assert start(ShopSettings, serve) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


async def test_a_taken_port_is_told_with_its_variable() -> None:
    """Both for the service and for its metrics."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = ShopSettings(listen=address)
        telemetry = Telemetry.create("shop", settings)
        with pytest.raises(OSError, match="STICKERDESK_SHOP_LISTEN"):
            await GrpcServer(settings, telemetry).start()
        with pytest.raises(OSError, match="METRICS_LISTEN"):
            serve_metrics(telemetry.registry, address)


def test_help_names_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    """And starts nothing; any other word is refused, for services take none."""
    assert start(ShopSettings, lambda _: pytest.fail("it started"), ["--help"]) == 0
    told = capsys.readouterr().out
    assert all(name.upper() in told for name in ShopSettings.model_fields)
    assert start(ShopSettings, lambda _: pytest.fail("it started"), ["up"]) == 2


def test_help_shows_no_secret() -> None:
    """Defaults are shown, but not those of settings that hold keys."""

    class KeySettings(ServiceSettings, service="keys"):
        key: str = Field(default="s3cret", repr=False)

    assert "s3cret" not in describe(KeySettings)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("http://collector:4318", "http://collector:4318/v1/traces"),
        ("http://collector:4318/", "http://collector:4318/v1/traces"),
        ("https://collector/tenant/traces", "https://collector/tenant/traces"),
    ],
)
def test_a_collector_without_a_path_gets_the_usual_one(told: str, meant: str) -> None:
    """As OTEL_EXPORTER_OTLP_ENDPOINT is understood everywhere; spans posted to `/` would be lost."""
    assert ShopSettings(otlp_endpoint=told).otlp_endpoint == meant


def test_the_data_folder_of_another_place_is_not_blamed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Only what lies in it names its variable."""
    monkeypatch.setenv("STICKERDESK_DATA_DIR", str(tmp_path / "data"))

    def serve(settings: ShopSettings) -> int:
        raise FileNotFoundError(2, "No such file", str(tmp_path / "other"))

    assert start(ShopSettings, serve) == 1
    assert "DATA_DIR" not in capsys.readouterr().err
