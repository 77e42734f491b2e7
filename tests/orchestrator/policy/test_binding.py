"""A short wish that names nothing is about the one thing that was spoken of just before."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.forms import Forms
from orchestrator.policy.binding import bound

pytestmark = pytest.mark.unit

PRODUCTS = Forms().products


@pytest.mark.parametrize(
    "text", ["ok cancel then", "cancel it then please", "fine, then cancel", "just cancel my order"]
)
def test_cancel_then(text: str) -> None:
    """In English."""
    assert bound(text, "can I change the lamp in my order to ash?", "en", PRODUCTS) == "cancel the lamp"


@pytest.mark.parametrize("text", ["那取消吧", "好吧，取消", "算了，那就取消吧", "帮我取消掉这单"])
def test_cancel_then_in_chinese(text: str) -> None:
    """In Chinese."""
    assert bound(text, "那个茶壶能换颜色吗", "zh", PRODUCTS) == "取消茶壶的订单"


@pytest.mark.parametrize(
    "text", ["no it's not broken, I just hate it", "it's fine, I just don't like it", "not broken, I simply dislike it",
             "I hate the smell"],
)  # fmt: skip
def test_mere_dislike_is_a_return(text: str) -> None:
    """Of the thing that is here, and no cancellation."""
    assert "return the candle" in bound(text, "How do I get a refund for the candle?", "en", PRODUCTS)


@pytest.mark.parametrize(
    "text", ["没坏，就是不喜欢", "没有破，只是不喜欢而已", "质量没问题，就是不喜欢这个味道", "单纯不喜欢"]
)
def test_mere_dislike_in_chinese(text: str) -> None:
    """The same."""
    assert "退货蜡烛" in bound(text, "蜡烛怎么退款", "zh", PRODUCTS)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("ok cancel then", "hello"), ("ok cancel then", "the mug and the lamp are wrong"),
        ("cancel the tote", "about my lamp"), ("can I cancel?", "about my lamp"), ("it is broken", "about my lamp"),
        ("do people hate it?", "about my lamp"), ("取消订单要多久", "我的茶壶"), ("不喜欢可以退吗", "我的茶壶"),
        ("", "lamp"),
    ],
)  # fmt: skip
def test_nothing_else_is_bound(text: str, before: str) -> None:
    """Neither questions, nor what names its own thing, nor where none or several were named."""
    assert bound(text, before, "en" if text.isascii() else "zh", PRODUCTS) == ""


def test_a_number_that_was_named_binds_what_follows() -> None:
    """The customer's own order is not cancelled in place of one that nobody knows."""
    assert bound("then cancel it", "what is in order PW9999999999?", "en", PRODUCTS) == "cancel order PW9999999999"
    assert bound("那取消它吧", "订单PW9999999999里有什么", "zh", PRODUCTS) == "取消订单PW9999999999"
    assert bound("then cancel it", "PW9999999999 or PW9999999998?", "en", PRODUCTS) == ""
