"""Reads older pages of a conversation's journal for clients that scroll back."""

from __future__ import annotations

import grpc

from gateway.edge.actions import HistoryPage
from gateway.links import LinkDesk
from gateway.views import page_of
from servicekit.errors import from_rpc_error
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as pb_grpc

TIMEOUT_S = 4.0  # the client's next frames wait meanwhile: less than it waits for a pong


class Archive:
    """Pages of journals.

    Args:
        stub: The orchestrator.
        links: Makes the addresses in entries.
    """

    def __init__(self, stub: pb_grpc.OrchestratorServiceAsyncStub, links: LinkDesk) -> None:
        self._stub = stub
        self._links = links

    async def page(self, tenant: str, conversation: str, before_seq: int, limit: int) -> HistoryPage:
        """The newest entries before a seq, of a conversation of this tenant.

        Raises:
            ServiceError: As the orchestrator says, or UNAVAILABLE, or DEADLINE_EXCEEDED.
        """
        request = pb.ListEntriesRequest(conversation_id=conversation, before_seq=before_seq, page_size=limit)
        try:
            response = await self._stub.ListEntries(request, timeout=TIMEOUT_S)
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None
        return page_of(response, self._links.of(tenant))
