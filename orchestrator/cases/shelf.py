"""The case of the shelf: what something costs, what colours it comes in, and whether it is in stock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.cases.told import Part, Told
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.mentions import mentioned, words_for
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.shelf import search_words
from orchestrator.tools.tool import ToolCall, ToolContext
from orchestrator.understanding.utterance import Utterance

_STOCK_RULE = "product-stock"
_MOST = 3
_QUERY_CHARS = 200

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class _Thing:
    """Something by its names."""

    names: tuple[str, ...]
    facts: Facts


def asks_shelf(utterance: Utterance, state: DialogueState) -> bool:
    """Whether a message asks what something costs or whether there is any, and not about an order of its own."""
    text = utterance.text
    if utterance.sticker is not None or utterance.number or PHRASES.has("about_bought", text):
        return False
    asked = any(PHRASES.has(kind, text) for kind in ("asks_price", "asks_stock", "asks_choice"))
    return asked or (state.last_case == "shelf" and PHRASES.has("elliptical", text))


class ShelfCase:
    """Tells prices, variants and stock from the shop's rows; changes nothing.

    Args:
        belt: Where the tools are.
        wording: Words for facts.
        aliases: Words that mean the same thing of the shop.
    """

    def __init__(self, belt: ToolBelt, wording: Wording, aliases: Sequence[frozenset[str]] = ()) -> None:
        self._belt, self._wording, self._aliases = belt, wording, aliases

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None when no product of the shop is meant.

        Raises:
            ServiceError: The products could not be looked up.
        """
        if "find_products" not in self._belt.names:
            return None
        meant = await self._find(utterance.text, context) or await self._find(_spoken_of(state), context)
        if not meant:
            return None
        meant = meant[:_MOST]
        parts = tuple(self._part(utterance.text, one.facts, context.language) for one in meant)
        looked = {"tool": "find_products", "outcome": "found", "facts": {"products": [one.facts for one in meant]}}
        items = tuple(one["item"] for thing in meant for one in thing.facts["variants"])
        rule = _STOCK_RULE if any(part.template.startswith("shelf_sold_out") for part in parts) else ""
        return Told(parts, rule, (looked,), after=state.listed(items))

    async def _find(self, text: str, context: ToolContext) -> list[_Thing]:
        """The products that a text means."""
        if not text:
            return []
        words = search_words(text)
        also = {one for group in self._aliases if _holds(group, text, words) for one in group}
        query = " ".join([*sorted(also), *sorted(words)])[:_QUERY_CHARS]
        found = await self._belt.run(ToolCall("find_products", {"query": query, "limit": 20}), context)
        return self._meant(text, [_Thing(_names(one), one) for one in found.facts["products"]])

    def _meant(self, text: str, products: Sequence[_Thing]) -> list[_Thing]:
        """The products whose kind is named: "paper" alone is no lamp."""
        words = search_words(text)
        named = [one for one in products if self._kind_named(one, text, words)]
        best = mentioned(text, named, self._aliases)
        return named if len(named) > 1 and PHRASES.has("in_addition", text) else best or named

    def _kind_named(self, product: _Thing, text: str, words: frozenset[str]) -> bool:
        kinds = {name.casefold().split()[-1] for name in product.names}
        groups = [group for group in self._aliases if kinds & group]
        return _holds(kinds.union(*groups), text, words) or product.facts["product"] in words

    def _part(self, text: str, product: Facts, language: str) -> Part:
        variants = product["variants"]
        values = {"item": product["name"], "price": product["price"]["text"]}
        wanted = self._variant(text, variants)
        if wanted is not None:
            return self._of_variant(product, wanted, values, language)
        there = [one for one in variants if one["in_stock"]]
        names = self._wording.listed([one["name"] for one in there if one["name"]], language)
        if not there:
            return Part("shelf_sold_out", values)
        if not names:
            return Part("shelf_price", values)
        gone = self._wording.listed([one["name"] for one in variants if not one["in_stock"]], language)
        values |= {"variants": names, "gone": gone}
        return Part("shelf_variants_some_gone" if gone else "shelf_variants", values)

    def _of_variant(self, product: Facts, wanted: Facts, values: dict[str, str], language: str) -> Part:
        named = values | {"item": _with(product["name"], wanted["name"], language)}
        if wanted["in_stock"]:
            return Part("shelf_few_left" if wanted["few_left"] else "shelf_there", named)
        others = [one["name"] for one in product["variants"] if one["in_stock"] and one["name"]]
        if not others:
            return Part("shelf_sold_out", named)
        return Part("shelf_sold_out_but", named | {"variants": self._wording.listed(others, language)})

    def _variant(self, text: str, variants: Sequence[Facts]) -> Facts | None:
        """The variant that is named, by a word that only it has."""
        things = [_Thing((one["name"], one["also_called"]), one) for one in variants if one["name"]]
        words = [words_for(one, self._aliases) for one in things]
        said = text.casefold()
        told = search_words(text)
        own = [
            thing
            for at, thing in enumerate(things)
            if any(
                (word in told) if word.isascii() else (word in said)
                for word in words[at].difference(*(words[:at] + words[at + 1 :]))
            )
        ]
        return own[0].facts if len(own) == 1 else None


def _with(product: str, variant: str, language: str) -> str:
    if not variant:
        return product
    return f"{product}（{variant}）" if language == "zh" else f"{product} ({variant})"


def _names(product: Facts) -> tuple[str, str]:
    return product["name"], product["also_called"]


def _holds(group: Iterable[str], text: str, words: frozenset[str]) -> bool:
    """Whether a text holds one of the words: English ones as words, Chinese ones anywhere."""
    plain = text.casefold()
    return any(one in words if one.isascii() else one in plain for one in group)


def _spoken_of(state: DialogueState) -> str:
    """What was spoken of before: shown on the shelf, or named as a product."""
    if state.last_case == "shelf" and state.shown:
        return state.shown[0]
    return state.slots.get("product", "")
