"""A world for forms: three orders, of which one can be sent back, one cancelled and one neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from orchestrator.dialogue.forms import Forms
from orchestrator.dialogue.runner import Step, advance, begin
from orchestrator.dialogue.said import said_of
from orchestrator.dialogue.state import FormPosition
from orchestrator.dialogue.world import Item, Order, Variant, World
from orchestrator.understanding.language import detect
from orchestrator.understanding.utterance import Utterance

FORMS = Forms()
TODAY = date(2026, 11, 23)
FRESH, SECOND, PACKING, OLD = "PW5115725236", "PW6200000001", "PW2231573368", "PW9900000009"


def item(sku: str, en: str, zh: str, order: str, quantity: int = 1) -> Item:
    """Something that was bought."""
    return Item(sku, en, (en, zh), order, quantity)


WORLD = World(
    TODAY,
    orders=(
        Order(PACKING, "packing", (item("candle", "Peach candle", "蜜桃蜡烛", PACKING),),
              frozenset(("cancel", "change_address", "invoice"))),
        Order(FRESH, "delivered", (item("mug-peach", "Dipped mug (peach)", "浸釉马克杯（桃色）", FRESH, 2),
              item("tote-natural", "Market tote (natural)", "买菜布袋（原色）", FRESH)),
              frozenset(("send_back", "refund", "invoice"))),
        Order(OLD, "delivered", (item("lamp-walnut", "Paper lamp (walnut)", "纸灯（胡桃木）", OLD),),
              frozenset(("refund", "invoice"))),
    ),
    aliases=FORMS.aliases,
)  # fmt: skip
TWO = replace(
    WORLD,
    orders=(
        *WORLD.orders,
        Order(SECOND, "delivered", (item("tote-sky", "Market tote (sky)", "买菜布袋（天蓝）", SECOND),),
              frozenset(("send_back", "refund"))),
    ),
)  # fmt: skip
VARIANTS = (
    Variant("mug-sage", "Dipped mug (sage)", ("Dipped mug (sage)", "浸釉马克杯（鼠尾草绿）")),
    Variant("mug-sand", "Dipped mug (sand)", ("Dipped mug (sand)", "浸釉马克杯（沙色）"), there=False),
)


def heard(text: str) -> Utterance:
    """A message as words alone make it."""
    return Utterance(text, detect(text, "en"))


def started(form: str, text: str, world: World = WORLD) -> Step:
    """The first step."""
    return begin(FORMS[form], said_of(heard(text)), world)


def after(step: Step | FormPosition, text: str, world: World = WORLD) -> Step:
    """The next step."""
    position = step.position if isinstance(step, Step) else step
    return advance(FORMS[position.name], position, said_of(heard(text)), world)
