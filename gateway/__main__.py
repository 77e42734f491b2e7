"""The gateway process: the one place where its parts are made and joined."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import grpc
import uvloop

from gateway.app import EdgeApp
from gateway.archive import Archive
from gateway.desk.endpoint import DeskEndpoint
from gateway.desk.events import DeskEvents
from gateway.desk.pictures import DeskPictures
from gateway.desk.sessions import DeskSessions
from gateway.desk.used_links import UsedLinks
from gateway.hub import Hub
from gateway.links import LinkDesk
from gateway.metrics import EdgeMetrics
from gateway.operators import OperatorEndpoint
from gateway.orchestrator_stream import OrchestratorStream
from gateway.pictures.desk import PictureDesk
from gateway.pictures.endpoint import PictureEndpoint
from gateway.pictures.janitor import Janitor
from gateway.pictures.links import PictureLinks
from gateway.pictures.partials import Partials
from gateway.pictures.quota import Quota
from gateway.pictures.room import DecodingRoom
from gateway.pictures.s3_store import open_store
from gateway.pictures.uploader import UploadDesk
from gateway.recommender_client import RecommenderClient
from gateway.server import EdgeServer
from gateway.settings import GatewaySettings
from gateway.static_files import StaticFiles
from gateway.sticker_images import StickerImages
from gateway.sticker_links import StickerLinks
from gateway.tokens import load_secret
from gateway.trust.budget import Budget
from gateway.trust.guard import Guard
from gateway.trust.ledger import Rates
from gateway.upstream.stream import LaneStream
from gateway.upstream.trunks import Trunks
from gateway.websocket_endpoint import WebSocketEndpoint
from gateway.workers import Workers
from servicekit.channels import open_channel
from servicekit.lifecycle import serve_metrics, wait_for_signal
from servicekit.starting import start
from servicekit.telemetry import Telemetry, get_logger
from servicekit.tls import Tls
from stickerdesk.orchestrator.v1 import desk_pb2_grpc, orchestrator_pb2_grpc

_WEB = Path(__file__).with_name("web")
_FINISH_S = 5.0  # for uploads that are complete and being checked
_DESK_RATES = Rates(20.0, 80)  # of one person: typing, reading and several windows
_NOTICE_S = 0.2  # between not-ready and draining: load balancers look once in between

_log = get_logger("gateway")


class Gateway:
    """The parts of one gateway, made from its settings; tests start it on port 0 like any other."""

    def __init__(self, settings: GatewaySettings, telemetry: Telemetry) -> None:
        self._settings = settings
        self._telemetry = telemetry
        # Converse carries the trace context itself: an intercepted stream costs several tasks per connection.
        tls = Tls.of(settings)
        self._orchestrator = open_channel(settings.orchestrator_url, telemetry, tls, retry=False, trace=False)
        self._recommender = open_channel(settings.recommender_url, telemetry, tls)
        metrics = EdgeMetrics(telemetry.registry)
        secret = load_secret(settings.token_secret, settings.data_dir)
        self._guard = guard = Guard(settings, secret, metrics)
        links = PictureLinks(secret, life_days=settings.link_days)
        stickers = StickerLinks(secret, guard.book, settings.public_packs)
        addresses = LinkDesk(links, stickers)
        quota = Quota(guard.pictures.spend)
        store = open_store(settings.pictures_url, settings.data_dir / "gateway" / "pictures")
        self._desk = PictureDesk(store, secret, quota, metrics, DecodingRoom(settings.decoding_mib * 1024 * 1024))
        partials = Partials(store, life_s=settings.upload_life_s, limit_bytes=settings.unfinished_bytes)
        self._uploads = UploadDesk(self._desk, partials, links, quota, metrics)
        self._janitor = Janitor(store, pictures_days=settings.pictures_days, upload_life_s=settings.upload_life_s)
        stub = orchestrator_pb2_grpc.OrchestratorServiceStub(self._orchestrator)
        gate = asyncio.Semaphore(settings.opening_at_once)
        self._trunks = Trunks(stub.ConverseMany, metrics, size=settings.trunks, life_s=settings.trunk_life_s)

        def own_call(metadata: tuple[tuple[str, str], ...]) -> OrchestratorStream:
            return OrchestratorStream(stub, settings.opening_s / 2, addresses, gate, metadata)

        def open_upstream(metadata: tuple[tuple[str, str], ...]) -> LaneStream:
            own = partial(own_call, metadata)
            return LaneStream(self._trunks, settings.opening_s / 2, addresses, gate, metadata, own)

        self.hub = Hub(
            open_upstream=open_upstream,
            limits=settings.limits(),
            pictures=self._desk,
            uploads=self._uploads,
            archive=Archive(stub, addresses),
            metrics=metrics,
            tracer=telemetry.tracer,
            max_connections=settings.max_connections,
            slow_consumer_s=settings.slow_consumer_s,
        )
        guard.book.on_change(lambda tenants: self.hub.expel(guard.authenticator.withdrawn))
        desk = desk_pb2_grpc.DeskServiceStub(self._orchestrator)
        used = UsedLinks(settings.data_dir / "gateway" / "used-links")
        sessions = DeskSessions(
            secret, guard.authenticator, Budget(lambda tenant: _DESK_RATES), used, secure=settings.hsts_s > 0
        )
        self._desk_events = DeskEvents(desk.WatchDesk, addresses, sessions.check)
        client = RecommenderClient(self._recommender)
        app = EdgeApp(
            endpoint=WebSocketEndpoint(self.hub, metrics, guard.doors, guard.addresses, guard.caps),
            doors=guard.doors,
            addresses=guard.addresses,
            links=addresses,
            sticker_links=stickers,
            images=StickerImages(client, settings.sticker_cache_bytes, metrics),
            pictures=PictureEndpoint(self._desk, links, guard.authenticator, quota, metrics),
            operators=OperatorEndpoint(stub, guard.authenticator, addresses),
            desk=DeskEndpoint(desk, stub, sessions, self._desk_events, addresses, DeskPictures(self._desk, quota)),
            search=client,
            site=StaticFiles(settings.web_dir or _WEB, guard.frame_ancestors),
            ready=self._ready,
            tracer=telemetry.tracer,
            hsts_s=settings.hsts_s,
        )
        self.server = EdgeServer(app, settings.listen, settings.patience(), shared_port=settings.shared_port)
        self._was_reachable = False

    async def start(self) -> int:
        """Listens; returns the port."""
        self._guard.start()
        port = await self.server.start()
        if self._settings.metrics_listen:
            serve_metrics(self._telemetry.registry, self._settings.metrics_listen)
        self._orchestrator.get_state(try_to_connect=True)
        self._janitor.start()
        _log.info("listening", port=port)
        return port

    def _ready(self) -> dict[str, bool]:
        # Once reached, an orchestrator that is away makes nobody unready: the edge holds its clients meanwhile, and
        # were all gateways to leave their balancer together, the customers would be met by nobody.
        reachable = self._orchestrator.get_state(try_to_connect=True) is grpc.ChannelConnectivity.READY
        self._was_reachable = self._was_reachable or reachable
        return {"accepting": not self.hub.draining, "orchestrator_was_reached": self._was_reachable}

    async def stop(self) -> None:
        """Not-ready, pause, refuse, drain, release."""
        self.hub.draining = True
        self._desk_events.end()
        _log.info("draining", connections=len(self.hub), seconds=self._settings.drain_s)
        await asyncio.sleep(min(_NOTICE_S, self._settings.drain_s))
        await self.hub.drain(self._settings.drain_s)
        await self.server.stop()
        await self._uploads.close(_FINISH_S)
        await self._janitor.stop()
        await self._guard.stop()
        self._trunks.close()
        await self._orchestrator.close()
        await self._recommender.close()
        self._desk.close()
        _log.info("stopped")


async def serve(settings: GatewaySettings) -> None:
    """Serves until a signal, then drains."""
    telemetry = Telemetry.create("gateway", settings)
    gateway = Gateway(settings, telemetry)
    await gateway.start()
    await wait_for_signal()
    await gateway.stop()
    telemetry.shutdown()


async def _serve_by_workers(settings: GatewaySettings) -> int:
    telemetry = Telemetry.create("gateway", settings)  # for the log
    try:
        return await Workers(settings).run()
    finally:
        telemetry.shutdown()


def _run(settings: GatewaySettings) -> int:
    if settings.workers > 1:
        return asyncio.run(_serve_by_workers(settings))
    uvloop.run(serve(settings))
    return 0


def main(argv: Sequence[str] = ()) -> int:
    """Reads the settings and serves; the exit status."""
    return start(GatewaySettings, _run, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
