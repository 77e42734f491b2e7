"""`stickerdesk desk`: links that the gateway opens, and what is said when there can be none."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.desk import link, show
from launcher.errors import LauncherError
from launcher.settings import LauncherSettings
from servicekit.desk_login import read_login

pytestmark = pytest.mark.unit


def test_a_link_is_made_with_the_gateways_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one in the data folder, or the one that was configured; each link has a name of its own."""
    monkeypatch.delenv("STICKERDESK_GATEWAY_TOKEN_SECRET", raising=False)
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "token.key").write_bytes(b"kept in the folder")
    settings = LauncherSettings(data_dir=tmp_path, token_secret=None)
    address, _, word = link(settings, "http://shop:8700", name="安娜").partition("#login=")
    login = read_login(b"kept in the folder", word)
    assert address == "http://shop:8700/desk/"
    assert login is not None
    assert (login.name, login.tenant) == ("安娜", "default")
    assert link(settings, "http://shop:8700") != link(settings, "http://shop:8700")
    monkeypatch.setenv("STICKERDESK_GATEWAY_TOKEN_SECRET", "configured")
    assert read_login(b"configured", link(settings, "http://shop:8700").partition("#login=")[2]) is not None


def test_what_cannot_be_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, nothing that runs: a sentence."""
    monkeypatch.delenv("STICKERDESK_GATEWAY_TOKEN_SECRET", raising=False)
    settings = LauncherSettings(data_dir=tmp_path, token_secret=None)
    with pytest.raises(LauncherError, match="cannot be read"):
        link(settings, "http://shop:8700")
    with pytest.raises(LauncherError, match="Nothing runs"):
        show(settings, name="Anna", tenant="default")
