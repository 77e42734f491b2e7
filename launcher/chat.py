"""`stickerdesk chat`: a terminal client over the same WebSocket that the browser uses."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from gateway import client as edge
from launcher.errors import LauncherError
from launcher.running import require
from launcher.settings import LauncherSettings

_TOKEN_FILE = "chat-token"


def talk(settings: LauncherSettings, text: str | None, *, url: str | None, new: bool, timeout_s: float) -> None:
    """Sends `text`, or each line of the input, and prints the answers as they stream in.

    The visitor's token is kept in the data folder, so that the next call goes on with the same conversation.

    Raises:
        LauncherError: There is nothing to say, no gateway answers, it refused something, or an answer took longer
            than `timeout_s`.
    """
    if text is not None and not text.strip():
        raise LauncherError("There is nothing to say.", "Write it behind the command, or leave it out to type lines.")
    target = url or require(settings).url
    token = settings.data_dir / _TOKEN_FILE
    if new:
        token.unlink(missing_ok=True)
    try:
        known = token.read_text(encoding="utf-8").strip() if token.exists() else None
        asyncio.run(_talk(target, token, known, text, timeout_s))
    except edge.Unreachable as error:
        raise LauncherError(f"No gateway answers at {target}: {error}.") from error
    except edge.Refused as error:
        if error.reason.startswith("TOKEN_"):
            token.unlink(missing_ok=True)  # the next call begins as a new visitor
        raise LauncherError(f"{error} ({error.reason})") from error
    except edge.ClientError as error:
        raise LauncherError(f"The conversation ended: {error}.") from error


async def _talk(target: str, token: Path, known: str | None, text: str | None, timeout_s: float) -> None:
    async with edge.connect(target, token=known, locale=_locale(), name="stickerdesk-chat") as desk:
        _keep_private(token, desk.token or "")
        async for line in _lines(text):
            if line.strip():
                await _ask(desk, line.strip(), timeout_s)


async def _lines(text: str | None) -> AsyncIterator[str]:
    """Yields the one text, or lines of the input, with a prompt when a person types them.

    A thread of its own reads, which nobody has to wait for when the program is interrupted.
    """
    if text is not None:
        yield text
        return
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[str]()
    wanted = threading.Semaphore(0)

    def read() -> None:
        while wanted.acquire() and (line := sys.stdin.readline()):
            loop.call_soon_threadsafe(lines.put_nowait, line)
        with contextlib.suppress(RuntimeError):  # the program has ended
            loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=read, name="stdin", daemon=True).start()
    while True:
        if sys.stdin.isatty():
            print("> ", end="", flush=True)
        wanted.release()
        if not (line := await lines.get()):
            return
        yield line


async def _ask(desk: edge.Client, text: str, timeout_s: float) -> None:
    """Sends one message and prints its answer until the turn ends.

    Raises:
        LauncherError: The message was refused, the turn failed, or there was no whole answer in time.
    """
    message = desk.post(text)
    answer = Answer(message)
    try:
        async with asyncio.timeout(timeout_s):
            async for event in desk:
                if answer.take(event):
                    return
    except TimeoutError as error:
        answer.finish()
        raise LauncherError(f"No whole answer within {timeout_s:g} s.") from error


class Answer:
    """Prints the answer to one message: pieces as they come, and from the entry what they did not bring."""

    def __init__(self, message: str) -> None:
        """Has printed nothing yet, and does not know the turn."""
        self._message = message
        self._turn: str | None = None
        self._attempt = 0
        self._printed = ""

    def take(self, event: edge.Event) -> bool:
        """Prints what `event` brings; returns True when the turn has ended.

        Raises:
            LauncherError: The message was refused or the turn failed.
        """
        match event:
            case edge.Acknowledged(client_msg_id=message, turn=turn) if message == self._message and turn:
                self._turn = turn
            case edge.Fault(client_msg_id=message) if message in ("", self._message):
                self._fault(event)
            case edge.Draft(turn=turn) if turn == self._turn:
                self._draft(event)
            case edge.Entry(turn=turn, author=author) if turn == self._turn and author != "customer":
                self._entry(event)
            case edge.TurnEnded(turn=turn, outcome=outcome) if turn == self._turn:
                self.finish()
                if outcome == "failed":
                    raise LauncherError("The turn failed.", "Ask again, or see the orchestrator's log.")
                return True
        return False

    def finish(self) -> None:
        """Ends a line that is still open."""
        if self._printed:
            print(flush=True)
            self._printed = ""

    def _fault(self, fault: edge.Fault) -> None:
        self.finish()
        if not fault.retryable or self._turn is None:
            raise LauncherError(f"{fault.message} ({fault.reason})")

    def _draft(self, draft: edge.Draft) -> None:
        if draft.attempt != self._attempt:  # the engine began anew: what was shown is void
            self.finish()
            self._attempt = draft.attempt
        print(draft.piece, end="", flush=True)
        self._printed += draft.piece

    def _entry(self, entry: edge.Entry) -> None:
        frame = entry.raw
        text = entry.text or (frame.get("notice") or {}).get("text") or ""
        if self._printed.strip() == text.strip():
            self.finish()
        elif text:
            self.finish()
            print(text, flush=True)
        for card in frame.get("cards", []):
            print(f"  {_card(card)}", flush=True)
        stickers = [*([frame["sticker"]] if frame.get("sticker") else []), *frame.get("stickers", [])]
        if stickers:
            print("  " + "  ".join(_name(sticker) for sticker in stickers), flush=True)
        if replies := _replies(frame):
            print("  " + "  ".join(f"[{reply}]" for reply in replies), flush=True)


def _replies(frame: Mapping[str, Any]) -> list[str]:
    """What can be answered: the form's choices by their labels, then what else is suggested; nothing twice."""
    choices = (frame.get("form") or {}).get("choices", [])
    said = {choice.get("value") for choice in choices}
    others = [reply for reply in frame.get("quick_replies", []) if reply not in said]
    return list(dict.fromkeys([*(choice["label"] for choice in choices), *others]))


def _card(card: Mapping[str, Any]) -> str:
    """One line of what a card shows."""
    parts = [card.get("number") or card.get("code") or card.get("kind", "")]
    parts += [card.get("status_text") or card.get("text") or ""]
    parts += [parcel.get("progress", "") for parcel in card.get("parcels", [])]
    return "▤ " + " · ".join(part for part in parts if part)


def _name(sticker: Mapping[str, Any]) -> str:
    alt = sticker.get("alt", {})
    words = alt.get(_locale()) or alt.get("en") or sticker["id"]
    return f"{sticker.get('emoji') or '▣'} {words}"


def _keep_private(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)


def _locale() -> str:
    """Returns the language of the terminal, as far as we speak it."""
    return "zh" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).lower().startswith("zh") else "en"
