"""One thing that is asked about what was looked up or done is told alone, from the rows."""

from __future__ import annotations

import pytest

from orchestrator.cases.details import Detail, detail_of
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration

LATE = {"en": "my parcel hasn't moved for days", "zh": "快递三天没更新了"}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("when was it delivered?", Detail.DELIVERED),
        ("when did my teapot arrive", Detail.DELIVERED),
        ("什么时候签收的", Detail.DELIVERED),
        ("who delivers it?", Detail.CARRIER),
        ("which courier is it?", Detail.NONE),
        ("哪家快递送的", Detail.CARRIER),
        ("until when is that coupon valid?", Detail.COUPON_LIFE),
        ("can I use that coupon today?", Detail.COUPON_LIFE),
        ("那张券能用到什么时候", Detail.COUPON_LIFE),
        ("when will the carrier answer?", Detail.CARRIERS_ANSWER),
        ("what if nothing has moved by tomorrow?", Detail.IF_NOTHING),
        ("要是明天还没动静怎么办", Detail.IF_NOTHING),
        ("what if they don't answer?", Detail.IF_NOTHING),
        ("快递公司一直不回怎么办", Detail.IF_NOTHING),
        ("how soon will I hear back?", Detail.CARRIERS_ANSWER),
        ("is somebody looking into it?", Detail.WORKED_ON),
        ("are they actually working on it", Detail.WORKED_ON),
        ("who is handling my complaint?", Detail.WORKED_ON),
        ("any news from the carrier?", Detail.WORKED_ON),
        ("has the carrier replied yet?", Detail.WORKED_ON),
        ("有人在处理吗", Detail.WORKED_ON),
        ("处理得怎么样了", Detail.WORKED_ON),
        ("工单有进展吗", Detail.WORKED_ON),
        ("他们回复了吗", Detail.WORKED_ON),
        ("will I get it before the weekend?", Detail.ARRIVAL),
        ("can it be here by friday", Detail.ARRIVAL),
        ("周末前能到吗", Detail.ARRIVAL),
        ("which of the two is better for me?", Detail.OFFER),
        ("what would you recommend?", Detail.OFFER),
        ("哪个更划算", Detail.OFFER),
        ("你建议选哪个", Detail.OFFER),
        ("do I get anything for the delay?", Detail.COMPENSATION),
        ("is there compensation for this?", Detail.COMPENSATION),
        ("延误有补偿吗", Detail.COMPENSATION),
        ("怎么补偿我", Detail.COMPENSATION),
        ("on what can I use it?", Detail.COUPON_USE),
        ("how do I use the code?", Detail.COUPON_USE),
        ("does the coupon work on sale items?", Detail.COUPON_USE),
        ("这券什么都能买吗", Detail.COUPON_USE),
        ("这张券怎么用", Detail.COUPON_USE),
        ("is it broken?", Detail.NONE),
        ("can I use it in the microwave?", Detail.NONE),
        ("这个怎么用", Detail.NONE),
        ("坏了有赔偿金额规定么 我要退货", Detail.NONE),
        ("did you get my return?", Detail.RETURN_ARRIVED),
        ("你们收到我的退货了吗", Detail.RETURN_ARRIVED),
        ("the tote one", Detail.PICKS),
        ("布袋那个", Detail.PICKS),
        ("when will it be delivered?", Detail.ARRIVAL),
        ("什么时候送到", Detail.ARRIVAL),
        ("which carrier do you use?", Detail.NONE),
        ("do you have a coupon?", Detail.NONE),
        ("cancel the tote order", Detail.NONE),
        ("退布袋那个", Detail.NONE),
        ("我要退货", Detail.NONE),
        ("who signed for it?", Detail.SIGNED),
        ("谁签收的", Detail.SIGNED),
        ("what's the tracking number of the teapot parcel", Detail.TRACKING),
        ("茶壶的快递单号发我", Detail.TRACKING),
        ("the tracking number doesn't work", Detail.NONE),
        ("运单号查不到", Detail.NONE),
        ("which courier has my teapot", Detail.CARRIER),
        ("茶壶是哪个快递", Detail.CARRIER),
        ("你们用哪家快递", Detail.NONE),
        ("what did I pay for the teapot", Detail.PAID),
        ("茶壶我付了多少", Detail.PAID),
        ("what do I pay for postage", Detail.NONE),
        ("退货运费要付多少", Detail.NONE),
        ("did I already pay for the mug?", Detail.IS_PAID),
        ("那单付款成功了吗", Detail.IS_PAID),
        ("when did I order the teapot", Detail.PLACED),
        ("茶壶哪天下的单", Detail.PLACED),
        ("when was it shipped?", Detail.SENT),
        ("when will the mug be sent", Detail.SENT),
        ("什么时候发的货", Detail.SENT),
        ("现在下单什么时候发货", Detail.NONE),
        ("which address is the teapot going to?", Detail.DESTINATION),
        ("茶壶寄到哪个地址", Detail.DESTINATION),
        ("退货寄到哪个地址", Detail.NONE),
        ("what address do I send it back to", Detail.NONE),
        ("快递到哪了", Detail.NONE),
        ("which phone number is on my order", Detail.PHONE),
        ("订单上留的手机号是哪个", Detail.PHONE),
        ("怎么换绑手机号", Detail.NONE),
        ("how long will they hold my parcel", Detail.HELD),
        ("自提点能放几天", Detail.HELD),
        ("which orders haven't been sent yet?", Detail.BY_STATE),
        ("哪个还没付款", Detail.BY_STATE),
        ("how much have I spent this month?", Detail.SPENT),
        ("我这个月一共花了多少钱", Detail.SPENT),
        ("how many mugs did I buy", Detail.BOUGHT),
        ("我买了几个杯子", Detail.BOUGHT),
        ("what's in my order", Detail.CONTENTS),
        ("which mug did I order?", Detail.CONTENTS),
        ("我的订单里有什么", Detail.CONTENTS),
        ("我买的杯子什么颜色", Detail.CONTENTS),
        ("where's it going?", Detail.DESTINATION),
        ("单号呢", Detail.TRACKING),
        ("", Detail.NONE),
        ("when was it delivered? " * 40, Detail.NONE),
    ],
)
def test_what_is_asked(text: str, detail: Detail) -> None:
    """What was is no question about what will be; rules and wishes are none of these."""
    assert detail_of(text) is detail


