"""`stickerdesk forget`: erases a customer from a running stack: through the orchestrator, and at the edge pictures."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import grpc
from rich.table import Table

from launcher.display import console
from launcher.errors import LauncherError
from launcher.running import require
from launcher.settings import ROOT, LauncherSettings
from servicekit.errors import Code, from_rpc_error
from stickerdesk.orchestrator.v1 import orchestrator_pb2, orchestrator_pb2_grpc

_TIMEOUT_S = 120.0  # an answer that is being written is waited for


def forget(settings: LauncherSettings, customer: str, *, tenant: str) -> None:
    """Erases the customer and prints what was erased. It may be called again: what is gone stays gone.

    Raises:
        LauncherError: No stack runs, nothing is known of the customer, or a part could not be reached.
    """
    address = require(settings).parts["orchestrator"].address
    done = _records(address, customer, tenant)
    pictures = _pictures(settings, customer, tenant)
    if done is None and not pictures:
        raise LauncherError(
            f"Nothing is known of {customer} at {tenant}, or nothing any more.",
            "A customer is named by the subject of the token, as in the journal and the audit.",
        )
    table = Table("what", "erased", "kept without a name", box=None, pad_edge=False)
    if done is not None:
        table.add_row("conversations", str(done.conversations), "0")
        table.add_row("entries in them", str(done.entries), "0")
        for one in done.records:
            table.add_row(one.kind.replace("_", " "), str(one.erased), str(one.unnamed))
    table.add_row("stored pictures", str(pictures), "0")
    console().print(table)


def _records(address: str, customer: str, tenant: str) -> orchestrator_pb2.ForgetCustomerResponse | None:
    """What the orchestrator erased; None when it knew of nothing."""
    request = orchestrator_pb2.ForgetCustomerRequest(tenant=tenant, customer_id=customer)
    with grpc.insecure_channel(address) as channel:
        stub = orchestrator_pb2_grpc.OrchestratorServiceStub(channel)
        try:
            return stub.ForgetCustomer(request, timeout=_TIMEOUT_S)
        except grpc.RpcError as error:
            problem = from_rpc_error(error)
    if problem.code is Code.NOT_FOUND:
        return None
    raise LauncherError(f"{problem.message} ({problem.reason})", "What is left is erased when you call it again.")


def _pictures(settings: LauncherSettings, customer: str, tenant: str) -> int:
    """How many stored objects the edge erased; its own command knows where and under which names they lie."""
    paths = [str(ROOT), str(ROOT / "protos"), os.environ.get("PYTHONPATH", "")]
    env = os.environ | {
        "STICKERDESK_DATA_DIR": str(settings.data_dir.resolve()),
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
    }
    argv = [sys.executable, "-m", "gateway.pictures.forgetting", "--tenant", tenant, "--", customer]
    ended = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if ended.returncode != 0:
        why = ended.stderr.strip().splitlines()[-1:] or [f"status {ended.returncode}"]
        raise LauncherError(f"The pictures are still there: {why[0]}", "Call it again when the store can be reached.")
    objects: int = json.loads(ended.stdout)["objects"]
    return objects
