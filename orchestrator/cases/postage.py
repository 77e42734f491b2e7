"""The case of postage for something that is named: worked out by the shop's rule, and said what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.cases.named_products import NamedProducts
from orchestrator.cases.told import Part, Told
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import ToolContext
from orchestrator.understanding.utterance import Utterance

Facts = Mapping[str, Any]


class PostageCase:
    """Works out what delivery of a basket costs; changes nothing.

    Args:
        belt: Where the tools are.
        wording: Words for facts.
        aliases: Words that mean the same thing of the shop.
    """

    def __init__(self, belt: ToolBelt, wording: Wording, aliases: Sequence[frozenset[str]] = ()) -> None:
        self._products, self._wording = NamedProducts(belt, aliases), wording

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None when nothing of the shop is named, or not the rule for standard delivery applies.

        Raises:
            ServiceError: The products could not be looked up.
        """
        if not self._products.there or PHRASES.has("other_delivery", utterance.text):
            return None
        named = await self._products.all_in(utterance.text, context)
        if not named:
            return None
        basket = [(one.facts, self._products.pieces(utterance.text, one)) for one in named]
        looked = {"tool": "find_products", "outcome": "found", "facts": {"products": [one for one, _ in basket]}}
        return Told((self._part(basket, context.language),), "shipping-fee", (looked,))

    def _part(self, basket: Sequence[tuple[Facts, int]], language: str) -> Part:
        delivery = basket[0][0]["delivery"]
        total = sum(product["price"]["minor"] * pieces for product, pieces in basket)
        named = [f"{pieces} × {product['name']}" for product, pieces in basket]
        values = {
            "items": self._wording.listed(named, language),
            "amount": self._wording.money(total, delivery["fee"], language),
            "free_from": delivery["free_from"]["text"],
            "postage": delivery["fee"]["text"],
            "missing": self._wording.money(delivery["free_from"]["minor"] - total, delivery["fee"], language),
        }
        return Part("postage_free" if total >= delivery["free_from"]["minor"] else "postage_due", values)
