"""The RPC that erases a customer: bounds of its request, and its answer."""

from __future__ import annotations

from orchestrator.converse.convert import checked_customer
from orchestrator.forgetting.forgetting import Forgetting, Forgotten
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb


async def forget_customer(forgetting: Forgetting, request: pb.ForgetCustomerRequest) -> pb.ForgetCustomerResponse:
    """See the proto."""
    tenant, customer_id = checked_customer(request.tenant, request.customer_id)
    return _response(await forgetting.forget(tenant, customer_id))


def _response(done: Forgotten) -> pb.ForgetCustomerResponse:
    return pb.ForgetCustomerResponse(
        conversations=done.conversations.conversations,
        entries=done.conversations.entries,
        records=[pb.ErasedRecords(kind=one.table, erased=one.erased, unnamed=one.unnamed) for one in done.records],
    )
