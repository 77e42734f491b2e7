"""Uploads without a socket: a session, its uploader, partials in a store that can break, and a desk that records."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry

from gateway import frames
from gateway.edge.actions import Action, Close, OpenUpstream, Send, Visitor
from gateway.edge.limits import Limits
from gateway.edge.session import Session
from gateway.metrics import EdgeMetrics
from gateway.pictures.desk import KeptPicture
from gateway.pictures.links import PictureLinks
from gateway.pictures.partials import PART_BYTES, Partials
from gateway.pictures.quota import Quota
from gateway.pictures.uploader import UploadDesk, Uploader
from gateway.upload_frames import CHUNK_BYTES, Chunk, encode_chunk
from servicekit.errors import exhausted
from tests.gateway.edge.test_session import Desk as Tokens
from tests.gateway.pictures.memory_store import MemoryStore

LIFE_S = 3600.0
KIM = Visitor("kim", "demo", 0, 0)


@dataclass(frozen=True)
class File:
    """Something that a customer sends; `told` is whether its hash is declared, `spoilt` whether a wrong one."""

    name: str
    data: bytes
    told: bool = False
    spoilt: bool = False

    @property
    def frame(self) -> str:
        digest = hashlib.sha256(self.data + (b"!" if self.spoilt else b"")).hexdigest()
        sha256 = f',"sha256":"{digest}"' if self.told else ""
        return f'{{"type":"upload","upload_id":"{self.name}","media_type":"image/png","size":{len(self.data)}{sha256}}}'


FILES = {
    "small": File("small", b"a few bytes"),
    "one": File("one", random.Random(1).randbytes(CHUNK_BYTES), told=True),
    "parts": File("parts", random.Random(2).randbytes(2 * PART_BYTES + 12_345)),
    "told": File("told", random.Random(3).randbytes(PART_BYTES + 5 * CHUNK_BYTES), told=True),
    "spoilt": File("spoilt", random.Random(4).randbytes(PART_BYTES), told=True, spoilt=True),
}


class Pictures:
    """The desk, as far as uploads see it: it takes what begins as a picture of ours would, and may be overloaded."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.busy = False
        self.faults: list[str] = []

    async def known(self, owner: Visitor, sha256: str, declared_type: str) -> KeptPicture | None:
        return _kept(sha256) if sha256 in self.kept else None

    async def take(self, owner: Visitor, data: bytes, **told: Any) -> KeptPicture:
        if self.busy:
            raise exhausted("OVERLOADED", "busy", retry_after_s=1.0)
        if data not in [file.data for file in FILES.values()]:
            self.faults.append("these bytes were never sent")
        sha256 = hashlib.sha256(data).hexdigest()
        self.kept[sha256] = data
        return _kept(sha256)

    def is_recent(self, kept: KeptPicture) -> bool:
        return True

    async def remove(self, kept: KeptPicture) -> None:
        self.kept.pop(kept.sha256, None)


def _kept(sha256: str) -> KeptPicture:
    return KeptPicture(
        id=sha256[:56], tenant="demo", subject="kim", sha256=sha256, width=1, height=1, size=1,
        animated=False, transparent=False, came_as="image/png", kept_at_s=0,
    )  # fmt: skip


@dataclass
class Line:
    """One connection: what its client has been told."""

    session: Session
    uploader: Uploader = field(init=False)
    offsets: dict[str, int] = field(default_factory=dict)
    said: list[frames.AnyServerFrame] = field(default_factory=list)
    overfed: set[str] = field(default_factory=set)

    async def perform(self, actions: Iterable[Action]) -> None:
        for action in actions:
            if isinstance(action, Send):
                self.hear(action.frame)
            elif isinstance(action, OpenUpstream):
                continue
            else:
                assert not isinstance(action, Close), "nothing here is a reason to close"
                await self.uploader.carry_out(action)  # type: ignore[arg-type]

    def hear(self, frame: frames.AnyServerFrame) -> None:
        self.said.append(frame)
        if isinstance(frame, frames.UploadReady):
            self.offsets[frame.upload_id] = frame.offset
        elif isinstance(frame, frames.UploadDone | frames.UploadCancelled | frames.Error):
            self.offsets.pop(frame.upload_id or "", None)
        if (fault := self._fault(frame)) is not None:
            self.pictures.faults.append(fault)

    def _fault(self, frame: frames.AnyServerFrame) -> str | None:
        """What must not be said. Noted, not raised: a part of it is said in tasks, where nobody would hear of it."""
        if isinstance(frame, frames.UploadProgress) and not 0 < frame.received <= frame.size:
            return f"{frame}"
        if isinstance(frame, frames.Error):
            return None if self._deserved(frame) else f"{frame}"
        if isinstance(frame, frames.UploadDone):
            file = FILES[frame.upload_id]
            return f"{frame}" if file.spoilt or file.data not in self.pictures.kept.values() else None
        return None

    def _deserved(self, error: frames.Error) -> bool:
        if error.reason == "CHECKSUM_MISMATCH":
            return FILES[error.upload_id or ""].spoilt
        if error.reason == "PICTURE_TOO_LARGE":
            return error.upload_id in self.overfed
        return error.reason in ERRORS

    async def send(self, text: str, now_s: float = 0.0) -> None:
        """A text frame."""
        await self.perform(self.session.receive(text, now_s))

    async def chunk(self, name: str, offset: int, data: bytes, now_s: float = 0.0) -> None:
        """A binary frame."""
        await self.perform(self.session.receive_binary(encode_chunk(Chunk(name, offset, data)), now_s))

    @property
    def pictures(self) -> Pictures:
        return self.uploader._shared.desk  # type: ignore[return-value]


ERRORS = {"RATE_LIMITED", "UNAVAILABLE", "UPLOAD_NOT_FOUND"}


def make_gateway(store: MemoryStore, pictures: Pictures, clock: Callable[[], float]) -> UploadDesk:
    """What the connections of one gateway share."""
    partials = Partials(store, life_s=LIFE_S, limit_bytes=64 * 1024 * 1024, clock=clock)
    metrics = EdgeMetrics(CollectorRegistry())
    return UploadDesk(pictures, partials, PictureLinks(b"k" * 32), Quota(lambda visitor: 0.0), metrics)  # type: ignore[arg-type]


def connect(gateway: UploadDesk, clock: Callable[[], float]) -> Line:
    """Kim's connection to a gateway, after hello."""
    limits = Limits(frames_per_s=1e9, frame_burst=10**9, max_strikes=10**9, upload_life_s=LIFE_S)
    line = Line(Session(limits, Tokens(), random.Random(0), "trace", clock()))
    line.uploader = Uploader(gateway, line.session, line.perform, clock)
    line.session.receive('{"type":"hello"}', clock())
    line.session.who = KIM
    return line
