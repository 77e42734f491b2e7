"""The parts of the mesh on one machine: what is embedded, what is elsewhere, and on which ports."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from launcher import probes, valkey
from launcher.errors import LauncherError
from launcher.ports import LOOPBACK, choose_port, free_ports, is_free
from launcher.process import ChildProcess
from launcher.settings import DEFAULT_GATEWAY_LISTEN, ROOT, LauncherSettings
from launcher.supervisor import Part
from launcher.triton import environment, server
from launcher.triton.control import TritonControl
from launcher.triton.environment import TritonEnvironment
from launcher.triton.repository import Repository, scan
from launcher.triton.watchdog import Watchdog
from servicekit.settings import split_address

SERVICES = ("recommender", "orchestrator", "gateway")
_AFTER_DRAIN_S = 10.0  # a service may wait 5 s more for calls that have ended, then lets go of its stores
_USUAL_PORTS = {"orchestrator": 8702, "recommender": 8703}
_NEEDS = {
    "recommender": ("valkey", "triton"),
    "orchestrator": ("valkey", "triton"),  # answers without stickers until the recommender is there
    "gateway": ("orchestrator", "recommender"),
}
_BETWEEN_MACHINES = ("TLS_CERTIFICATE", "TLS_KEY", "TLS_AUTHORITY")


@dataclass
class Stack:
    """A planned stack.

    Attributes:
        parts: In order of their start.
        url: Where the browser goes.
        metrics: Metrics addresses by part, where there is one.
        notes: Sentences that a person should read before the start.
    """

    parts: list[Part]
    url: str
    metrics: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def plan(settings: LauncherSettings, say: Callable[[str], None]) -> Stack:
    """Chooses ports and builds the parts; installs the embedded Triton when it is missing.

    Args:
        settings: What was configured.
        say: Told what takes a while, and later what the watchdog finds.

    Raises:
        LauncherError: A configured port is busy, or an embedded part cannot run here.
    """
    listens = {name: _listen(settings, name) for name in SERVICES}
    metrics = {name: _metrics(settings, name) for name in SERVICES}
    data_dir = settings.data_dir.resolve()
    redis = _external_redis(settings) or _embedded_valkey(data_dir)
    notes: list[str] = []
    triton = _external_triton(settings) or _embedded_triton(settings, data_dir, metrics, notes, say)
    env = _service_environment(settings, redis, triton, listens, metrics)
    services = [_service(name, listens[name], env, data_dir, settings.drain_s) for name in SERVICES]
    host, port = split_address(listens["gateway"])
    url = f"http://{_reachable(host)}:{port}"
    return Stack([redis, triton, *services], url, metrics, notes)


def _listen(settings: LauncherSettings, service: str) -> str:
    """Returns where `service` will listen: as configured, else its usual loopback port, else a free one."""
    configured = settings.listen_of(service)
    if configured is not None:
        host, port = configured
        return f"{_bracketed(host)}:{choose_port(port, explicit=True, host=host)}"
    if service == "gateway":  # people look for it: the next one up rather than any
        host, preferred = split_address(DEFAULT_GATEWAY_LISTEN)
        return f"{host}:{choose_port(preferred, explicit=False, host=host)}"
    usual = _USUAL_PORTS[service]
    return f"{LOOPBACK}:{usual if is_free(usual) else free_ports(1)[0]}"


def _metrics(settings: LauncherSettings, service: str) -> str:
    configured = settings.metrics_of(service)
    if configured is None:
        return f"{LOOPBACK}:{free_ports(1)[0]}"
    host, port = configured
    return f"{_bracketed(host)}:{choose_port(port, explicit=True, host=host)}"


def _bracketed(host: str) -> str:
    """An IPv6 address stands in brackets before a port."""
    return f"[{host}]" if ":" in host else host


def _reachable(host: str) -> str:
    """Returns an address by which this machine reaches a server bound to `host`, as it stands before a port."""
    return LOOPBACK if host in ("0.0.0.0", "::", "") else _bracketed(host)


def _external_redis(settings: LauncherSettings) -> Part | None:
    if (url := settings.redis_url) is None:
        return None
    if urlsplit(url).scheme not in ("redis", "rediss"):
        raise LauncherError("STICKERDESK_REDIS_URL must begin with redis:// or rediss://.")

    async def ready() -> bool:
        return await probes.redis_version(url) is not None

    return Part("valkey", urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2]).geturl(), ready)


def _embedded_valkey(data_dir: Path) -> Part:
    port, folder = free_ports(1)[0], data_dir / "valkey"
    argv = valkey.command(valkey.find_binary(), folder, port)

    async def ready() -> bool:
        return await asyncio.to_thread(valkey.answers, port)

    return Part(
        "valkey", f"redis://{LOOPBACK}:{port}/0", ready,
        spawn=partial(ChildProcess.spawn, argv, log=data_dir / "logs" / "valkey.log"),
        stop_grace_s=valkey.STOP_GRACE_S,
    )  # fmt: skip


def _external_triton(settings: LauncherSettings) -> Part | None:
    if (url := settings.triton_url) is None:
        return None
    try:
        split_address(url)
    except ValueError as error:
        raise LauncherError(f"STICKERDESK_TRITON_URL: {error}.", "It takes the gRPC address.") from error
    return Part("triton", url, partial(probes.grpc_serves, url))


def _embedded_triton(
    settings: LauncherSettings, data_dir: Path, metrics: dict[str, str], notes: list[str], say: Callable[[str], None]
) -> Part:
    installed = environment.ensure(settings.triton_venv, say)
    repository = scan(settings.model_repository)
    if repository.unbuilt:
        notes.append(f"models without weights, left out: {', '.join(repository.unbuilt)} (build them: make models)")
    ports = server.TritonPorts.choose()
    metrics["triton"] = f"{LOOPBACK}:{ports.metrics}"
    return Part(
        "triton", ports.url, lambda: asyncio.to_thread(server.is_ready, ports.http),
        spawn=partial(_spawn_triton, installed, repository, data_dir, ports),
        watch=partial(watch_triton, ports.url, repository, say),
        start_timeout_s=server.START_TIMEOUT_S, stop_grace_s=server.STOP_GRACE_S,
    )  # fmt: skip


def _spawn_triton(
    installed: TritonEnvironment, repository: Repository, data_dir: Path, ports: server.TritonPorts
) -> ChildProcess:
    return server.spawn(installed, repository, data_dir / "triton", ports, log=data_dir / "logs" / "triton.log")


async def watch_triton(url: str, repository: Repository, say: Callable[[str], None]) -> str:
    """Runs the watchdog on the server at `url` until it asks for a restart of the whole; returns why."""
    given_up: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def restart(reason: str) -> None:
        if not given_up.done():
            given_up.set_result(reason)

    models = [name for name in repository.models if name not in repository.ensembles]
    async with TritonControl(url) as control:
        states = await control.states()
        for name in repository.models:
            if states.get(name) != "READY":
                say(f"model {name} did not load; see logs/triton.log")
        watchdog = asyncio.create_task(Watchdog(control, models, say=say, restart_server=restart).run())
        try:
            return await given_up
        finally:
            watchdog.cancel()
            await asyncio.gather(watchdog, return_exceptions=True)


def _service_environment(
    settings: LauncherSettings, redis: Part, triton: Part, listens: dict[str, str], metrics: dict[str, str]
) -> dict[str, str]:
    """Returns the variables that every service is started with: the caller's, and where the others are."""
    env = dict(os.environ)
    env["STICKERDESK_DATA_DIR"] = str(settings.data_dir.resolve())
    env["STICKERDESK_REDIS_URL"] = settings.redis_url or redis.address
    env["STICKERDESK_TRITON_URL"] = triton.address
    for name in SERVICES:
        env[f"STICKERDESK_{name.upper()}_LISTEN"] = listens[name]
        env[f"STICKERDESK_{name.upper()}_METRICS_LISTEN"] = metrics[name]
        for file in _BETWEEN_MACHINES:  # nothing leaves this machine, and probes and commands here have no certificate
            env[f"STICKERDESK_{name.upper()}_{file}"] = ""
        host, port = split_address(listens[name])
        env[f"STICKERDESK_{name.upper()}_URL"] = f"{_reachable(host)}:{port}"
    paths = [str(ROOT), str(ROOT / "protos"), env.get("PYTHONPATH", "")]
    env["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    env["PYTHONUNBUFFERED"] = "1"
    return env


def _service(name: str, listen: str, env: dict[str, str], data_dir: Path, drain_s: float) -> Part:
    bound, port = split_address(listen)
    host = _reachable(bound)
    ready = (
        partial(probes.http_ok, host, port, "/readyz")
        if name == "gateway"
        else partial(probes.grpc_serves, f"{host}:{port}")
    )
    argv = [sys.executable, "-m", name]
    return Part(
        name, f"{host}:{port}", ready, needs=_NEEDS[name], stop_grace_s=drain_s + _AFTER_DRAIN_S,
        spawn=partial(ChildProcess.spawn, argv, env=env, log=data_dir / "logs" / f"{name}.log"),
    )  # fmt: skip
