"""Postal addresses as people write them, in both languages, taken apart as far as their form allows."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CUE = re.compile(
    r"(?:\b(?:change|send|ship|deliver|move|redirect|update)\b.*?\bto|\baddress(?: is| to|:)|\bit should (?:go|be) to)"
    r"[:\s]+(.+)|(?:改成|改到|改为|换成|换到|寄到|送到|发到|寄往|地址(?:是|为|改|:|：))[:：\s]*(.+)",
    re.IGNORECASE | re.DOTALL,
)
_NEW = re.compile(
    r"^(?:my |the )?(?:new )?address(?: is)?[:\s]+|^(?:新的?)?(?:收货)?地址(?:是|为)?[:：\s]*", re.IGNORECASE
)
_LEAD = re.compile(
    r"^(?:no,?\s+|sorry,?\s+|it'?s\s+|it should be\s+|to\s+|不是[,，]?\s*|不对[,，]?\s*|是|应该是|改成|改为|换成)+",
    re.I,
)
_TAIL = re.compile(
    r"[\s,，]*(?:please|thanks|thank you|instead|谢谢|可以吗|行吗|好吗|吧)[\s.!。！?？]*$|[\s.。!！]+$", re.IGNORECASE
)
_CORRECTED = re.compile(r"不是|不对|说错|搞错|错了")
_STREET_EN = re.compile(
    r"\b\d{1,6}[A-Za-z]?\s+(?:[A-Za-z0-9.'-]+\s+){0,5}"
    r"(?:st|street|rd|road|ave|avenue|lane|ln|drive|dr|blvd|boulevard|way|court|ct|place|pl|square|sq|quay|close|terrace|"
    r"row|hill|park|parkway|highway|hwy|crescent|gardens|walk|mews|circle|trail)\b|\bp\.?o\.? box \d+",
    re.IGNORECASE,
)
_PLACE_ZH = re.compile(r"[㐀-䶿一-鿿]{2,}(?:省|市|区|县|镇|乡|街道|路|街|巷|弄|村|小区|大道|胡同|花园|大厦|广场)")
_HOUSE_ZH = re.compile(r"\d+\s*(?:号|弄|幢|栋|室|楼|单元|层|座)|[一二三四五六七八九十]+(?:号|栋|幢|单元|楼)")
_CITY_ZH = re.compile(r"^(?:.{2,8}?(?:省|自治区))?([㐀-䶿一-鿿]{2,6}?市)")
_POSTCODE = re.compile(r"(?<!\d)(\d{6})(?!\d)|\b(\d{5}(?:-\d{4})?)\b\s*(?:,|$)|\b([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b")


@dataclass(frozen=True)
class Address:
    """An address; what could not be told apart stays in `street`."""

    street: str
    city: str = ""
    postcode: str = ""


def address_in(text: str, *, asked: bool) -> str:
    """The address in a text; empty when there is none. When it was asked for, less is needed to believe it."""
    if _CORRECTED.search(text):  # "不是5号，是15号，和平路15号": the last piece that is an address by itself
        pieces = [piece for piece in re.split(r"[，。；]", text) if _PLACE_ZH.search(piece) and _HOUSE_ZH.search(piece)]
        text = pieces[-1] if pieces else text
    found = _CUE.search(text)
    candidate = (found[1] or found[2]) if found else text
    candidate = _TAIL.sub("", _LEAD.sub("", _NEW.sub("", candidate.strip())))
    if not (found or asked):
        return ""
    return candidate.strip() if _looks_like(candidate) else ""


def taken_apart(text: str) -> Address:
    """Street, city and postcode of an address in one line."""
    postcode = ""
    if found := _POSTCODE.search(text):
        postcode = found[1] or found[2] or found[3]
        text = (text[: found.start()] + text[found.end() :]).strip(" ,，")
    if city := _CITY_ZH.match(text):
        return Address(text[city.end() :].strip(" ,，") or text, city[1], postcode)
    parts = [part.strip() for part in re.split(r"[,，\n]", text) if part.strip()]
    if len(parts) < 2:
        return Address(text, "", postcode)
    last = parts[-1]
    if re.fullmatch(r"[A-Z]{2}", last) and len(parts) > 2:
        return Address(", ".join(parts[:-2]), f"{parts[-2]}, {last}", postcode)
    return Address(", ".join(parts[:-1]), last, postcode)


def _looks_like(text: str) -> bool:
    return bool(_STREET_EN.search(text) or _HOUSE_ZH.search(text) or (_PLACE_ZH.search(text) and len(text) >= 6))
