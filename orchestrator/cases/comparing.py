"""The case of things that are compared: what the books and the articles tell of each, side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.cases.named_products import Named, NamedProducts, article_of
from orchestrator.cases.told import SAID, Part, Told
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.reply.lacking import lacks
from orchestrator.retrieval.knowledge import Article
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import ToolContext
from orchestrator.understanding.utterance import Utterance

_MOST = 3
_SENTENCES = {"en": re.compile(r"(?<=[.!?;])\s+"), "zh": re.compile(r"(?<=[。！？；])")}
_MEASURE = re.compile(r"\d ?(?:ml|cm|hours?|kg|g\b)|\d ?(?:毫升|厘米|小时|公斤|克)")

Facts = Mapping[str, Any]


class CompareCase:
    """Compares products of the shop, or variants of one; changes nothing and judges nothing but prices.

    Args:
        belt: Where the tools are.
        wording: Words for facts.
        aliases: Words that mean the same thing of the shop.
        articles: All articles.
    """

    def __init__(
        self, belt: ToolBelt, wording: Wording, aliases: Sequence[frozenset[str]], articles: Mapping[str, Article]
    ) -> None:
        self._products, self._wording, self._articles = NamedProducts(belt, aliases), wording, articles

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None when no products are named that could be compared.

        Raises:
            ServiceError: The products could not be looked up.
        """
        if not self._products.there:
            return None
        named = (await self._products.all_in(utterance.text, context))[:_MOST]
        if len(named) == 1 and (before := await self._spoken_of(state, context)) is not None:
            named = [before, *named] if before.facts["product"] != named[0].facts["product"] else named
        if not named:
            return None
        parts = self._parts(utterance.text, named, context.language)
        looked = {"tool": "find_products", "outcome": "found", "facts": {"products": [one.facts for one in named]}}
        items = tuple(one["item"] for thing in named for one in thing.facts["variants"])
        return Told(parts, facts=(looked,), after=state.listed(items)) if parts else None

    async def _spoken_of(self, state: DialogueState, context: ToolContext) -> Named | None:
        """The product that the last answer was about ("is it heavier than the tote?"); None for none."""
        topic = self._articles.get(state.topic)
        if topic is None or topic.thing != "one":
            return None
        found = await self._products.meant(topic.title[context.language], context)
        return found[0] if len(found) == 1 else None

    def _parts(self, text: str, named: Sequence[Named], language: str) -> tuple[Part, ...]:
        if len(named) == 1:
            return self._of_variants(named[0].facts, language)
        if PHRASES.has("compares_prices", text):
            return (self._of_prices([one.facts for one in named], language),)
        about = [article_of(one.facts, self._articles) for one in named]
        size = PHRASES.has("compares_sizes", text)
        answers = [one.answer[language] for one in about if one is not None]
        missing = (Part("figure_missing", {}),) if any(lacks(one, text) for one in answers) else ()
        told = tuple(Part(SAID, {"text": _sized(one, language) if size else one}) for one in answers)
        return (*missing, *told)

    def _of_variants(self, product: Facts, language: str) -> tuple[Part, ...]:
        names = [one["name"] for one in product["variants"] if one["name"]]
        if len(names) < 2:
            return ()
        values = {"item": product["name"], "price": product["price"]["text"]}
        return (Part("compared_variants", values | {"variants": self._wording.listed(names, language)}),)

    def _of_prices(self, products: Sequence[Facts], language: str) -> Part:
        ranked = sorted(products, key=lambda one: int(one["price"]["minor"]))
        lines = [f"{one['name']} {one['price']['text']}" for one in products]
        values = {"lines": self._wording.listed(lines, language), "item": ranked[0]["name"]}
        alike = ranked[0]["price"]["minor"] == ranked[-1]["price"]["minor"]
        return Part("compared_prices_alike" if alike else "compared_prices", values)


def _sized(answer: str, language: str) -> str:
    """The sentences of an answer that measure something; the whole answer when none does."""
    measured = [one.strip() for one in _SENTENCES[language].split(answer) if _MEASURE.search(one)]
    return (" " if language == "en" else "").join(measured) or answer
