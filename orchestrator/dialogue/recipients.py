"""Who an address is for, as it is told together with it: a name and a telephone are no part of street or town."""

from __future__ import annotations

import re

from orchestrator.dialogue.naming import person_in
from orchestrator.dialogue.reads import MOBILE_ZH

_NAME_EN = r"(?:(?:mr|mrs|ms|miss|dr)\.? )?(?-i:[A-Z])[\w'’.-]*(?: (?-i:[A-Z])[\w'’.-]*){1,3}"
_DIGITS = r"\+?\d[\d ()-]{7,17}\d"
_LABEL_EN = r"(?:(?:the|my|her|his|their|its|your) )?(?:phone|mobile|cell|tel(?:ephone)?|contact)(?: (?:number|no\.?))?"
_MOBILE = MOBILE_ZH.pattern
# What is called like a person where an address begins, and is a house.
_HOUSE = re.compile(
    r"\b(?:cottage|house|hall|court|building|tower|apartments?|flat|farm|lodge|block|office|villa|unit|floor|ltd|suite|"
    r"street|st|road|rd|avenue|ave|lane|drive|close|square|park(?= (?:road|lane|street))|north|south|east|west|the|my|"
    r"our|new|work|her|his|their|an?|this|that|it|me|us|go|sorry|please|hi|hello|thanks|send|change|city)\b",
    re.IGNORECASE,
)
_DOOR = r"(?=(?:(?:flat|apt|unit|no|number|house)\.? ?\w+,? )?\d{1,4}[a-z]?(?:/\d+)? [a-z])"
_BEFORE = re.compile(
    rf"(?<!\d )\b({_NAME_EN})(?:[,;]| at)\s*(?:{_LABEL_EN}:? )?(?:{_DIGITS}[,;]\s*)?{_DOOR}|"
    rf"\b(?:to|for|recipient|name)[: ]+([a-z'’-]+ [a-z'’-]+)[,;]\s*(?:{_DIGITS}[,;]\s*)?{_DOOR}",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"(?<=[\w.])[,;]? (?:for|attn:?|c/o|to the attention of) ({_NAME_EN})(?=\s*(?:[,.;!]|and\b|$))", re.I
)
_CALLED = re.compile(
    rf"[,;]?\s{{0,4}}(?:and )?{_LABEL_EN}(?: is| to| should be| becomes|'s|:)? ?{_DIGITS}", re.IGNORECASE
)
_NAMED_EN = re.compile(
    r"[,;]?\s{0,4}(?:and )?(?:(?:the|my|a|new) ){0,2}(?:recipient|receiver|name)(?:'s name)?"
    rf"(?: is| to| should be| becomes|:) ?({_NAME_EN})",
    re.IGNORECASE,
)
_CALLED_NUMBER = re.compile(
    rf"[,;]?\s{{0,4}}(?:and )?(?:her|his|their|my|the) number(?: is|'s|:)? ?{_DIGITS}", re.IGNORECASE
)
_MOST_CHARS = 800  # a longer text is a letter
_LABEL_ZH = r"(?:新的?)?(?:收件人|收货人|收件的人|联系人|姓名)"
_PHONE_ZH = r"(?:[她他我]?的?(?:联系|收货)?(?:电话|手机|手机号|号码)(?:号码?)?(?:是|为|改成|[:：]){0,3}\s{0,3})?"
_NAME_ZH = r"(?!改|换|写|填|叫|是|为|成|也|一下|电话|手机|地址|寄|送|发)[㐀-䶿一-鿿]{2,4}?"
# Labelled, or right before a mobile number.
_LABELLED_ZH = re.compile(
    rf"[，,、；;\s]{{0,4}}{_LABEL_ZH}(?:是|为|叫|[:：,，\s]){{0,4}}({_NAME_ZH})(?=[，,。；;、\s]{{0,4}}{_PHONE_ZH}{_MOBILE}|[，,。；;\s]|$)"
)
_WITH_MOBILE_ZH = re.compile(
    rf"(?:(?<=[，,、：:；;\s到成为给])|^)({_NAME_ZH})(?:收)?[，,、\s]{{0,4}}{_PHONE_ZH}(?={_MOBILE})"
)
_MOBILE_ZH = re.compile(rf"[，,、；;\s]{{0,4}}{_PHONE_ZH}{_MOBILE}")
_NO_NAME_ZH = re.compile(
    r"[省市区县镇乡路街巷弄村栋幢室楼层座园厦]$|[号码电机打用这那我你您是的请就换改写填]|信息|地址|新的"
)


def recipient_in(text: str) -> str:
    """The name that is told beside an address or a mobile number; empty for none."""
    if len(text) > _MOST_CHARS:
        return ""
    for pattern in (_LABELLED_ZH, _WITH_MOBILE_ZH, _BEFORE, _AFTER):
        for found in pattern.finditer(text):
            if name := _name_of(found):
                return name
    return ""


def without_recipient(text: str) -> str:
    """A text without who it is for and how they are called, for what is left to be read as an address."""
    if len(text) > _MOST_CHARS:
        return text
    for pattern in (_CALLED, _CALLED_NUMBER):
        text = pattern.sub("", text)
    for pattern in (_LABELLED_ZH, _WITH_MOBILE_ZH, _BEFORE, _AFTER, _NAMED_EN):
        text = pattern.sub(lambda found: "" if _name_of(found) else found[0], text)
    return _MOBILE_ZH.sub("，", text).strip(" ，,、")


def _name_of(found: re.Match[str]) -> str:
    name = next(one for one in found.groups() if one)
    return "" if _HOUSE.search(name) or _NO_NAME_ZH.search(name) else person_in(name)
