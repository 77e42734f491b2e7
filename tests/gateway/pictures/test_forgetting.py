"""The command that erases a customer's pictures."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from gateway.pictures.forgetting import main
from gateway.pictures.names import prefixes_of
from gateway.pictures.store import DirectoryStore

pytestmark = pytest.mark.unit


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DirectoryStore:
    """The store that a gateway on this data folder has."""
    monkeypatch.setenv("STICKERDESK_DATA_DIR", str(tmp_path))
    return DirectoryStore(tmp_path / "gateway" / "pictures")


async def kept(store: DirectoryStore, *customers: str) -> None:
    """Gives each customer a picture with a preview, and a part of an upload."""
    for customer in customers:
        pictures, partial = prefixes_of("default", customer)
        for name in (f"{pictures}a.webp", f"{pictures}a.preview", f"{partial}u/0"):
            await store.put(name, b"x")


def test_all_that_is_a_customers_goes(store: DirectoryStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Pictures and parts of uploads; other customers keep theirs; twice finds nothing."""
    asyncio.run(kept(store, "kim", "lee"))
    assert main(["kim"]) == 0
    assert main(["kim"]) == 0
    assert main(["--tenant", "elsewhere", "lee"]) == 0
    assert [json.loads(line)["objects"] for line in capsys.readouterr().out.splitlines()] == [3, 0, 0]
    assert main(["--tenant", "default", "--", "lee"]) == 0
    assert json.loads(capsys.readouterr().out)["objects"] == 3


def test_a_store_out_of_reach_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1 and why."""
    query = "endpoint=http://127.0.0.1:1&region=x"
    monkeypatch.setenv("STICKERDESK_GATEWAY_PICTURES_URL", f"s3://bucket/pictures?{query}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("STICKERDESK_DATA_DIR", str(tmp_path))
    assert main(["kim"]) == 1
    assert "STORE_UNAVAILABLE" in capsys.readouterr().err


def test_wrong_settings_are_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2, with the variable."""
    monkeypatch.setenv("STICKERDESK_GATEWAY_PICTURES_DAYS", "never")
    assert main(["kim"]) == 2
    assert "PICTURES_DAYS" in capsys.readouterr().err
