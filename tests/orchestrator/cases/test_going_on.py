"""Small talk that goes on, and letters, through the whole use case."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.schema import Return
from tests.orchestrator.backoffice.shops import Shop, order
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration

LETTER = "My sister gave me the first little mug for my birthday, and our friends ask where it is from. " * 6


@pytest.mark.parametrize(
    ("language", "joke", "more"), [("en", "tell me a joke", "another one"), ("zh", "讲个笑话", "再来一个")]
)
async def test_another_one_is_another_joke(shop: Shop, language: str, joke: str, more: str) -> None:
    """No exchange is opened for it, and no joke comes twice in a row."""
    talk = Talk(shop, "demo-lin" if language == "zh" else "demo-harper", language)
    told = [words(await talk.say(one)) for one in (joke, more, more)]
    assert len(set(told)) == 3
    assert talk.state.form is None


async def test_a_letter_is_answered(shop: Shop) -> None:
    """By the question that it ends with."""
    answer = words(await Talk(shop, "demo-harper").say(f"{LETTER}To come to the point: how much does the teapot hold?"))
    assert "800 ml" in answer
    assert "upset" not in answer


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "my dog died", "sorry"),
        ("en", "it's my birthday!", "all the best"),
        ("en", "this is bullshit", "agent"),
        ("zh", "今天心情不好", "难过"),
        ("zh", "今天我生日", "恭喜"),
        ("zh", "你们家东西真好看", "谢谢"),
    ],
)
async def test_what_has_nothing_to_do_with_the_shop(shop: Shop, language: str, text: str, said: str) -> None:
    """Gets a kind word that fits, and no article."""
    body = await Talk(shop, "demo-lin" if language == "zh" else "demo-harper", language).say(text)
    assert said in words(body) or "Congratulations" in words(body)
    assert not body.citations


@pytest.mark.parametrize(
    ("language", "text", "said"), [("en", "is my table reserved?", "table"), ("zh", "我订的位子订好了吗", "订位")]
)
async def test_a_table_that_was_not_asked_for_here(shop: Shop, language: str, text: str, said: str) -> None:
    """Is no wish for one, and nothing is claimed of it."""
    talk = Talk(shop, "demo-lin" if language == "zh" else "demo-harper", language)
    assert said in words(await talk.say(text))
    assert talk.state.form is None


@pytest.mark.parametrize(
    ("language", "wish", "why", "leave", "again"),
    [
        ("en", "I want to return the tote", "not my style", "no, leave it", "actually do it after all"),
        ("zh", "我想退布袋", "不喜欢", "算了不退了", "还是退吧"),
    ],
)
async def test_what_was_left_is_taken_up_with_all_that_was_told(
    shop: Shop, language: str, wish: str, why: str, leave: str, again: str
) -> None:
    """It stands to be confirmed once more; nothing is asked twice and nothing is done yet."""
    talk = Talk(shop, "demo-harper", language)
    before = await shop.count(Return)
    await talk.all(wish, why, leave)
    assert talk.state.form is None
    await talk.say(again)
    assert talk.state.form is not None
    assert talk.state.form.confirming
    assert await shop.count(Return) == before


@pytest.mark.parametrize(
    ("language", "ask", "then"),
    [
        ("en", "what is in order PW9999999999 and where does it go?", "then cancel it"),
        ("zh", "订单PW9999999999里有什么，寄到哪里？", "那取消它吧"),
    ],
)
async def test_a_number_nobody_knows_stands_for_no_order_of_the_customers(
    shop: Shop, language: str, ask: str, then: str
) -> None:
    """Nothing of another order is told for it, and none is proposed to be cancelled."""
    talk = Talk(shop, "demo-zhao", language)
    assert order("demo-zhao", "packing") not in words(await talk.say(ask))
    await talk.say(then)
    assert talk.state.form is None or not talk.state.form.confirming
