"""What only points at an order: "the tote that I bought with the candle" is about the tote, not about the candle."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orchestrator.dialogue.mentions import mentioned, stands_in, words_for
from orchestrator.dialogue.world import Item, Order, World

_THING = r"(?:the |my |a |an |some |those |that )?[a-z]+(?: (?!and\b|or\b)[a-z]+)?"
_GOT = r"(?:bought|ordered|purchased|got|received|came|arrived|delivered|was|were)"
_ALONG = r"(?:together with|along with|alongside|with|at the same time as|in the same (?:order|parcel|box) (?:as|with))"
_POINTS = re.compile(
    rf"\b(?:(?:that|which) )?(?:(?:i|we)(?:'ve| have| had)? )?{_GOT} (?:it |them )?(?:back then )?{_ALONG} {_THING}"
    rf"(?: and {_THING})?|"
    rf"\b(?:from|in|of) (?:the|that|my) (?:same )?(?:order|parcel|purchase)"
    r"(?: (?:that|which) (?:had|has|contained|included))?"
    rf"(?: (?:with|of|as))? {_THING}(?: and {_THING})?|"
    r"\b(?:from|in|of) (?:the|that|my) [a-z]+ (?:order|purchase)\b|"
    r"\b(?:the|my|that|this) (?:order|parcel|purchase) (?:with|of|containing|that (?:had|has))"
    rf" {_THING}(?: and {_THING})?|"
    r"(?:跟|和|与|同)[^，。！？退换]{1,12}?(?:一起|一块儿?|同时|一并|一同|同一?个?(?:单|订单))"
    r"(?:买|下单|下|拍|订|到|寄|收到|发)?(?:来|过来|回来)?(?:的|，|(?=那|这))|"
    r"(?:上次|之前|上回|那次|当时|前几天)?买[^，。！？退换]{1,12}?(?:时|的时候|那次|那会儿?)(?:候)?"
    r"(?:一起|顺便|顺带|顺手|一块儿?)?(?:买|带|拍|订|下)?的?|"
    r"(?:上次|之前|上回|前几天|当时)?(?:我)?(?:买|下|拍|订|有|含)(?:了|的|过)?[^，。！？退换]{1,14}?的?"
    r"(?:那|这)(?:一)?(?:个|张)?(?:单|笔|订单|次)(?:里面?|中)?(?:的)?|"
    r"(?:[㐀-䶿一-鿿]{1,6})(?:那|这)(?:一)?(?:个|张)?(?:单|笔|订单)(?:里面?|中)(?:的)?",
    re.IGNORECASE,
)


# What came in the place of what was ordered: the books know the latter alone.
_GOT_EN = (
    r"(?:got|received|you (?:guys )?sent(?: me)?|was sent|were sent|there came|came|this is|it'?s|it is|they are|"
    r"(?:what )?arrived)"
)
_SENT_ZH = r"(?:给我|收到|来|到|发|寄|送)(?:过来|来|到)?"
_BUT_GOT = re.compile(
    r"\b(?:ordered|bought|wanted|asked for|paid for|chose)\b[^.;!?]{1,50}?"
    r"((?:,|;|\.|\band\b|\bbut\b|\byet\b)[ ,]*(?:and |but |yet |instead )?(?:i |we |what )?(?:only |just )?"
    rf"{_GOT_EN}\b[^.;!?]*)|"
    r"\b((?:got|received|sent(?: me)?|came|arrived)\b[^.;,!?]{1,40}?)"
    r"(?:,? instead of|,? rather than|,? but i (?:had )?(?:ordered|wanted|bought)|,? not)\b [^.;!?]+|"
    r"(?:买|订|要|拍|下单|选)(?:了)?的(?:明明|应该)?是[^。！？]{1,16}?"
    rf"([，,。 ]?(?:结果|可是|但是?|却|怎么|你们)*{_SENT_ZH}(?:的|了|成)*(?:却|是|成|了)*[^。！？]*)|"
    rf"({_SENT_ZH}的[^，。是]{{0,4}}(?:却|竟然?)?是[^，。！？]{{1,16}})[，,。 ]?"
    r"(?:可是?|但是?|而)?(?:我)?(?:买|订|要|拍|下单|选)",
    re.IGNORECASE,
)


def as_ordered(text: str, items: Sequence[Item], aliases: Sequence[frozenset[str]] = ()) -> str:
    """A text without what came instead of what was ordered, as long as what is left names something that was."""
    found = _BUT_GOT.search(text)
    got = next((at for at in range(1, 5) if found[at]), 0) if found else 0
    if found is None or not got:
        return text
    left = f"{text[: found.start(got)]} {text[found.end(got) :]}"
    return left if mentioned(left, items, aliases) else text


def head_of(text: str, items: Sequence[Item], aliases: Sequence[frozenset[str]] = ()) -> str:
    """A text without the clauses that only point at an order, as long as what is left names a thing."""
    left = _POINTS.sub(" ", text)
    return left if left != text and mentioned(left, items, aliases) else text


def order_of_all(text: str, orders: Sequence[Order], world: World) -> Order | None:
    """The only order that holds every kind of thing that a text names, when it names more than one; None for none."""
    low = text.lower()
    named = [group for group in world.products if any(stands_in(word, low) for word in group)]
    if len(named) < 2:
        return None
    held = [[words_for(one, world.aliases) for one in order.items] for order in orders]
    whole = [
        order
        for order, things in zip(orders, held, strict=True)
        if all(any(group & words for words in things) for group in named)
    ]
    return whole[0] if len(whole) == 1 else None
