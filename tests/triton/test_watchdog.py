"""A model that died is noticed and brought back, on a real server that is really hurt."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from functools import partial

import numpy as np
import pytest
import tritonclient.grpc.aio as triton
from tritonclient.utils import InferenceServerException

from launcher.ports import choose_port
from launcher.triton.control import TritonControl, Verdict
from launcher.triton.environment import TritonEnvironment
from launcher.triton.repository import scan
from launcher.triton.server import EmbeddedTriton, is_ready
from launcher.triton.stubs import end_processes
from launcher.triton.watchdog import Watchdog
from tests.conftest import ROOT
from tests.launcher.processes import model_processes

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def server(triton_environment: TritonEnvironment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTriton]:
    """A server of this module's own, to be hurt."""
    started = EmbeddedTriton.start(triton_environment, scan(ROOT / "model_repository"), tmp_path_factory.mktemp("hurt"))
    yield started
    started.stop()


@pytest.fixture
async def control(server: EmbeddedTriton) -> AsyncIterator[TritonControl]:
    """A connection to it."""
    async with TritonControl(server.url) as connection:
        yield connection


async def embed(url: str) -> np.ndarray:
    """One sentence through the ensemble."""
    client = triton.InferenceServerClient(url)
    try:
        text = triton.InferInput("TEXT", [1, 1], "BYTES")
        text.set_data_from_numpy(np.array([[b"where is my parcel"]], dtype=object))
        return (await client.infer("text_encoder", [text], client_timeout=10)).as_numpy("EMBEDDING")
    finally:
        await client.close()


@pytest.mark.parametrize("model", ["text_bert", "text_tokenizer"])
async def test_killed_stub_is_loaded_again(
    server: EmbeddedTriton, control: TritonControl, triton_server: EmbeddedTriton, model: str
) -> None:
    """After kill -9 of a model's process one round of the watchdog makes the ensemble answer again.

    Processes of another server, here that of the test session, are left alone.
    """
    bystanders = model_processes(triton_server.process.pid, model)
    said: list[str] = []
    restarts: list[str] = []

    async def restart(reason: str) -> None:
        restarts.append(reason)

    before = await embed(server.url)
    end = partial(end_processes, server=server.process.pid)  # the session has a server of its own
    watchdog = Watchdog(control, ["text_bert", "text_tokenizer"], say=said.append, restart_server=restart, end=end)
    await watchdog.check()
    assert said == []
    victim, *others = model_processes(server.process.pid, model)
    os.kill(victim, signal.SIGKILL)
    answers = await asyncio.gather(*(embed(server.url) for _ in range(8)), return_exceptions=True)
    assert any(isinstance(one, InferenceServerException) and "not healthy" in str(one) for one in answers)
    assert (await control.states())[model] == "READY"  # readiness lies, which is why there is a watchdog
    await watchdog.check()
    assert restarts == []
    assert len(said) == 2
    assert said[1] == f"model {model} is back"
    np.testing.assert_allclose(await embed(server.url), before, atol=1e-6)
    back = model_processes(server.process.pid, model)
    assert len(back) == 1 + len(others)
    assert not {victim, *others} & set(back)
    assert model_processes(triton_server.process.pid, model) == bystanders != []


async def test_refused_input_is_a_sign_of_life(control: TritonControl) -> None:
    """A model that the server does not have answers with an error, and an error is an answer."""
    assert await control.probe("text_tokenizer", 5) is Verdict.ALIVE
    assert await control.probe("no_such_model", 5) is Verdict.ALIVE


async def test_silent_server_is_not_called_dead(control: TritonControl) -> None:
    """A probe that runs into its deadline says silent, so that one slow round does not unload a model."""
    assert await control.probe("text_bert", 1e-4) is Verdict.SILENT


def test_the_charts_probe_sees_what_readiness_hides(server: EmbeddedTriton) -> None:
    """The liveness probe of the pod: content with a whole server, not with one whose model has died, nor with none."""
    script = ROOT / "helm" / "stickerdesk" / "files" / "models_alive.py"

    def probed(port: int) -> tuple[int, str]:
        argv = [sys.executable, "-I", str(script), f"http://127.0.0.1:{port}"]
        ended = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
        return ended.returncode, ended.stdout

    assert probed(server.ports.http) == (0, "")
    victim, *_ = model_processes(server.process.pid, "slot_decoder")
    os.kill(victim, signal.SIGKILL)
    assert probed(server.ports.http) == (1, "dead: slot_decoder\n")
    assert is_ready(server.ports.http)
    assert probed(choose_port(0, explicit=False))[0] == 1
