"""Carries out what the uploads of a connection ask for."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass

from gateway import frames
from gateway.edge.actions import Action, AppendPart, Discard, Finish, Locate, UploadAction
from gateway.edge.session import Session
from gateway.metrics import EdgeMetrics
from gateway.pictures.desk import KeptPicture, PictureDesk
from gateway.pictures.links import PictureLinks
from gateway.pictures.partials import Partial, Partials
from gateway.pictures.quota import Quota
from gateway.upload_frames import Upload
from servicekit.errors import ServiceError, internal, invalid
from servicekit.resilience import Bulkhead
from servicekit.telemetry import get_logger

_FINISHING = 8  # uploads whose bytes are all in memory, at most 5 MiB each
_WAITING = 256

Perform = Callable[[Iterable[Action]], Awaitable[None]]

_log = get_logger("gateway.pictures.uploader")


class UploadDesk:
    """What the uploads of all connections share.

    Args:
        desk: Makes pictures of bytes, and keeps them.
        partials: Keeps what is not complete.
        links: Makes the links to a picture.
        quota: How many a visitor may send.
        metrics: Where resumed uploads are counted.
    """

    def __init__(
        self, desk: PictureDesk, partials: Partials, links: PictureLinks, quota: Quota, metrics: EdgeMetrics
    ) -> None:
        self.desk, self.partials, self.quota, self.metrics = desk, partials, quota, metrics
        self.finishing = Bulkhead("finishing uploads", limit=_FINISHING, queue=_WAITING)
        self._links = links
        self._chores: set[asyncio.Task[None]] = set()

    def view(self, kept: KeptPicture) -> frames.ImageView:
        """A kept picture as frames have it."""
        return frames.ImageView(
            id=kept.id,
            url=self._links.path(kept.id, "full"),
            thumb_url=self._links.path(kept.id, "thumb"),
            width=kept.width,
            height=kept.height,
            animated=kept.animated,
        )

    def spawn(self, work: Awaitable[None]) -> None:
        """Goes on with something while the connection goes on, and after its end."""
        task = asyncio.ensure_future(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def close(self, seconds: float) -> None:
        """Lets what is being finished be finished, for at most so long."""
        if self._chores:
            await asyncio.wait(tuple(self._chores), timeout=seconds)


@dataclass(eq=False, slots=True)
class _Job:
    """An upload that is under way on this connection."""

    upload: Upload
    partial: Partial
    place: ExitStack
    finishing: bool = False
    cancelled: bool = False


class Uploader:
    """The uploads of one connection.

    Args:
        shared: What all connections share.
        session: Decides; told what became of each action.
        perform: Carries out what the session then decides.
        clock: The session's clock.
    """

    def __init__(self, shared: UploadDesk, session: Session, perform: Perform, clock: Callable[[], float]) -> None:
        self._shared, self._session, self._perform, self._clock = shared, session, perform, clock
        self._jobs: dict[str, _Job] = {}

    async def carry_out(self, action: UploadAction) -> None:
        """Carries out one action; its order among the others is the caller's."""
        if isinstance(action, Locate):
            await self._locate(action.upload)
        elif isinstance(action, AppendPart):
            await self._append(action)
        elif isinstance(action, Finish):
            if (job := self._jobs.get(action.upload_id)) is not None:
                job.finishing = True
                self._shared.spawn(self._finish(job))
        elif isinstance(action, Discard):
            await self._discard(action.upload_id)
        else:
            await self._suspend(self._jobs.pop(action.upload_id, None))

    async def close(self) -> None:
        """The connection ended: what came so far is kept, to go on elsewhere."""
        jobs, self._jobs = tuple(self._jobs.values()), {}
        for job in jobs:
            if not job.finishing:  # that goes on to its end
                await self._suspend(job)

    async def _locate(self, upload: Upload) -> None:
        shared, visitor = self._shared, self._session.visitor
        with ExitStack() as place:
            try:
                if upload.sha256 is not None:
                    known = await shared.desk.known(visitor, upload.sha256.lower(), _plain(upload.media_type))
                    if known is not None and shared.desk.is_recent(known):
                        await shared.partials.discard(visitor, upload.upload_id)
                        await self._perform(self._session.upload_finished(upload.upload_id, shared.view(known)))
                        return
                place.enter_context(shared.quota.place(visitor))
                partial = await shared.partials.open(visitor, upload)
                if partial.received:
                    shared.metrics.uploads_resumed.inc()
                else:
                    shared.quota.spend(visitor)
            except ServiceError as error:
                shared.metrics.uploads.labels(error.reason).inc()
                await self._fail(upload.upload_id, error)
                return
            self._jobs[upload.upload_id] = _Job(upload, partial, place.pop_all())
        await self._perform(self._session.located(upload.upload_id, partial.received, time.time(), self._clock()))

    async def _append(self, action: AppendPart) -> None:
        job = self._jobs.get(action.upload_id)
        if job is None:
            return
        try:
            await job.partial.append(action.data)
        except ServiceError as error:
            await self._fail(action.upload_id, error)

    async def _finish(self, job: _Job) -> None:
        """Runs beside the connection: a picture takes up to seconds, and the customer writes meanwhile."""
        try:
            async with self._shared.finishing:
                kept = await self._make(job)
        except ServiceError as error:
            await self._ended(job, error=error)
        except Exception:
            _log.exception("an upload failed")
            await self._ended(job, error=internal())
        else:
            await self._ended(job, kept=kept)

    async def _make(self, job: _Job) -> KeptPicture | None:
        desk, visitor, upload = self._shared.desk, self._session.visitor, job.upload
        data = await job.partial.read()
        sha256 = hashlib.sha256(data).hexdigest()
        if len(data) != upload.size or (upload.sha256 or sha256).lower() != sha256:
            self._shared.metrics.uploads.labels("CHECKSUM_MISMATCH").inc()
            raise invalid("CHECKSUM_MISMATCH", "the picture did not arrive as it was sent, send it again")
        is_new = await desk.known(visitor, sha256, _plain(upload.media_type)) is None
        if job.cancelled:
            return None
        kept = await desk.take(visitor, data, declared_type=upload.media_type, filename=upload.name or "")
        if job.cancelled and is_new:
            await desk.remove(kept)
        return kept

    async def _ended(self, job: _Job, *, kept: KeptPicture | None = None, error: ServiceError | None = None) -> None:
        identity = job.upload.upload_id
        try:
            if job.cancelled:
                await self._drop(job)
            elif error is not None:
                if self._jobs.get(identity) is job:
                    await self._fail(identity, error)
                elif error.retryable:  # the connection has ended: it is finished when the client is back
                    await self._suspend(job)
                else:
                    await self._drop(job)
            elif kept is not None:
                self._jobs.pop(identity, None)
                await self._drop(job)
                await self._perform(self._session.upload_finished(identity, self._shared.view(kept)))
        except OSError:
            _log.debug("client went away")
        finally:
            job.place.close()

    async def _fail(self, upload_id: str, error: ServiceError) -> None:
        await self._perform(self._session.upload_failed(upload_id, error))

    async def _discard(self, upload_id: str) -> None:
        job = self._jobs.pop(upload_id, None)
        try:
            if job is None:
                await self._shared.partials.discard(self._session.visitor, upload_id)
                return
            job.cancelled = True  # where it is being finished, whoever does that cleans up after it
            await self._drop(job)
        except ServiceError as error:
            _log.warning("parts of an upload are left to expire", reason=error.reason)

    async def _drop(self, job: _Job) -> None:
        job.place.close()
        try:
            await job.partial.discard()
        except ServiceError as error:
            _log.warning("parts of an upload are left to expire", reason=error.reason)

    async def _suspend(self, job: _Job | None) -> None:
        if job is None:
            return
        job.place.close()
        try:
            await job.partial.flush()
        except ServiceError as error:
            _log.warning("the end of an upload is lost", reason=error.reason)
        finally:
            job.partial.let_go()


def _plain(media_type: str) -> str:
    plain = media_type.partition(";")[0].strip().lower()
    return "image/jpeg" if plain == "image/jpg" else plain
