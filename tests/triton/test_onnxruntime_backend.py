"""The Python stand-in of the onnxruntime backend refuses configs that do not fit, and says why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from launcher.triton.control import TritonControl
from launcher.triton.environment import TritonEnvironment
from launcher.triton.repository import scan
from launcher.triton.server import EmbeddedTriton
from tests.conftest import ROOT

pytestmark = pytest.mark.integration

_BERT = ROOT / "model_repository" / "text_bert"


def variant(root: Path, name: str, *replacements: tuple[str, str]) -> None:
    """Writes a model that shares the text encoder's weights and has another config."""
    config = (_BERT / "config.pbtxt").read_text().replace('"text_bert"', f'"{name}"')
    config = config.partition("model_warmup")[0]
    for old, new in replacements:
        assert old in config
        config = config.replace(old, new)
    (root / name / "1").mkdir(parents=True)
    (root / name / "config.pbtxt").write_text(config)
    os.link(_BERT / "1" / "model.onnx", root / name / "1" / "model.onnx")


async def test_misfits_are_named_and_the_rest_serves(triton_environment: TritonEnvironment, tmp_path: Path) -> None:
    """One good model among bad ones is ready; each bad one is not, and the log says what is wrong with it."""
    root = tmp_path / "repository"
    variant(root, "good")
    variant(root, "wrong_type", ('"INPUT_IDS" data_type: TYPE_INT64', '"INPUT_IDS" data_type: TYPE_FP32'))
    variant(root, "wrong_name", ('"EMBEDDING"', '"VECTOR"'))
    variant(root, "wrong_shape", ("dims: [ 384 ]", "dims: [ 383 ]"))
    variant(
        root,
        "ragged",
        ('"INPUT_IDS" data_type: TYPE_INT64', '"INPUT_IDS" allow_ragged_batch: true data_type: TYPE_INT64'),
    )
    server = EmbeddedTriton.start(triton_environment, scan(root), tmp_path / "state")
    try:
        async with TritonControl(server.url) as control:
            states = await control.states()
    finally:
        assert server.stop() == 0
    assert {name for name, state in states.items() if state == "READY"} == {"good"}
    log = server.process.log.read_text()
    assert "input 'INPUT_IDS': config says TYPE_FP32, the graph TYPE_INT64" in log
    assert "output 'VECTOR': not in the graph" in log
    assert "output 'EMBEDDING': config says [-1, 383] (batch dimension included), the graph [-1, 384]" in log
    assert "has no ragged batching of 'INPUT_IDS'" in log
