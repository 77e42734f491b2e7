"""Reads an uploaded file from a request's body, never more of it than is allowed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from gateway.pictures.intake import MAX_BYTES
from servicekit.errors import Code, ServiceError, invalid, timeout, too_large

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD = "file"
_FORM_BYTES = 16 * 1024  # what a form may have around its file
_READ_S = 60.0
_MAX_PARTS = 8


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a client sent it; type and name are what it claims."""

    data: bytes
    media_type: str
    filename: str


async def read_upload(request: Request) -> Upload:
    """The file in a multipart form's field "file", or the body itself.

    Raises:
        ServiceError: PICTURE_TOO_LARGE (413), by Content-Length before a byte is read and else while reading;
            INVALID_UPLOAD (400); DEADLINE_EXCEEDED (504) when it takes over a minute.
    """
    declared = request.headers.get("content-type", "")
    kind, options = parse_options_header(declared)
    if kind != b"multipart/form-data":
        return Upload(await _read(request, MAX_BYTES), declared, "")
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:  # RFC 2046, section 5.1.1
        raise _unreadable("the form has no boundary")
    return _Form(boundary).parse(await _read(request, MAX_BYTES + _FORM_BYTES))


async def _read(request: Request, limit_bytes: int) -> bytes:
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and (len(told) > 12 or int(told) > limit_bytes):
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(_READ_S):
            async for chunk in request.stream():
                if len(body) + len(chunk) > limit_bytes:
                    raise _too_large()
                body += chunk
    except TimeoutError:
        raise timeout("DEADLINE_EXCEEDED", "the upload took too long, try again") from None
    except ClientDisconnect:
        raise ServiceError(Code.CANCELLED, "CANCELLED", "the client went away") from None
    return bytes(body)


def _too_large() -> ServiceError:
    return too_large("PICTURE_TOO_LARGE", "pictures may have at most 5 MiB, choose a smaller one")


def _unreadable(why: str) -> ServiceError:
    return invalid("INVALID_UPLOAD", f"the upload cannot be read: {why}")


class _Form:
    """Takes the one file out of a form that is already in memory."""

    def __init__(self, boundary: bytes) -> None:
        self._boundary = boundary
        self._name = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._data = bytearray()
        self._parts = 0
        self._ended = False
        self._file: Upload | None = None

    def parse(self, body: bytes) -> Upload:
        """The file.

        Raises:
            ServiceError: INVALID_UPLOAD: broken, cut off, without a file or with several.
        """
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }
        try:
            parser = MultipartParser(self._boundary, callbacks)
            parser.write(body)
            parser.finalize()
        except FormParserError as error:
            raise _unreadable("the form is broken") from error
        if not self._ended:
            raise _unreadable("the form is cut off")
        if self._file is None:
            raise _unreadable(f'the form has no "{FIELD}"')
        return self._file

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise _unreadable("the form has too many parts")
        self._headers, self._data = {}, bytearray()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def _part_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if options.get(b"name") != FIELD.encode():
            return
        if self._file is not None:
            raise _unreadable("the form has several files")
        self._file = Upload(
            bytes(self._data),
            self._headers.get(b"content-type", b"").decode("latin-1"),
            options.get(b"filename", b"").decode("utf-8", "replace"),
        )

    def _end(self) -> None:
        self._ended = True
