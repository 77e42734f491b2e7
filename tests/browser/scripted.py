"""An edge that plays what the test writes: every frame of the protocol, without a gateway behind the socket.

It answers `/v1/ws` inside the browser's network layer (Playwright's `route_web_socket`); pages, pictures and stickers
come from the real gateway. Frames that a gateway and an orchestrator would need a particular moment for (a place in the
line, a form, a lost piece of an upload) are sent when the test says so.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import BrowserContext, WebSocketRoute
from playwright.async_api import Error as PlaywrightError

from tests.browser.widget import WAIT_MS

Frame = dict[str, Any]
_BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STICKER: Frame = {
    "id": "noto-emoji/1f600",
    "url": f"/stickers/noto-emoji/1f600/{'ab' * 8}",
    "width": 136,
    "height": 136,
    "alt": {"en": "grinning face", "zh": "嘿嘿"},
}
IMAGE: Frame = {
    "id": "0123456789abcdef",
    "url": "/v1/images/0123456789abcdef/full?e=1&s=x",
    "thumb_url": "/v1/images/0123456789abcdef/thumb?e=1&s=x",
    "width": 120,
    "height": 80,
    "animated": False,
}


@dataclass
class Upload:
    """One picture on its way: what came, and when to stop taking more."""

    size: int
    data: bytearray = field(default_factory=bytearray)


class ScriptedEdge:
    """One conversation.

    Attributes:
        seen: Every text frame that came, in order.
        older: Entries that only `history` gives.
        stop_after: From how many bytes on an upload is no longer taken; None for never.
        held: Whether messages are taken without an answer (a server that dies in between).
        welcome: Fields of `welcome` to change.
        uploads: What came of each upload.
        suggestions: Stickers for whatever is typed.
    """

    def __init__(self) -> None:
        self.seen: list[Frame] = []
        self.entries: list[Frame] = []
        self.older: list[Frame] = []
        self.stop_after: int | None = None
        self.held = False
        self.refuse: dict[str, Frame] = {}
        self.welcome: Frame = {}
        self.uploads: dict[str, Upload] = {}
        self.cancelled: list[str] = []
        self.suggestions: list[Frame] = []
        self._open: list[WebSocketRoute] = []
        self._news = asyncio.Condition()
        self._base = 0

    async def attach(self, context: BrowserContext) -> None:
        """Stands where the gateway's socket was."""
        await context.route_web_socket("**/v1/ws", self._joined)

    def begins_at(self, seq: int) -> None:
        """The journal's earlier entries are known to `history` only."""
        self._base = seq - 1

    # ---- what the test does ------------------------------------------------------------------------------------------

    def say(self, author: str = "assistant", **fields: Any) -> Frame:
        """Appends an entry and sends it to every connection."""
        seq = self._base + len(self.entries) + 1
        at = (_BEGAN + timedelta(minutes=seq)).isoformat().replace("+00:00", "Z")
        entry = {"type": "entry", "seq": seq, "at": at, "author": author, **fields}
        self.entries.append(entry)
        self.tell(**entry)
        return entry

    def tell(self, **frame: Any) -> None:
        """Sends a frame to every connection."""
        for socket in tuple(self._open):
            try:
                socket.send(json.dumps(frame, ensure_ascii=False))
            except PlaywrightError:  # its page is gone and said no goodbye
                self._left(socket)

    async def drop(self) -> None:
        """Ends every connection as a drain would."""
        open_now, self._open = self._open, []
        for socket in open_now:
            await socket.close(code=1012, reason="retry_after_ms=10")

    def of(self, kind: str) -> list[Frame]:
        """The frames of a type that came."""
        return [frame for frame in self.seen if frame["type"] == kind]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until something that came makes it true."""
        async with asyncio.timeout(WAIT_MS / 1000), self._news:
            await self._news.wait_for(condition)

    # ---- what the edge does ------------------------------------------------------------------------------------------

    def _joined(self, socket: WebSocketRoute) -> None:
        self._open.append(socket)
        socket.on_message(lambda data: self._came(socket, data))
        socket.on_close(lambda _code, _reason: self._left(socket))

    def _left(self, socket: WebSocketRoute) -> None:
        if socket in self._open:
            self._open.remove(socket)

    def _came(self, socket: WebSocketRoute, data: str | bytes) -> Awaitable[None]:
        def answer(**frame: Any) -> None:
            socket.send(json.dumps(frame, ensure_ascii=False))

        if isinstance(data, bytes):
            self._piece(data, answer)
        else:
            frame = json.loads(data)
            self.seen.append(frame)
            if refusal := self.refuse.get(frame["type"]):
                answer(**refusal)
            elif handler := getattr(self, f"_{frame['type']}", None):
                handler(frame, answer)
        return self._notify()

    async def _notify(self) -> None:
        async with self._news:
            self._news.notify_all()

    def _hello(self, frame: Frame, answer: Callable[..., None]) -> None:
        last = self._base + len(self.entries)
        head = {"conversation": "c1", "epoch": "e1", "last_seq": last, "heartbeat_s": 25, "token": "tok"}
        answer(**{"type": "welcome", **head, "resumed": last > 0, "language": "en", "state": "open", **self.welcome})
        after = frame.get("last_seq", 0)
        if after < self._base:
            answer(type="gap", from_seq=after + 1, to_seq=self._base, reason="replay_limit")
        for entry in self.entries:
            if entry["seq"] > after:
                answer(**entry)
        answer(type="caught_up", last_seq=last)

    def _message(self, frame: Frame, answer: Callable[..., None]) -> None:
        if self.held:
            return
        identity = frame["client_msg_id"]
        known = next((entry for entry in self.entries if entry.get("client_msg_id") == identity), None)
        content = {"image": IMAGE} if "image" in frame else {"text": frame.get("text", "")}
        entry = known or self.say("customer", client_msg_id=identity, turn=f"t{len(self.entries)}", **content)
        answer(type="ack", client_msg_id=identity, seq=entry["seq"], duplicate=known is not None, turn=entry["turn"])

    def _suggest(self, frame: Frame, answer: Callable[..., None]) -> None:
        answer(type="suggestions", suggest_id=frame["suggest_id"], stickers=self.suggestions)

    def _history(self, frame: Frame, answer: Callable[..., None]) -> None:
        before, limit = frame["before_seq"], frame.get("limit", 50)
        page = [entry for entry in self.older if entry["seq"] < before][-limit:]
        more = bool(page) and any(entry["seq"] < page[0]["seq"] for entry in self.older)
        answer(type="history", history_id=frame["history_id"], entries=page, has_more=more)

    def _rating(self, frame: Frame, answer: Callable[..., None]) -> None:
        answer(type="ack", client_msg_id=frame["rating_id"], seq=0, duplicate=False, turn="")

    def _refresh(self, frame: Frame, answer: Callable[..., None]) -> None:
        answer(type="refreshed", token="tok2", expires_at=int(_BEGAN.timestamp()) + 9_999_999)

    def _upload(self, frame: Frame, answer: Callable[..., None]) -> None:
        upload = self.uploads.setdefault(frame["upload_id"], Upload(frame["size"]))
        ready = {"offset": len(upload.data), "chunk_bytes": 16 * 1024, "expires_at": "2026-03-02T10:00:00Z"}
        answer(type="upload_ready", upload_id=frame["upload_id"], **ready)

    def _upload_cancel(self, frame: Frame, answer: Callable[..., None]) -> None:
        self.cancelled.append(frame["upload_id"])
        self.uploads.pop(frame["upload_id"], None)
        answer(type="upload_cancelled", upload_id=frame["upload_id"])

    def _piece(self, data: bytes, answer: Callable[..., None]) -> None:
        length = data[1]
        identity = data[2 : 2 + length].decode("ascii")
        offset = int.from_bytes(data[2 + length : 10 + length], "big")
        upload = self.uploads.get(identity)
        if upload is None or (self.stop_after is not None and len(upload.data) >= self.stop_after):
            return
        if offset != len(upload.data):
            answer(
                type="upload_ready", upload_id=identity, offset=len(upload.data), chunk_bytes=16 * 1024, expires_at=""
            )
            return
        upload.data += data[10 + length :]
        answer(type="upload_progress", upload_id=identity, received=len(upload.data), size=upload.size)
        if len(upload.data) == upload.size:
            answer(type="upload_done", upload_id=identity, image=IMAGE)
