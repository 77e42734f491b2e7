"""What the edge counts. Labels are from closed sets; nothing a customer wrote gets into one."""

from __future__ import annotations

from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_ITEMS_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_RTT_BUCKETS_S = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class EdgeMetrics:
    """The gateway's own metrics.

    Attributes:
        connections: Open WebSockets.
        refused: WebSockets refused at the handshake, by reason.
        frames_in: Frames of clients, by kind (text or binary).
        frames_out: Frames to clients, by type.
        errors: Error frames, by reason.
        closes: Connections that the edge closed, by close code.
        reconnects: Upstream streams that were opened again after a loss.
        trunks: Shared calls to orchestrators.
        lanes: Conversations on them.
        trunk_items: What one message of such a call carries, by direction.
        rtt_seconds: Round trips of heartbeats.
        uploads: Pictures handed in, by outcome: kept, or the reason of the refusal.
        uploads_resumed: Uploads that went on where a broken connection had left them.
        upload_seconds: Time to check, re-encode and keep a picture.
        ledger_failures: Reports of what customers sent that the shared ledger did not take.
        sticker_cache: Sticker pictures asked for, by outcome (hit, miss, shared).
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.connections = Gauge("stickerdesk_edge_connections", "Open WebSockets", registry=registry)
        self.refused = Counter("stickerdesk_edge_refused", "Handshakes refused", ("reason",), registry=registry)
        self.frames_in = Counter("stickerdesk_edge_frames_in", "Frames of clients", ("kind",), registry=registry)
        self.frames_out = Counter("stickerdesk_edge_frames_out", "Frames to clients", ("type",), registry=registry)
        self.text_in, self.binary_in = self.frames_in.labels("text"), self.frames_in.labels("binary")
        self._sent: dict[type[Struct], Counter] = {}
        self.errors = Counter("stickerdesk_edge_errors", "Error frames", ("reason",), registry=registry)
        self.closes = Counter("stickerdesk_edge_closes", "Connections closed by the edge", ("code",), registry=registry)
        self.reconnects = Counter(
            "stickerdesk_edge_upstream_reconnects", "Upstream streams opened again", registry=registry
        )
        self.trunks = Gauge("stickerdesk_edge_trunks", "Shared calls to orchestrators", registry=registry)
        self.lanes = Gauge("stickerdesk_edge_lanes", "Conversations on shared calls", registry=registry)
        self.trunk_items = Histogram(
            "stickerdesk_edge_trunk_items", "Items per message of a shared call", ("direction",), registry=registry,
            buckets=_ITEMS_BUCKETS,
        )  # fmt: skip
        self.rtt_seconds = Histogram(
            "stickerdesk_edge_rtt_seconds", "Heartbeat round trips", registry=registry, buckets=_RTT_BUCKETS_S
        )
        self.uploads = Counter("stickerdesk_edge_uploads", "Pictures handed in", ("outcome",), registry=registry)
        self.uploads_resumed = Counter(
            "stickerdesk_edge_uploads_resumed", "Uploads that went on after a broken connection", registry=registry
        )
        self.upload_seconds = Histogram(
            "stickerdesk_edge_upload_seconds", "Checking and keeping a picture", registry=registry
        )
        self.ledger_failures = Counter(
            "stickerdesk_edge_ledger_failures", "Reports that the shared ledger did not take", registry=registry
        )
        self.sticker_cache = Counter(
            "stickerdesk_edge_sticker_cache", "Sticker pictures asked for", ("outcome",), registry=registry
        )

    def sent(self, kind: type[Struct]) -> None:
        """Counts a frame to a client; its counter is looked up once, for this happens with every frame."""
        counter = self._sent.get(kind)
        if counter is None:
            counter = self._sent[kind] = self.frames_out.labels(str(kind.__struct_config__.tag))
        counter.inc()
