"""What `stickerdesk doctor` says of language models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from launcher import runfile
from launcher.doctor import Verdict, examine, finding_of
from launcher.settings import LauncherSettings

pytestmark = pytest.mark.unit


def told(*models: tuple[str, str, str], **other: Any) -> dict[str, Any]:
    """A report: name, reach and cost of each model."""
    return {
        "models": [{"model": name, "host": "h", "reach": reach, "cost": cost} for name, reach, cost in models],
        "prices_checked": "", "budgets": {}, "summaries": "", **other,
    }  # fmt: skip


def test_all_is_well() -> None:
    """Models in order, budgets and summaries in one line; no advice."""
    found = finding_of(
        told(("a", "answers", "stated"), ("b", "answers", "stated"), budgets={"*": {"soft": 5.0, "hard": 10.0}},
             summaries="small")
    )  # fmt: skip
    assert (found.verdict, found.advice) == (Verdict.OK, "")
    assert "a at h answers; then b at h answers" in found.what
    assert "* 5/10" in found.what
    assert "summed up by small" in found.what


@pytest.mark.parametrize(
    ("models", "verdict", "advice"),
    [
        ((("a", "answers", "unknown"),), Verdict.NOTE, "What a costs is unknown"),
        ((("a", "answers", "listed"),), Verdict.OK, "nobody has checked"),
        ((("a", "does not answer", "stated"), ("b", "answers", "stated")), Verdict.NOTE, "address and key of a"),
        ((("a", "refuses the key", "stated"),), Verdict.BAD, "address and key of a"),
    ],
)
def test_what_is_not_as_it_should_be(models: Any, verdict: Verdict, advice: str) -> None:
    """It is named, with what to do; only when nobody answers it is bad."""
    found = finding_of(told(*models))
    assert found.verdict is verdict
    assert advice in found.advice


@pytest.mark.integration
def test_the_doctor_asks_the_orchestrators_own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A setting that only the service knows is heard too, and a wrong one is told."""
    monkeypatch.setenv("STICKERDESK_LLM_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("STICKERDESK_LLM_MODEL", "mine")
    settings = LauncherSettings(data_dir=tmp_path)
    (llm,) = [one for one in examine(settings).findings if one.name == "llm"]
    assert (llm.verdict, "mine at 127.0.0.1 does not answer" in llm.what) == (Verdict.BAD, True)
    monkeypatch.setenv("STICKERDESK_ORCHESTRATOR_LLM_BUDGETS", "{broken")
    (llm,) = [one for one in examine(settings).findings if one.name == "llm"]
    assert "settings" in llm.what


@pytest.mark.integration
def test_a_part_that_the_running_stack_did_not_start_is_called_external(tmp_path: Path) -> None:
    """Though the variable that named it is not there when the doctor is asked."""
    with runfile.claim(tmp_path):
        parts = {
            "valkey": runfile.RunningPart("redis://127.0.0.1:1/0", embedded=False),
            "triton": runfile.RunningPart("127.0.0.1:1", embedded=True),
        }
        runfile.RunFile(os.getpid(), "http://127.0.0.1:1", "now", "1", parts).write(tmp_path)
        found = {one.name: one for one in examine(LauncherSettings(data_dir=tmp_path)).findings}
    assert found["valkey"].what.startswith("external")
    assert found["triton"].what.startswith("embedded")
