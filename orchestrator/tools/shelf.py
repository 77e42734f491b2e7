"""The tool that looks at the shelf: what there is to buy, what it costs, and what is in stock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Annotated, Any

import msgspec

from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.schema import Product
from orchestrator.tools.facts import money
from orchestrator.tools.shop_tool import ShopTool
from orchestrator.tools.tool import Outcome, ToolContext, ToolResult

_WORD = re.compile(r"[a-z0-9]+|[㐀-䶿一-鿿]+")
_SHORTEST = 3  # letters of an English word that says something
_MOST_WORDS = 24
_FEW = 5  # pieces: fewer are worth a hint


class FindProductsArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which products."""

    query: Annotated[
        str, msgspec.Meta(max_length=200, description="Words of a product, in any of its languages; empty: all")
    ] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=20)] = 10


class FindProducts(ShopTool[FindProductsArguments]):
    """Finds products of the shop."""

    name = "find_products"
    about = {  # noqa: RUF012
        "en": "Finds products of the shop by name: price, colours or sizes, and which of them are in stock.",
        "zh": "按名称查询店里的商品：价格、颜色或规格，以及哪些有货。",
    }
    arguments = FindProductsArguments
    effect = False

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: FindProductsArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        families = [list(own) for _, own in groupby(await desk.products(), key=lambda one: one.family)]
        words = search_words(arguments.query)
        found = [own for own in families if _fits(own, words)] if words else families
        shown = found[: arguments.limit]
        facts = {"count": len(found), "products": [await _family(desk, own, context.language) for own in shown]}
        return ToolResult(Outcome.FOUND if found else Outcome.NONE, facts)


def search_words(text: str) -> frozenset[str]:
    """What a text can be searched by: English words in the singular, and pairs of Chinese characters."""
    words: set[str] = set()
    for piece in _WORD.findall(text.casefold()):
        if piece.isascii():
            words |= {_singular(piece)} if len(piece) >= _SHORTEST else set()
        else:
            words |= {piece[at : at + 2] for at in range(max(1, len(piece) - 1))}
    return frozenset(sorted(words)[:_MOST_WORDS])


def _fits(variants: Sequence[Product], words: Iterable[str]) -> bool:
    names = " ".join(f"{one.sku} {one.name('en')} {one.name('zh')}" for one in variants).casefold()
    return any(word in names for word in words)


async def _family(desk: Desk, variants: Sequence[Product], language: str) -> dict[str, Any]:
    first, other = variants[0], "en" if language == "zh" else "zh"
    return {
        "product": first.family,
        "name": first.name_zh if language == "zh" else first.name_en,
        "also_called": first.name_zh if other == "zh" else first.name_en,
        "price": money(first.price(desk.customer.currency), language),
        "delivery": {
            "fee": money(desk.policy.standard_fee[desk.customer.currency], language),
            "free_from": money(desk.policy.free_shipping_threshold[desk.customer.currency], language),
        },
        "variants": [await _variant(desk, one, language) for one in variants],
    }


async def _variant(desk: Desk, product: Product, language: str) -> dict[str, Any]:
    left = product.stock - await desk.taken(product)
    names = {"en": product.variant_en, "zh": product.variant_zh}
    other = names["en" if language == "zh" else "zh"]
    return {
        "item": product.sku,
        "name": names[language],
        "also_called": other,
        "in_stock": left > 0,
        "few_left": 0 < left < _FEW,
        "returnable": product.returnable,
    }


def _singular(word: str) -> str:
    return word[:-1] if len(word) > _SHORTEST and word.endswith("s") and not word.endswith("ss") else word
