"""A person's word on effects that wait for one: convert, call, convert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from orchestrator.attending.convert import DEFAULT_PAGE, MAX_PAGE, agent_of
from orchestrator.backoffice.approvals import Approvals
from orchestrator.backoffice.schema import Approval
from orchestrator.backoffice.words import ApprovalStatus
from orchestrator.cases.deciding import Decisions
from orchestrator.converse.convert import bad
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger
from stickerdesk.orchestrator.v1 import desk_pb2 as pb

_MOST_NOTE_CHARS = 500
_MOST_ID_CHARS = 32
_STATUSES: Mapping[pb.ApprovalStatus.ValueType, Sequence[ApprovalStatus]] = {
    pb.APPROVAL_STATUS_UNSPECIFIED: (ApprovalStatus.PENDING,),
    pb.APPROVAL_STATUS_PENDING: (ApprovalStatus.PENDING,),
    pb.APPROVAL_STATUS_APPROVED: (ApprovalStatus.APPROVED,),
    pb.APPROVAL_STATUS_DENIED: (ApprovalStatus.DENIED,),
    pb.APPROVAL_STATUS_FAILED: (ApprovalStatus.FAILED,),
}
_SHOWN = {statuses[0]: shown for shown, statuses in _STATUSES.items()}
_WORDS = {pb.APPROVAL_WORD_APPROVE: True, pb.APPROVAL_WORD_DENY: False}


class Approving:
    """The desk's calls about approvals.

    Args:
        approvals: What waits and what was decided.
        decisions: Decides and tells the customer.
    """

    def __init__(self, approvals: Approvals, decisions: Decisions) -> None:
        self._approvals, self._decisions = approvals, decisions
        self._log = get_logger("approvals")

    async def list(self, request: pb.ListApprovalsRequest) -> pb.ListApprovalsResponse:
        """See the proto."""
        agent_of(request)
        statuses = _STATUSES.get(request.status)
        if statuses is None:
            raise bad("status", "pending, approved, denied or failed")
        if not 0 <= request.page_size <= MAX_PAGE:
            raise bad("page_size", f"1 to {MAX_PAGE}, or 0 for {DEFAULT_PAGE}")
        found = await self._approvals.of(request.tenant, statuses, limit=request.page_size or DEFAULT_PAGE)
        return pb.ListApprovalsResponse(approvals=[_proto(*one) for one in found])

    async def decide(self, request: pb.DecideApprovalRequest) -> pb.DecideApprovalResponse:
        """See the proto."""
        agent, agree = agent_of(request), _WORDS.get(request.word)
        if agree is None:
            raise bad("word", "approve or deny")
        if not 1 <= len(request.approval_id) <= _MOST_ID_CHARS:
            raise bad("approval_id", f"1 to {_MOST_ID_CHARS} characters are needed")
        if len(request.note) > _MOST_NOTE_CHARS:
            raise bad("note", f"at most {_MOST_NOTE_CHARS} characters")
        await self._approvals.one(request.tenant, request.approval_id)  # nobody decides for another merchant
        try:
            await self._decisions.decide(request.approval_id, agree=agree, by=agent.id, note=request.note)
        except ServiceError as error:
            if error.reason != "UNAVAILABLE":
                raise
            # The word stands; only the conversation could not be told. Whoever starts or decides next tells it.
            self._log.warning("decided, but nobody told", approval=request.approval_id)
        now = await self._approvals.one(request.tenant, request.approval_id)
        return pb.DecideApprovalResponse(approval=_proto(*now))


def _proto(approval: Approval, customer_name: str) -> pb.Approval:
    return pb.Approval(
        id=approval.id,
        status=_SHOWN[ApprovalStatus(approval.status)],
        tool=approval.tool,
        arguments=ParseDict(approval.arguments, Struct()),
        why=approval.why,
        amount_minor=approval.amount_minor,
        currency=approval.currency,
        conversation_id=approval.conversation_id,
        customer_name=customer_name,
        asked_at=_at(approval.created_at),
        decided_by=approval.decided_by,
        decided_at=_at(approval.decided_at),
        note=approval.note,
        told_at=_at(approval.announced_at),
    )


def _at(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    at = Timestamp()
    at.FromDatetime(moment)
    return at
