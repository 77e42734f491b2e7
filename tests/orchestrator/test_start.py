"""How the process starts when its back office cannot be what the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.__main__ import main
from tests.orchestrator.harness import client
from tests.orchestrator.processes import process

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DATABASE_URL", "mysql://somewhere/db", "SQLite or PostgreSQL"),
        ("TOOLS_OFF", '["fly"]', "no tool is called fly"),
    ],
)
def test_a_wrong_setting_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, told: str
) -> None:
    """Exit code 2 and one sentence with the variable to change."""
    monkeypatch.setenv(f"STICKERDESK_ORCHESTRATOR_{name}", value)
    assert main() == 2
    said = capsys.readouterr().err
    assert told in said
    assert name in said


async def test_a_database_out_of_reach_does_not_keep_it_from_serving(redis_url: str, tmp_path: Path) -> None:
    """Articles answer until the shop's records can be reached."""
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    async with process(redis_url, tmp_path, redis_prefix="nodb", database_url=nowhere) as one, client(one.url) as chat:
        answer = await chat.ask("my parcel hasn't moved since Tuesday")
    assert "48 hours" in answer.text.text
