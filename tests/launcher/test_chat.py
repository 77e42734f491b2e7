"""The terminal client against a gateway that says what the test wants, over a real WebSocket."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from launcher import chat
from launcher.errors import LauncherError
from launcher.settings import LauncherSettings

pytestmark = pytest.mark.integration

Frame = dict[str, Any]
WELCOME: Frame = {"type": "welcome", "token": "visitor-1"}
CAUGHT_UP: Frame = {"type": "caught_up", "last_seq": 0}
ACK: Frame = {"type": "ack", "seq": 1, "duplicate": False, "turn": "t1"}
ENDED: Frame = {"type": "turn_ended", "turn": "t1", "outcome": "answered"}


@contextmanager
def gateway(*answers: Frame, greeting: tuple[Frame, ...] = (WELCOME, CAUGHT_UP)) -> Iterator[tuple[str, list[Frame]]]:
    """Serves one script: the greeting after hello, the answers after a message. Yields URL and what was received."""
    received: list[Frame] = []

    def handle(socket: ServerConnection) -> None:
        for raw in socket:
            frame: Frame = json.loads(raw)
            received.append(frame)
            script = {"hello": greeting, "message": answers}.get(frame["type"], ())
            for reply in script:
                socket.send(json.dumps(reply | {"client_msg_id": frame.get("client_msg_id")}))

    with serve(handle, "127.0.0.1", 0, compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        host, port = server.socket.getsockname()[:2]
        try:
            yield f"http://{host}:{port}", received
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def say(tmp_path: Path) -> Callable[..., None]:
    """Says one thing to a gateway, with the token kept in the test's folder."""
    settings = LauncherSettings(data_dir=tmp_path)

    def call(url: str, *, new: bool = False, timeout_s: float = 20.0) -> None:
        chat.talk(settings, "where is my parcel", url=url, new=new, timeout_s=timeout_s)

    return call


def delta(text: str, attempt: int = 1, index: int = 0) -> Frame:
    """A piece of a reply."""
    return {"type": "delta", "turn": "t1", "attempt": attempt, "index": index, "text": text}


def entry(**fields: object) -> Frame:
    """A journal entry of the assistant."""
    return {"type": "entry", "seq": 1, "author": "assistant", "turn": "t1", **fields}


def test_streamed_answer_is_printed_once(say: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """Deltas are printed as they come; the entry that repeats them only adds its stickers and quick replies."""
    sticker = {"id": "noto-emoji/1f4e6", "emoji": "📦", "alt": {"en": "package", "zh": "包裹"}}
    whole = entry(text="On its way.", stickers=[sticker], quick_replies=["Track it"])
    with gateway(ACK, delta("On its "), delta("way.", index=1), whole, ENDED) as (url, _):
        say(url)
    assert capsys.readouterr().out == "On its way.\n  📦 package\n  [Track it]\n"


def test_choices_of_a_form_are_printed_once(say: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """A quick reply that only repeats a choice's value is left out; the others follow the choices."""
    choices = [{"label": "PW1 (Paper lamp)", "value": "PW1"}, {"label": "PW2 (Market tote)", "value": "PW2"}]
    form = {"form": "return_request", "slot": "order", "input": "choice", "title": "Return", "choices": choices}
    asked = entry(text="Which order?", form=form, quick_replies=["PW1", "PW2", "Talk to a person"])
    with gateway(ACK, asked, ENDED) as (url, _):
        say(url)
    assert capsys.readouterr().out == "Which order?\n  [PW1 (Paper lamp)]  [PW2 (Market tote)]  [Talk to a person]\n"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_to_say_is_told(tmp_path: Path, text: str) -> None:
    """An empty text is an error of its own, not silence."""
    with pytest.raises(LauncherError, match="nothing to say"):
        chat.talk(LauncherSettings(data_dir=tmp_path), text, url="http://127.0.0.1:1", new=False, timeout_s=1)


def test_second_attempt_voids_the_first(say: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """When the engine begins anew, so does the line."""
    with gateway(ACK, delta("On"), delta("Sorry.", attempt=2), entry(text="Sorry."), ENDED) as (url, _):
        say(url)
    assert capsys.readouterr().out == "On\nSorry.\n"


def test_same_visitor_next_time_unless_new(say: Callable[..., None], tmp_path: Path) -> None:
    """The token of the first welcome is sent with the next hello, is private, and is dropped with --new."""
    with gateway(ACK, entry(text="Hello."), ENDED) as (url, received):
        say(url)
        say(url)
        say(url, new=True)
    hellos = [frame.get("token") for frame in received if frame["type"] == "hello"]
    assert hellos == [None, "visitor-1", None]
    assert (tmp_path / "chat-token").stat().st_mode & 0o077 == 0


def test_pings_are_answered(say: Callable[..., None]) -> None:
    """A heartbeat in the middle of an answer is answered and not shown."""
    with gateway(ACK, {"type": "ping", "t": 7}, entry(text="Hello."), ENDED) as (url, received):
        say(url)
    assert {"type": "pong", "t": 7} in received


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([{"type": "error", "reason": "RATE_LIMITED", "message": "Slow down.", "retryable": True}], "Slow down"),
        ([ACK, {"type": "turn_ended", "turn": "t1", "outcome": "failed"}], "The turn failed"),
    ],
)
def test_refusals_are_sentences(say: Callable[..., None], answers: list[Frame], words: str) -> None:
    """An error frame for the message, or a failed turn, is what the command ends with."""
    with gateway(*answers) as (url, _), pytest.raises(LauncherError, match=words):
        say(url)


def test_refused_token_is_forgotten(say: Callable[..., None], tmp_path: Path) -> None:
    """After TOKEN_EXPIRED the next call begins as a new visitor instead of failing for ever."""
    (tmp_path / "chat-token").write_text("old")
    refusal = {"type": "error", "reason": "TOKEN_EXPIRED", "message": "Start anew.", "retryable": False}
    with gateway(greeting=(refusal,)) as (url, _), pytest.raises(LauncherError, match="TOKEN_EXPIRED"):
        say(url)
    assert not (tmp_path / "chat-token").exists()


def test_silence_and_absence_are_sentences(say: Callable[..., None]) -> None:
    """No answer in time, and no gateway at all."""
    with gateway(ACK) as (url, _), pytest.raises(LauncherError, match="No whole answer within"):
        say(url, timeout_s=0.2)
    with pytest.raises(LauncherError, match="No gateway answers"):
        say(url)
