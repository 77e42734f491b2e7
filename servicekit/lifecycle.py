"""A gRPC server from start to stop: health, reflection, interceptors, metrics port, and the order of the end.

Stop in order: not-serving, pause (so that load balancers see it), refuse, drain, release.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Sequence

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from prometheus_client import CollectorRegistry, start_http_server

from servicekit.interceptors import RpcMetrics, ServiceInterceptor
from servicekit.settings import SHARED_PREFIX, ServiceSettings, split_address
from servicekit.telemetry import Telemetry, get_logger
from servicekit.tls import Tls
from servicekit.tracing import TracingInterceptor

OPTIONS = (
    ("grpc.max_receive_message_length", 36 * 1024 * 1024),  # a pack archive of 32 MiB fits
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),  # of received ones; clients of ours ask every 30 s
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.so_reuseport", 0),  # a second server on the same port is an error, not a lottery
)
_LAST_S = 5.0
LIVENESS = "liveness"  # a name for health checks that says SERVING from the first moment to the last: it is alive
_NOTICE_S = 0.2  # between not-serving and refusing: one probe interval of a watching client


class GrpcServer:
    """A `grpc.aio` server with everything that all services share.

    Use: make it, add servicers to `.server`, `start()`, `set_serving(True)`, `run_until_signal()`.

    Args:
        settings: Where to listen, how long to drain.
        telemetry: Traces and metrics of the process.
        services: Full names of the services, for health and reflection.
    """

    def __init__(self, settings: ServiceSettings, telemetry: Telemetry, services: Sequence[str] = ()) -> None:
        self._settings = settings
        self._telemetry = telemetry
        self._services = tuple(services)
        self._log = get_logger("server")
        self.server = grpc.aio.server(
            interceptors=[
                TracingInterceptor(telemetry.provider),
                ServiceInterceptor(RpcMetrics(telemetry.registry)),
            ],
            options=OPTIONS,
        )
        self._health = health.aio.HealthServicer()
        self._health_server: grpc.aio.Server | None = None
        self._stopping = False
        self.port = self.health_port = 0

    async def start(self) -> int:
        """Listens; health says NOT_SERVING until `set_serving(True)`.

        Returns:
            The port.

        Raises:
            OSError: An address is taken or not ours.
            TlsRefused: The settings name no identity that could be shown.
        """
        await self.set_serving(False)
        await self._health.set(LIVENESS, health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self.server)
        names = (*self._services, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self.server)
        self.port = self._bound(self.server, "listen", Tls.of(self._settings))
        if self._settings.metrics_listen:
            serve_metrics(self._telemetry.registry, self._settings.metrics_listen)
        await self.server.start()
        if self._settings.health_listen:
            await self._tell_health()
        self._log.info("listening", port=self.port)
        return self.port

    def _bound(self, server: grpc.aio.Server, setting: str, tls: Tls | None = None) -> int:
        """The port of a server at the address that a setting names."""
        address: str = getattr(self._settings, setting)
        try:
            return server.add_secure_port(address, tls.serving) if tls else server.add_insecure_port(address)
        except RuntimeError as error:
            variable = f"{SHARED_PREFIX}{self._settings.service.upper()}_{setting.upper()}"
            raise OSError(f"cannot listen on {address} ({variable}): is the port taken?") from error

    async def _tell_health(self) -> None:
        self._health_server = grpc.aio.server(options=OPTIONS)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._health_server)
        self.health_port = self._bound(self._health_server, "health_listen")
        await self._health_server.start()

    async def set_serving(self, serving: bool) -> None:
        """Says to health checks whether requests are welcome; once the server drains they never are again."""
        if self._stopping:
            return
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        for name in ("", *self._services):
            await self._health.set(name, status)

    async def run_until_signal(self, on_drain: Callable[[], Awaitable[None]] | None = None) -> None:
        """Serves until SIGTERM or SIGINT, then drains; `on_drain` ends long-lived work such as streams."""
        await wait_for_signal()
        await self.stop(on_drain)

    async def stop(self, on_drain: Callable[[], Awaitable[None]] | None = None) -> None:
        """Not-serving, pause, refuse, drain; at most `drain_s` seconds for what is in flight."""
        self._log.info("draining", seconds=self._settings.drain_s)
        await self.set_serving(False)
        self._stopping = True
        await asyncio.sleep(min(_NOTICE_S, self._settings.drain_s))
        latest_s = time.monotonic() + self._settings.drain_s + _LAST_S
        stopping = asyncio.ensure_future(self.server.stop(self._settings.drain_s))
        if on_drain is not None:
            try:
                async with asyncio.timeout(self._settings.drain_s):
                    await on_drain()
            except TimeoutError:
                self._log.warning("drain took too long", seconds=self._settings.drain_s)
        # gRPC ends what is in flight when its time is up; now and then it waits for a call that it has already ended.
        ended, _ = await asyncio.wait({stopping}, timeout=max(0.0, latest_s - time.monotonic()))
        if not ended:
            self._log.warning("the server did not end in time and is left behind")
        if self._health_server is not None:  # last: who asks must see the end of the drain
            await self._health_server.stop(None)
        self._log.info("stopped")


async def wait_for_signal() -> None:
    """Returns at the first SIGTERM or SIGINT; a second one ends the process at once, as people expect."""
    loop, arrived = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, arrived.set)
    await arrived.wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)


def serve_metrics(registry: CollectorRegistry, listen: str) -> None:
    """Serves the registry at `/metrics` of `host:port` from a thread of its own.

    Raises:
        OSError: The address is taken or not ours.
    """
    host, port = split_address(listen)
    try:
        start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise OSError(f"cannot serve metrics on {listen} ({SHARED_PREFIX}…METRICS_LISTEN): {error.strerror}") from error
