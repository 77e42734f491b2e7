"""What is denied, shifted or told to stay, and what only points at an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from orchestrator.dialogue.addresses import amended
from orchestrator.dialogue.consent import said_yes
from orchestrator.dialogue.denied import without_denied, without_unchanged
from orchestrator.dialogue.moments import shift_in
from orchestrator.dialogue.naming import person_in, respelled, title_in
from orchestrator.dialogue.runner import CHOOSE, Kind
from orchestrator.dialogue.state import FormPosition
from orchestrator.dialogue.wishes import WishReader
from orchestrator.dialogue.world import Order, Variant
from tests.orchestrator.dialogue.worlds import FORMS, FRESH, WORLD, after, heard, item, started

pytestmark = pytest.mark.unit

WISHES = WishReader(FORMS)
CANDLE = "PW6200000002"
BOTH = replace(
    WORLD,
    orders=(
        *WORLD.orders,
        Order(CANDLE, "delivered", (item("candle", "Peach candle", "蜜桃蜡烛", CANDLE),
              item("tote-sky", "Market tote (sky)", "买菜布袋（天蓝）", CANDLE)),
              frozenset(("send_back", "refund", "invoice"))),
    ),
    products=tuple(frozenset(group) for group in (("mug", "杯子"), ("tote", "布袋"), ("candle", "蜡烛"))),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("half an hour later", 30),
        ("push it back by an hour", 60),
        ("two hours earlier please", -120),
        ("a day later", 1440),
        ("晚半小时", 30),
        ("推迟一个小时", 60),
        ("提前一天", -1440),
        ("改到第二天", 1440),
    ],
)
def test_so_much_later(text: str, minutes: int) -> None:
    """By what was said before, in both directions."""
    assert shift_in(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["the day after tomorrow", "in 3 days", "三天后", "三个人", "later"])
def test_a_day_by_itself_is_no_shift(text: str) -> None:
    """Nor is a number of something else."""
    assert shift_in(text) is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("地址、邮编、电话都不变，就改名字", "，就改名字"),
        ("收件人电话不变，地址是文三路 12 号", "，地址是文三路 12 号"),
        ("the address and the phone stay the same, just the name", ", just the name"),
        ("same phone, new street", ", new street"),
        ("keep the name as it is", ""),
        ("改一下地址", "改一下地址"),
        ("改一下收件人，地址电话都不变", "改一下收件人，"),
        ("change the name, address stays the same", "change the name,"),
        ("the address, phone and date stay the same", ""),
    ],
)
def test_what_stays_is_no_value(text: str, left: str) -> None:
    """It is taken out before anything is read."""
    assert without_unchanged(text).strip() == left


@pytest.mark.parametrize(
    ("text", "left"), [("7 not 6", "7"), ("是周六不是周五", "是周六"), ("不是三个，是五个", "，是五个")]
)
def test_what_is_denied_is_no_value(text: str, left: str) -> None:
    """Only the other one is left."""
    assert without_denied(text).strip() == left


@pytest.mark.parametrize(
    ("text", "people", "time"),
    [
        ("make it 7 not 6", "4", "19:00"),
        ("not 4, 3", "3", "18:00"),
        ("three people, and half an hour later too", "3", "18:30"),
        ("不是6点，是8点", "4", "20:00"),
        ("make it 7 not 6, and one person fewer", "3", "19:00"),
        ("not 4, 3, and half an hour later", "3", "18:30"),
        ("改成五个人，时间晚一个小时", "5", "19:00"),
    ],
)
def test_a_correction_beside_other_values(text: str, people: str, time: str) -> None:
    """The number that is denied tells which one is corrected; a span is added to what was said."""
    step = after(started("book_restaurant", "a table for 4 tomorrow at 6pm"), text)
    assert (step.kind, step.position.filled["people"], step.position.filled["time"]) == (Kind.CONFIRM, people, time)


@pytest.mark.parametrize(
    "text",
    [
        "I want to return the tote I bought with the candle, not my style",
        "return the tote that came with the candle, not my style",
        "return the tote from the order with the candle, not my style",
        "跟蜡烛一起买的那个布袋想退掉，不喜欢",
        "买蜡烛那单里的布袋我要退货，不喜欢",
        "上次买蜡烛的时候顺便买的布袋，想退掉，不喜欢",
    ],
)
def test_a_clause_points_at_the_order(text: str) -> None:
    """The head of it is the thing."""
    filled = started("return_request", text, BOTH).position.filled
    assert (filled["order"], filled["item"]) == (CANDLE, "tote-sky")


def test_what_is_wanted_instead_names_no_order() -> None:
    """The other tote is in another order."""
    filled = started("exchange_request", "买杯子那单里的布袋想换成天蓝的", BOTH).position.filled
    assert (filled["order"], filled["item"]) == (FRESH, "tote-natural")


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("那单要开公司", ""),
        ("my company", ""),
        ("same as before", ""),
        ("跟上次一样", ""),
        ("开成远山文化有限公司", "远山文化有限公司"),
        ("名字写顾晚秋", "顾晚秋"),
        ("就填顾晚秋", "顾晚秋"),
        ("写意文化有限公司", "写意文化有限公司"),
        ("Brightwater Ltd", "Brightwater Ltd"),
        ("王小明", "王小明"),
        ("I don't know yet", ""),
    ],
)
def test_half_a_sentence_is_no_title(words: str, title: str) -> None:
    """A title is the name of a person or a firm."""
    assert title_in(words) == title


@pytest.mark.parametrize(
    ("words", "name"),
    [("一下", ""), ("错了", ""), ("李雷", "李雷"), ("Jon O'Neil", "Jon O'Neil"), ("邮编, 电话都不变", "")],
)
def test_a_recipient_is_a_person(words: str, name: str) -> None:
    """And nothing else."""
    assert person_in(words) == name


@pytest.mark.parametrize(
    ("wish", "asked"),
    [
        ("我想改一下收件人", "recipient"),
        ("the recipient is wrong, please change the recipient", "recipient"),
        ("I need to change the phone number on my order", "phone"),
        ("改下收件人和电话", "recipient"),
        ("我要改收货地址", "address"),
        ("please change the recipient and the address", "address"),
    ],
)
def test_only_what_changes_is_asked_for(wish: str, asked: str) -> None:
    """A new name needs no new street."""
    assert started("address_change", wish).position.asked == asked


@pytest.mark.parametrize("answer", ["smell", "颜色", "材质", "太重", "the feel of it", "colour"])
def test_a_word_is_reason_enough(answer: str) -> None:
    """Whoever is asked why and names what it is has answered."""
    step = after(started("return_request", "I want to return the tote"), answer)
    assert (step.kind, step.position.filled["reason"]) == (Kind.CONFIRM, "changed_mind")


@pytest.mark.parametrize("answer", ["hm", "ok", "好的", "why?", "为什么要问", "the other one"])
def test_a_sound_is_no_reason(answer: str) -> None:
    """Nor is a question."""
    assert "reason" not in after(started("return_request", "I want to return the tote"), answer).position.filled


@pytest.mark.parametrize("text", ["both of them", "make it two", "两个都退吧", "all of them please"])
def test_all_of_one_thing_is_no_other_thing(text: str) -> None:
    """How many pieces are meant, once it is known of what."""
    step = after(started("return_request", "I want to return one mug, changed my mind"), text)
    assert (step.kind, step.position.filled["quantity"], step.more) == (Kind.CONFIRM, "2", ())


@pytest.mark.parametrize(
    "text", ["好，报吧", "ok, report it then", "行，登记吧", "嗯，办", "yes, go ahead and report it", "好的，上报吧"]
)
def test_a_yes_with_the_deed_is_a_yes(text: str) -> None:
    """In whatever words."""
    assert said_yes(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "I got only the tote, the other thing is missing, I want a refund",
        "包裹里只有布袋，少了别的，我要退款",
        "only the tote was in the box, something is missing, refund please",
    ],
)
def test_what_did_not_come_is_what_is_left(text: str) -> None:
    """Of two things only one was there."""
    assert started("refund", text).position.filled["item"] == "mug-peach"


def test_an_order_by_all_that_is_in_it_is_surer_than_its_state() -> None:
    """Each wish keeps its own order."""
    assert started("invoice_request", "买杯子和布袋的那单要开发票", BOTH).position.filled["order"] == FRESH


@pytest.mark.parametrize(
    "text",
    [
        "need an invoice for order PW5115725236, for me personally, Jon Smith, jon@x.com",
        "invoice for order PW5115725236 please, for Jon Smith, to jon@x.com",
        "订单PW5115725236开发票，个人的，王小明，jon@x.com",
    ],
)
def test_all_told_at_once_needs_no_question(text: str) -> None:
    """Name and e-mail stand in the wish."""
    assert started("invoice_request", text).kind is Kind.CONFIRM


@pytest.mark.parametrize(
    ("text", "quantity", "more"),
    [
        ("the other one too", "2", ()),
        ("另一个也退", "2", ()),
        ("布袋也退", "1", ("tote-natural",)),
        ("and the tote too please", "1", ("tote-natural",)),
    ],
)
def test_too_adds(text: str, quantity: str, more: tuple[str, ...]) -> None:
    """The other piece, or the other thing after it; what is there already stays."""
    step = after(started("return_request", "I want to return one mug, changed my mind"), text)
    assert (step.position.filled["item"], step.position.filled["quantity"]) == ("mug-peach", quantity)
    assert tuple(one["item"] for one in step.more) == more


@pytest.mark.parametrize(
    ("name", "text", "respelt"),
    [
        ("John Smith", "no, without the h: Jon", "Jon Smith"),
        ("John Smith", "it's J-O-N", "Jon Smith"),
        ("Catherine Miller", "with a K: Katherine", "Katherine Miller"),
        ("Erik Berg", "with a c not a k", "Eric Berg"),
        ("Anne Lee", "no, drop the l", ""),
        ("李磊", "不是磊，是雷", "李雷"),
        ("王明", "是金字旁的铭不是明", ""),
        ("李磊", "是雷电的雷", "李雷"),
        ("章伟", "不是章是张", "张伟"),
    ],
)
def test_a_name_by_its_letters(name: str, text: str, respelt: str) -> None:
    """Only where it is plain which letter is meant."""
    assert respelled(name, text) == respelt


def test_what_was_asked_twice_is_not_asked_a_third_time() -> None:
    """What fits is told, and a person; after that it is left."""
    step = started("refund", "I want a refund for order PW5115725236")
    step = after(after(step, "just because"), "my money")
    assert (step.kind, step.problem, step.position.asked) == (Kind.ASK, CHOOSE, "reason")
    assert after(step, "give it to me").kind is Kind.STUCK


@pytest.mark.parametrize("text", ["wrong item was sent", "wrong items were sent", "wrong product came"])
def test_a_wrong_thing_is_a_reason_and_no_refusal(text: str) -> None:
    """Though it begins with a word of refusal."""
    step = after(started("refund", "I want a refund for the tote"), text)
    assert (step.kind, step.position.filled["reason"]) == (Kind.CONFIRM, "wrong_item")


@pytest.mark.parametrize("text", ["do it", "do that please", "办吧", "就这么办"])
def test_do_it_is_a_yes(text: str) -> None:
    """Though a question could begin so."""
    assert after(started("return_request", "I want to return the tote, changed my mind"), text).kind is Kind.CALL


@pytest.mark.parametrize(
    "text", ["let me look for it", "hold on, I'll check", "等下我找找邮箱", "稍等，我查一下", "我问问"]
)
def test_a_moment_is_given(text: str) -> None:
    """It counts for no answer, and the question stays."""
    step = after(started("invoice_request", "invoice for order PW5115725236, Jon Smith"), text)
    assert (step.kind, step.problem, step.position.misses) == (Kind.ASK, "no_hurry", 0)


@pytest.mark.parametrize(
    ("form", "text", "reason"),
    [
        ("refund", "there's no tote in the box, only the mugs, I want a refund", "missing_item"),
        ("refund", "盒子里没有布袋，我要退款", "missing_item"),
        ("refund", "the name on it is wrong, I want a refund for the tote", "wrong_item"),
        ("return_request", "布袋上的名字刻错了，要退货", "wrong_item"),
        ("return_request", "布袋尺寸不合适，退掉", "wrong_size"),
        ("return_request", "布袋跟图上不太一样，退掉", "not_as_described"),
    ],
)
def test_a_reason_in_customers_words(form: str, text: str, reason: str) -> None:
    """It is not asked for again."""
    assert started(form, text).position.filled["reason"] == reason


def test_one_of_the_two_names_the_order_with_two() -> None:
    """The other order has one of its kind."""
    sage = item("mug-sage", "Dipped mug (sage)", "浸釉马克杯（鼠尾草绿）", "PW6200000003")
    third = Order("PW6200000003", "delivered", (sage,), frozenset(("send_back", "refund")))
    world = replace(WORLD, orders=(*WORLD.orders, third))
    for text in ("one of the two mugs has a crack, I want a refund", "两个杯子有一个裂了，我要退款"):
        filled = started("refund", text, world).position.filled
        assert (filled["order"], filled["item"], filled["quantity"]) == (FRESH, "mug-peach", "1")


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("and one more person", "5"),
        ("two fewer", "2"),
        ("add another guest", "5"),
        ("再加一个人", "5"),
        ("多两位", "6"),
        ("少一个人", "3"),
        ("一个人来不了", "3"),
    ],
)
def test_more_and_fewer(text: str, people: str) -> None:
    """Of what was told before."""
    step = after(started("book_restaurant", "a table for 4 tomorrow at 6pm"), text)
    assert (step.kind, step.position.filled["people"]) == (Kind.CONFIRM, people)


def test_what_may_be_is_no_reason() -> None:
    """Nobody says that it is broken who asks what if it were."""
    confirming = started("return_request", "I want to return the tote, changed my mind")
    for text in ("what if it's broken?", "要是碎了呢？"):
        assert after(confirming, text).position.filled["reason"] == "changed_mind"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            'invoice for order PW5115725236, company is "Blue Door Studio", tax number 812345678, a@b.com',
            "Blue Door Studio",
        ),
        ("订单PW5115725236开票，公司叫蓝门工作室，税号 92330106MA2ABC123X，邮箱 a@b.cn", "蓝门工作室"),
    ],
)
def test_a_title_without_what_introduces_it(text: str, title: str) -> None:
    """Quotes and "is called" are no part of it."""
    assert started("invoice_request", text).position.filled["title"] == title


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("it just isn't what I imagined", "changed_mind"),
        ("my sister hates the colour", "changed_mind"),
        ("跟想象的不一样", "changed_mind"),
        ("it has moth holes", "damaged"),
        ("有虫洞", "damaged"),
    ],
)
def test_disappointment_is_no_fault(text: str, reason: str) -> None:
    """What was imagined was never promised."""
    assert after(started("return_request", "I want to return the tote"), text).position.filled["reason"] == reason


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("swap the tote for a blue one, and the mugs for green", 2),
        ("exchange the tote for sky and the mug for sage", 2),
        ("布袋换蓝的，杯子换绿的", 2),
        ("把布袋换成天蓝，杯子换成绿色", 2),
        ("swap the tote for a blue one, I'd like it for my mum", 1),
        ("exchange the mugs and the tote", 1),
    ],
)
def test_two_exchanges_are_two_wishes(text: str, pieces: int) -> None:
    """Each thing with what it should become."""
    assert [wish.form for wish in WISHES.of(heard(text)).forms] == ["exchange_request"] * pieces


def test_a_part_of_an_address_told_anew() -> None:
    """By its shape, where digits alone differ."""
    known = "天津市和平区南京路 108 号 2 门 1503"
    assert amended(known, "不对，是 2 门 1530") == "天津市和平区南京路 108 号 2 门 1530"
    assert amended("深圳市科技园南路 12 号 B 座 801", "应该是 13 号 B 座 802") == "深圳市科技园南路 13 号 B 座 802"


@pytest.mark.parametrize(
    "text",
    ["invoice for order PW5115725236, Robin Park, rp@x.com", "订单PW5115725236开票，王小明，wxm@qq.com"],
)
def test_a_name_beside_the_mail_is_the_title(text: str) -> None:
    """Nothing else would stand there."""
    assert started("invoice_request", text).kind is Kind.CONFIRM


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("订单PW5115725236要个电子票，写我名字 周晴 就行，zq@example.com", "周晴"),
        ("订单PW5115725236开票，抬头周晴，电子的，zq@example.com", "周晴"),
        ("invoice for order PW5115725236, in the name of Robin Park, Thanks a lot, rp@x.com", "Robin Park"),
    ],
)
def test_the_last_cue_that_holds_a_name_counts(text: str, title: str) -> None:
    """A word of agreement before the mail holds none."""
    assert started("invoice_request", text).position.filled["title"] == title


@pytest.mark.parametrize("text", ["return the mug and the candle, I don't need them", "杯子和蜡烛都退，用不上"])
def test_things_of_two_orders_are_both_meant(text: str) -> None:
    """One after the other, each with its own order."""
    step = started("return_request", text, BOTH)
    assert (step.position.filled["item"], step.position.filled["order"]) == ("mug-peach", FRESH)
    assert [(one["item"], one["order"]) for one in step.more] == [("candle", CANDLE)]


def test_what_is_in_an_order_is_not_all_meant() -> None:
    """Only what leaks."""
    text = "My order with the tote and the mugs: the tote is torn. Refund for that please"
    step = started("refund", text, BOTH)
    assert (step.position.filled["item"], step.more) == ("tote-natural", ())


def test_a_late_parcel_is_not_refunded_before_it_is_lost() -> None:
    """It is told how long it takes to be."""
    late = replace(WORLD.orders[0], status="shipped", can=frozenset(("coupon", "invoice")))
    step = started("refund", "my candle isn't coming, I want my money back", replace(WORLD, orders=(late,)))
    assert step.problem == "refund/refused/not_lost"


def test_what_was_ordered_comes_instead_of_what_was_sent() -> None:
    """Though a new one is asked for: the same again would be as wrong."""
    sky = Variant("tote-sky", "Market tote (sky)", ("Market tote (sky)", "买菜布袋（天蓝）"))
    known = FormPosition("exchange_request", "wanted", {"order": FRESH, "item": "tote-natural"})
    step = after(known, "you sent the wrong tote, I ordered sky, a new one please", replace(WORLD, variants=(sky,)))
    assert step.position.filled["wanted"] == "tote-sky"
