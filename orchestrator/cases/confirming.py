"""The customer's word on calls that a language model asked for: carried out once, or left."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from orchestrator.cases.told import SAID, Part, Told
from orchestrator.dialogue.consent import consent
from orchestrator.dialogue.state import DialogueState, PendingCall
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.effects import Effects
from orchestrator.tools.tool import Card, ToolCall, ToolContext
from orchestrator.understanding.utterance import Utterance
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger


@dataclass
class _Account:
    """What came of several calls."""

    parts: list[Part] = field(default_factory=list)
    facts: list[dict[str, object]] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)


class ConfirmedCalls:
    """Carries out what the customer confirms. The same turn run again answers from receipts.

    Args:
        belt: Where the tools are.
        effects: Words for what became of them.
    """

    def __init__(self, belt: ToolBelt, effects: Effects) -> None:
        self._belt, self._effects = belt, effects
        self._log = get_logger("cases")

    def waits(self, utterance: Utterance, state: DialogueState) -> bool:
        """Whether the message is the customer's word on what waits."""
        return bool(state.pending) and consent(utterance) is not None

    async def handle(self, utterance: Utterance, state: DialogueState, context: ToolContext) -> Told | None:
        """What there is to say; None when nothing waits or the message is not about it."""
        if not self.waits(utterance, state):
            return None
        if not consent(utterance):
            return Told((_said(self._effects.declined(context.language)),))
        account = _Account()
        for call in state.pending:
            await self._carry_out(call, context, account)
        return Told(tuple(account.parts), facts=tuple(account.facts), cards=tuple(account.cards))

    async def _carry_out(self, call: PendingCall, context: ToolContext, account: _Account) -> None:
        try:
            arguments = msgspec.json.decode(call.arguments)
            result = await self._belt.run(ToolCall(call.tool, arguments), context)
        except ServiceError as error:
            self._log.info("a confirmed call was not carried out", tool=call.tool, reason=error.reason)
            account.parts.append(_said(self._effects.failed(error, context.language)))
            account.facts.append({"tool": call.tool, "outcome": "none", "facts": {"error": error.reason}})
            return
        account.parts.append(_said(self._effects.became(call.tool, result, context.language)))
        account.facts.append({"tool": call.tool, "outcome": str(result.outcome), "facts": result.facts})
        if result.card is not None:
            account.cards.append(result.card)


def _said(text: str) -> Part:
    return Part(SAID, {"text": text})
