"""The tools that the back office brings, and what a person's approval sets going again."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from orchestrator.backoffice.approvals import Approvals
from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.office import BackOffice, Deed, Record
from orchestrator.backoffice.schema import Approval
from orchestrator.tools.changing import CancelOrder, ChangeAddress
from orchestrator.tools.finding import FindOrders, FindVariants, TrackParcel
from orchestrator.tools.goodwill import IssueCoupon
from orchestrator.tools.paperwork import RequestInvoice
from orchestrator.tools.refunding import RequestRefund
from orchestrator.tools.sending_back import ExchangeItem, StartReturn
from orchestrator.tools.shelf import FindProducts
from orchestrator.tools.shop_tool import ShopTool, decode, encode
from orchestrator.tools.standing import FindCoupons, FindTickets
from orchestrator.tools.tickets import HandOver, OpenTicket
from orchestrator.tools.tool import Tool, ToolContext, ToolResult

KINDS: tuple[type[ShopTool[msgspec.Struct]], ...] = (
    FindOrders, TrackParcel, FindProducts, FindVariants, FindCoupons, FindTickets, OpenTicket, StartReturn,
    RequestRefund, ExchangeItem, ChangeAddress, CancelOrder, IssueCoupon, RequestInvoice, HandOver,
)  # type: ignore[assignment]  # fmt: skip


@dataclass(frozen=True)
class Decided:
    """What became of an approval, for the conversation that waits for it.

    Attributes:
        approval: The row: whose it is, which tool, who decided, and its status.
        result: What the tool did; None when it was denied or no longer possible.
    """

    approval: Approval
    result: ToolResult | None


class ShopTools:
    """Makes the tools and carries out what was approved.

    Args:
        office: The back office.
    """

    def __init__(self, office: BackOffice) -> None:
        self.approvals = Approvals(office)
        self._tools = {kind.name: kind(office, self.approvals) for kind in KINDS}

    def tools(self) -> list[Tool]:
        """The tools, for a belt."""
        return list(self._tools.values())

    async def decide(self, approval_id: str, *, agree: bool, by: str, note: str = "") -> Decided:
        """A person agrees or not; what was waited for is done in the same transaction, once.

        Afterwards tell the conversation, then call `approvals.announced`. `approvals.unannounced` finds what a
        process that died in between left behind.

        Raises:
            ServiceError: APPROVAL_UNKNOWN, APPROVAL_DECIDED, BACKOFFICE_UNAVAILABLE.
        """
        approval = await self.approvals.decide(approval_id, agree=agree, by=by, note=note, carry_out=self._carry_out)
        self.approvals.moved(approval.tenant)
        return decided(approval)

    async def _carry_out(self, desk: Desk, deed: Deed, by: str) -> Record:
        context = ToolContext(
            tenant=deed.who.tenant, customer_id=deed.who.customer_id, conversation_id=deed.conversation_id,
            turn_id=deed.turn_id, language=deed.who.language, approved_by=by,
        )  # fmt: skip
        tool = self._tools[deed.tool]
        return encode(await tool.at_desk(desk, context, msgspec.convert(deed.arguments, tool.arguments)))


def decided(approval: Approval) -> Decided:
    """An approval as the conversation needs it."""
    done = approval.status == "approved" and approval.result is not None
    return Decided(approval, decode(approval.result) if done and approval.result is not None else None)
