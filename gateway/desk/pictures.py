"""Pictures that a person of the shop sends: checked and kept like a customer's, and erased with the customer's."""

from __future__ import annotations

from starlette.requests import Request

from gateway.edge.actions import Visitor
from gateway.pictures.desk import MEDIA_TYPE, PictureDesk
from gateway.pictures.quota import Quota
from gateway.pictures.upload import read_upload
from gateway.trust.identity import Identity
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb


class DeskPictures:
    """Takes pictures for conversations.

    Args:
        desk: Makes pictures of bytes, and keeps them.
        quota: How many one person may send.
    """

    def __init__(self, desk: PictureDesk, quota: Quota) -> None:
        self._desk, self._quota = desk, quota

    async def take(self, request: Request, agent: Identity, head: pb.Conversation) -> pb.ImageContent:
        """The picture in a request's body, as an entry names it.

        It belongs to the customer whose conversation it is said in: who erases them erases it.

        Raises:
            ServiceError: As `PictureDesk.take` and `read_upload`; RATE_LIMITED (429).
        """
        sender = Visitor(f"desk:{agent.subject}", agent.tenant, agent.issued_at_s, agent.expires_at_s)
        with self._quota.place(sender):
            self._quota.spend(sender)
            upload = await read_upload(request)
        owner = Visitor(head.customer_id, head.tenant, agent.issued_at_s, agent.expires_at_s)
        kept = await self._desk.take(owner, upload.data, declared_type=upload.media_type, filename=upload.filename)
        return pb.ImageContent(
            image_id=kept.id, media_type=MEDIA_TYPE, width_px=kept.width, height_px=kept.height, size_bytes=kept.size,
            animated=kept.animated,
        )  # fmt: skip
