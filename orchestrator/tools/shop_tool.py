"""A tool on the back office: one transaction at the customer's desk, with receipt, approval and audit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from orchestrator.backoffice.approvals import Approvals
from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.office import BackOffice, Deed, Who
from orchestrator.backoffice.rules import ApprovalNeededError
from orchestrator.tools.facts import money
from orchestrator.tools.tool import Outcome, ToolContext, ToolResult, canonical
from servicekit.errors import ServiceError

ArgsT = TypeVar("ArgsT", bound=msgspec.Struct)


class ShopTool(ABC, Generic[ArgsT]):
    """Base of the tools that work on the shop's records.

    Args:
        office: The back office.
        approvals: Where effects wait for a person.
    """

    name: ClassVar[str]
    about: ClassVar[Mapping[str, str]]
    arguments: ClassVar[type[msgspec.Struct]]
    effect: ClassVar[bool] = True
    timeout_s: ClassVar[float] = 3.0

    def __init__(self, office: BackOffice, approvals: Approvals) -> None:
        self._office, self._approvals = office, approvals

    async def run(self, context: ToolContext, arguments: ArgsT) -> ToolResult:
        """See `Tool.run`."""
        who = Who(context.tenant, context.customer_id, context.language)
        deed = Deed(who, context.conversation_id, context.turn_id, self.name, canonical(arguments))
        try:
            if self.effect:
                return await self._once(deed, context, arguments)
            async with self._office.reading(who) as desk:
                return await self.at_desk(desk, context, arguments)
        except ServiceError as error:
            if not error.retryable:
                with suppress(ServiceError):  # the refusal matters more to the customer than its line in the audit
                    await self._office.refused(deed, error.reason)
            raise

    @abstractmethod
    async def at_desk(self, desk: Desk, context: ToolContext, arguments: ArgsT) -> ToolResult:
        """Does it within the transaction of `desk`.

        Raises:
            ServiceError: It is refused; nothing that was written stays.
            ApprovalNeededError: A person must agree. Raised before anything is written.
        """

    async def _once(self, deed: Deed, context: ToolContext, arguments: ArgsT) -> ToolResult:
        async def do(desk: Desk) -> dict[str, Any]:
            try:
                result = await self.at_desk(desk, context, arguments)
            except ApprovalNeededError as need:
                result = await self._waiting(desk, deed, need)
            return encode(result)

        raw, before = await self._office.once(deed, do)
        result = decode(raw)
        if result.outcome is Outcome.APPROVAL_NEEDED and not before:
            self._approvals.moved(deed.who.tenant)
        return msgspec.structs.replace(result, duplicate=before)

    async def _waiting(self, desk: Desk, deed: Deed, need: ApprovalNeededError) -> ToolResult:
        approval = await self._approvals.ask(desk, deed, need)
        facts = {"approval": approval.id, "why": need.why, "amount": money(need.amount, deed.who.language)}
        return ToolResult(Outcome.APPROVAL_NEEDED, facts)


def encode(result: ToolResult) -> dict[str, Any]:
    """A result as receipts keep it."""
    plain: dict[str, Any] = msgspec.to_builtins(result)
    return plain


def decode(raw: dict[str, Any]) -> ToolResult:
    """The result that `encode` wrote."""
    return msgspec.convert(raw, ToolResult)
