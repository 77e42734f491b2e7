"""All connections of this gateway: admits them, keeps their time, drains them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gateway.connection import Connection, Pages, Receive, Socket, Upstream
from gateway.edge.actions import TokenDesk, Visitor
from gateway.edge.limits import Limits
from gateway.edge.session import Session
from gateway.metrics import EdgeMetrics
from gateway.pictures.desk import PictureDesk
from gateway.pictures.uploader import UploadDesk
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger

_SWEEP_S = 0.5

_log = get_logger("gateway.hub")

OpenUpstream = Callable[[tuple[tuple[str, str], ...]], Upstream]


class Hub:
    """Keeps the connections of one process.

    One task sweeps all of them for what time brings (heartbeats, time limits, slow readers), so that an idle
    connection costs no task and no timer of its own.

    Args:
        open_upstream: Makes an upstream stream, given metadata with the trace context.
        limits: Bounds of every session.
        pictures: Keeps and finds customers' pictures.
        archive: Reads older pages of journals.
        uploads: Takes pictures that come in chunks.
        metrics: Where connections are counted.
        tracer: Makes one short span per handshake; its trace is named in the connection's errors.
        max_connections: Handshakes beyond are refused.
        slow_consumer_s: Time that a client may leave the edge waiting in a send.
        clock: Monotonic seconds.
        rng: Where jitter comes from.
    """

    def __init__(
        self,
        *,
        open_upstream: OpenUpstream,
        limits: Limits,
        pictures: PictureDesk,
        archive: Pages,
        uploads: UploadDesk,
        metrics: EdgeMetrics,
        tracer: trace.Tracer,
        max_connections: int = 10_000,
        slow_consumer_s: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self._open_upstream = open_upstream
        self._limits = limits
        self._pictures = pictures
        self._archive = archive
        self._uploads = uploads
        self._metrics = metrics
        self._tracer = tracer
        self._max_connections = max_connections
        self._slow_consumer_s = slow_consumer_s
        self._clock = clock
        self._rng = rng or random.Random()
        self._connections: set[Connection] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._chores: set[asyncio.Task[None]] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self.draining = False

    def __len__(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def refusal(self) -> str | None:
        """Why a new handshake is refused now: UNAVAILABLE or TOO_MANY_CONNECTIONS; None when it is welcome."""
        if self.draining:
            return "UNAVAILABLE"
        return "TOO_MANY_CONNECTIONS" if len(self._connections) >= self._max_connections else None

    async def serve(self, receive: Receive, socket: Socket, tokens: TokenDesk) -> None:
        """Serves one accepted socket to its end; `tokens` are of the tenant that it comes to."""
        trace_id, metadata = self._begin_trace()
        session = Session(self._limits, tokens, self._rng, trace_id, self._clock(), time.time() - self._clock())
        connection = Connection(
            session,
            open_upstream=lambda: self._open_upstream(metadata),
            socket=socket,
            clock=self._clock,
            metrics=self._metrics,
            pictures=self._pictures,
            archive=self._archive,
            uploads=self._uploads,
        )
        self._connections.add(connection)
        self._empty.clear()
        self._metrics.connections.set(len(self._connections))
        self._ensure_sweeper()
        try:
            await connection.run(receive)
        finally:
            self._connections.discard(connection)
            self._metrics.connections.set(len(self._connections))
            if not self._connections:
                self._empty.set()

    def _begin_trace(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        carrier: dict[str, str] = {}
        with self._tracer.start_as_current_span("edge.connect") as span:
            TraceContextTextMapPropagator().inject(carrier)
            identifier = trace.format_trace_id(span.get_span_context().trace_id)
        return identifier, tuple(carrier.items())

    def _ensure_sweeper(self) -> None:
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = asyncio.get_running_loop().create_task(self._sweep_while_any())

    async def _sweep_while_any(self) -> None:
        while self._connections:
            await asyncio.sleep(_SWEEP_S)
            self.sweep()

    def sweep(self) -> None:
        """Does for every connection what time asks for; sends in tasks, so that one slow client delays nobody."""
        now_s = self._clock()
        for connection in tuple(self._connections):
            blocked_since_s = connection.blocked_since_s
            if blocked_since_s is not None:
                if now_s - blocked_since_s >= self._slow_consumer_s:
                    self._chore(connection.close_slow())
            elif connection.session.due_at_s <= now_s:
                self._chore(connection.perform(connection.session.tick(now_s)))

    def expel(self, judge: Callable[[Visitor], ServiceError | None]) -> None:
        """Closes the connections of those whom `judge` has something against; 4401 or 4403, with the reason."""
        for connection in tuple(self._connections):
            session = connection.session
            if session.who is not None and (error := judge(session.who)) is not None:
                self._chore(connection.perform(session.expelled(error)))

    def _chore(self, work: object) -> None:
        task = asyncio.get_running_loop().create_task(_quietly(work))
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def drain(self, seconds: float) -> None:
        """Refuses newcomers, lets what is in flight finish for at most `seconds`, then closes the rest with 1012."""
        self.draining = True
        for connection in tuple(self._connections):
            self._chore(connection.perform(connection.session.drain()))
        try:
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        except TimeoutError:
            _log.warning("drain time is over", connections=len(self._connections))
        for connection in tuple(self._connections):
            self._chore(connection.perform(connection.session.end_drain()))
        if self._chores:
            await asyncio.wait(tuple(self._chores), timeout=1.0)


async def _quietly(work: object) -> None:
    try:
        await work  # type: ignore[misc]
    except OSError:
        _log.debug("client went away")
