"""The uploads of one connection as pure decisions: what is begun, how far it is, what comes next.

Chunks are taken in order and only at the place that was told, so that the bytes that end up in the picture are exactly
those that were sent, whatever is repeated, skipped, cancelled or begun again. The session feeds frames in; the runtime
carries the actions out and tells by `located`, `finished` and `failed` what became of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import msgspec

from gateway import frames
from gateway.edge.actions import Action, AppendPart, Discard, Finish, Locate, Send, Suspend
from gateway.upload_frames import CHUNK_BYTES, Chunk, Upload, UploadCancel, UploadCancelled, UploadProgress, UploadReady
from servicekit.errors import ServiceError, conflict, exhausted, not_found, too_large, unsupported_media

MAX_AT_ONCE = 3
MAX_UPLOAD_BYTES = 5 * 1024 * 1024
SMALL_CHUNK_BYTES = 8 * 1024  # smaller ones cost as much as any other frame
_PROGRESS_S = 0.1
_PROGRESS_BYTES = 256 * 1024  # half of what clients send ahead: at any speed they hear in time
_TELL_AGAIN_S = 1.0
_REMEMBERED = 8
_TYPES = {"image/jpeg", "image/jpg", "image/png", "image/webp", "image/gif"}
_HEIF = {"image/heic", "image/heif", "image/avif", "image/heic-sequence", "image/heif-sequence", "image/avif-sequence"}

TellError = Callable[[ServiceError], frames.Error]


class Stage(Enum):
    """Where an upload stands."""

    LOCATING = "locating"
    RECEIVING = "receiving"
    FINISHING = "finishing"


@dataclass(slots=True)
class _Upload:
    declared: Upload
    heard_s: float
    stage: Stage = Stage.LOCATING
    received: int = 0
    epoch_s: float = 0.0  # seconds since 1970 at the zero of the connection's clock
    progress_s: float = float("-inf")
    told_bytes: int = 0
    told_s: float = float("-inf")

    @property
    def complete(self) -> bool:
        return self.received == self.declared.size

    @property
    def untold(self) -> bool:
        """Whether more came than the client was told of."""
        return self.stage is Stage.RECEIVING and self.received > self.told_bytes


class Uploads:
    """What one client uploads.

    Args:
        tell_error: Makes the frame for an error, in the client's language.
        life_s: How long an upload that rests is kept.
    """

    def __init__(self, tell_error: TellError, *, life_s: float) -> None:
        self._tell_error, self._life_s = tell_error, life_s
        self._active: dict[str, _Upload] = {}
        self._ended: deque[str] = deque(maxlen=_REMEMBERED)  # chunks of these may still be under way

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._active)

    def begin(self, frame: Upload, now_s: float) -> list[Action]:
        """The client begins an upload, or asks where to go on."""
        if expired := self._expire(frame.upload_id, now_s):
            return [*expired, *self.begin(frame, now_s)]
        if (known := self._active.get(frame.upload_id)) is not None:
            return self._again(known, frame, now_s)
        if (refusal := _refusal(frame)) is not None:
            return [self._error(frame.upload_id, refusal)]
        if len(self._active) >= MAX_AT_ONCE:
            error = exhausted("RATE_LIMITED", "too many pictures at once, wait for one", retry_after_s=1.0)
            return [self._error(frame.upload_id, error)]
        self._active[frame.upload_id] = _Upload(frame, now_s)
        return [Locate(frame)]

    def _again(self, upload: _Upload, frame: Upload, now_s: float) -> list[Action]:
        if frame != upload.declared:
            error = conflict("UPLOAD_CONFLICT", "another picture is being uploaded under this id, choose a new one")
            return [self._error(frame.upload_id, error)]
        upload.heard_s = now_s
        return [self._ready(upload, now_s)] if upload.stage is Stage.RECEIVING else []  # else an answer is on its way

    def located(self, upload_id: str, offset: int, wall_s: float, now_s: float) -> list[Action]:
        """So much of it is in the store; `wall_s` is this moment in seconds since 1970."""
        upload = self._active.get(upload_id)
        if upload is None or upload.stage is not Stage.LOCATING:
            return []
        upload.stage, upload.received, upload.heard_s = Stage.RECEIVING, offset, now_s
        upload.told_bytes = offset  # by the `upload_ready` that follows
        upload.epoch_s = wall_s - now_s
        return [self._ready(upload, now_s), *self._finish_if_complete(upload)]

    def takes(self, chunk: Chunk) -> bool:
        """Whether a chunk moves its upload on by enough to cost the client nothing."""
        upload = self._active.get(chunk.upload_id)
        if upload is None or upload.stage is not Stage.RECEIVING or chunk.offset != upload.received:
            return False
        return len(chunk.data) >= min(SMALL_CHUNK_BYTES, upload.declared.size - upload.received)

    def chunk(self, chunk: Chunk, now_s: float) -> list[Action]:
        """Some bytes arrived."""
        if expired := self._expire(chunk.upload_id, now_s):
            return [*expired, self._error(chunk.upload_id, unknown())]
        upload = self._active.get(chunk.upload_id)
        if upload is None:
            # One that has ended says nothing: the chunk was sent before the client could know.
            return [] if chunk.upload_id in self._ended else [self._error(chunk.upload_id, unknown())]
        upload.heard_s = now_s
        if upload.stage is not Stage.RECEIVING or chunk.offset != upload.received:
            return self._elsewhere(upload, now_s)
        if upload.received + len(chunk.data) > upload.declared.size:
            error = too_large("PICTURE_TOO_LARGE", "more bytes came than were announced, begin again")
            return self.failed(chunk.upload_id, error)
        upload.received += len(chunk.data)
        append = AppendPart(chunk.upload_id, chunk.data)
        return [append, *self._progress(upload, now_s), *self._finish_if_complete(upload)]

    def _elsewhere(self, upload: _Upload, now_s: float) -> list[Action]:
        # Told once, not once for each of the chunks that were sent before the client could read it.
        if upload.stage is not Stage.RECEIVING or now_s - upload.told_s < _TELL_AGAIN_S:
            return []
        upload.told_s = now_s
        return [self._ready(upload, now_s)]

    @property
    def due_at_s(self) -> float:
        """When `tick` is next of use."""
        waiting = [one.progress_s + _PROGRESS_S for one in self._active.values() if one.untold]
        return min(waiting, default=float("inf"))

    def tick(self, now_s: float) -> list[Action]:
        """Time passed: what was held back, for something had been told just before, is told."""
        waiting = [one for one in self._active.values() if one.untold]
        return [action for one in waiting for action in self._progress(one, now_s)]

    def _progress(self, upload: _Upload, now_s: float) -> list[Action]:
        soon = now_s - upload.progress_s < _PROGRESS_S and upload.received - upload.told_bytes < _PROGRESS_BYTES
        if soon and not upload.complete:
            return []
        upload.progress_s, upload.told_bytes = now_s, upload.received
        declared = upload.declared
        return [Send(UploadProgress(upload_id=declared.upload_id, received=upload.received, size=declared.size))]

    def _finish_if_complete(self, upload: _Upload) -> list[Action]:
        if not upload.complete:
            return []
        upload.stage = Stage.FINISHING
        return [Finish(upload.declared.upload_id)]

    def cancel(self, frame: UploadCancel) -> list[Action]:
        """The client gives an upload up, perhaps one that it began on another connection."""
        self._end(frame.upload_id)
        return [Discard(frame.upload_id), Send(UploadCancelled(upload_id=frame.upload_id))]

    def finished(self, upload_id: str, image: frames.ImageView) -> list[Action]:
        """The picture is kept."""
        if self._end(upload_id) is None:
            return []
        return [Send(frames.UploadDone(upload_id=upload_id, image=image))]

    def failed(self, upload_id: str, error: ServiceError) -> list[Action]:
        """It cannot go on: what may go better later is left where it is, anything else is dropped."""
        if self._end(upload_id) is None:
            return []
        after: Action = Suspend(upload_id) if error.retryable else Discard(upload_id)
        return [after, self._error(upload_id, error)]

    def _expire(self, upload_id: str, now_s: float) -> list[Action]:
        """The store drops what rests too long; what comes late must not be joined to nothing."""
        upload = self._active.get(upload_id)
        if upload is None or upload.stage is not Stage.RECEIVING or now_s - upload.heard_s <= self._life_s:
            return []
        self._end(upload_id)
        return [Discard(upload_id)]

    def _end(self, upload_id: str) -> _Upload | None:
        upload = self._active.pop(upload_id, None)
        if upload is not None and upload_id not in self._ended:
            self._ended.append(upload_id)
        return upload

    def _ready(self, upload: _Upload, now_s: float) -> Send:
        return Send(
            UploadReady(
                upload_id=upload.declared.upload_id,
                offset=upload.received,
                chunk_bytes=CHUNK_BYTES,
                expires_at=int(upload.epoch_s + now_s + self._life_s),
            )
        )

    def _error(self, upload_id: str, error: ServiceError) -> Send:
        return Send(msgspec.structs.replace(self._tell_error(error), upload_id=upload_id))


def unknown() -> ServiceError:
    """UPLOAD_NOT_FOUND (404): never begun, expired, or gone from the store."""
    return not_found("UPLOAD_NOT_FOUND", "this upload is not known any more, begin it again")


def _refusal(frame: Upload) -> ServiceError | None:
    if frame.size > MAX_UPLOAD_BYTES:
        return too_large("PICTURE_TOO_LARGE", "pictures may have at most 5 MiB, choose a smaller one")
    declared = frame.media_type.partition(";")[0].strip().lower()
    if declared in _HEIF:
        return unsupported_media("PICTURE_TYPE_HEIF", "HEIC and AVIF pictures are not taken: send it as JPEG")
    if declared not in _TYPES:
        return unsupported_media("PICTURE_TYPE_UNSUPPORTED", "send a JPEG, PNG, WebP or GIF picture")
    return None
