"""What a message says is not so, or stays as it is: "7, not 6", "电话不变". Neither is a value."""

from __future__ import annotations

import re
from collections.abc import Mapping

from orchestrator.dialogue.forms import Form
from orchestrator.dialogue.numerals import NUMBER, number_of

_WHAT_ZH = (
    "(?:收货|订单)?(?:地址|邮编|邮政编码|电话|手机号?码?|收件人|收货人|名字|姓名|"
    "日期|时间|人数|其他|其它|其余|别的|剩下的|邮箱|抬头|税号|数量)"
)
_WHAT_EN = (
    r"(?:(?:delivery )?address|street|post ?code|zip(?: code)?|city|phone(?: number)?|mobile|number|name|"
    r"recipient|e-?mail|date|day|time|people|title|tax (?:number|id)|rest|everything else|all else|others?|quantity)"
)
_KEPT_EN = r"(?:exactly |all |still )?(?:the same|unchanged|as (?:it is|is|they are|before|it was))\b"
_UNCHANGED = re.compile(
    rf"(?:{_WHAT_ZH}(?:信息|的)?(?:[、和跟与及 ]|还有)*)+(?:都|也|还是|就|仍然|全部?|保持)*"
    r"(?:不变|不用(?:改|变|换|动)|不改|不动|别(?:改|动)|照旧|没变|(?:跟|和|与)?(?:以前|原来|之前|原先)?的?一样|用?原来的)|"
    # several things stay; before a single one that stays, what is named is something else
    rf"(?:(?:the|my|all|both)\s+)*(?:{_WHAT_EN}(?:\s*(?:,|\band\b|&|\bthe\b|\bmy\b)\s*)*)+"
    rf"\s*(?:(?:can|should|will|all|still|just|both)\s+)*(?:stay|remain|are|keep|be)\s+{_KEPT_EN}|"
    rf"(?:(?:the|my)\s+)*{_WHAT_EN}(?:\s+(?:and|&)\s+(?:the |my )?{_WHAT_EN})*"
    rf"\s+(?:(?:should|will|still|just)\s+)*(?:stays?|remains?|is|keeps?)\s+{_KEPT_EN}|"
    r"\b(?:same|keep (?:the |my )?(?:same )?|(?:don't|do not) (?:change|touch) (?:the |my )|leave (?:the |my ))"
    rf"\s*{_WHAT_EN}\b(?: as (?:it is|before|is|they are|last time))?",
    re.IGNORECASE,
)
_UNIT = r"(?:\s*(?::\s?\d\d|点半?|号|日|个人|个|位|人|天|(?:o'?clock|pm|am|people|persons|guests)\b))?"
_DENIED = re.compile(
    rf"\b(?:and not|not|instead of|rather than)\s+(?:on |at |for |the |this |next )*"
    rf"(?:{NUMBER}(?![\w-]){_UNIT}|[a-z]+day\b|tomorrow\b|today\b)|"
    r"(?<!是)(?:而)?不是[^，,。！是]{1,8}?(?=[，,。！ ]|而?是|$)",
    re.IGNORECASE,
)
_WRONG_NUMBER = re.compile(rf"(?:\b(?:not|instead of|rather than)\s+(?:at |for )?|不是)\s*({NUMBER})", re.IGNORECASE)
_HALF_A_DAY = 12


def without_unchanged(text: str) -> str:
    """A text without what is told to stay as it is."""
    return _UNCHANGED.sub(" ", text)


def without_denied(text: str) -> str:
    """A text without the number, the day or the time that is told to be wrong."""
    return _DENIED.sub(" ", text)


def corrected_slots(form: Form, filled: Mapping[str, str], text: str) -> frozenset[str]:
    """The numbers and times of a form that have the value which a text denies ("7, not 6"); none where none has."""
    found = _WRONG_NUMBER.search(text)
    wrong = number_of(found[1]) if found else None
    if wrong is None:
        return frozenset()
    return frozenset(slot.name for slot in form.slots if _is(slot.type, filled.get(slot.name, ""), wrong))


def _is(kind: str, value: str, number: int) -> bool:
    if kind == "number":
        return value == str(number)
    return kind == "time" and bool(value) and int(value[:2]) % _HALF_A_DAY == number % _HALF_A_DAY
