"""What is kept from one conversation to the next: with consent, used, and gone when asked."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.forgetting import forget
from orchestrator.backoffice.memory import SqlMemory
from orchestrator.backoffice.office import Who
from orchestrator.backoffice.schema import Customer, Memory, Ticket
from tests.orchestrator.backoffice.shops import Shop, order
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration


async def asked_for_invoice(shop: Shop, template: str) -> Talk:
    """A conversation in which an invoice was asked for and made."""
    talk = Talk(shop, "demo-harper")
    await talk.say(f"I need an invoice for order {order('demo-harper', template)}, made out to Harper Lee")
    if talk.state.form is not None and talk.state.form.asked == "email":
        await talk.say("harper@example.com")
    return talk


async def test_nothing_is_kept_without_consent(shop: Shop) -> None:
    """It is offered; a no keeps nothing."""
    talk = await asked_for_invoice(shop, "fresh_cups")
    assert "e-mail address" in words(await talk.say("yes"))
    await talk.say("no")
    assert await shop.count(Memory, Memory.kind == "fact") == 0


async def test_what_is_kept_is_used_in_another_conversation(shop: Shop) -> None:
    """The e-mail address is not asked for again, and the confirmation shows it."""
    talk = await asked_for_invoice(shop, "fresh_cups")
    await talk.all("yes", "yes please")
    (fact,) = await shop.rows(Memory, Memory.kind == "fact")
    assert (fact.name, fact.value) == ("email", "harper@example.com")
    another = await asked_for_invoice(shop, "paid")
    assert another.state.form is not None
    assert another.state.form.confirming
    assert another.state.form.filled["email"] == "harper@example.com"


async def test_closed_cases_are_noted_once(shop: Shop) -> None:
    """A line for the next conversation, whose greeting knows that somebody comes back."""
    talk = Talk(shop, "demo-zhao", "zh")
    await talk.say("帮我取消订单")
    await talk.say("是的", runs=2)
    (line,) = await shop.rows(Memory, Memory.kind == "case")
    assert line.value.startswith("cancel_order")
    assert "欢迎回来" in words(await Talk(shop, "demo-zhao", "zh").say("你好")) or "又见面" in words(
        await Talk(shop, "demo-zhao", "zh").say("你好")
    )


async def test_it_is_forgotten_on_demand(shop: Shop) -> None:
    """By a word in the conversation."""
    memory = SqlMemory(shop.office)
    await memory.remember("default", "demo-harper", "email", "harper@example.com")
    talk = Talk(shop, "demo-harper")
    await talk.say("please forget everything you know about me")
    assert await shop.count(Memory) == 0
    assert talk.state.profile is not None
    assert talk.state.profile.facts == {}


async def test_erasure_takes_it_along(shop: Shop) -> None:
    """Forgetting a customer leaves nothing that was remembered."""
    await SqlMemory(shop.office).remember("default", "demo-harper", "email", "harper@example.com")
    await forget(shop.office, Who("default", "demo-harper"))
    assert await shop.count(Memory) == 0


async def test_looking_somebody_up_makes_nobody_a_customer(shop: Shop) -> None:
    """A greeting of a visitor writes nothing."""
    before = await shop.count(Customer)
    assert await SqlMemory(shop.office).recall("default", "nobody") is None
    await Talk(shop, "nobody").say("hello")
    assert await shop.count(Customer) == before


async def test_a_fact_is_replaced_not_doubled(shop: Shop) -> None:
    """The newest counts; tier and order value come along."""
    memory = SqlMemory(shop.office)
    for value in ("a@example.com", "b@example.com"):
        await memory.remember("default", "demo-harper", "email", value)
    profile = await memory.recall("default", "demo-harper")
    assert profile is not None
    assert profile.facts == {"email": "b@example.com"}
    assert (profile.tier, profile.order_value > 300) == ("gold", True)


@pytest.mark.parametrize(
    ("language", "asked", "fact", "which"),
    [
        ("en", "please remember that I'm left-handed", "I'm left-handed", "what do you remember about me?"),
        ("zh", "请记住我不收周末快递", "我不收周末快递", "你记得我什么"),
    ],
)
async def test_what_a_customer_asks_to_have_kept_is_kept_told_and_forgotten(
    shop: Shop, language: str, asked: str, fact: str, which: str
) -> None:
    """To ask for it is to agree; another conversation can tell it; forgetting leaves nothing to tell."""
    assert fact in words(await Talk(shop, "demo-harper", language).say(asked, runs=2))
    assert [row.value for row in await shop.rows(Memory, Memory.kind == "fact")] == [fact]
    later = Talk(shop, "demo-harper", language)
    assert fact in words(await later.say(which))
    await later.say("forget what you know about me" if language == "en" else "忘掉我的信息")
    assert fact not in words(await later.say(which))
    assert await shop.count(Memory, Memory.kind == "fact") == 0


@pytest.mark.parametrize(
    "secret",
    ["remember my card 4111 1111 1111 1111", "remember that my password is hunter2", "记住我的卡号6222020200112230123"],
)
async def test_secrets_are_not_kept(shop: Shop, secret: str) -> None:
    """Card numbers and passwords are refused with a word of warning, and written nowhere."""
    talk = Talk(shop, "demo-harper", "zh" if "记" in secret else "en")
    said = words(await talk.say(secret))
    assert "card" in said or "卡号" in said
    assert await shop.count(Memory) == 0


async def test_no_more_notes_than_may_be_kept(shop: Shop) -> None:
    """The ninth is refused, the same one again is not; what is too long is asked for once more."""
    talk = Talk(shop, "demo-harper")
    for number in range(8):
        await talk.say(f"remember that my shelf number {number} is full")
    assert "full" in words(await talk.say("remember that my shelf number 0 is full"))
    await talk.say("remember that my dog is called Rex")
    assert await shop.count(Memory, Memory.kind == "fact") == 8
    await talk.say("remember that my " + "very " * 60 + "old dog is called Rex")
    assert await shop.count(Memory, Memory.kind == "fact") == 8


@pytest.mark.parametrize(
    "text", ["remember to cancel my order", "do you remember my address", "记得发货", "记住密码了吗"]
)
async def test_not_every_remember_is_a_wish_to_keep(shop: Shop, text: str) -> None:
    """Reminders and questions keep nothing."""
    await Talk(shop, "demo-harper", "zh" if "记" in text else "en").say(text)
    assert await shop.count(Memory, Memory.kind == "fact") == 0


@pytest.mark.parametrize(
    ("language", "asked", "away"),
    [
        ("en", "remember that I'm left-handed", "forget it all"),
        ("en", "what do you remember about me?", "please delete it"),
        ("zh", "请记住我不收周末快递", "都忘掉吧"),
        ("zh", "你记得我什么", "删了吧"),
    ],
)
async def test_away_with_it_means_what_was_just_told(shop: Shop, language: str, asked: str, away: str) -> None:
    """Right after what is remembered was told, the shortest word is enough, and nothing else comes of it."""
    await SqlMemory(shop.office).remember("default", "demo-harper", "note:1", "likes green")
    talk = Talk(shop, "demo-harper", language)
    await talk.say(asked)
    await talk.say(away)
    assert await shop.count(Memory, Memory.kind == "fact") == 0
    assert talk.state.form is None
    assert await shop.count(Ticket) == 0


@pytest.mark.parametrize(
    ("language", "first", "second", "away", "which"),
    [
        ("en", "remember that I like green", "remember I am a lefty", "delete this one note", "what do you remember"),
        ("zh", "请记住我喜欢绿色", "请记住我是左撇子", "刚才那条删掉", "你记得我什么"),
    ],
)  # fmt: skip
async def test_one_note_is_taken_back_and_the_other_stays(
    shop: Shop, language: str, first: str, second: str, away: str, which: str
) -> None:
    """It is told what is gone, and only that is."""
    talk = Talk(shop, "demo-harper", language)
    await talk.all(first, second)
    assert second[-4:] in words(await talk.say(away, runs=2))
    left = [row.value for row in await shop.rows(Memory, Memory.kind == "fact")]
    assert len(left) == 1
    assert left[0] in words(await talk.say(which))
