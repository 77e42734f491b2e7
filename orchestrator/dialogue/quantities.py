"""How many pieces of one thing a message means, in both languages; unsure is none, and then it is asked."""

from __future__ import annotations

import re
from collections.abc import Collection

from orchestrator.dialogue.numerals import number_in, number_of

_NUM_EN = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_NUM_ZH = r"(?:\d{1,3}|[一二两俩三仨四五六七八九十]{1,3})"
_HAS_HAN = re.compile(r"[㐀-䶿一-鿿]")
_ALL = re.compile(
    r"\b(both|all of (?:them|it|these|those)|all (?:the|my|these|those)\b|all \w+|everything|each of them|every one|"
    r"the whole (?:lot|set)|the pair|the lot)\b|全部|全都|全退|全换|通通|统统|所有|一起(?:退|换)|"
    r"[两俩三仨四五六七八九十\d](?:个|只|件|条|盏|把|支)?(?:我)?(?:全|都)|都(?:要|想|得|给我)?(?:退|换|坏|碎|破|裂|漏|磕|有问题)",
    re.IGNORECASE,
)
# What says that not all are meant, whatever else is said.
_NOT_ALL = re.compile(r"\bnot (?:both|all|the two)\b|不是(?:全|都|两)|(?:不|没)(?:是)?都|别都|不要全", re.IGNORECASE)
_SINGLE = re.compile(
    r"\bonly the \w+ one\b|\bthe (?:chipped|broken|cracked|damaged|faulty|bad|torn|leaky|leaking|scratched|smashed|"
    r"defective|dented|stained) one\b|\ba single\b|\bone (?:is|was|has|had|came|arrived|got|broke|cracked|leaks?|"
    r"turned|"
    r"looks|seems|only|arrives)\b|\b(?:just|only)(?: the)? one\b|\bthe other(?: one)?(?:'s| is| was) "
    r"(?:fine|ok(?:ay)?|good|intact|great|perfect)\b|其中(?:有)?(?:之一|一)|(?:里|中)(?:面|间)?(?:的)?(?:有)?一|"
    r"有一?(?:个|只|件|条|盏|把)(?!裂[口纹缝痕]|缺口|破?洞|口子|豁口|划痕|污|瑕疵|问题|字|名)|"
    r"另(?:外)?(?:那|的)?(?:一)?(?:个|只|件|条|盏|把|支)|单(?:个|只|件)",
    re.IGNORECASE,
)
_OF = re.compile(
    rf"\b({_NUM_EN}) (?:out )?of (?:the |them\b|these\b|those\b|my |our |{_NUM_EN}\b)(?: ?{_NUM_EN}\b)?", re.IGNORECASE
)
_JUST = re.compile(
    rf"\b(?:just|only|refund|return|exchange|swap|replace|send back)(?: me)?(?: for)?(?: just| only)?"
    rf"(?: the)? ({_NUM_EN})\b(?! (?:order|day|week|month|hour|usd|cny|dollar|yuan))",
    re.IGNORECASE,
)
_PIECES = re.compile(rf"\b({_NUM_EN}) (?:pieces?|pcs|items?|units?)\b", re.IGNORECASE)
_COUNTED_ZH = re.compile(
    rf"(?<![第换另再这那每\d])({_NUM_ZH})\s*(?:个|只|件|条|盏|把|支|块|份|套|瓶)(?!月|小时|钟头|星期|礼拜|人|工作|字|瓷|漆|角|口|缺|裂|洞)"
    r"|(?<![㐀-䶿一-鿿])([俩仨])|([俩])(?=杯|碗|袋|包|灯|都|坏|碎)"
)
# A number of what was bought is not one of what is meant.
_BOUGHT = re.compile(
    rf"\b(?:bought|ordered|purchased|paid for|got myself)(?: \w+)? {_NUM_EN}\b|"
    rf"(?:买|订|拍|下单|购买)(?:了|的)?(?:一共|总共)?\s*{_NUM_ZH}\s*(?:个|只|件|条|盏|把|支|份|套|瓶)(?!都)|"
    rf"\b(?:of|out of)(?: the| my| these| those)? {_NUM_EN}\b|"
    rf"{_NUM_ZH}\s*(?:个|只|件|条|盏|把|支)\S{{0,4}}?(?=里|中|其中)",
    re.IGNORECASE,
)


_BARE = re.compile(
    rf"^(?:just |only |all )?{_NUM_EN}(?: of (?:them|these|those))?(?: please)?[\s.!]*$"
    r"|^(?:both|all)(?: of (?:them|it))?[\s.!]*$",
    re.IGNORECASE,
)


_TOTAL = re.compile(
    rf"\b(?:of|out of) (?:the|my|these|those) ({_NUM_EN})\b|\b(both)\b|\b(?:the|my) ({_NUM_EN}) [a-z]+s\b|"
    rf"(?<![第一这那每\d])({_NUM_ZH})(?:个|只|件|条|盏|把|支)",
    re.IGNORECASE,
)


