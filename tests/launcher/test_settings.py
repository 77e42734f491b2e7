"""What the launcher reads from its environment."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from launcher import settings
from launcher.errors import LauncherError
from launcher.stack import plan

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STICKERDESK_DATA_DIR", str(tmp_path / "data"))


def test_address_of_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service's own variable is what the launcher gives it; unset means: choose."""
    monkeypatch.setenv("STICKERDESK_GATEWAY_LISTEN", "0.0.0.0:9000")
    loaded = settings.load()
    assert loaded.listen_of("gateway") == ("0.0.0.0", 9000)
    assert loaded.listen_of("orchestrator") is None


def test_bad_address_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is a sentence that says which variable to change."""
    monkeypatch.setenv("STICKERDESK_RECOMMENDER_LISTEN", "nowhere")
    with pytest.raises(LauncherError, match="STICKERDESK_RECOMMENDER_LISTEN"):
        settings.load().listen_of("recommender")


def test_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that does not fit is a sentence too."""
    monkeypatch.setenv("STICKERDESK_DRAIN_S", "soon")
    with pytest.raises(LauncherError, match="STICKERDESK_DRAIN_S"):
        settings.load()


def test_empty_url_means_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable, as compose files leave them, is the same as none."""
    monkeypatch.setenv("STICKERDESK_TRITON_URL", "")
    assert settings.load().triton_url is None


def test_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key never appears where the settings are printed."""
    monkeypatch.setenv("STICKERDESK_LLM_API_KEY", "sk-secret")
    assert "sk-secret" not in repr(settings.load())


def test_outside_parts_replace_the_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With both URLs set nothing is embedded but the services, and a password in a URL is not shown."""
    monkeypatch.setenv("STICKERDESK_TRITON_URL", "triton.example:8001")
    monkeypatch.setenv("STICKERDESK_REDIS_URL", "rediss://user:secret@redis.example:6380/2")
    stack = plan(settings.load(), say=print)
    embedded = {part.name: part.embedded for part in stack.parts}
    assert embedded == {
        "valkey": False, "triton": False, "recommender": True, "orchestrator": True, "gateway": True,
    }  # fmt: skip
    assert stack.parts[0].address == "rediss://redis.example:6380/2"


def test_parts_on_one_machine_speak_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says of certificates: probes and commands on this machine have none."""
    monkeypatch.setenv("STICKERDESK_TRITON_URL", "triton.example:8001")
    for name in ("CERTIFICATE", "KEY", "AUTHORITY"):
        monkeypatch.setenv(f"STICKERDESK_TLS_{name}", "/somewhere/tls.pem")
    for part in plan(settings.load(), say=print).parts:
        if part.name in ("gateway", "orchestrator", "recommender"):
            assert isinstance(part.spawn, partial)
            assert part.spawn.keywords["env"][f"STICKERDESK_{part.name.upper()}_TLS_KEY"] == ""


@pytest.mark.parametrize(
    ("variable", "value"), [("STICKERDESK_REDIS_URL", "http://x"), ("STICKERDESK_TRITON_URL", "http://x")]
)
def test_wrong_url_names_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """A URL of the wrong kind is refused before anything starts."""
    monkeypatch.setenv("STICKERDESK_TRITON_URL", "triton.example:8001")
    monkeypatch.setenv(variable, value)
    with pytest.raises(LauncherError, match=variable):
        plan(settings.load(), say=print)
