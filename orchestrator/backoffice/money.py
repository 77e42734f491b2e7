"""Money: whole minor units and a currency; never a float."""

from __future__ import annotations

from decimal import Decimal

import msgspec

_WORDS = {("CNY", "zh"): "元", ("USD", "zh"): "美元"}


class Money(msgspec.Struct, frozen=True, order=True):
    """An amount.

    Attributes:
        currency: ISO 4217; two digits of minor units are assumed, as all currencies of the shop have.
        minor: In minor units (fen, cents); may be negative.
    """

    currency: str
    minor: int

    @classmethod
    def of(cls, amount: object, currency: str) -> Money:
        """From a decimal number as people write it in data, exactly: 1.5 is 150."""
        minor = Decimal(str(amount)) * 100
        if minor != minor.to_integral_value():
            raise ValueError(f"{amount} {currency} has fractions of a minor unit")
        return cls(currency, int(minor))

    def text(self, language: str) -> str:
        """As the shop words it: "10 CNY", "1.50 USD", "10 元"; whole amounts have no digits after the point."""
        whole, rest = divmod(abs(self.minor), 100)
        number = f"{'-' if self.minor < 0 else ''}{whole}" + (f".{rest:02d}" if rest else "")
        return f"{number} {_WORDS.get((self.currency, language), self.currency)}"
