"""The tool that asks for invoices."""

from __future__ import annotations

from typing import Annotated

import msgspec

from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.rules import check_invoice
from orchestrator.backoffice.schema import Invoice
from orchestrator.tools.arguments import OrderNumber, wrong
from orchestrator.tools.facts import Facts, moment, money, order_card
from orchestrator.tools.shop_tool import ShopTool
from orchestrator.tools.tool import Outcome, ToolContext, ToolResult


class RequestInvoiceArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom the invoice is made out."""

    order: OrderNumber
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=128, description="Person or company")]
    email: Annotated[str, msgspec.Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    company: Annotated[bool, msgspec.Meta(description="Whether the title is a company")] = False
    tax_number: Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9]{8,20})?$", description="Of a company")] = ""


class RequestInvoice(ShopTool[RequestInvoiceArguments]):
    """Asks for an electronic invoice, once per order."""

    name = "request_invoice"
    about = {  # noqa: RUF012
        "en": "Asks for the electronic invoice of a paid order, to a person or (with a tax number) to a company.",
        "zh": "为已付款订单申请电子发票，抬头可以是个人或公司（公司需要税号）。",
    }
    arguments = RequestInvoiceArguments

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: RequestInvoiceArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        if arguments.company and not arguments.tax_number:
            raise wrong("tax_number", "a company's invoice needs its tax number")
        order = await desk.order(arguments.order)
        invoice, outcome = await desk.invoice(order), Outcome.ALREADY
        if invoice is None:
            check_invoice(desk.policy, status=order.status, paid_at=order.paid_at, now=desk.now)
            outcome = Outcome.DONE
            invoice = await desk.add(
                Invoice(
                    customer_id=desk.customer.id, order_id=order.id, number=desk.numbers.make("IN"),
                    title=arguments.title, tax_number=arguments.tax_number, email=arguments.email, status="requested",
                    ready_by=desk.now + desk.policy.invoice_time, created_at=desk.now,
                )
            )  # fmt: skip
        facts: Facts = {
            "invoice": invoice.number,
            "status": invoice.status,
            "order": order.number,
            "title": invoice.title,
            "email": invoice.email,
            "amount": money(order.total, context.language),
            "ready_by": moment(invoice.ready_by),
        }
        return ToolResult(outcome, facts, order_card(desk, order, context.language))
