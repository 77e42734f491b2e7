"""The products of the shop that a message names, looked up on the shelf."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.cases.things import names_of
from orchestrator.dialogue.mentions import mentioned
from orchestrator.dialogue.numerals import NUMBER, number_of
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.retrieval.knowledge import Article
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.shelf import search_words
from orchestrator.tools.tool import ToolCall, ToolContext

_QUERY_CHARS = 200
_MOST_PIECES = 99

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Named:
    """Something by its names."""

    names: tuple[str, ...]
    facts: Facts


class NamedProducts:
    """Finds what is named.

    Args:
        belt: Where the tools are.
        aliases: Words that mean the same thing of the shop.
    """

    def __init__(self, belt: ToolBelt, aliases: Sequence[frozenset[str]] = ()) -> None:
        self._belt, self._aliases = belt, aliases

    @property
    def there(self) -> bool:
        """Whether there is a shelf to look at."""
        return "find_products" in self._belt.names

    async def all_in(self, text: str, context: ToolContext) -> list[Named]:
        """Every product whose kind a text names: "paper" alone is no lamp.

        Raises:
            ServiceError: The products could not be looked up.
        """
        if not text:
            return []
        words = search_words(text)
        also = {one for group in self._aliases if _holds(group, text, words) for one in group}
        query = " ".join([*sorted(also), *sorted(words)])[:_QUERY_CHARS]
        found = await self._belt.run(ToolCall("find_products", {"query": query, "limit": 20}), context)
        things = [Named(names_of(one), one) for one in found.facts["products"]]
        return [one for one in things if self._kind_named(one, text, words)]

    async def meant(self, text: str, context: ToolContext) -> list[Named]:
        """Of these the ones that a text means: the best named, or all of several.

        Raises:
            ServiceError: The products could not be looked up.
        """
        named = await self.all_in(text, context)
        best = mentioned(text, named, self._aliases)
        return named if len(named) > 1 and PHRASES.has("in_addition", text) else best or named

    async def spoken_of(self, state: DialogueState, context: ToolContext) -> list[Named]:
        """What was spoken of before: shown on the shelf, or named as a product.

        Raises:
            ServiceError: The products could not be looked up.
        """
        if state.last_case == "shelf" and state.shown:
            return await self.meant(state.shown[0], context)
        return await self.meant(state.slots.get("product", ""), context)

    def pieces(self, text: str, product: Named) -> int:
        """How many of it a text speaks of; one when it says none."""
        words = "|".join(re.escape(one) for one in self.words_for(product.facts))
        before = (
            rf"({NUMBER})\s*(?:x|×|个|只|盏|条|件|把|支|块)?\s*(?:[a-z]+ ){{0,2}}?(?:[㐀-䶿一-鿿]{{0,4}}?)(?:{words})"
        )
        found = re.search(before, text, re.IGNORECASE)
        count = number_of(found[1]) if found else None
        return min(count, _MOST_PIECES) if count else 1

    def words_for(self, product: Facts) -> frozenset[str]:
        """The words by which a product's kind is called."""
        kinds = {name.casefold().split()[-1] for name in names_of(product)} | {product["product"]}
        return frozenset(kinds).union(*(group for group in self._aliases if kinds & group))

    def _kind_named(self, product: Named, text: str, words: frozenset[str]) -> bool:
        return _holds(self.words_for(product.facts) - {product.facts["product"]}, text, words) or (
            product.facts["product"] in words
        )


def article_of(product: Facts, articles: Mapping[str, Article]) -> Article | None:
    """The article that is about a product alone; None when there is none."""
    names = [name.casefold() for name in names_of(product)]
    return next(
        (
            one
            for one in articles.values()
            if one.thing == "one" and any(name in title.casefold() for title in one.title.values() for name in names)
        ),
        None,
    )


def _holds(group: Iterable[str], text: str, words: frozenset[str]) -> bool:
    """Whether a text holds one of the words: English ones as words, Chinese ones anywhere."""
    plain = text.casefold()
    return any(one in words if one.isascii() else one in plain for one in group)
