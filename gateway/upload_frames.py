"""The frames of a picture that comes in chunks over the WebSocket; see "Pictures" in `asyncapi.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from msgspec import Meta

from gateway.frame_base import ClientFrame, ServerFrame

CHUNK_BYTES = 48 * 1024
_VERSION = 1
_OFFSET_BYTES = 8
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

UploadId: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]


class Upload(ClientFrame, tag="upload", frozen=True, kw_only=True, gc=False):
    """Begins to upload a picture, or goes on with one; answered by `upload_ready`."""

    upload_id: UploadId
    media_type: Annotated[str, Meta(max_length=64)]
    size: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    name: Annotated[str, Meta(max_length=255)] | None = None
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{64}\Z")] | None = None


class UploadCancel(ClientFrame, tag="upload_cancel", frozen=True, kw_only=True, gc=False):
    """Gives an upload up; answered by `upload_cancelled`, whether it was known or not."""

    upload_id: UploadId


class UploadReady(ServerFrame, tag="upload_ready", frozen=True, kw_only=True):
    """Send chunks from `offset` on; `expires_at` (Unix seconds) is when an upload that rests is dropped."""

    upload_id: str
    offset: int
    chunk_bytes: int
    expires_at: int


class UploadProgress(ServerFrame, tag="upload_progress", frozen=True, kw_only=True):
    """How many bytes are there."""

    upload_id: str
    received: int
    size: int


class UploadCancelled(ServerFrame, tag="upload_cancelled", frozen=True, kw_only=True):
    """The upload is given up; nothing of it is kept."""

    upload_id: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A binary frame: some bytes of an upload, and where in it they belong."""

    upload_id: str
    offset: int
    data: bytes


def encode_chunk(chunk: Chunk) -> bytes:
    """The binary frame: version, length of the id, the id, the offset (8 bytes, big-endian), the bytes."""
    identity = chunk.upload_id.encode("ascii")
    return bytes((_VERSION, len(identity))) + identity + chunk.offset.to_bytes(_OFFSET_BYTES, "big") + chunk.data


def decode_chunk(frame: bytes) -> Chunk | None:
    """Reads a binary frame; None when it is not one of ours, is empty, or has more than `CHUNK_BYTES`."""
    if len(frame) < 2 or frame[0] != _VERSION:
        return None
    at = 2 + frame[1]
    identity, offset, data = frame[2:at], frame[at : at + _OFFSET_BYTES], frame[at + _OFFSET_BYTES :]
    if len(offset) != _OFFSET_BYTES or not _ID.fullmatch(identity) or not 1 <= len(data) <= CHUNK_BYTES:
        return None
    return Chunk(identity.decode("ascii"), int.from_bytes(offset, "big"), data)
