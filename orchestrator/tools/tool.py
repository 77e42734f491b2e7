"""What a tool is: typed arguments in, facts and perhaps a card out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import msgspec

from servicekit.resilience import Deadline


class Outcome(StrEnum):
    """How a tool call ended. A refusal is an error (TOOL_NOT_ALLOWED), not an outcome.

    FOUND, NONE: of a search. DONE: something was changed. ALREADY: it had been done before, and the facts tell what.
    APPROVAL_NEEDED: it waits for a person. HANDED_OVER: a person takes over.
    """

    FOUND = "found"
    NONE = "none"
    DONE = "done"
    ALREADY = "already"
    APPROVAL_NEEDED = "approval_needed"
    HANDED_OVER = "handed_over"


class CardLine(msgspec.Struct, frozen=True):
    """Pieces of one thing on an order card. Money is in minor units of the card's currency."""

    sku: str
    name: str
    quantity: int
    unit_minor: int


class ParcelLine(msgspec.Struct, frozen=True):
    """A parcel on an order card; times are ISO 8601 in UTC."""

    tracking: str
    carrier: str
    status: str
    progress: str
    last_scan: str = ""
    last_scan_at: str = ""


class OrderCard(msgspec.Struct, frozen=True, tag="order", tag_field="card"):
    """An order as a client draws it, in the conversation's language."""

    number: str
    status: str
    placed_at: str
    currency: str
    total_minor: int
    lines: tuple[CardLine, ...]
    parcels: tuple[ParcelLine, ...] = ()


class TicketCard(msgspec.Struct, frozen=True, tag="ticket", tag_field="card"):
    """A ticket as a client draws it."""

    number: str
    kind: str
    status: str
    opened_at: str
    reply_by: str
    order: str = ""


class CouponCard(msgspec.Struct, frozen=True, tag="coupon", tag_field="card"):
    """A coupon as a client draws it."""

    code: str
    amount_minor: int
    currency: str
    expires_at: str


Card = OrderCard | TicketCard | CouponCard


class ToolResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a tool found or did.

    Attributes:
        facts: Plain JSON values, in the conversation's language where they are words. An answer may state these
            numbers, dates and amounts and no others.
        duplicate: Whether this very call was made before and this is its receipt.
    """

    outcome: Outcome
    facts: dict[str, Any]
    card: Card | None = None
    duplicate: bool = False


@dataclass(frozen=True)
class ToolContext:
    """For whom and within what a tool runs. Comes from the turn, never from an LLM or a customer's words.

    Attributes:
        approved_by: Who agreed to it, when it waited for a person; empty in a turn.
    """

    tenant: str
    customer_id: str
    conversation_id: str
    turn_id: str
    language: str = "en"
    deadline: Deadline | None = None
    approved_by: str = ""


@dataclass(frozen=True)
class ToolCall:
    """A call as the decision tree or an LLM asks for it. `arguments` is plain data or JSON text."""

    name: str
    arguments: Mapping[str, Any] | str


class Tool(Protocol):
    """Something that can be done.

    Attributes:
        name: As it is asked for.
        about: One or two sentences for an LLM, by language.
        arguments: A msgspec struct: its schema is what an LLM sees, its bounds are checked before `run`.
        effect: Whether it changes something: then the same call of one turn is carried out once.
        timeout_s: Patience.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def about(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def arguments(self) -> type[msgspec.Struct]: ...  # noqa: D102
    @property
    def effect(self) -> bool: ...  # noqa: D102
    @property
    def timeout_s(self) -> float: ...  # noqa: D102

    async def run(self, context: ToolContext, arguments: Any) -> ToolResult:
        """Does it.

        Raises:
            ServiceError: TOOL_FORBIDDEN, TOOL_NOT_ALLOWED, TOOL_ARGUMENT_INVALID, or what the adapter raises.
        """
        ...


@runtime_checkable
class SelfChecking(Protocol):
    """What a tool has besides when its arguments are known only by a JSON schema: plain data instead of a struct."""

    @property
    def schema(self) -> Mapping[str, Any]: ...  # noqa: D102

    def checked(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments when they fit.

        Raises:
            ServiceError: TOOL_ARGUMENT_INVALID with the field.
        """
        ...


def canonical(arguments: msgspec.Struct) -> dict[str, Any]:
    """Arguments as plain data with defaults filled in: equal calls are equal, however they were written."""
    plain: dict[str, Any] = msgspec.to_builtins(arguments)
    return plain
