"""Pictures in an S3-compatible object store, and the store that a URL names.

`s3://bucket/prefix?endpoint=https://host:port&region=…` with the access key from the usual places: `AWS_ACCESS_KEY_ID`
and `AWS_SECRET_ACCESS_KEY`, a web identity, or the machine's role. `file:///folder` is the folder.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store as Bucket

from gateway.pictures.store import (
    DirectoryStore,
    Listed,
    ObjectStore,
    checked_name,
    checked_prefix,
    missing,
    out_of_reach,
)
from servicekit.telemetry import get_logger

_CONNECT = timedelta(seconds=2)
_REQUEST_S = 10.0
_RETRY = timedelta(seconds=5)
_MAX_RETRIES = 2
_OPTIONS = {"endpoint", "region"}

_log = get_logger("gateway.pictures.store")


class S3Store:
    """Objects of a bucket, under a prefix.

    Args:
        bucket: Its name.
        prefix: What all names begin with; "" for none.
        endpoint: `http(s)://host:port` of the server; "": AWS.
        region: The bucket's region.
        timeout_s: For one request; a failed one is tried again for at most five seconds.
    """

    def __init__(
        self,
        bucket: str,
        *,
        prefix: str = "",
        endpoint: str = "",
        region: str = "us-east-1",
        timeout_s: float = _REQUEST_S,
    ) -> None:
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._bucket = Bucket(
            bucket,
            region=region,
            endpoint=endpoint or f"https://s3.{region}.amazonaws.com",
            client_options={
                "timeout": timedelta(seconds=timeout_s),
                "connect_timeout": _CONNECT,
                "allow_http": endpoint.startswith("http://"),
            },
            retry_config={"max_retries": _MAX_RETRIES, "retry_timeout": _RETRY},
        )

    async def put(self, name: str, data: bytes) -> None:
        """Writes the object."""
        try:
            await obstore.put_async(self._bucket, self._prefix + checked_name(name), data, use_multipart=False)
        except (BaseError, OSError) as error:
            raise _failed("put", error) from error

    async def get(self, name: str) -> bytes:
        """Reads the object."""
        try:
            found = await obstore.get_async(self._bucket, self._prefix + checked_name(name))
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            raise missing() from None
        except (BaseError, OSError) as error:
            raise _failed("get", error) from error

    async def delete(self, name: str) -> None:
        """Removes the object."""
        try:
            await obstore.delete_async(self._bucket, self._prefix + checked_name(name))
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise _failed("delete", error) from error

    async def list(self, prefix: str) -> AsyncIterator[Listed]:
        """Lists the objects, page by page."""
        try:
            async for page in obstore.list(self._bucket, self._prefix + checked_prefix(prefix)):
                for item in page:
                    name = item["path"].removeprefix(self._prefix)
                    yield Listed(name, item["size"], item["last_modified"].timestamp())
        except (BaseError, OSError) as error:
            raise _failed("list", error) from error


def _failed(what: str, error: Exception) -> Exception:
    # The library's texts carry the address and the server's answer: they go to the log, never to a client.
    _log.warning("object store failed", call=what, kind=type(error).__name__, detail=str(error)[:300])
    return out_of_reach()


def open_store(url: str, default: Path) -> ObjectStore:
    """The store that a URL names.

    Args:
        url: `s3://bucket/prefix?endpoint=…&region=…`, `file:///folder`, or "" for the default.
        default: The folder when there is no URL.

    Raises:
        ValueError: As `check_url`.
    """
    if not url:
        return DirectoryStore(default)
    check_url(url)
    parts = urlsplit(url)
    if parts.scheme == "file":
        return DirectoryStore(Path(unquote(parts.path)))
    options = dict(parse_qsl(parts.query))
    return S3Store(
        parts.netloc,
        prefix=unquote(parts.path),
        endpoint=options.get("endpoint", ""),
        region=options.get("region", "us-east-1"),
    )


def check_url(url: str) -> None:
    """Refuses a URL that no store can be opened with.

    Raises:
        ValueError: Why; the text never repeats the URL.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and len(parts.path) > 1:
        return
    if parts.scheme != "s3" or not parts.hostname:
        raise ValueError("it must be s3://bucket/prefix?endpoint=…&region=… or file:///folder")
    if parts.username is not None:
        raise ValueError("it must not carry a key: use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    options = dict(parse_qsl(parts.query))
    if unknown := set(options) - _OPTIONS:
        raise ValueError(f"unknown options: {', '.join(sorted(unknown))}")
    if not options.get("endpoint", "https://").startswith(("http://", "https://")):
        raise ValueError("the endpoint must begin with http:// or https://")
