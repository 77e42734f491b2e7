"""The whole command on the whole mesh: start, talk, look, hurt, stop, start again."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher.ports import free_ports
from tests.conftest import ROOT
from tests.launcher.processes import model_processes

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

_START_S = 120  # the promise is 20 s on an idle machine; tests share theirs


class Desk:
    """One `stickerdesk up` on a folder of its own, and the other commands beside it."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "data"
        self.log = folder / "up.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STICKERDESK_")}
        self.env = kept | {
            "STICKERDESK_DATA_DIR": str(self.data_dir),
            "STICKERDESK_GATEWAY_LISTEN": f"127.0.0.1:{free_ports(1)[0]}",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "protos")]),
        }
        self._cwd = folder
        self._up: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Runs `up` until it says that it is ready."""
        self.log.unlink(missing_ok=True)
        argv = [sys.executable, "-m", "launcher", "up"]
        with self.log.open("wb") as log:
            self._up = subprocess.Popen(argv, env=self.env, cwd=self._cwd, stdout=log, stderr=log)
        self.until(lambda: "ready in" in self.text(), _START_S)

    def stop(self) -> int:
        """One Ctrl-C; returns the exit status."""
        assert self._up is not None
        self._up.send_signal(signal.SIGINT)
        return self._up.wait(60)

    def text(self) -> str:
        """What `up` has said."""
        return self.log.read_text()

    def until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Waits for something to be said; fails with all that was said."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert self._up is not None
            assert self._up.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.1)

    def call(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Runs another command of ours."""
        argv = [sys.executable, "-m", "launcher", *arguments]
        return subprocess.run(
            argv, env=self.env | env, cwd=self._cwd, capture_output=True, text=True, timeout=120, check=False
        )

    def record(self) -> dict[str, dict[str, int]]:
        """The parts as `run.json` has them."""
        return dict(json.loads((self.data_dir / "run.json").read_text())["parts"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A running stack."""
    stack = Desk(tmp_path_factory.mktemp("desk"))
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def test_starts_in_order_of_need(desk: Desk) -> None:
    """Stores and models first, the edge last."""
    ready = re.findall(r"(\w+) +ready ", desk.text())
    assert set(ready[:2]) == {"valkey", "triton"}
    assert set(ready[2:4]) == {"recommender", "orchestrator"}
    assert ready[4] == "gateway"


def test_doctor_finds_everything_up(desk: Desk) -> None:
    """Status 0, every part with version or address, and the retrieval engine called by its name."""
    result = desk.call("doctor", "--json")
    report = json.loads(result.stdout)
    assert result.returncode == 0, result.stdout
    found = {finding["name"]: finding for finding in report["findings"]}
    assert re.search(r"valkey \d+\.\d+.*, embedded", found["valkey"]["what"])
    assert "2.51.0, embedded" in found["triton"]["what"]
    assert found["llm"]["verdict"] == "note"
    assert "no language model" in found["llm"]["what"]


@pytest.mark.parametrize(
    ("text", "script"),
    [("my parcel hasn't moved since Tuesday", r"[a-z]{3}"), ("快递三天没更新了", r"[\u4e00-\u9fff]{3}")],
)
def test_chat_answers_in_the_language_of_the_question(desk: Desk, text: str, script: str) -> None:
    """The terminal client prints a whole answer and ends with 0."""
    result = desk.call("chat", "--new", text)
    assert result.returncode == 0, result.stderr
    assert re.search(script, result.stdout)


def test_packs_are_listed_and_junk_is_refused(desk: Desk, tmp_path: Path) -> None:
    """The shipped pack is there; a file that is no pack is a sentence and status 1."""
    assert "noto-emoji" in desk.call("packs", "list").stdout
    junk = tmp_path / "junk.zip"
    junk.write_bytes(b"not a zip")
    result = desk.call("packs", "add", str(junk))
    assert result.returncode == 1
    assert "PACK_INVALID" in result.stderr
    assert "Traceback" not in result.stderr


def test_forget_erases_a_customer_of_the_running_stack(desk: Desk) -> None:
    """What was said and made up is gone, and told; a second call finds nobody; the visitor begins anew."""
    assert desk.call("chat", "--new", "my parcel hasn't moved since Tuesday").returncode == 0
    claims = (desk.data_dir / "chat-token").read_text().split(".")[1]
    visitor = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"]
    done = desk.call("forget", visitor)
    assert done.returncode == 0, done.stderr
    assert re.search(r"conversations +1 +0\b", done.stdout)
    assert re.search(r"tickets +1 +0\b", done.stdout)
    again = desk.call("forget", visitor)
    assert again.returncode == 1
    assert "Nothing is known of" in again.stderr
    assert "Traceback" not in again.stderr
    assert desk.call("chat", "hello").returncode == 0


def test_second_up_says_who_runs(desk: Desk) -> None:
    """The data folder belongs to one stack."""
    result = desk.call("up")
    assert result.returncode == 1
    assert "already runs" in result.stderr


@pytest.mark.parametrize("part", ["valkey", "orchestrator"])
def test_killed_part_comes_back_and_the_desk_answers(desk: Desk, part: str) -> None:
    """After kill -9 of a part it is restarted, that is said, and a question is answered again."""
    victim = desk.record()[part]["pid"]
    said = len(desk.text())
    os.kill(victim, signal.SIGKILL)
    desk.until(lambda: re.search(rf"{part} +ready", desk.text()[said:]) is not None, _START_S)
    assert re.search(rf"{part} +restarting \(ended by signal 9", desk.text()[said:])
    assert desk.record()[part]["pid"] != victim
    result = desk.call("chat", "how do I return a mug?")
    assert result.returncode == 0, result.stderr


def test_dead_model_comes_back_while_the_server_runs_on(desk: Desk) -> None:
    """After kill -9 of a model's process the watchdog loads it again; Triton itself is not restarted."""
    server = desk.record()["triton"]["pid"]
    said = len(desk.text())
    stub, *_ = model_processes(server, "text_bert")
    os.kill(stub, signal.SIGKILL)
    desk.until(lambda: "model text_bert is back" in desk.text()[said:], 60)
    assert desk.record()["triton"]["pid"] == server
    assert desk.call("doctor").returncode == 0


def test_stop_leaves_nothing_and_a_second_start_finds_the_data(desk: Desk) -> None:
    """One Ctrl-C ends every process in order with status 0; the next start goes on where this one ended."""
    pids = [part["pid"] for part in desk.record().values()]
    assert desk.stop() == 0
    stopped = re.findall(r"^\S+ (\w+) +stopped", desk.text(), re.MULTILINE)
    assert stopped == ["gateway", "orchestrator", "recommender", "triton", "valkey"]
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert desk.call("doctor").returncode == 1
    assert "No stack runs" in desk.call("chat", "hello").stderr
    assert list((desk.data_dir / "valkey").rglob("*.aof"))
    desk.start()
    assert desk.call("doctor").returncode == 0
