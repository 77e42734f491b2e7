"""The shell around the session: a socket, a clock, a store."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random as _random
import uuid
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from gateway.client import events
from gateway.client.answers import Answers
from gateway.client.closing import Verdict, delay_s, verdict_of
from gateway.client.errors import ClientError, Refused, Stopped, Unreachable
from gateway.client.events import Event, Frame
from gateway.client.session import Session
from gateway.client.store import MemoryStore, Store
from gateway.client.upload import Transfer
from gateway.client.wire import Wire

MAX_TEXT_CHARS = 4000
_MAX_RENEWALS = 2
_RETRY_UPLOAD_S = 0.5
_UNTOLD_S = 0.2
_MAX_QUEUED = 1000  # from here on what is worth nothing later is not queued
_EPHEMERAL = (events.Draft, events.Typing, events.Receipt)

Refresh = Callable[[], Awaitable[str | None]]


def connect(url: str, **options: Any) -> Client:
    """A client to be used as `async with`; see `Client` for the options."""
    return Client(url, **options)


class Client:
    """One conversation over as many connections as it takes.

    Iterating gives the events in order; one reader at a time. A message has one id and counts once, however often it
    had to be sent; an entry is told once.

    Args:
        url: The server, `https://desk.example.com`.
        token: The visitor's or customer's token; absent: the store's, or a new visitor.
        locale: BCP 47 tag of the language to speak.
        store: Where token and unacknowledged messages are kept; default: in memory.
        name: Who calls, for the server's records.
        refresh: Gives the next token when one ends; absent: the edge makes a visitor's.
        random: From 0 to 1, for the jitter of the back-off.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        locale: str | None = None,
        store: Store | None = None,
        name: str = "stickerdesk-python/1",
        refresh: Refresh | None = None,
        random: Callable[[], float] = _random.random,
    ) -> None:
        parts = urlsplit(url)
        scheme = "wss" if parts.scheme in ("https", "wss") else "ws"
        query = f"?{parts.query}" if parts.query else ""  # ?tenant=
        self._url = f"{scheme}://{parts.netloc}{parts.path.rstrip('/') or '/v1/ws'}{query}"
        self._store = store or MemoryStore()
        if token is not None:
            self._store.token = token
        self._locale, self._name, self._refresh, self._random = locale, name, refresh, random
        self._session = Session(self._store.messages(), random, self._store.token)
        self._wire: Wire | None = None
        self._welcomed = False
        self._runner: asyncio.Task[None] | None = None
        self._events: deque[Event] = deque()
        self._news = asyncio.Event()
        self._first: asyncio.Future[None] | None = None
        self._answers = Answers()
        self._transfers: dict[str, tuple[Transfer, Callable[[float], None] | None]] = {}
        self._over: ClientError | None = None
        self._refusal: Frame | None = None

    # ---- life --------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Connects; later losses are mended by themselves.

        Raises:
            Unreachable: No server answers.
            Refused: It refused.
        """
        self._first = asyncio.get_running_loop().create_future()
        self._runner = asyncio.create_task(self._run(), name="stickerdesk-client")
        try:
            await self._first
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Says goodbye; what is not acknowledged stays in the store."""
        await self.close()

    async def close(self) -> None:
        """Says goodbye and ends the iteration; twice is once."""
        self._end(Stopped("CLOSED", "the client was closed"))
        if self._wire is not None:
            await self._wire.close()
        if self._runner is not None:
            self._runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._runner

    @property
    def token(self) -> str | None:
        """The token in use."""
        return self._session.token

    @property
    def conversation(self) -> str:
        """The conversation's id; empty before the first welcome."""
        return self._session.conversation

    @property
    def last_seq(self) -> int:
        """The last entry that was told."""
        return self._session.last_seq

    @property
    def pending(self) -> int:
        """How many messages are not acknowledged."""
        return len(self._session.outbox)

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Gives what happens, until the connection ends for good.

        Raises:
            ClientError: It ended for another reason than `close`.
        """
        while True:
            while self._events:
                yield self._events.popleft()
            if self._over is not None:
                if isinstance(self._over, Stopped) and self._over.reason == "CLOSED":
                    return
                raise self._over
            self._news.clear()
            await self._news.wait()

    # ---- what one asks for -------------------------------------------------------------------------------------------

    def post(self, text: str | None = None, *, sticker: str | None = None, image: str | None = None) -> str:
        """Queues a text, a sticker or an uploaded picture, and returns its client_msg_id.

        Raises:
            ValueError: Not exactly one of them is given.
            Refused: TEXT_TOO_LONG.
        """
        content = {key: value for key, value in (("text", text), ("sticker", sticker), ("image", image)) if value}
        if len(content) != 1:
            raise ValueError("exactly one of text, sticker and image is required")
        if text and len(text) > MAX_TEXT_CHARS:  # kept, it would end every connection that it is sent over
            raise Refused("TEXT_TOO_LONG", f"a text has at most {MAX_TEXT_CHARS} characters")
        identity = uuid.uuid4().hex
        frame: Frame = {"type": "message", "client_msg_id": identity, **content}
        self._store.keep(frame)
        self._session.outbox.add(frame)
        self._advance()
        return identity

    async def send(
        self, text: str | None = None, *, sticker: str | None = None, image: str | None = None
    ) -> events.Acknowledged:
        """Sends and waits until the message is durable, over reconnects if need be.

        Raises:
            Refused: The server does not take it.
            ClientError: The connection ended for good; the message stays in the store.
        """
        identity = self.post(text, sticker=sticker, image=image)
        answer: events.Acknowledged = await self._answer(identity)
        return answer

    async def upload(
        self, data: bytes, media_type: str, *, on_progress: Callable[[float], None] | None = None
    ) -> Frame:
        """Uploads a picture in pieces, over reconnects if need be; `send(image=it["id"])` then sends it.

        Cancelling the call cancels the upload.

        Raises:
            Refused: The server does not take it.
            ClientError: The connection ended for good.
        """
        transfer = Transfer(data, media_type)
        self._transfers[transfer.id] = (transfer, on_progress)
        if self._session.caught_up:
            self._write(transfer.begin())
        try:
            image: Frame = await self._answer(transfer.id)
            return image
        except asyncio.CancelledError:
            self._write({"type": "upload_cancel", "upload_id": transfer.id})
            raise
        finally:
            self._transfers.pop(transfer.id, None)

    async def history(self, before: int, limit: int = 50) -> tuple[list[Frame], bool]:
        """Entries before a seq, oldest first, and whether there are more.

        Raises:
            Refused: The server's reason.
        """
        identity = uuid.uuid4().hex
        frame = {"type": "history", "history_id": identity, "before_seq": before, "limit": limit}
        page: Frame = await self._ask(identity, frame)
        return page["entries"], page["has_more"]

    async def rate(self, score: int, comment: str | None = None) -> None:
        """Tells how it was, from 1 to 5.

        Raises:
            Refused: The server's reason.
        """
        identity = uuid.uuid4().hex
        frame: Frame = {"type": "rating", "rating_id": identity, "score": score}
        await self._ask(identity, frame | ({"comment": comment} if comment else {}))

    def mark_read(self, seq: int) -> None:
        """The reader saw everything up to this entry."""
        self._session.read(seq, self._now())
        self._advance()

    def typing(self, active: bool) -> None:
        """The customer types or stopped; worth nothing without a connection."""
        self._write({"type": "typing", "active": active})

    def stop(self, turn: str | None = None) -> None:
        """Stops the answer that is being written."""
        self._write({"type": "stop"} | ({"turn": turn} if turn else {}))

    # ---- inside ------------------------------------------------------------------------------------------------------

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    async def _ask(self, identity: str, frame: Frame) -> Any:
        self._session.asked[identity] = frame
        if self._session.caught_up:
            self._write(frame)
        try:
            return await self._answer(identity)
        finally:
            self._session.asked.pop(identity, None)

    async def _answer(self, identity: str) -> Any:
        if self._over is not None:
            raise self._over
        return await self._answers.wait(identity)

    def _end(self, error: ClientError) -> None:
        if self._over is not None:
            return
        self._over = error
        self._answers.end(error)
        if self._first is not None and not self._first.done():
            self._first.set_exception(error)
        self._news.set()

    def _write(self, frame: Frame | bytes) -> None:
        if self._wire is not None:
            self._wire.write(frame)

    def _advance(self) -> None:
        """Lets the session act, and takes what it has to say."""
        session = self._session
        session.tick(self._now())
        for frame in session.send:
            self._write(frame)
        session.send.clear()
        for identity in session.settled:
            self._store.drop(identity)
        session.settled.clear()
        for event in session.heard:
            self._hear(event)
        session.heard.clear()
        if self._wire is not None:
            self._wire.wake()

    def _hear(self, event: Event) -> None:
        if isinstance(event, events.Connected):
            self._store.token = event.token
        elif isinstance(event, events.Acknowledged):
            self._answers.resolve(event.client_msg_id, event)
        elif isinstance(event, events.CaughtUp):
            for transfer, _ in self._transfers.values():
                self._write(transfer.begin())
        elif isinstance(event, events.Fault) and not event.retryable:
            self._answers.resolve(event.client_msg_id, Refused(event.reason, event.message))
        if len(self._events) >= _MAX_QUEUED and isinstance(event, _EPHEMERAL):
            return
        self._events.append(event)
        self._news.set()

    async def _run(self) -> None:
        failures = renewals = 0
        while self._over is None:
            code, reason, greeted = await self._connection()
            if greeted:
                failures = renewals = 0
            if self._over is not None:
                return
            verdict = verdict_of(code)
            if verdict is Verdict.RENEW and renewals < _MAX_RENEWALS:
                renewals += 1
                self._forget_credentials()
                continue
            if verdict is not Verdict.RECONNECT or (self._first is not None and not self._first.done()):
                return self._give_up(code, reason)
            wait_s = delay_s(failures, code, reason, self._random)
            failures += 1
            self._hear(events.Disconnected(code, reason, wait_s))
            await asyncio.sleep(wait_s)

    def _forget_credentials(self) -> None:
        """A conversation that may not be entered is no reason to forget who one is."""
        self._session.forget()
        if not (self._refusal or {}).get("reason", "").startswith("CONVERSATION_"):
            self._session.token = self._store.token = None

    def _give_up(self, code: int, reason: str) -> None:
        self._hear(events.Disconnected(code, reason, None))
        if self._refusal is not None:
            self._end(Refused(self._refusal["reason"], self._refusal["message"]))
        elif verdict_of(code) is Verdict.RECONNECT:
            self._end(Unreachable("UNREACHABLE", reason or f"the connection broke ({code})"))
        else:
            self._end(Stopped("STOPPED", f"the server closed the connection ({code} {reason})".rstrip()))

    async def _connection(self) -> tuple[int, str, bool]:
        """One connection from greeting to end; its close code and reason, and whether it was welcomed."""
        self._refusal, self._welcomed = None, False
        try:
            wire = await Wire.dial(self._url)
        except Unreachable as error:
            return 1006, str(error), False
        self._wire = wire
        wire.write(self._session.hello(self._locale, self._name))
        writer = asyncio.create_task(wire.writes(self._session.due, self._advance))
        try:
            await wire.reads(self._take, lambda: self._session.heartbeat_s if self._welcomed else None)
        finally:
            writer.cancel()
            self._wire = None
            self._session.lost()
            await wire.close()
        return wire.code, wire.reason, self._welcomed

    def _take(self, data: str | bytes) -> bool:
        """Acts on one frame; returns whether the connection is still of use."""
        try:
            frame = json.loads(data)
            kind = frame["type"]
        except (ValueError, TypeError, KeyError):
            return True  # not of this protocol
        first = self._first if self._first is not None and not self._first.done() else None
        if kind == "error" and not self._welcomed:
            self._refusal = frame
            if first and not frame["retryable"]:
                self._store.token = None if frame["reason"].startswith("TOKEN_") else self._store.token
                self._end(Refused(frame["reason"], frame["message"]))
        self._serve(kind, frame)
        self._session.receive(frame, self._now())
        self._advance()
        self._welcomed = self._welcomed or kind == "welcome"
        if kind == "caught_up" and first:
            first.set_result(None)
        return not self._session.broken

    def _serve(self, kind: str, frame: Frame) -> None:
        """What is the shell's own business: answers to questions, pictures, tokens."""
        identity = frame.get("upload_id") or frame.get("history_id") or frame.get("client_msg_id") or ""
        if kind == "history" or (kind == "ack" and identity in self._session.asked):
            self._answers.resolve(identity, frame)
        elif kind == "error":
            self._refused(identity, frame)
        elif kind == "upload_done":
            self._answers.resolve(identity, frame["image"])
        elif kind in ("upload_ready", "upload_progress") and identity in self._transfers:
            self._feed(kind, frame, *self._transfers[identity])
        elif kind == "expiring":
            task = asyncio.create_task(self._renew_token())
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _refused(self, identity: str, frame: Frame) -> None:
        """A question or a picture was refused; an older server does not even say which one it did not understand."""
        transfer = self._transfers.get(identity, (None,))[0]
        if transfer is not None and frame["retryable"] and transfer.again():
            after_s = max(frame.get("retry_after_ms", 0) / 1000, _RETRY_UPLOAD_S)
            asyncio.get_running_loop().call_later(after_s, lambda: self._write(transfer.begin()))
            return
        asked = {identity} & (self._transfers.keys() | self._session.asked.keys())
        if frame["reason"] == "UNKNOWN_FRAME":
            asked = {*self._transfers, *self._session.asked}
        for each in asked:
            self._answers.resolve(each, Refused(frame["reason"], frame["message"]))

    def _feed(self, kind: str, frame: Frame, transfer: Transfer, on_progress: Callable[[float], None] | None) -> None:
        ready = kind == "upload_ready"
        self._push(
            transfer.ready(frame["offset"], frame["chunk_bytes"]) if ready else transfer.progress(frame["received"])
        )
        if on_progress is not None:
            on_progress(transfer.received / transfer.size)
        if ready:
            self._keep_pushing(transfer)

    def _push(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            self._write(piece)

    def _keep_pushing(self, transfer: Transfer) -> None:
        """Sends on at a steady pace while the server says nothing."""
        wire = self._wire

        def more() -> None:
            if self._wire is wire and transfer.id in self._transfers and not transfer.sent:
                self._push(transfer.untold())
                asyncio.get_running_loop().call_later(_UNTOLD_S, more)

        asyncio.get_running_loop().call_later(_UNTOLD_S, more)

    async def _renew_token(self) -> None:
        token = await self._refresh() if self._refresh is not None else None
        self._write({"type": "refresh"} | ({"token": token} if token else {}))
