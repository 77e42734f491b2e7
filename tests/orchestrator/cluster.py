"""A Redis Cluster of one node: every slot is there, and a script that strays from its slot is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from launcher.ports import LOOPBACK, free_ports
from launcher.process import ChildProcess
from launcher.valkey import answers, command, find_binary


@contextmanager
def one_node_cluster(data_dir: Path) -> Iterator[str]:
    """Starts it; the address of its node."""
    # The node's bus listens 10,000 above its port.
    port = next(port for port in free_ports(64) if port < 55_000)
    line = [*command(find_binary(), data_dir, port), "--cluster-enabled", "yes"]
    process = ChildProcess.spawn(line, log=data_dir / "valkey.log")
    try:
        while not answers(port):
            time.sleep(0.02)
        with redis.Redis(host=LOOPBACK, port=port) as node:
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            while b"cluster_state:ok" not in node.execute_command("CLUSTER", "INFO"):
                time.sleep(0.02)
        yield f"redis://{LOOPBACK}:{port}"
    finally:
        process.stop(grace_s=0)
