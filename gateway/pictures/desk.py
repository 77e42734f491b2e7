"""Takes customers' pictures in, and finds them again for their owners.

A picture's name has two halves. The first is a hash of its owner, without a key: all pictures of a customer lie under
one prefix and can be erased in one go, whatever secrets were in use when they came. The second is an HMAC over the
owner and either the client's Idempotency-Key or the bytes themselves. So a repeated upload is the same picture without
a table of keys, nobody can guess a name, and nobody can learn from a name whether somebody else sent the same picture.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import msgspec

from gateway.edge.actions import Visitor
from gateway.frames import InlinePicture
from gateway.metrics import EdgeMetrics
from gateway.pictures.intake import Picture, Sides, convert, take_picture
from gateway.pictures.names import owner_name, picture_id, prefixes_of, stored_name
from gateway.pictures.quota import Quota
from gateway.pictures.room import DecodingRoom
from gateway.pictures.store import ObjectStore, erase
from gateway.sticker_images import BytesCache
from servicekit.errors import Code, ServiceError, conflict, invalid, not_found
from servicekit.resilience import Bulkhead

MEDIA_TYPE = "image/webp"
MAX_KEY_CHARS = 128
_SUFFIX = {"full": "webp", "thumb": "thumb.webp"}
_FACTS = "json"
_WORKERS = 2
_WAITING = 32
_CACHE_BYTES = 16 * 1024 * 1024
_RENEW_S = 86_400.0  # a picture that is sent again after this starts its retention anew


class KeptPicture(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a kept picture; stored beside it.

    Attributes:
        tenant: The owner's merchant.
        subject: The owner.
        sha256: Of the bytes as they came.
        width: In pixels, as kept.
        height: In pixels, as kept.
        size: Bytes, as kept.
        animated: Whether the original was; its first frame is kept.
        transparent: Whether something shows through.
        came_as: The media type that its bytes had.
        kept_at_s: Seconds since 1970.
    """

    id: str
    tenant: str
    subject: str
    sha256: str
    width: int
    height: int
    size: int
    animated: bool
    transparent: bool
    came_as: str
    kept_at_s: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture as the orchestrator gets it; `preview` is JPEG or PNG of at most 64 KiB."""

    id: str
    media_type: str
    width: int
    height: int
    size: int
    animated: bool
    preview: bytes


class PictureDesk:
    """Keeps and finds pictures.

    Args:
        store: Where they are kept.
        secret: The edge's key; replicas share it.
        quota: How many a visitor may send.
        metrics: Where uploads are counted.
        room: How much memory decoding may take.
        clock: Wall clock in seconds since 1970.
    """

    def __init__(
        self,
        store: ObjectStore,
        secret: bytes,
        quota: Quota,
        metrics: EdgeMetrics,
        room: DecodingRoom | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._quota, self._metrics, self._clock = store, quota, metrics, clock
        self._room = room or DecodingRoom()
        self._key = hmac.digest(secret, b"stickerdesk picture names v1", hashlib.sha256)
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="pictures")
        self._places = Bulkhead("picture intake", limit=_WORKERS, queue=_WAITING)
        self._cache = BytesCache(_CACHE_BYTES)

    async def take(
        self,
        owner: Visitor,
        data: bytes,
        *,
        declared_type: str = "",
        filename: str = "",
        sides: Sides = (None, None),
        key: str = "",
    ) -> KeptPicture:
        """Checks and keeps a picture; the same again is the same picture.

        Args:
            owner: Whose it is.
            data: The file as it came.
            declared_type: Media type that the client says; may be empty.
            filename: The client's name for it; may be empty.
            sides: The width and height that the client says; None where it says none.
            key: The client's Idempotency-Key; empty: the bytes are the key.

        Raises:
            ServiceError: As `take_picture`; RATE_LIMITED or OVERLOADED (429); IDEMPOTENCY_CONFLICT (409);
                STORE_UNAVAILABLE (503).
        """
        check = partial(
            take_picture, data, declared_type=declared_type, filename=filename, sides=sides, room=self._room
        )
        try:
            with self._metrics.upload_seconds.time():
                kept = await self._take(owner, data, check, key)
        except ServiceError as error:
            self._metrics.uploads.labels(error.reason).inc()
            raise
        self._metrics.uploads.labels("kept").inc()
        return kept

    async def take_inline(self, owner: Visitor, picture: InlinePicture) -> str:
        """Keeps a picture that came in a frame; its name."""
        facts = picture.metadata
        if facts is not None and facts.size is not None and facts.size != len(picture.data):
            raise invalid("PICTURE_BROKEN", "the picture has not the size that is told, send it again")
        named = f"picture.{facts.format.rpartition('/')[2]}" if facts is not None and facts.format else ""
        self._quota.spend(owner)
        sides = (facts.width, facts.height) if facts is not None else (None, None)
        return (await self.take(owner, picture.data, declared_type=picture.type, filename=named, sides=sides)).id

    async def attach(self, owner: Visitor, image_id: str) -> Attachment:
        """The owner's picture with its preview.

        Raises:
            ServiceError: IMAGE_NOT_FOUND (404) also for a picture of somebody else; STORE_UNAVAILABLE (503).
        """
        kept = await self._find(image_id)
        if kept is None or (kept.tenant, kept.subject) != (owner.tenant, owner.subject):
            raise _missing()
        preview = await self._read(image_id, "preview")
        return Attachment(image_id, MEDIA_TYPE, kept.width, kept.height, kept.size, kept.animated, preview)

    async def read(self, image_id: str, variant: str, *, webp: bool) -> tuple[bytes, str]:
        """A picture to show, and its media type; who may see it was decided by the link.

        Args:
            image_id: Which.
            variant: "full" or "thumb".
            webp: Whether the client takes WebP; else it is PNG where something shows through, and JPEG.

        Raises:
            ServiceError: IMAGE_NOT_FOUND (404), OVERLOADED (429), STORE_UNAVAILABLE (503).
        """
        if webp:
            return await self._read(image_id, _SUFFIX[variant]), MEDIA_TYPE
        kept = await self._find(image_id)
        if kept is None:
            raise _missing()
        media_type = "image/png" if kept.transparent else "image/jpeg"
        cached = self._cache.get((image_id, variant, media_type))
        if cached is None:
            stored = await self._read(image_id, _SUFFIX[variant])
            async with self._places:
                cached = await asyncio.get_running_loop().run_in_executor(self._threads, convert, stored, media_type)
            self._cache.put((image_id, variant, media_type), cached)
        return cached, media_type

    async def known(self, owner: Visitor, sha256: str, declared_type: str) -> KeptPicture | None:
        """The owner's picture of these bytes, where it is kept already and was of the declared type.

        Raises:
            ServiceError: STORE_UNAVAILABLE (503).
        """
        kept = await self._find(self._name(owner, f"bytes:{sha256}"))
        return kept if kept is not None and kept.sha256 == sha256 and kept.came_as == declared_type else None

    def is_recent(self, kept: KeptPicture) -> bool:
        """Whether its retention has just begun; one that is sent again later has to begin it anew."""
        return self._clock() - kept.kept_at_s < _RENEW_S

    async def remove(self, kept: KeptPicture) -> None:
        """Removes one picture; its facts first, so that nobody finds it half there."""
        for suffix in (_FACTS, "preview", "thumb.webp", "webp"):
            await self._store.delete(_place(kept.id, suffix))

    async def forget(self, tenant: str, subject: str) -> int:
        """Erases all that a customer sent, unfinished uploads included; again is fine.

        Returns:
            How many objects were removed; a picture is four.

        Raises:
            ServiceError: STORE_UNAVAILABLE (503); what is left is erased by the next call.
        """
        return sum([await erase(self._store, prefix) for prefix in prefixes_of(tenant, subject)])

    def close(self) -> None:
        """Lets go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _take(self, owner: Visitor, data: bytes, check: Callable[[], Picture], key: str) -> KeptPicture:
        sha256 = hashlib.sha256(data).hexdigest()
        image_id = self._name(owner, f"key:{key}" if key else f"bytes:{sha256}")
        known = await self._find(image_id)
        if known is not None and known.sha256 != sha256:
            raise conflict("IDEMPOTENCY_CONFLICT", "another picture was uploaded under this key, choose a new one")
        async with self._places:
            picture = await asyncio.get_running_loop().run_in_executor(self._threads, check)
        # Checked again even when it is known: another declared type must be refused the second time too.
        if known is not None and self.is_recent(known):
            return known
        return await self._keep(self._facts(image_id, owner, sha256, picture), picture)

    def _facts(self, image_id: str, owner: Visitor, sha256: str, picture: Picture) -> KeptPicture:
        return KeptPicture(
            id=image_id,
            tenant=owner.tenant,
            subject=owner.subject,
            sha256=sha256,
            width=picture.width,
            height=picture.height,
            size=len(picture.stored),
            animated=picture.animated,
            transparent=picture.transparent,
            came_as=picture.came_as,
            kept_at_s=int(self._clock()),
        )

    async def _keep(self, kept: KeptPicture, picture: Picture) -> KeptPicture:
        await self._store.put(_place(kept.id, "webp"), picture.stored)
        await self._store.put(_place(kept.id, "thumb.webp"), picture.thumbnail)
        await self._store.put(_place(kept.id, "preview"), picture.preview)
        await self._store.put(_place(kept.id, _FACTS), msgspec.json.encode(kept))  # last: with it the picture is there
        return kept

    async def _find(self, image_id: str) -> KeptPicture | None:
        try:
            return msgspec.json.decode(await self._store.get(_place(image_id, _FACTS)), type=KeptPicture)
        except ServiceError as error:
            if error.code is Code.NOT_FOUND:
                return None
            raise
        except msgspec.MsgspecError:
            return None

    async def _read(self, image_id: str, suffix: str) -> bytes:
        try:
            return await self._store.get(_place(image_id, suffix))
        except ServiceError as error:
            if error.code is Code.NOT_FOUND:
                raise _missing() from None
            raise

    def _name(self, owner: Visitor, what: str) -> str:
        text = "\n".join((owner.tenant, owner.subject, what)).encode()
        return picture_id(owner_name(owner.tenant, owner.subject), hmac.digest(self._key, text, hashlib.sha256))


def _place(image_id: str, suffix: str) -> str:
    name = stored_name(image_id, suffix)
    if name is None:
        raise _missing()
    return name


def _missing() -> ServiceError:
    return not_found("IMAGE_NOT_FOUND", "this picture does not exist any more, send it again")
