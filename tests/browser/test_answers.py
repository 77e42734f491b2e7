"""Cards and forms in an answer."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.cards import COUPON, FILLED, ORDER, TICKET, form
from tests.browser.conftest import OpenShop
from tests.browser.scripted import ScriptedEdge
from tests.browser.widget import WAIT_MS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_order_shows_things_sum_and_where_its_parcel_is(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Lines, total and the parcel's way are there for the eye and, with words, for the ear."""
    chat = await open_shop(edge=edge)
    edge.say(text="Here it is.", cards=[ORDER])
    card = chat.host.get_by_role("region", name="Order SD-20260301-118")
    await expect(card).to_be_visible(timeout=WAIT_MS)
    for words in ("Peachwood mug", "×2", "¥98.00", "¥258.00", "SF1029384756", "Left the sorting centre in Hangzhou"):
        await expect(card).to_contain_text(words)
    await expect(card.get_by_role("img", name="On its way to you, step 3 of 5")).to_be_visible()
    await expect(card.locator(".track .done")).to_have_count(2)


async def test_a_parcel_that_went_astray_has_no_track(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Lost and returned are said, not drawn as a step on the way."""
    lost = {**ORDER["parcels"][0], "status": "lost", "progress": "Lost on the way"}
    chat = await open_shop(edge=edge)
    edge.say(text="I am sorry.", cards=[{**ORDER, "parcels": [lost]}])
    await expect(chat.host.locator(".parcel-state")).to_have_text("Lost on the way", timeout=WAIT_MS)
    await expect(chat.host.locator(".track")).to_have_count(0)


async def test_a_ticket_says_by_when_one_hears(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """In Chinese, in the reader's time."""
    chat = await open_shop(edge=edge, locale="zh-CN", timezone_id="Asia/Shanghai")
    edge.say(text="已提交", cards=[TICKET])
    card = chat.host.get_by_role("region", name="工单 T-4711")
    await expect(card).to_contain_text("3月4日 17:00 前回复您", timeout=WAIT_MS)
    await expect(card).to_contain_text("处理中")


async def test_a_coupons_code_is_copied(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """One tap puts the code on the clipboard and says so; where that is refused the code is marked instead."""
    chat = await open_shop(edge=edge, permissions=["clipboard-read", "clipboard-write"])
    edge.say(text="For you.", cards=[COUPON])
    button = chat.host.get_by_role("button", name="Copy the code SORRY-8K2P")
    await button.click(timeout=WAIT_MS)
    await expect(chat.host.locator(".coupon [role=status]")).to_have_text("Copied", timeout=WAIT_MS)
    assert await chat.page.evaluate("navigator.clipboard.readText()") == "SORRY-8K2P"
    await chat.page.evaluate("() => void (navigator.clipboard.writeText = () => Promise.reject(new Error()))")
    await button.click()
    await expect(chat.host.locator(".coupon [role=status]")).to_contain_text("by hand", timeout=WAIT_MS)


async def test_what_a_card_should_not_have_does_no_harm(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Unknown kinds are left out; missing parts, odd currencies, bad times and markup stay harmless text."""
    evil = '<img src=x onerror="window.pwned=1">'
    strange = [
        {"kind": "constructor"},
        {"kind": "map"},
        {
            "kind": "order",
            "number": evil,
            "lines": [{"title": evil, "quantity": 1}],
            "total": {"minor": 5, "currency": "??"},
        },
        {"kind": "ticket", "number": "T", "text": evil, "opened_at": "never", "status": "constructor"},
        {"kind": "coupon", "code": "X", "expires_at": ""},
    ]
    chat = await open_shop(edge=edge)
    edge.say(text="odd", cards=strange)
    await expect(chat.host.locator(".card")).to_have_count(3, timeout=WAIT_MS)
    await expect(chat.host.locator(".card.order")).to_contain_text("0.05 ??")
    assert await chat.page.evaluate("window.pwned") is None


@pytest.mark.parametrize(
    ("kind", "label", "value"),
    [
        ("date", "Choose a day", "2026-03-09"),
        ("time", "Choose a time", "14:30"),
        ("number", "Enter a number", "3"),
        ("email", "Your e-mail address", "lin@example.com"),
        ("phone", "Your telephone number", "+86 138 0000 0000"),
    ],
)
async def test_a_form_asks_with_a_field_that_fits(
    edge: ScriptedEdge, open_shop: OpenShop, kind: str, label: str, value: str
) -> None:
    """What is put in goes as an ordinary message, and the question is gone."""
    chat = await open_shop(edge=edge)
    edge.say(text="When?", form=form(kind, filled=FILLED))
    field = chat.host.get_by_label(label)
    await expect(chat.host.locator(".form-filled")).to_contain_text("It arrived broken", timeout=WAIT_MS)
    assert await chat.host.locator(".slot-form").evaluate("it => it.offsetWidth") == 304  # as wide as a card
    await chat.host.get_by_role("button", name="Answer").click()
    await expect(chat.mine).to_have_count(0)
    await field.fill(value)
    await field.press("Enter")
    await edge.until(lambda: [frame["text"] for frame in edge.of("message")] == [value])
    await expect(chat.host.locator(".slot-form")).to_have_count(0, timeout=WAIT_MS)


async def test_a_choice_is_one_tap_and_says_its_value(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """The label is read, the value is sent; a quick reply that says the same is not offered twice."""
    chat = await open_shop(edge=edge)
    choices = [{"value": "SD-1", "label": "Mug, March 1"}, {"value": "SD-2", "label": "Lamp, February 3"}]
    edge.say(text="Which one?", form=form("choice", "order", choices=choices), quick_replies=["SD-1", "Neither"])
    await expect(chat.host.locator(".offers .chip")).to_have_count(3, timeout=WAIT_MS)
    await chat.host.get_by_role("button", name="Lamp, February 3").click()
    await edge.until(lambda: [frame["text"] for frame in edge.of("message")] == ["SD-2"])


async def test_a_confirmation_sums_up_and_words_answer_as_well(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Everything that is known is shown; yes and no are buttons; the field stays open to any words."""
    chat = await open_shop(edge=edge)
    edge.say(text="Shall I?", form=form("confirm", "", filled=FILLED))
    group = chat.host.get_by_role("group", name="Is this right?")
    await expect(group.get_by_role("button")).to_have_text(["Yes", "No"], timeout=WAIT_MS)
    await expect(chat.host.locator(".form-filled div")).to_have_count(2)
    await chat.write("yes, but tomorrow")
    await edge.until(lambda: [frame["text"] for frame in edge.of("message")] == ["yes, but tomorrow"])
    await expect(group).to_have_count(0, timeout=WAIT_MS)


async def test_an_answer_that_is_longer_than_the_window_is_read_from_its_beginning(
    edge: ScriptedEdge, open_shop: OpenShop
) -> None:
    """Cards below do not push the words out of sight; a short answer still ends at the end."""
    chat = await open_shop(edge=edge, viewport={"width": 1000, "height": 520})
    edge.say(text="Here is all of it.", cards=[ORDER, TICKET, COUPON])
    await expect(chat.host.locator(".coupon")).to_have_count(1, timeout=WAIT_MS)
    await expect(chat.host.get_by_text("Here is all of it.", exact=True)).to_be_in_viewport(ratio=1)
    await chat.write("thanks")
    edge.say(text="Any time.")
    await expect(chat.host.get_by_text("Any time.", exact=True)).to_be_in_viewport(ratio=1)
