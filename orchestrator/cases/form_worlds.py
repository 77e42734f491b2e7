"""What a form may know: the customer's orders, and what a thing can be exchanged for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from orchestrator.cases.looking import orders_of, variants_of
from orchestrator.dialogue.forms import Form, Forms
from orchestrator.dialogue.runner import Kind, Step, begin
from orchestrator.dialogue.said import Said
from orchestrator.dialogue.state import DialogueState, FormPosition
from orchestrator.dialogue.world import World
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import ToolCall, ToolContext, ToolResult

_MOST_ORDERS = 10


class FormWorlds:
    """Looks up what forms read messages against.

    Args:
        belt: Where the tools are.
        forms: All forms: they know the products.
        today: The day in the shop's time.
    """

    def __init__(self, belt: ToolBelt, forms: Forms, today: Callable[[], date]) -> None:
        self._belt, self._forms, self._today = belt, forms, today

    async def of(self, context: ToolContext, state: DialogueState) -> World:
        """The world of one message.

        Raises:
            ServiceError: The orders could not be looked up.
        """
        found = await self._belt.run(ToolCall("find_orders", {"limit": _MOST_ORDERS}), context)
        known = dict(state.profile.facts) if state.profile is not None else {}
        return World(
            self._today(), context.language, orders_of(found.facts), state.shown, known=known,
            aliases=self._forms.aliases, products=self._forms.products,
        )  # fmt: skip

    async def with_variants(self, form: Form, position: FormPosition, world: World, context: ToolContext) -> World:
        """Also what the item can be exchanged for, when the form asks that and the item is known."""
        filled = position.filled
        wanted = any(slot.type == "variant" for slot in form.slots) and "order" in filled and "item" in filled
        if not wanted or "find_variants" not in self._belt.names:
            return world
        call = ToolCall("find_variants", {"order": filled["order"], "item": filled["item"]})
        found: ToolResult = await self._belt.run(call, context)
        return replace(world, variants=variants_of(found.facts))

    async def settled(
        self, form: Form, step: Step, said: Said, world: World, context: ToolContext
    ) -> tuple[Step, World]:
        """A question with what it may be answered by; refused where there is nothing else to exchange a thing for."""
        if not world.variants:
            world = await self.with_variants(form, step.position, world, context)
            if world.variants and step.kind is Kind.ASK:
                step = begin(form, said, world, step.position.filled)
        if step.kind is Kind.ASK and self._nothing_else(form, step.position, world):
            step = Step(Kind.REFUSED, step.position, "refused/no_other")
        return step, world

    def _nothing_else(self, form: Form, position: FormPosition, world: World) -> bool:
        """Whether it is asked what to exchange a thing for of which there is only one kind."""
        known = "order" in position.filled and "item" in position.filled and "find_variants" in self._belt.names
        return known and form.slot(position.asked).type == "variant" and not world.variants
