"""What is kept from one conversation to the next: with consent, used, and gone when asked."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.forgetting import forget
from orchestrator.backoffice.memory import SqlMemory
from orchestrator.backoffice.office import Who
from orchestrator.backoffice.schema import Customer, Memory
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