@pytest.mark.parametrize(
    ("language", "coupon", "answer"),
    [
        ("en", "until when is that coupon valid?", "when will the carrier answer?"),
        ("zh", "那张券能用到什么时候", "快递公司什么时候答复"),
    ],
)
async def test_the_story_is_not_told_again(shop: Shop, language: str, coupon: str, answer: str) -> None:
    """After a late parcel the coupon's last day and the carrier's answer are each told alone; nothing is done twice."""
    talk = Talk(shop, "demo-mei", language)
    first = words(await talk.say(LATE[language]))
    life = words(await talk.say(coupon))
    due = words(await talk.say(answer))
    assert "PEACH" in first
    assert "TK" in first
    assert "PEACH" in life
    assert "TK" not in life
    assert "TK" in due
    assert "PEACH" not in due


@pytest.mark.parametrize(
    ("language", "text", "said"), [("en", "did you get my return?", "arrived"), ("zh", "你们收到我的退货了吗", "收到")]
)
async def test_a_return_is_told_from_the_books(shop: Shop, language: str, text: str, said: str) -> None:
    """Whoever has none gets the article, and no number."""
    theirs = words(await Talk(shop, "demo-zhao", language).say(text))
    nobodys = words(await Talk(shop, "demo-new", language).say(text))
    assert "RT" in theirs
    assert said in theirs
    assert "RT" not in nobodys


@pytest.mark.parametrize(
    "text", ["hola, donde esta mi paquete", "注文はどこですか", "мой заказ где", "où est mon colis"]
)
async def test_other_languages_are_named(shop: Shop, text: str) -> None:
    """The languages that are spoken are named, instead of guessing."""
    said = words(await Talk(shop, "demo-new", "en").say(text))
    assert "English" in said
    assert "Chinese" in said


@pytest.mark.parametrize("text", ["where is my hola mug", "cafe au lait mug price", "mi casa"])
async def test_a_foreign_word_is_no_other_language(shop: Shop, text: str) -> None:
    """One word of another language changes nothing."""
    assert "only speak" not in words(await Talk(shop, "demo-new", "en").say(text))
