"""Tools that bring people in: tickets and hand-over."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.policy import ShopPolicy
from orchestrator.backoffice.rules import Progress, check_ticket
from orchestrator.backoffice.schema import Order, Parcel, Ticket
from orchestrator.backoffice.words import TicketKind
from orchestrator.tools.arguments import wrong
from orchestrator.tools.facts import Facts, moment, ticket_card
from orchestrator.tools.shop_tool import ShopTool
from orchestrator.tools.tool import Outcome, ToolContext, ToolResult
from servicekit.errors import ServiceError

_OF_A_PARCEL = (TicketKind.DELAY, TicketKind.LOST, TicketKind.NOT_RECEIVED)
Summary = Annotated[str, msgspec.Meta(min_length=1, max_length=500, description="What it is about, for the colleague")]


class OpenTicketArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person or the carrier should see to."""

    kind: Literal["delay", "lost", "not_received", "damage", "complaint", "question"]
    summary: Summary
    order: Annotated[
        str, msgspec.Meta(max_length=40, description="Order or tracking number; needed for delay, lost, not_received")
    ] = ""


class OpenTicket(ShopTool[OpenTicketArguments]):
    """Opens a ticket; one that is open for the same thing is enough."""

    name = "open_ticket"
    about = {  # noqa: RUF012
        "en": "Opens a ticket: with the carrier for a delayed or lost parcel, with a colleague for anything else.",
        "zh": "开工单：延误或丢失的包裹由快递公司处理，其他问题由同事处理。",
    }
    arguments = OpenTicketArguments

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: OpenTicketArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        kind = TicketKind(arguments.kind)
        order, parcel = await _about(desk, kind, arguments.order)
        waiting = await desk.open_tickets()
        for ticket in waiting:
            if ticket.kind == kind and _same(ticket, order, parcel, context.conversation_id):
                return _result(Outcome.ALREADY, ticket, order)
        doing: Progress | None = desk.progress(parcel) if parcel is not None else None
        check_ticket(desk.policy, kind=kind, doing=doing, open_tickets=len(waiting))
        ticket = await _open(desk, context, kind, arguments.summary, order, parcel)
        return _result(Outcome.DONE, ticket, order)


class HandOverArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a person takes over."""

    reason: Literal["asked_for", "angry", "not_understood", "safety", "approval", "other"]
    summary: Summary


class HandOver(ShopTool[HandOverArguments]):
    """Hands a conversation to a person, with a ticket so that nobody is forgotten outside support hours."""

    name = "hand_over"
    about = {  # noqa: RUF012
        "en": "Hands the conversation to a colleague. Use it when the customer asks for a person or you cannot help.",
        "zh": "把会话转给人工同事。顾客要求人工、或你无法解决时使用。",
    }
    arguments = HandOverArguments

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: HandOverArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        for ticket in await desk.open_tickets(TicketKind.HAND_OVER):
            if ticket.conversation_id == context.conversation_id:
                return _result(Outcome.HANDED_OVER, ticket, None)
        summary = f"[{arguments.reason}] {arguments.summary}"
        ticket = await _open(desk, context, TicketKind.HAND_OVER, summary, None, None)
        return _result(Outcome.HANDED_OVER, ticket, None)


async def _about(desk: Desk, kind: TicketKind, number: str) -> tuple[Order | None, Parcel | None]:
    if not number:
        if kind in _OF_A_PARCEL:
            raise wrong("order", "which order is it about?")
        return None, None
    try:
        parcel = await desk.parcel(number)
    except ServiceError:  # an order that has no parcel yet
        if kind in _OF_A_PARCEL:
            await desk.order(number)
            raise wrong("order", "nothing of this order has been sent") from None
        return await desk.order(number), None
    return parcel.order, parcel


def _same(ticket: Ticket, order: Order | None, parcel: Parcel | None, conversation_id: str) -> bool:
    if order is None:
        return ticket.order_id is None and ticket.conversation_id == conversation_id
    return ticket.order_id == order.id and ticket.parcel_id == (parcel.id if parcel is not None else None)


async def _open(
    desk: Desk, context: ToolContext, kind: TicketKind, summary: str, order: Order | None, parcel: Parcel | None
) -> Ticket:
    return await desk.add(
        Ticket(
            tenant=context.tenant, customer_id=desk.customer.id, order_id=order.id if order is not None else None,
            parcel_id=parcel.id if parcel is not None else None, number=desk.numbers.make("TK"), kind=kind,
            status="open", summary=summary, conversation_id=context.conversation_id,
            reply_by=desk.now + _patience(desk.policy, kind), created_at=desk.now,
        )
    )  # fmt: skip


def _patience(policy: ShopPolicy, kind: TicketKind) -> timedelta:
    if kind in _OF_A_PARCEL:
        return policy.trace_reply
    return policy.complaint_reply if kind is TicketKind.COMPLAINT else policy.ticket_reply


def _result(outcome: Outcome, ticket: Ticket, order: Order | None) -> ToolResult:
    facts: Facts = {
        "ticket": ticket.number,
        "kind": ticket.kind,
        "status": ticket.status,
        "order": order.number if order is not None else "",
        "reply_by": moment(ticket.reply_by),
        "reply_hours": int((ticket.reply_by - ticket.created_at) / timedelta(hours=1)),
    }
    return ToolResult(outcome, facts, ticket_card(ticket, order))
