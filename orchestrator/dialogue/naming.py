"""Names of people and firms as they are told, without what is said around them. Half a sentence is no name."""

from __future__ import annotations

import re

# Up to here a Chinese sentence tells what is wanted; the name comes behind it.
_WISH_ZH = re.compile(
    r"^.*(?:要开|想开|帮我开|给我开|开一?张|开个|开成|开给|写成|写给|那单|这单|订单|单子|发票|抬头|麻烦|帮忙|改成|改为|换成)"
    r"(?:的|是|写|为|[:：，, ])*"
)
# What stands where a name should, and is none: a label, or that nothing changes.
_LABEL = re.compile(
    r"(?:一?[个张]|我们?|我的|的|用|写|开|就|还是|我?自己|那个|这个)*"
    r"(?:公司|个人|单位|企业|名字|名称|电子|普通|增值税|抬头|发票|名义|全称|姓名|收件人|一下)*(?:的|吧|了)*|"
    r"(?:(?:a|an|the|my|our|own|for|on|it|is|as|to|just|me|myself|new)\s*)*"
    r"(?:(?:company|companies|business|firm|person|personal|private|individual|invoice|receipt|name|title|recipient)"
    r"(?:'s)?\s*)*(?:(?:name|one|please|invoice|title)\s*)*",
    re.IGNORECASE,
)
_STAYS = re.compile(
    r"不变|照旧|同上|老样子|(?:跟|和|与|同)?(?:上次|之前|以前|原来|原先)(?:的)?(?:一样|相同)?$|一样的?$|不用改|没变|"
    r"\bsame\b|\bunchanged\b|\bas (?:before|usual|it is|last time)\b|\blike (?:before|last time)\b|\bon file\b",
    re.IGNORECASE,
)
_NO_NAME_EN = re.compile(
    r"\b(?:i|i'm|i'd|want|need|please|invoices?|receipt|order(?:ed)?|bought|send|before|whatever|dunno|know|why|what|"
    r"which|how|should|would|could|can't|don't|didn't|yet|because|address|changed?|wrong|it's|isn't|tomorrow)\b",
    re.IGNORECASE,
)
_NO_NAME_ZH = re.compile(
    r"^(?:错|对|成|为|好|了)|错了|错误|不对|什么|怎么|为什么|不知道|我要|我想|想要|帮我|给我|可以|能不能|那单|这单|订单|发票|不是|就是|还没|已经|地址|电话|邮编|"
    r"邮箱|手机|一下|不用|不要|谢谢|麻烦|退货|退款|换货|[吗呢吧嘛？?]$"
)
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_PERSON = re.compile(r"[㐀-䶿一-鿿·]{1,12}|[^\W\d_][\w.'’-]*(?:[ ,]+[^\W\d_][\w.'’-]*){0,5}")
_MOST_WORDS = 10


def title_in(words: str) -> str:
    """The name for an invoice in some words; empty when they hold none."""
    name = _WISH_ZH.sub("", words).strip(" ,，.。;；:：\"'「」“”") if _HAN.search(words) else words.strip()
    if not name or _LABEL.fullmatch(name) or _STAYS.search(name) or len(name.split()) > _MOST_WORDS:
        return ""
    return "" if (_NO_NAME_ZH if _HAN.search(name) else _NO_NAME_EN).search(name) else name


def person_in(words: str) -> str:
    """The name of a person in some words; empty when they hold none."""
    name = title_in(words)
    return name if name and _PERSON.fullmatch(name) else ""
