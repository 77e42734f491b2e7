"""Things that are compared, and postage that is worked out, by the shop's rows and rules."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.phrases import PHRASES
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("en", "which is cheaper, the candle or the mug?", ("19.40 USD", "10.30 USD", "Dipped mug")),
        ("en", "which is bigger, the mug or the teapot?", ("320 ml", "800 ml")),
        ("en", "is the tote bigger than the throw?", ("38 × 40 cm", "130 × 180 cm")),
        ("en", "difference between the celadon and the white teapot?", ("celadon and white", "36 USD")),
        ("zh", "杯子和茶壶哪个大", ("320 毫升", "800 毫升")),
        ("zh", "布袋和毯子哪个便宜", ("89 元", "399 元")),
        ("zh", "青瓷和白釉的茶壶有什么区别", ("青瓷、白釉", "238 元")),
        ("en", "how much is postage for one tote?", ("1.20 USD", "13.50 USD", "1.50 USD")),
        ("en", "shipping for two mugs?", ("20.60 USD", "free")),
        ("zh", "买两只杯子要运费吗", ("136 元", "99 元")),
        ("zh", "一个布袋邮费多少", ("8 元", "89 元", "10 元")),
    ],
)
async def test_the_figures_of_each_are_told(shop: Shop, language: str, text: str, told: tuple[str, ...]) -> None:
    """Side by side, in the customer's currency."""
    answer = words(await Talk(shop, "demo-lin" if language == "zh" else "demo-harper", language).say(text))
    assert [one for one in told if one not in answer] == []


@pytest.mark.parametrize(
    ("language", "text", "unit"),
    [
        ("en", "how much does the teapot hold?", "800 ml"),
        ("en", "how big is the tote", "38 × 40 cm"),
        ("zh", "茶壶能装多少", "800 毫升"),
        ("zh", "纸灯多高", "42 厘米"),
    ],
)
async def test_a_measure_is_no_price(shop: Shop, language: str, text: str, unit: str) -> None:
    """What it holds and how big it is stand in its article."""
    answer = words(await Talk(shop, "demo-lin" if language == "zh" else "demo-harper", language).say(text))
    assert unit in answer


@pytest.mark.parametrize(
    "text",
    ["how much does the teapot hold?", "how much tea fits in it", "how heavy is the lamp", "茶壶能装多少", "灯多重"],
)
def test_what_asks_for_a_measure(text: str) -> None:
    """It asks for no price."""
    assert PHRASES.has("asks_measure", text)


@pytest.mark.parametrize(
    "text", ["how much is the teapot?", "how much for two?", "茶壶多少钱", "两个多少钱", "多长时间到"]
)
def test_what_asks_for_none(text: str) -> None:
    """A price and a span are no measure."""
    assert not PHRASES.has("asks_measure", text)


@pytest.mark.parametrize(
    "text",
    ["other than the mug, what do you sell?", "the mug came later than the teapot", "rather than the mug I want tea"],
)
def test_what_compares_nothing(text: str) -> None:
    """A word before "than" that sets no things side by side."""
    assert not PHRASES.has("compares", text)


async def test_what_is_not_known_is_said(shop: Shop) -> None:
    """No weight stands anywhere: that is said before what is known."""
    answer = words(await Talk(shop, "demo-harper").say("how much does the lamp weigh?"))
    assert "figure" in answer
    assert "42 cm" in answer
