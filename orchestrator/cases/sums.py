"""The case of sums: what several things cost together, and what there is for so much money."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.cases.details import Detail, detail_of
from orchestrator.cases.named_products import Named, NamedProducts
from orchestrator.cases.told import Part, Told
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.numerals import NUMBER, number_of
from orchestrator.dialogue.state import DialogueState
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import ToolCall, ToolContext
from orchestrator.understanding.utterance import Utterance

_MINOR = 100  # of one dollar or yuan
_AMOUNT = re.compile(
    rf"(?P<sign>[$¥￥])? ?(?<![A-Za-z])(?P<count>\d+(?:\.\d+)?|{NUMBER}) ?"
    r"(?P<unit>usd|dollars?|bucks|us\$|\$|cny|rmb|yuan|块钱?|元|人民币|美元|美金|刀)?",
    re.IGNORECASE,
)
_USD, _CNY = re.compile(r"usd|dollar|buck|\$|美|刀", re.IGNORECASE), re.compile(r"cny|rmb|yuan|块|元|人民币|¥|￥", re.I)

Facts = Mapping[str, Any]


class SumsCase:
    """Adds up prices of the shelf; changes nothing.

    Args:
        belt: Where the tools are.
        wording: Words for facts.
        aliases: Words that mean the same thing of the shop.
    """

    def __init__(self, belt: ToolBelt, wording: Wording, aliases: Sequence[frozenset[str]] = ()) -> None:
        self._belt, self._products, self._wording = belt, NamedProducts(belt, aliases), wording

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None when no things are named, or no sum of money that can be compared.

        Raises:
            ServiceError: The products could not be looked up.
        """
        if not self._products.there:
            return None
        if detail_of(utterance.text) is Detail.BUDGET:
            return await self._for_so_much(utterance.text, context, state)
        named = await self._products.all_in(utterance.text, context)
        if not named:
            return None
        basket = [(one.facts, self._products.pieces(utterance.text, one)) for one in named]
        if sum(pieces for _, pieces in basket) < 2:
            return None
        like, language = named[0].facts["price"], context.language
        total = sum(product["price"]["minor"] * pieces for product, pieces in basket)
        lines = [
            f"{pieces} × {product['name']} {self._wording.money(product['price']['minor'] * pieces, like, language)}"
            for product, pieces in basket
        ]
        values = {"lines": self._wording.listed(lines, language), "amount": self._wording.money(total, like, language)}
        return Told((Part("shelf_sum", values),), facts=(_looked(named),), after=state.listed(_items(named)))

    async def _for_so_much(self, text: str, context: ToolContext, state: DialogueState) -> Told | None:
        found = (await self._belt.run(ToolCall("find_products", {"limit": 20}), context)).facts["products"]
        limit = _limit(text, found[0]["price"]["currency"]) if found else None
        if limit is None:
            return None
        fits = sorted((one for one in found if one["price"]["minor"] <= limit), key=_price)
        language, like = context.language, found[0]["price"]
        lines = [f"{one['name']} {one['price']['text']}" for one in fits or [min(found, key=_price)]]
        values = {
            "lines": self._wording.listed(lines, language),
            "amount": self._wording.money(limit, like, language),
        }
        shown = [Named((one["name"],), one) for one in fits]
        part = Part("shelf_within" if fits else "shelf_none_within", values)
        return Told((part,), facts=(_looked(shown),), after=state.listed(_items(shown)))


def _limit(text: str, currency: str) -> int | None:
    """The sum of money that a text names, in minor units of a currency; None for none, or for one in another."""
    for found in _AMOUNT.finditer(text):
        unit = (found["sign"] or "") + (found["unit"] or "")
        other = _CNY if currency == "USD" else _USD
        said = found["count"]
        count = float(said) if said[0].isdigit() else number_of(said)
        if not count or count < 2:
            continue
        return None if unit and other.search(unit) else int(count * _MINOR)
    return None


def _price(product: Facts) -> int:
    return int(product["price"]["minor"])


def _looked(named: Sequence[Named]) -> Facts:
    return {"tool": "find_products", "outcome": "found", "facts": {"products": [one.facts for one in named]}}


def _items(named: Sequence[Named]) -> tuple[str, ...]:
    return tuple(one["item"] for thing in named for one in thing.facts["variants"])
