"""`/v1/desk/approvals`: what waits for a person's word, and that word."""

from __future__ import annotations

from typing import Any

from google.protobuf.json_format import MessageToDict

from stickerdesk.orchestrator.v1 import desk_pb2 as pb

_STATUSES = {
    pb.APPROVAL_STATUS_PENDING: "pending",
    pb.APPROVAL_STATUS_APPROVED: "approved",
    pb.APPROVAL_STATUS_DENIED: "denied",
    pb.APPROVAL_STATUS_FAILED: "failed",
}


def approval_view(one: pb.Approval) -> dict[str, Any]:
    """An approval; what is not known is left out."""
    view: dict[str, Any] = {
        "id": one.id,
        "status": _STATUSES.get(one.status, "pending"),
        "tool": one.tool,
        "arguments": MessageToDict(one.arguments),
        "why": one.why,
        "amount": {"minor": one.amount_minor, "currency": one.currency},
        "conversation": one.conversation_id,
        "name": one.customer_name,
        "asked_at": one.asked_at.ToJsonString(),
    }
    if one.HasField("decided_at"):
        view |= {"decided_by": one.decided_by, "decided_at": one.decided_at.ToJsonString(), "note": one.note}
        view["told"] = one.HasField("told_at")
    return view
