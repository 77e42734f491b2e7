"""Personal data on its way to a provider: placeholders go out, and come back as what they stand for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec


class Personal(StrEnum):
    """What may be kept from a provider."""

    EMAIL = "email"
    CARD = "card"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    ADDRESS = "address"
    NAME = "name"
    NUMBER = "number"


_SEPARATED = r"(?:[ -]?\d)"
# In this order: what one takes, the next does not look at.
_PATTERNS: tuple[tuple[Personal, re.Pattern[str]], ...] = (
    (Personal.EMAIL, re.compile(r"[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")),
    (
        Personal.NUMBER,
        re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z]{2}[- ]?\d{6,18}|[A-Z]{2}[- ]?\d[\d -]{4,18}\d)(?![A-Za-z0-9])"),
    ),
    (Personal.ID_NUMBER, re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")),
    (Personal.CARD, re.compile(rf"(?<![\d+])\d{_SEPARATED}{{12,18}}(?!\d)")),
    (
        Personal.PHONE,
        re.compile(
            rf"(?<![\dA-Za-z])(?!(?:19|20)\d\d-\d\d-\d\d)(?:\+\d{{1,3}}[ -]?)?\(?\d{{2,4}}\)?{_SEPARATED}{{6,10}}(?!\d)"
        ),
    ),
    (
        Personal.ADDRESS,
        re.compile(
            r"[一-鿿]{2,14}[区县镇市][一-鿿\d]{0,14}(?:路|街|道|巷|弄|村|小区|大厦)[一-鿿]{0,4}\d{1,5}[\d-]{0,6}"
            r"(?:号|室|楼|单元|栋|幢)?(?:[\dA-Za-z-]{1,6}(?:室|楼|单元|栋|幢))?"
        ),
    ),
    (
        Personal.ADDRESS,
        re.compile(
            r"(?<!\w)\d{1,5}[A-Za-z]?(?: [A-Z][\w'.-]{0,30}){0,3} (?:[A-Z][\w'-]{0,20})?(?:Street|St|Road|Rd|Avenue|Ave"
            r"|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Square|Sq|Quay|Way|Place|Pl|Terrace|Close)\b\.?"
            r"(?:, ?(?:Flat|Apt|Unit) ?\w{1,6})?"
        ),
    ),
)
# Fields of tools that hold personal data whatever it looks like.
_FIELDS: Mapping[str, Personal] = {
    "recipient": Personal.NAME, "customer_name": Personal.NAME, "phone": Personal.PHONE, "street": Personal.ADDRESS,
    "postcode": Personal.ADDRESS, "email": Personal.EMAIL, "tax_number": Personal.ID_NUMBER,
}  # fmt: skip
_PLACEHOLDER = re.compile(r"\[(?:" + "|".join(kind.upper() for kind in Personal) + r")_\d{1,3}\]")
_LONGEST = max(len(kind) for kind in Personal) + 6


class Mask:
    """The placeholders of one request and what they stand for. The same value has the same placeholder throughout.

    Args:
        kinds: What is masked; nothing: everything goes out as it is.
    """

    def __init__(self, kinds: Collection[Personal]) -> None:
        self._kinds = frozenset(kinds)
        self._names: dict[tuple[Personal, str], str] = {}
        self._values: dict[str, str] = {}
        self._tail = ""

    def hide(self, text: str) -> str:
        """A text with placeholders."""
        for kind, pattern in _PATTERNS:
            if kind in self._kinds:
                text = pattern.sub(lambda found, kind=kind: self._name(kind, found[0]), text)  # type: ignore[misc]
        return text

    def hide_facts(self, value: Any, field: str = "") -> Any:
        """Plain data with placeholders, also where only the field's name tells what it is."""
        if isinstance(value, Mapping):
            return {key: self.hide_facts(inner, str(key)) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide_facts(inner, field) for inner in value]
        if not isinstance(value, str) or not value:
            return value
        kind = _FIELDS.get(field)
        return self._name(kind, value) if kind in self._kinds and kind is not None else self.hide(value)

    def show(self, text: str) -> str:
        """A whole text with what its placeholders stand for; unknown ones stay."""
        return _PLACEHOLDER.sub(lambda found: self._values.get(found[0], found[0]), text) if self._values else text

    def show_arguments(self, arguments: str) -> str:
        """JSON text of a call with what its placeholders stand for, quoted as JSON needs it."""
        if not self._values:
            return arguments
        return _PLACEHOLDER.sub(
            lambda found: msgspec.json.encode(self._values.get(found[0], found[0])).decode()[1:-1], arguments
        )

    def show_piece(self, text: str) -> Iterator[str]:
        """The next piece of a stream; a placeholder that has begun is waited for."""
        if not self._values:
            yield text
            return
        text, self._tail = self._tail + text, ""
        opened = text.rfind("[")
        if opened >= 0 and "]" not in text[opened:] and len(text) - opened <= _LONGEST:
            text, self._tail = text[:opened], text[opened:]
        if text:
            yield self.show(text)

    def show_rest(self) -> str:
        """What was waited for when the stream ended."""
        text, self._tail = self._tail, ""
        return text

    def _name(self, kind: Personal, value: str) -> str:
        if _PLACEHOLDER.fullmatch(value):
            return value
        known = self._names.get((kind, value))
        if known is None:
            count = sum(1 for other, _ in self._names if other is kind) + 1
            known = self._names[kind, value] = f"[{kind.upper()}_{count}]"
            self._values[known] = value
        return known
