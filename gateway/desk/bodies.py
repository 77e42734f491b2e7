"""What the desk is told in request bodies, and how a body is read."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request

from gateway.client_frames import MAX_TEXT_CHARS

MAX_BODY_BYTES = 64 * 1024

MessageId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]
StickerId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}/[a-z0-9][a-z0-9._-]{0,127}\Z")]
AskedT = TypeVar("AskedT", bound=Struct)


class Begin(Struct, frozen=True):
    """A key, a token or the word of a link; one of them."""

    key: Annotated[str, Meta(max_length=8192)] = ""
    login: Annotated[str, Meta(max_length=4096)] = ""


class Say(Struct, frozen=True):
    """Something to say: a text or a sticker."""

    message_id: MessageId
    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)] | None = None
    sticker: StickerId | None = None


class Revise(Struct, frozen=True):
    """Another text for what was said, or its taking back."""

    revision_id: MessageId
    kind: Literal["edited", "retracted"]
    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)] = ""


class Type(Struct, frozen=True):
    """Whether typing goes on."""

    active: bool


class Read(Struct, frozen=True):
    """How far the person has read."""

    seq: Annotated[int, Meta(ge=0, le=2**53)]


class Decide(Struct, frozen=True):
    """A person's word on what waits for it."""

    agree: bool
    note: Annotated[str, Meta(max_length=500)] = ""


class Nothing(Struct, frozen=True):
    """A deed that needs no words."""


class UnfitError(Exception):
    """A body that cannot be taken: which field, and why."""

    def __init__(self, field: str, detail: str, status: int = 400) -> None:
        super().__init__(field)
        self.field, self.detail, self.status = field, detail, status


async def read_body(request: Request, kind: type[AskedT]) -> AskedT:
    """The body as what it should be; none counts as an empty object.

    Raises:
        UnfitError: It is not.
    """
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > MAX_BODY_BYTES:
            raise UnfitError("body", f"at most {MAX_BODY_BYTES // 1024} KiB", 413)
    try:
        return msgspec.json.decode(bytes(data) or b"{}", type=kind)
    except msgspec.ValidationError as error:
        complaint, _, path = str(error).partition(" - at `$")
        raise UnfitError(path.strip(".`") or "body", complaint) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise UnfitError("body", "is not one JSON object") from None
