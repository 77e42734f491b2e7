"""`python -m launcher.triton -- COMMAND` runs a command beside a real Triton."""

from __future__ import annotations

import subprocess
import sys

import pytest

from launcher.triton.environment import TritonEnvironment
from tests.conftest import ROOT

pytestmark = pytest.mark.integration

ASK = """
import os, sys
import tritonclient.grpc as triton
with triton.InferenceServerClient(os.environ["STICKERDESK_TRITON_URL"]) as client:
    sys.exit(7 if client.is_model_ready("text_encoder") else 1)
"""


def test_the_command_finds_the_server_and_its_status_is_kept(triton_environment: TritonEnvironment) -> None:
    """The models are ready when the command starts; its exit status is ours."""
    command = [sys.executable, "-m", "launcher.triton", "--", sys.executable, "-c", ASK]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 7, done.stderr
