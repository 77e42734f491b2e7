"""What a provider's failures mean, whichever SDK tells them. Texts of providers are never passed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from servicekit.errors import Code, ServiceError, exhausted, timeout, unavailable

_SLOW = ("APITimeoutError", "ReadTimeout", "ConnectTimeout", "WriteTimeout", "PoolTimeout")


@contextmanager
def translated() -> Iterator[None]:
    """Turns the SDK's and the connection's errors into ours."""
    try:
        yield
    except (ServiceError, TimeoutError):
        raise
    except Exception as error:
        raise _meaning(error) from error


def refused() -> ServiceError:
    """The provider's filter, or the model itself, would not answer."""
    return ServiceError(Code.INVALID, "LLM_REFUSED", "the language model refused", retryable=False)


def truncated() -> ServiceError:
    """The stream ended without an end."""
    return unavailable("LLM_TRUNCATED", "the language model broke off")


def retry_after_s(value: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """The header's seconds or HTTP date as seconds from now, never below 0; None when it says nothing.

    Source: RFC 9110, section 10.2.3.
    """
    value = value.strip()
    if value.replace(".", "", 1).isdigit() and value.isascii():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now()).total_seconds())


def _meaning(error: Exception) -> ServiceError:
    status = getattr(error, "status_code", None)
    headers = getattr(getattr(error, "response", None), "headers", {})
    wait_s = retry_after_s(headers.get("retry-after", ""))
    if status == 429:
        return exhausted("LLM_RATE_LIMITED", "the language model is busy", retry_after_s=wait_s)
    if isinstance(status, int) and 400 <= status < 500 and status not in (408, 409):
        return ServiceError(Code.INTERNAL, "LLM_MISCONFIGURED", "the language model refused the request")
    if type(error).__name__ in _SLOW:
        return timeout("LLM_TIMEOUT", "the language model took too long")
    return unavailable("LLM_UNAVAILABLE", "the language model is out of reach", retry_after_s=wait_s)
