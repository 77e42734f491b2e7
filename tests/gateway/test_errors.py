"""Every error has one place in the table, from gRPC status to frame, close code and HTTP."""

from __future__ import annotations

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from gateway.close_codes import CloseCode
from gateway.errors import (
    REASON_CODES,
    RETRYABLE_REASONS,
    RULES,
    close_code_of,
    envelope,
    error_frame,
    frame_of,
)
from gateway.messages import MESSAGES, language_of
from servicekit.errors import Code, ServiceError, from_rpc_error

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("code", list(Code))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_code_becomes_a_documented_frame(code: Code, language: str) -> None:
    """An unknown reason is told as one that clients know, in their language, never in the raiser's words."""
    error = ServiceError(code, "SOMETHING_NEW", "internal words", retry_after_s=1.5)
    frame = frame_of(error, language_of(language), "trace")
    assert frame.reason in REASON_CODES
    assert frame.code == REASON_CODES[frame.reason]
    assert "internal words" not in frame.message
    assert (frame.retry_after_ms, frame.trace_id) == (1500, "trace")
    assert 400 <= RULES[code].http < 600


@pytest.mark.parametrize("status", [status for status in grpc.StatusCode if status is not grpc.StatusCode.OK])
def test_every_grpc_status_is_decided(status: grpc.StatusCode) -> None:
    """A stream that ends with any status is either opened again or ends the socket with a documented code."""
    error = from_rpc_error(AioRpcError(status, Metadata(), Metadata(), details="at 10.0.0.7"))
    frame = frame_of(error, "en", "")
    assert "10.0.0.7" not in frame.message
    close = close_code_of(error)
    reopens = {"CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "ABORTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
               "ALREADY_EXISTS"}  # fmt: skip
    assert (close is None) == (status.name in reopens)
    assert close is None or close in set(CloseCode)


@pytest.mark.parametrize("reason", sorted(REASON_CODES))
def test_every_reason_has_words_in_both_languages(reason: str) -> None:
    """Both sentences exist, differ, and the Chinese one is Chinese."""
    english = error_frame(reason, "en", "", field="f", detail="d").message
    chinese = error_frame(reason, "zh", "", field="f", detail="d").message
    assert english.isascii()
    assert any("一" <= character <= "鿿" for character in chinese)
    assert "{" not in english + chinese


def test_the_tables_hold_the_same_reasons() -> None:
    """No message without a code, no code without a message."""
    assert set(MESSAGES) == set(REASON_CODES)
    assert set(REASON_CODES) >= RETRYABLE_REASONS
    assert {rule.reason for rule in RULES.values()} <= set(REASON_CODES)
    assert set(RULES) == set(Code)


def test_the_envelope_is_the_frame_without_its_type() -> None:
    """Machines read the same fields over HTTP and over the socket."""
    body = envelope("INVALID_QUERY", "en", "trace", field="q", detail="1 to 200")
    assert body == {
        "code": 400,
        "reason": "INVALID_QUERY",
        "message": 'The parameter "q" is not valid (1 to 200). Correct it and try again.',
        "retryable": False,
        "trace_id": "trace",
        "field": "q",
    }


def test_close_codes_say_whether_to_come_back() -> None:
    """Reconnect after faults that pass; stop after those that do not."""
    assert {code for code in CloseCode if code.reconnects} == {
        CloseCode.DRAINING,
        CloseCode.TIMEOUT,
        CloseCode.REPLACED,
        CloseCode.TOO_SLOW,
        CloseCode.RATE_LIMITED,
        CloseCode.UNAVAILABLE,
    }


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-CN", "zh"), ("ZH", "zh"), ("en-GB", "en"), ("fr", "en"), ("", "en"), (None, "en")]
)
def test_language_of_a_locale(locale: str | None, language: str) -> None:
    """Chinese for zh*, English for everybody else."""
    assert language_of(locale) == language
