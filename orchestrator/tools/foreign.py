"""A tool of another system: arguments by its JSON schema, results as data, effects with a receipt of ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import SchemaError  # type: ignore[import-untyped]
from referencing import Registry

from orchestrator.backoffice.office import BackOffice, Deed, Who, locked
from orchestrator.backoffice.schema import Receipt
from orchestrator.tools.shop_tool import decode, encode
from orchestrator.tools.tool import ToolContext, ToolResult
from servicekit.errors import Code, ServiceError, invalid

Call = Callable[[dict[str, Any], float], Awaitable[ToolResult]]

_SCHEMA_BYTES = 32_000
_BEGUN = "begun"
_REFUSED = "refused"


class _Anything(msgspec.Struct, frozen=True):
    """Stands where tools of ours have their arguments: a schema says what is taken."""


class ForeignReceipts:
    """Receipts for effects that happen elsewhere: written before the call, so that none is made twice.

    Args:
        office: Where receipts are.
    """

    def __init__(self, office: BackOffice) -> None:
        self._office = office

    async def once(self, deed: Deed, do: Callable[[], Awaitable[ToolResult]]) -> ToolResult:
        """Does it, or answers as before.

        Raises:
            ServiceError: TOOL_UNCERTAIN, when it was begun before and nobody knows how it ended.
        """
        before = await self._begin(deed)
        if before is not None:
            return before
        try:
            result = await do()
        except ServiceError as error:
            if error.code is Code.PRECONDITION:  # the other system said no; this turn does not ask it again
                await self._settle(deed, {"outcome": _REFUSED, "told": error.metadata.get("told", "")})
            raise
        await self._settle(deed, encode(result))
        return result

    async def _begin(self, deed: Deed) -> ToolResult | None:
        await self._office.arrive(deed.who)
        async with self._office.database.writing() as session:
            customer = await locked(session, deed.who)
            receipt = await session.get(Receipt, deed.key)
            if receipt is None:
                session.add(
                    Receipt(
                        key=deed.key, customer_id=customer.id, conversation_id=deed.conversation_id,
                        turn_id=deed.turn_id, tool=deed.tool, result={"outcome": _BEGUN}, created_at=self._office.now(),
                    )
                )  # fmt: skip
                return None
            if receipt.result.get("outcome") == _REFUSED:
                raise refused(receipt.result["told"])
            if receipt.result.get("outcome") == _BEGUN:
                raise ServiceError(
                    Code.CONFLICT, "TOOL_UNCERTAIN", "it was begun before; how it ended is not known", retryable=False
                )
            return msgspec.structs.replace(decode(receipt.result), duplicate=True)

    async def _settle(self, deed: Deed, result: dict[str, Any]) -> None:
        async with self._office.database.writing() as session:
            (await session.get_one(Receipt, deed.key)).result = result


def refused(told: str) -> ServiceError:
    """The other system says that it did not do it; what it says is data."""
    return ServiceError(
        Code.PRECONDITION, "TOOL_NOT_ALLOWED", "the system behind this tool refused", metadata={"told": told}
    )


@dataclass(frozen=True)
class ForeignTool:
    """The `Tool` port on a call that goes elsewhere.

    Attributes:
        schema: Of its arguments.
        call: Makes the call: arguments and seconds in, result out.
        receipts: For effects; None where there is no back office: then effects are refused.
    """

    name: str
    about: Mapping[str, str]
    schema: Mapping[str, Any]
    effect: bool
    timeout_s: float
    call: Call = field(repr=False)
    receipts: ForeignReceipts | None = field(default=None, repr=False)
    arguments: ClassVar[type[msgspec.Struct]] = _Anything

    def checked(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """See `SelfChecking`; references to schemas elsewhere are not followed."""
        checker = Draft202012Validator(self.schema, registry=Registry())
        error = next(checker.iter_errors(arguments), None)
        if error is not None:
            field_name = str(error.absolute_path[0]) if error.absolute_path else ""
            known = field_name if field_name in self.schema.get("properties", {}) else ""
            raise invalid(
                "TOOL_ARGUMENT_INVALID", f"{self.name}: {known or 'the arguments'} do not fit its schema",
                metadata={"field": known} if known else {},
            )  # fmt: skip
        return arguments

    async def run(self, context: ToolContext, arguments: dict[str, Any]) -> ToolResult:
        """See `Tool.run`."""
        if not self.effect:
            return await self.call(arguments, self.timeout_s)
        if self.receipts is None:
            raise ServiceError(Code.PRECONDITION, "TOOL_NOT_ALLOWED", "effects need a back office for their receipts")
        who = Who(context.tenant, context.customer_id, context.language)
        deed = Deed(who, context.conversation_id, context.turn_id, self.name, arguments)
        return await self.receipts.once(deed, lambda: self.call(arguments, self.timeout_s))


def usable(schema: Mapping[str, Any]) -> bool:
    """Whether a schema from elsewhere is one that models and we can use: an object's, valid, of a sane size."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        return False
    return schema.get("type") == "object" and len(msgspec.json.encode(schema)) <= _SCHEMA_BYTES
