"""Each benchmark runs at a tiny size on the real services; what it finds is for `make bench`, not for tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import edge_echo, first_token, idle_connections, models, scenarios, turn
from benchmarks.__main__ import main
from benchmarks.report import Report
from launcher.triton.environment import TritonEnvironment

pytestmark = pytest.mark.integration


def _value(report: Report, name: str) -> float:
    return next(row.value for row in report.rows if row.name == name)


async def test_edge_echo(tmp_path: Path) -> None:
    """All arms carry messages and every process is seen working."""
    report = await edge_echo.measure(edge_echo.Sizes(connections=(1, 2), rounds=1, round_s=0.1), tmp_path)
    assert _value(report, "echo, 1 connection: messages") > 0
    assert _value(report, "edge by direct, 2 connections: throughput") > 0
    assert _value(report, "acked, 2 connections: processor time of the gateway per message") > 0


async def test_idle_connections(tmp_path: Path) -> None:
    """All stay connected; a small storm loses and doubles nothing."""
    sizes = idle_connections.Sizes(connections=20, first=5, idle_s=0.1, storm=10)
    report = await idle_connections.measure(sizes, tmp_path)
    assert _value(report, "connections") == 20
    assert _value(report, "broadcast: conversations reached") == 20
    assert _value(report, "broadcast: clients that never got it") == 0
    assert _value(report, "broadcast: clients that got it twice") == 0
    assert _value(report, "storm: messages without an answer") == 0
    assert _value(report, "storm: entries lost") == 0
    assert _value(report, "storm: entries or messages doubled") == 0


async def test_models(tmp_path: Path, triton_environment: TritonEnvironment) -> None:
    """Every ONNX model that has weights is called both ways."""
    report = await models.measure(models.Sizes(rounds=1, calls=1, burst_s=0.05, bursts=1), tmp_path)
    assert triton_environment.versions
    assert not report.skipped
    assert _value(report, "text_bert, 16 tokens: Triton by in process") > 0
    assert _value(report, "text_encoder, 32 tokens: 8 callers by one") > 0


async def test_first_token(tmp_path: Path) -> None:
    """The orchestrator's first delta comes from the scripted model."""
    report = await first_token.measure(first_token.Sizes(rounds=1, calls=2, triton=False), tmp_path)
    assert _value(report, "direct: first token") > 0
    assert _value(report, "orchestrator: first delta") > _value(report, "of that, understanding") > 0


async def test_turn(tmp_path: Path) -> None:
    """Turns end and stickers are suggested."""
    report = await turn.measure(turn.Sizes(turns=2, suggestions=2, per_visitor=2, triton=False), tmp_path)
    assert _value(report, "whole turn, p50") >= _value(report, "first word, p50") > 0
    assert _value(report, "suggestions, p50") > 0


async def test_scenarios(tmp_path: Path, triton_environment: TritonEnvironment) -> None:
    """A scenario that has passed since there were any passes every time of two."""
    report = await scenarios.measure(scenarios.Sizes(runs=2, ids=("zh-pay-methods",)), tmp_path)
    assert triton_environment.versions
    assert _value(report, "retrieval: pass^1") == _value(report, "retrieval: pass^2") == 1.0


def test_unknown_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, naming what there is."""
    with pytest.raises(SystemExit) as ended:
        main(["no_such"])
    assert ended.value.code == 2
    assert "no_such" in capsys.readouterr().err
