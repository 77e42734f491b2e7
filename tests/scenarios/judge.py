"""Says what is wrong with an answer, from what the customer sees and from the shop's books."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stickerdesk.orchestrator.v1 import cards_pb2
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.scenarios.scenario import Expect, RowWish
from tests.scenarios.shop import Row, rendered

# What forms ask for: parts of slot names, and the words of a question that is asked without a form.
ASKED: dict[str, tuple[str, str]] = {
    "confirm": (r"^$|confirm", r"confirm|shall i|should i|go ahead|right\?|correct\?|okay?\?|确认|对吗|可以吗|好吗"),
    "order": (r"^order|parcel|tracking", r"which (order|parcel|one)|order number|哪个订单|哪一单|哪一个|订单号|哪笔"),
    "item": (r"item|product|line|sku", r"which (item|product|one)|哪件|哪个商品|哪一件|哪个"),
    "reason": (r"reason|why|cause", r"why|reason|what('s| is| went) wrong|原因|为什么|为何"),
    "wanted": (r"want|variant|target|new_item|colou?r", r"(which|what) .*(instead|would)|换成|想换|哪一款|哪种"),
    "email": (r"e?mail", r"e-?mail|邮箱"),
    "title": (r"title|invoice_to|name|payer", r"title|made out|抬头"),
    "tax": (r"tax", r"tax|税号"),
    "company": (r"company|kind|type", r"company|person|公司|个人"),
    "address": (r"address|street|city|postcode|recipient", r"address|where|street|地址|街道|寄到|收件"),
    "phone": (r"phone", r"phone|电话|手机"),
    "quantity": (r"quantity|count|pieces|how_many", r"how many|几件|几个|多少"),
    "people": (r"people|party|guest|persons|size", r"how many (people|guests)|party|几位|几个人|多少人"),
    "date": (r"date|day", r"which day|what date|when|哪天|日期|什么时候"),
    "time": (r"time|hour", r"what time|when|几点|时间"),
    "summary": (r"summary|description|details|what|note|text", r"happened|tell me|more|details|怎么|说说|情况|具体"),
}  # fmt: skip
# Words of the machine that no customer should read.
_LEAKS = re.compile(
    r"\{\w+\}|\bnull\b|Traceback|TOOL_\w+|\b(?:track_parcel|find_orders|open_ticket|start_return|request_refund"
    r"|exchange_item|change_address|cancel_order|issue_coupon|request_invoice|search_knowledge|hand_over)\b"
)
_OFFER = re.compile(r"(shall i|should i|do you want me to)[^.?]*\?$|(要不要|需要我|要我|帮您)[^。？]*[吗？]？?$", re.I)
_TOLD = ("kind", "order", "item", "reason", "status")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[A-Za-z]{2,}")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Answer:
    """What came between one message of the customer and the next.

    Attributes:
        entries: Of the assistant, of people and of the system.
        faults: Errors on the stream.
    """

    entries: tuple[pb.Entry, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def handed_over(self) -> bool:
        """Whether a person takes over from here."""
        return any(one.notice.kind == "handed_over" for one in self.entries)

    @property
    def text(self) -> str:
        """The words of the answer."""
        return "\n".join(one.text.text or one.notice.text for one in self.entries)

    @property
    def shown(self) -> str:
        """Everything that can be read on the customer's screen."""
        parts = [self.text]
        for entry in self.entries:
            parts += [one.title for one in entry.citations] + list(entry.quick_replies)
            parts += [_read(card) for card in entry.cards]
            parts += [entry.form.title, *(one.label for one in entry.form.choices)]
            parts += [f"{one.label} {one.value}" for one in entry.form.filled]
        return "\n".join(parts)

    @property
    def form(self) -> pb.Entry | None:
        """The last entry if it asks for something."""
        asking = [entry for entry in self.entries if entry.HasField("form")]
        return asking[-1] if asking else None

    @property
    def cards(self) -> set[str]:
        """Kinds of cards."""
        return {card.WhichOneof("kind") or "" for entry in self.entries for card in entry.cards}

    @property
    def citations(self) -> set[str]:
        """Articles."""
        return {one.article_id for entry in self.entries for one in entry.citations}

    @property
    def stickers(self) -> bool:
        """Whether stickers are offered."""
        return any(entry.stickers or entry.HasField("sticker") for entry in self.entries)

    @property
    def offers(self) -> bool:
        """Whether its last sentence offers to do something."""
        last = self.text.strip().splitlines()[-1:] or [""]
        return _OFFER.search(last[0]) is not None

    def asks(self, what: str) -> bool:
        """Whether it asks for that."""
        slot, words = ASKED[what]
        if what == "confirm" and self.form is None and self.offers:
            return True
        if self.form is not None:
            if what == "confirm":
                confirm = cards_pb2.FormPrompt.INPUT_CONFIRM
                return self.form.form.slot == "" or self.form.form.input == confirm
            return self.form.form.slot != "" and re.search(slot, self.form.form.slot) is not None
        return bool(re.search(r"[?？]|please|请", self.text)) and re.search(words, self.text, re.I) is not None


def _read(card: cards_pb2.Card) -> str:
    if card.HasField("order"):
        order = card.order
        items = [f"{line.title} {line.quantity}" for line in order.lines]
        parcels = [f"{one.tracking_number} {one.carrier} {one.last_scan}" for one in order.parcels]
        return " ".join([order.number, order.status_text, _amount(order.total), *items, *parcels])
    if card.HasField("ticket"):
        return f"{card.ticket.number} {card.ticket.text} {card.ticket.order_number}"
    return f"{card.coupon.code} {_amount(card.coupon.amount)}"


