"""`stickerdesk chat`: a terminal client over the same WebSocket that the browser uses."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from launcher.errors import LauncherError
from launcher.running import require
from launcher.settings import LauncherSettings

_SUBPROTOCOL = Subprotocol("stickerdesk.v1")
_FRAME_BYTES = 1024 * 1024
_OPEN_TIMEOUT_S = 10.0
_TOKEN_FILE = "chat-token"

Frame = dict[str, Any]


def talk(settings: LauncherSettings, text: str | None, *, url: str | None, new: bool, timeout_s: float) -> None:
    """Sends `text`, or each line of the input, and prints the answers as they stream in.

    The visitor's token is kept in the data folder, so that the next call goes on with the same conversation.

    Raises:
        LauncherError: No gateway answers, it refused something, or an answer took longer than `timeout_s`.
    """
    target = url or require(settings).url
    token = settings.data_dir / _TOKEN_FILE
    if new:
        token.unlink(missing_ok=True)
    try:
        with _connect(target) as socket:
            conversation = Conversation(socket, timeout_s)
            conversation.greet(token)
            for line in [text] if text is not None else _lines():
                if line.strip():
                    conversation.ask(line.strip())
    except ConnectionClosed as error:
        received = error.rcvd
        reason = f"{received.code} {received.reason}".strip() if received else "without a word"
        raise LauncherError(f"The gateway closed the connection ({reason}).") from error


def _connect(target: str) -> ClientConnection:
    parts = urlsplit(target)
    address = f"{'wss' if parts.scheme in ('https', 'wss') else 'ws'}://{parts.netloc}/v1/ws"
    try:
        return connect(
            address, subprotocols=[_SUBPROTOCOL], compression=None, max_size=_FRAME_BYTES,
            open_timeout=_OPEN_TIMEOUT_S, ping_interval=None,
        )  # fmt: skip
    except (OSError, InvalidHandshake, TimeoutError) as error:
        raise LauncherError(f"No gateway answers at {target}: {error}.") from error


def _lines() -> Iterator[str]:
    """Yields lines of the input, with a prompt when a person types them."""
    while True:
        if sys.stdin.isatty():
            print("> ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        yield line


class Conversation:
    """One open connection to the gateway."""

    def __init__(self, socket: ClientConnection, timeout_s: float) -> None:
        """Says nothing yet."""
        self._socket = socket
        self._timeout_s = timeout_s

    def greet(self, token: Path) -> None:
        """Says hello as the visitor of last time, if there was one, and waits until the past has been replayed.

        Raises:
            LauncherError: The gateway refused, even as a new visitor.
        """
        hello: Frame = {"type": "hello", "client": "stickerdesk-chat", "locale": _locale()}
        if token.exists():
            hello["token"] = token.read_text(encoding="utf-8").strip()
        self._send(hello)
        for frame in self._frames():
            if frame["type"] == "welcome":
                _keep_private(token, frame["token"])
            elif frame["type"] == "caught_up":
                return
            elif frame["type"] == "error":
                token.unlink(missing_ok=True)  # the next call begins as a new visitor
                raise _refusal(frame)

    def ask(self, text: str) -> None:
        """Sends one message and prints its answer until the turn ends.

        Raises:
            LauncherError: The message was refused or the turn failed.
        """
        message = uuid.uuid4().hex
        self._send({"type": "message", "client_msg_id": message, "text": text})
        answer = Answer()
        turn: str | None = None
        for frame in self._frames():
            if frame["type"] == "ack" and frame["client_msg_id"] == message:
                turn = frame["turn"]
            elif frame["type"] == "error" and frame.get("client_msg_id") in (None, message):
                answer.finish()
                if not frame["retryable"] or turn is None:
                    raise _refusal(frame)
            elif turn is not None and frame.get("turn") == turn and answer.take(frame):
                return

    def _send(self, frame: Frame) -> None:
        self._socket.send(json.dumps(frame, ensure_ascii=False))

    def _frames(self) -> Iterator[Frame]:
        """Yields frames until the time for this answer is over; pings are answered on the way."""
        deadline = time.monotonic() + self._timeout_s
        while True:
            try:
                frame: Frame = json.loads(self._socket.recv(timeout=max(deadline - time.monotonic(), 0)))
            except TimeoutError as error:
                raise LauncherError(f"No whole answer within {self._timeout_s:g} s.") from error
            if frame["type"] == "ping":
                self._send({"type": "pong", "t": frame.get("t")})
            else:
                yield frame


class Answer:
    """Prints the answer of one turn: deltas as they come, and from the entry what they did not bring."""

    def __init__(self) -> None:
        """Has printed nothing yet."""
        self._attempt = 0
        self._printed = ""

    def take(self, frame: Frame) -> bool:
        """Prints what `frame` brings; returns True when the turn has ended.

        Raises:
            LauncherError: The turn failed.
        """
        if frame["type"] == "delta":
            self._delta(frame)
        elif frame["type"] == "entry" and frame["author"] != "customer":
            self._entry(frame)
        elif frame["type"] == "turn_ended":
            self.finish()
            if frame["outcome"] == "failed":
                raise LauncherError("The turn failed.", "Ask again, or see the orchestrator's log.")
            return True
        return False

    def finish(self) -> None:
        """Ends a line that is still open."""
        if self._printed:
            print(flush=True)
            self._printed = ""

    def _delta(self, frame: Frame) -> None:
        if frame["attempt"] != self._attempt:  # the engine began anew: what was shown is void
            self.finish()
            self._attempt = frame["attempt"]
        print(frame["text"], end="", flush=True)
        self._printed += frame["text"]

    def _entry(self, frame: Frame) -> None:
        text = frame.get("text") or (frame.get("notice") or {}).get("text") or ""
        if self._printed.strip() == text.strip():
            self.finish()
        elif text:
            self.finish()
            print(text, flush=True)
        stickers = [*([frame["sticker"]] if frame.get("sticker") else []), *frame.get("stickers", [])]
        if stickers:
            print("  " + "  ".join(_name(sticker) for sticker in stickers), flush=True)
        if replies := frame.get("quick_replies"):
            print("  " + "  ".join(f"[{reply}]" for reply in replies), flush=True)


def _name(sticker: Frame) -> str:
    alt = sticker.get("alt", {})
    words = alt.get(_locale()) or alt.get("en") or sticker["id"]
    return f"{sticker.get('emoji') or '▣'} {words}"


def _refusal(frame: Frame) -> LauncherError:
    return LauncherError(f"{frame['message']} ({frame['reason']})")


def _keep_private(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)


def _locale() -> str:
    """Returns the language of the terminal, as far as we speak it."""
    return "zh" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).lower().startswith("zh") else "en"
