"""The ordinary configurations batch what comes at once; the embedded ones let two instances share it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest
from tritonclient.grpc import InferInput, aio

from launcher.triton.environment import TritonEnvironment
from launcher.triton.repository import scan
from launcher.triton.server import EmbeddedTriton
from tests.conftest import ROOT

pytestmark = pytest.mark.integration

_BERT = ROOT / "model_repository" / "text_bert"
_CALLERS = 24


def tensors() -> list[InferInput]:
    """A sentence of sixteen tokens."""
    ids, mask = np.arange(1000, 1016, dtype=np.int64)[None], np.ones((1, 16), np.int64)
    inputs = []
    for name, value in (("INPUT_IDS", ids), ("ATTENTION_MASK", mask)):
        inputs.append(InferInput(name, list(value.shape), "INT64"))
        inputs[-1].set_data_from_numpy(value)
    return inputs


async def counted(url: str) -> tuple[int, int]:
    """Sends sentences at once; how many inferences that made, in how many executions."""
    async with aio.InferenceServerClient(url) as client:

        async def counts() -> np.ndarray:
            (found,) = (await client.get_inference_statistics("text_bert")).model_stats
            return np.array([found.inference_count, found.execution_count])

        before = await counts()
        replies = await asyncio.gather(*(client.infer("text_bert", tensors()) for _ in range(_CALLERS)))
        assert all(reply.as_numpy("EMBEDDING").shape == (1, 384) for reply in replies)
        inferences, executions = (await counts()) - before
        return int(inferences), int(executions)


async def test_what_comes_at_once_is_one_batch(triton_environment: TritonEnvironment, tmp_path: Path) -> None:
    """By `config.pbtxt`, which other servers read, the dynamic batcher fuses callers of equal length."""
    model = tmp_path / "repository" / "text_bert"
    (model / "1").mkdir(parents=True)
    os.link(_BERT / "1" / "model.onnx", model / "1" / "model.onnx")
    (model / "config.pbtxt").write_bytes((_BERT / "config.pbtxt").read_bytes())
    server = EmbeddedTriton.start(triton_environment, scan(model.parent), tmp_path / "state")
    try:
        async with aio.InferenceServerClient(server.url) as client:
            config = (await client.get_model_config("text_bert")).config
        assert config.HasField("dynamic_batching")
        inferences, executions = await counted(server.url)
    finally:
        assert server.stop() == 0
    assert inferences == _CALLERS
    assert executions <= _CALLERS // 2


async def test_two_instances_share_what_comes_at_once(triton_url: str) -> None:
    """By `configs/embedded.pbtxt` every caller is an execution of its own, and two instances run them."""
    async with aio.InferenceServerClient(triton_url) as client:
        config = (await client.get_model_config("text_bert")).config
    assert sum(group.count for group in config.instance_group) == 2
    assert await counted(triton_url) == (_CALLERS, _CALLERS)