def _amount(money: cards_pb2.Money) -> str:
    whole, rest = divmod(money.minor, 100)
    number = f"{whole}.{rest:02d}" if rest else str(whole)
    return f"{number} {money.currency} {number} 元" if money.currency == "CNY" else f"{number} {money.currency}"


def fits(wanted: str, shown: str) -> bool:
    """Whether it can be read there: `/…/` as a pattern, else as words, whatever the case and the spaces."""
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        return re.search(wanted[1:-1], shown, re.I | re.S) is not None
    return _SPACE.sub("", wanted).casefold() in _SPACE.sub("", shown).casefold()


def of_answer(expect: Expect, whole: Answer, answer: Answer, facts: Mapping[str, str]) -> list[str]:
    """What is wrong: with `whole`, all that was said since the step began, or with how it ended, `answer`."""
    wrong = of_words(whole, expect.mentions, expect.must_not, facts) + _of_asking(expect, answer)
    wrong += [f"shows no {kind} card" for kind in expect.shows if kind not in whole.cards]
    if expect.cites and not whole.citations.intersection(expect.cites):
        wrong.append(f"cites {sorted(whole.citations) or 'nothing'} instead of {' or '.join(expect.cites)}")
    if expect.escalated is not None and whole.handed_over is not expect.escalated:
        wrong.append("is not handed over" if expect.escalated else "is handed over")
    if expect.stickers is not None and whole.stickers is not expect.stickers:
        wrong.append("brings no sticker" if expect.stickers else "brings a sticker")
    return wrong


def of_any(answer: Answer, language: str) -> list[str]:
    """What is wrong with an answer whatever it was to say."""
    wrong = [f"error {fault}" for fault in answer.faults] + ([] if answer.text.strip() else ["has no words"])
    return wrong + of_language(answer, language) + of_words(answer, (), (), {})


def _of_asking(expect: Expect, answer: Answer) -> list[str]:
    asks = (expect.asks,) if isinstance(expect.asks, str) else expect.asks
    if asks == ("nothing",):
        return ["asks for something"] if answer.form is not None else []
    if not asks or any(answer.asks(one) for one in asks):
        return []
    slot = answer.form.form.slot or "confirmation" if answer.form is not None else "nothing"
    return [f"does not ask for {' or '.join(asks)} but for {slot}"]


def of_words(
    answer: Answer, mentions: Iterable[str | Sequence[str]], must_not: Iterable[str], facts: Mapping[str, str]
) -> list[str]:
    """What should be read there and is not, and the other way round."""
    wrong = []
    for one in mentions:
        choices = [rendered(choice, facts) for choice in ([one] if isinstance(one, str) else one)]
        if not any(fits(choice, answer.shown) for choice in choices):
            wrong.append(f"does not mention {' or '.join(choices)}")
    for one in must_not:
        if fits(rendered(one, facts), answer.shown):
            wrong.append(f"must not say {rendered(one, facts)}")
    if leak := _LEAKS.search(answer.shown):
        wrong.append(f"shows {leak[0]!r}, which is not for customers")
    return wrong


def of_language(answer: Answer, language: str) -> list[str]:
    """Whether the answer is in the customer's language; names, numbers and quotes of the other are fine."""
    han, words = len(_HAN.findall(answer.text)), len(_WORD.findall(answer.text))
    if language == "zh" and han < 2 * words:
        return [f"is not in Chinese ({han} characters, {words} words)"]
    if language == "en" and han > words:
        return [f"is not in English ({words} words, {han} characters)"]
    return []


def of_rows(wanted: Mapping[str, RowWish], rows: Mapping[str, Sequence[Row]], facts: Mapping[str, str]) -> list[str]:
    """What the books lack or have too much of; a table that is not wanted must be empty."""
    wrong = []
    for table, found in rows.items():
        wish = wanted.get(table, 0)
        wishes: Sequence[Mapping[str, Any]] = [{}] * wish if isinstance(wish, int) else wish
        told = [
            {name: row[name] for name in ("kind", "order", "item", "reason", "status") if row.get(name)}
            for row in found
        ]
        if len(found) != len(wishes):
            wrong.append(f"{table}: {len(found)} new rows instead of {len(wishes)}: {told}")
            continue
        left = list(found)
        for one in wishes:
            match = next((row for row in left if _holds(one, row, facts)), None)
            if match is None:
                wrong.append(f"{table}: none is {dict(one)}: {told}")
            else:
                left.remove(match)
    return wrong


def of_orders(
    wanted: Mapping[str, Mapping[str, str]], orders: Mapping[str, Mapping[str, str]], facts: Mapping[str, str]
) -> list[str]:
    """What orders should be and are not."""
    wrong = []
    for template, columns in wanted.items():
        for name, value in columns.items():
            if not fits(rendered(value, facts), orders[template][name]):
                wrong.append(f"order {template}: {name} is {orders[template][name]!r} instead of {value!r}")
    return wrong


def _holds(wish: Mapping[str, Any], row: Row, facts: Mapping[str, str]) -> bool:
    return all(fits(rendered(str(value), facts), str(row.get(name, ""))) for name, value in wish.items())
