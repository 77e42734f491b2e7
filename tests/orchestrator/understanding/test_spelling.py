"""What a message means to say, and how what was written is found again."""

from __future__ import annotations

import pytest

from orchestrator.understanding.spelling import Speller, slips

pytestmark = pytest.mark.unit

SPELLER = Speller()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("cancl my ordr pls", "cancel my order please"),
        ("i wanna retrun the candel", "i want to return the candle"),
        ("thats right dont worry", "that's right don't worry"),
        ("我想退貨，蠟燭的味道不喜歡", "我想退货，蜡烛的味道不喜欢"),
        ("訂單冇收到，唔該幫我查下喺邊度", "订单没有收到，麻烦帮我查下在哪里"),
        ("优惠卷怎么用", "优惠券怎么用"),
        ("退２个，ＰＷ１２３", "退2个，PW123"),
        ("recieved a brocken mug", "received a broken mug"),
    ],
)
def test_slips_and_scripts_are_read_as_what_was_meant(written: str, meant: str) -> None:
    """In both languages."""
    assert SPELLER.spelt(written).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The customer is older than Marple Candell, thanks to her mother",
        "mail retrun@ordr.com or www.parcle.io",
        "I chose the colour of the handle, it changes the charge",
        "退或换都行，退货的钱什么时候到",
        "🙂 ①②③ \u202e\ud83d",
        "a" * 2000,
    ],
)
def test_what_is_right_stays(text: str) -> None:
    """Words of English, names, addresses of the net, odd and huge texts."""
    spelt = SPELLER.spelt(text)
    assert spelt.text == text.replace("①②③", "123")
    assert len(spelt.starts) == len(spelt.text) + 1


def test_what_nobody_needs_is_not_read() -> None:
    """Three of a sign that is repeated; of a very long message both ends, apart; words are found again in either."""
    assert SPELLER.spelt("where!!!!!!!!!!   is it......\n\n\n\n\n？？？？？").text == "where!!!   is it...\n\n\n？？？"
    letter = "My parcel " + "it was a long story. " * 300 + "寄到台北市信義區。。。。。。。。Where is it?"
    spelt = SPELLER.spelt(letter)
    assert len(spelt.text) == 2_000
    assert spelt.text.startswith("My parcel it was")
    assert spelt.text.count("\n") == 1
    assert spelt.text.endswith("寄到台北市信义区。。。Where is it?")
    assert spelt.as_written("台北市信义区") == "台北市信義區"
    assert len(spelt.starts) == len(spelt.text) + 1
    assert SPELLER.spelt(" " * 4_000).text == "   "


def test_own_words_are_found_again() -> None:
    """However much before them was changed."""
    spelt = SPELLER.spelt("pls chnge 地址，改成台北市信義區松高路12號8樓 thx")
    assert spelt.as_written("台北市信义区松高路12号8楼") == "台北市信義區松高路12號8樓"
    assert spelt.as_written("somewhere else") == "somewhere else"


def test_letters_that_changed_places_are_nearer() -> None:
    """So that "cancle" is cancel, and not candle."""
    assert slips("cancle", "cancel") < slips("cancle", "candle")
