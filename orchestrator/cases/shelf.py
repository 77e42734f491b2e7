"""The case of the shelf: what something costs, what colours it comes in, and whether it is in stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from orchestrator.cases.named_products import Named, NamedProducts, article_of
from orchestrator.cases.told import Part, Told
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.mentions import words_for
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.retrieval.knowledge import Article
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.shelf import search_words
from orchestrator.tools.tool import ToolContext
from orchestrator.understanding.utterance import Utterance

_STOCK_RULE = "product-stock"
_MOST = 3

Facts = Mapping[str, Any]


def asks_shelf(utterance: Utterance, state: DialogueState) -> bool:
    """Whether a message asks what something costs or whether there is any, and not about an order of its own."""
    text = utterance.text
    if utterance.sticker is not None or utterance.number or PHRASES.has("about_bought", text):
        return False
    if PHRASES.has("asks_measure", text):
        return False  # "how much does the teapot hold?" asks for no price
    asked = any(PHRASES.has(kind, text) for kind in ("asks_price", "asks_stock", "asks_choice"))
    return asked or (state.last_case == "shelf" and PHRASES.has("elliptical", text))


class ShelfCase:
    """Tells prices, variants and stock from the shop's rows; changes nothing.

    Args:
        belt: Where the tools are.
        wording: Words for facts.
        aliases: Words that mean the same thing of the shop.
        articles: All articles; the one of a product is the topic then.
    """

    def __init__(
        self, belt: ToolBelt, wording: Wording, aliases: Sequence[frozenset[str]] = (),
        articles: Mapping[str, Article] | None = None,
    ) -> None:  # fmt: skip
        self._products, self._wording, self._aliases = NamedProducts(belt, aliases), wording, aliases
        self._articles = articles or {}

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None when no product of the shop is meant.

        Raises:
            ServiceError: The products could not be looked up.
        """
        if not self._products.there:
            return None
        meant = await self._products.meant(utterance.text, context) or await self._products.spoken_of(state, context)
        if not meant and (topic := self._articles.get(state.topic)) is not None and topic.thing == "one":
            meant = await self._products.meant(topic.title[context.language], context)  # "and what does it cost?"
        if not await self._products.all_in(utterance.text, context) and self._is_of_another(utterance.text, meant):
            return None
        if not meant:
            return None
        meant = meant[:_MOST]
        parts = tuple(self._part(utterance.text, one.facts, context.language) for one in meant)
        looked = {"tool": "find_products", "outcome": "found", "facts": {"products": [one.facts for one in meant]}}
        items = tuple(one["item"] for thing in meant for one in thing.facts["variants"])
        rule = _STOCK_RULE if any(part.template.startswith("shelf_sold_out") for part in parts) else ""
        topic = article_of(meant[0].facts, self._articles)  # "and how much does it hold?" goes on from there
        after = (
            msgspec.structs.replace(state.listed(items), topic=topic.id) if topic is not None else state.listed(items)
        )
        return Told(parts, rule, (looked,), after=after)

    def _is_of_another(self, text: str, meant: Sequence[Named]) -> bool:
        """Whether "do you have X?" asks for something else than what was spoken of before."""
        about_it = any(PHRASES.has(kind, text) for kind in ("asks_price", "asks_choice", "that_one", "elliptical"))
        pronoun = PHRASES.has("bare_stock", text)
        named = any(self._variant(text, one.facts["variants"]) is not None for one in meant)
        return not (about_it or pronoun or named)

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
        things = [Named((one["name"], one["also_called"]), one) for one in variants if one["name"]]
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