def total_in(text: str) -> int | None:
    """How many of a thing there are, as far as a text tells: "one of the two mugs"; None for none or one."""
    found = _TOTAL.search(text)
    words = next((one for one in found.groups() if one), "") if found else ""
    total = 2 if words.lower() == "both" else number_of(words) if words else None
    return total if total is not None and total > 1 else None


_MORE = re.compile(
    rf"\b({_NUM_EN}|an?) (?:more|extra|additional)\b|\b(?:add|plus) ({_NUM_EN}|an?|another)(?: more)?\b|"
    rf"\b(another) (?:person|guest|one)\b|"
    rf"(?:再|多)(?:加|来|添|算)?(?:上)?({_NUM_ZH})(?:个|位|人|名|只|件|条)|加({_NUM_ZH})(?:个|位)?人",
    re.IGNORECASE,
)
_LESS = re.compile(
    rf"\b({_NUM_EN}) (?:person |people |guests? )?(?:fewer|less)\b|\b({_NUM_EN}) (?:person |people |of us )?"
    rf"(?:can't|cannot|won't) (?:come|make it)\b|"
    rf"(?:少|减)(?:了|去|掉)?({_NUM_ZH})(?:个|位|人|名|只|件|条)|({_NUM_ZH})(?:个|位)?人?(?:来不了|不来了?|去不了)",
    re.IGNORECASE,
)


def changed_by(text: str) -> int | None:
    """How many more than what was told before, negative for fewer; None when it is not told so."""
    for pattern, sign in ((_MORE, 1), (_LESS, -1)):
        if found := pattern.search(text):
            words = next(one for one in found.groups() if one)
            return sign * (1 if words.lower() in ("a", "an", "another") else number_of(words) or 1)
    return None


def only_counts(text: str) -> bool:
    """Whether a text is a number in words or little more: it answers how many, whatever was asked."""
    return not text[:1].isdigit() and bool(_BARE.match(text))


def pieces_in(
    text: str, bought: int | None, names: Collection[str] = (), *, asked: bool = False, nouns: Collection[str] = ()
) -> int | None:
    """The pieces that a text means.

    Args:
        text: What was said.
        bought: How many there are; None while the thing is not known.
        names: Words for the thing, to know "two mugs" and "a mug" by.
        asked: Whether the text answers just that question, so that a bare number counts.
        nouns: Those of the words that by themselves are what the thing is: "my mug" is one, "my mugs" are not.

    Returns:
        The number; None when it says none, or several that do not go together.
    """
    stated = _BOUGHT.sub(lambda found: _without_total(found[0]), text)
    counts = set(_counts(stated, names))
    if _SINGLE.search(text):
        counts.add(1)
    if bought is not None:  # "two mugs, one is chipped": the total is said beside what is meant
        counts = counts - {bought} if len(counts) > 1 else counts
    if len(counts) == 1:
        return counts.pop()
    if counts:
        return None
    if _ALL.search(text) and not _NOT_ALL.search(text):
        return bought
    if asked and (number := number_in(text)) is not None:
        return number
    return 1 if _one_of(nouns, text) else None


def _one_of(nouns: Collection[str], text: str) -> bool:
    """Whether a thing is spoken of as one: "my mug", "那个杯子"."""
    en = "|".join(re.escape(one) for one in nouns if not _HAS_HAN.search(one))
    zh = "|".join(re.escape(one) for one in nouns if _HAS_HAN.search(one))
    between = r"(?: (?!of\b|for\b|to\b|and\b|or\b)[a-z]+){0,2}"
    single = en and rf"\b(?:my|the|this|that|his|her|our){between} (?:{en})\b(?! (?:order|set)s?\b)"
    plural = en and rf"\b(?:{en})e?s\b"
    pointed = zh and rf"[这那](?:个|只|件|条|盏|把|支)[^，。！？单]{{0,6}}?(?:{zh})"
    if plural and re.search(plural, text, re.IGNORECASE):
        return False
    return any(one and re.search(one, text, re.IGNORECASE) for one in (single, pointed))


def _counts(text: str, names: Collection[str]) -> list[int]:
    found = [match[1] for pattern in (_OF, _JUST, _PIECES) for match in pattern.finditer(text)]
    found += [next(one for one in match.groups() if one) for match in _COUNTED_ZH.finditer(text)]
    things = "|".join(re.escape(name) for name in names if not _HAS_HAN.search(name))
    if things:
        named = rf"\b((?<!for )an?|{_NUM_EN})(?: (?!of\b|for\b|to\b|and\b|or\b)[a-z]+){{0,2}} (?:{things})(?:e?s)?\b"
        found += [match[1] for match in re.finditer(named, text, re.IGNORECASE)]
    return [number for one in found if (number := number_of(one)) is not None]


def _without_total(words: str) -> str:
    """What is left of "one of the two": "of"; the total goes."""
    return "of them" if re.match(r"(?:of|out of)\b", words, re.IGNORECASE) else ""
