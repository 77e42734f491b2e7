"""`stickerdesk forget` against an orchestrator that says what a test wants; the edge's own command is the real one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from launcher import runfile
from launcher.errors import LauncherError
from launcher.forget import forget
from launcher.settings import LauncherSettings
from servicekit.errors import ServiceError, not_found, to_status, unavailable
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as rpc

pytestmark = pytest.mark.integration

RECORDS = [pb.ErasedRecords(kind="orders", unnamed=4), pb.ErasedRecords(kind="receipts", erased=3)]
DONE = pb.ForgetCustomerResponse(conversations=2, entries=9, records=RECORDS)


class Orchestrator(rpc.OrchestratorServiceServicer):
    """Answers as it is told."""

    def __init__(self, answer: pb.ForgetCustomerResponse | ServiceError) -> None:
        self._answer = answer
        self.asked: list[tuple[str, str]] = []

    def ForgetCustomer(self, request: pb.ForgetCustomerRequest, context: object) -> pb.ForgetCustomerResponse:
        self.asked.append((request.tenant, request.customer_id))
        if isinstance(self._answer, ServiceError):
            context.abort_with_status(to_status(self._answer))  # type: ignore[attr-defined]
        return self._answer  # type: ignore[return-value]


@contextmanager
def stack(data_dir: Path, answer: pb.ForgetCustomerResponse | ServiceError) -> Iterator[Orchestrator]:
    """A stack that runs, as far as `run.json` and its orchestrator go."""
    server, servicer = grpc.server(ThreadPoolExecutor(2)), Orchestrator(answer)
    rpc.add_OrchestratorServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with runfile.claim(data_dir):
        part = runfile.RunningPart(f"127.0.0.1:{port}", embedded=False)
        runfile.RunFile(1, "http://127.0.0.1:1", "now", "0", {"orchestrator": part}).write(data_dir)
        yield servicer
    server.stop(0)


def picture_of(data_dir: Path, tenant: str, customer: str) -> Path:
    """Keeps something as the edge keeps a customer's picture."""
    code = "import sys; from gateway.pictures.names import prefixes_of; print(prefixes_of(*sys.argv[1:])[0])"
    argv = [sys.executable, "-c", code, tenant, customer]
    folder = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
    path = data_dir / "gateway" / "pictures" / folder / "a.webp"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"picture")
    return path


def test_it_erases_and_tells_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Records as the orchestrator says, pictures from the edge's store; somebody else's stay."""
    mine, other = picture_of(tmp_path, "acme", "kim"), picture_of(tmp_path, "acme", "lee")
    with stack(tmp_path, DONE) as orchestrator:
        forget(LauncherSettings(data_dir=tmp_path), "kim", tenant="acme")
    told = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert orchestrator.asked == [("acme", "kim")]
    assert (mine.exists(), other.exists()) == (False, True)
    for line in (["conversations", "2", "0"], ["orders", "0", "4"], ["stored", "pictures", "1", "0"]):
        assert line in told


def test_nobody_is_a_sentence(tmp_path: Path) -> None:
    """Nothing anywhere: said with the id, status 1."""
    nobody = not_found("CUSTOMER_UNKNOWN", "nobody")
    with stack(tmp_path, nobody), pytest.raises(LauncherError, match=r"Nothing .* kim"):
        forget(LauncherSettings(data_dir=tmp_path), "kim", tenant="acme")


def test_pictures_alone_are_something(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When an earlier call was cut off after the conversations, the next one finishes."""
    mine = picture_of(tmp_path, "acme", "--kim")
    with stack(tmp_path, not_found("CUSTOMER_UNKNOWN", "nobody")):
        forget(LauncherSettings(data_dir=tmp_path), "--kim", tenant="acme")
    assert not mine.exists()
    assert "stored pictures" in capsys.readouterr().out


def test_a_store_out_of_reach_says_to_call_again(tmp_path: Path) -> None:
    """Pictures are left until the records are gone."""
    mine = picture_of(tmp_path, "acme", "kim")
    away = unavailable("UNAVAILABLE", "the store is out of reach")
    with stack(tmp_path, away), pytest.raises(LauncherError, match="out of reach") as caught:
        forget(LauncherSettings(data_dir=tmp_path), "kim", tenant="acme")
    assert "again" in str(caught.value)
    assert mine.exists()


def test_without_a_stack(tmp_path: Path) -> None:
    """As every other command."""
    with pytest.raises(LauncherError, match="No stack runs"):
        forget(LauncherSettings(data_dir=tmp_path), "kim", tenant="acme")
