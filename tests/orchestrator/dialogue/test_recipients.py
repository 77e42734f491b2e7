"""An address that is told with who it is for, and parts of it that are corrected while it is to be confirmed."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.addresses import amended, taken_apart
from orchestrator.dialogue.recipients import recipient_in, without_recipient
from orchestrator.dialogue.runner import Kind
from tests.orchestrator.dialogue.worlds import after, started

pytestmark = pytest.mark.unit

ROOM = "宁波市鄞州区中山东路88号301室"


@pytest.mark.parametrize(
    ("text", "name", "phone"),
    [
        ("change address to Jo Park, 3 Mill Lane, York YO1 7AA, her phone is 07700 900123", "Jo Park", "07700 900123"),
        ("please send my order to: Jo Park, 3 Mill Lane, York YO1 7AA, phone 07700 900123", "Jo Park", "07700 900123"),
        ("change the address to Jo Park, 07700 900123, 3 Mill Lane, York YO1 7AA", "Jo Park", "07700 900123"),
        ("ship it to 3 Mill Lane, York YO1 7AA for Jo Park, her number is 07700 900123", "Jo Park", "07700 900123"),
        ("send it to jo park, 3 mill lane, York YO1 7AA, mobile 07700 900123", "jo park", "07700 900123"),
        ("send it to Jo Park at 3 Mill Lane, York YO1 7AA and her mobile is 07700 900123", "Jo Park", "07700 900123"),
    ],
)  # fmt: skip
def test_name_and_phone_are_no_part_of_the_address(text: str, name: str, phone: str) -> None:
    """They are the recipient's, wherever they stand."""
    filled = started("address_change", text).position.filled
    assert (filled["recipient"], filled["phone"]) == (name, phone)
    place = taken_apart(filled["address"])
    assert (place.street.lower(), place.city, place.postcode) == ("3 mill lane", "York", "YO1 7AA")


@pytest.mark.parametrize(
    "text",
    [
        f"改地址，收件人李雷 13512345678，寄到{ROOM}",
        f"帮我改地址：李雷 13512345678 {ROOM}",
        f"地址改成{ROOM}，李雷，13512345678",
        f"帮我改收货地址，收件人李雷，电话13512345678，地址是{ROOM}",
        f"地址改成李雷，13512345678，{ROOM}",
        f"寄到{ROOM}，收件人李雷13512345678",
        f"地址改成{ROOM}，收件人：李雷，手机号：13512345678，谢谢",
    ],
)
def test_name_and_phone_are_no_part_of_a_chinese_address(text: str) -> None:
    """Nor are their labels."""
    filled = started("address_change", text).position.filled
    assert (filled["recipient"], filled["phone"], filled["address"]) == ("李雷", "13512345678", ROOM)


@pytest.mark.parametrize(
    "text",
    ["3 Mill Lane, York YO1 7AA", "Rose Cottage, 3 Mill Lane, York", "14 Elm Street, Portland 97202", "No, 18 Hill St",
     "My Office, 3 Mill Lane", "Hauptstr. 5, 10115 Berlin", "新号码13512345678", "电话改成13512345678", ROOM,
     "收件人和电话都要改", "5th Avenue 350, New York, NY 10118"],
)  # fmt: skip
def test_what_is_no_name_is_none(text: str) -> None:
    """A house, a street, a label."""
    assert recipient_in(text) == ""


@pytest.mark.parametrize("text", ["", "A " * 5000, "李" * 5000, ", " * 5000, "1" * 5000, "Jo Park, " * 800])
def test_hostile_texts_are_read_quickly(text: str) -> None:
    """Huge ones too."""
    assert len(without_recipient(text)) <= len(text) + 1


MILL, WENSAN = "3 Mill Lane, York", "杭州市西湖区文三路9号3幢"


@pytest.mark.parametrize(
    ("address", "text", "right"),
    [
        (MILL, "postcode is YO1 7AA", f"{MILL} YO1 7AA"),
        (f"{MILL} YO1 7AA", "zip code: YO1 8BB", f"{MILL} YO1 8BB"),
        (f"{MILL} YO1 7AA", "the postcode's wrong, it should be YO1 9ZZ", f"{MILL} YO1 9ZZ"),
        ("9 Elm Road, Portland", "zip 97202", "9 Elm Road, Portland 97202"),
        (MILL, "the number is 3699", "3699 Mill Lane, York"),
        (MILL, "house number 12 please", "12 Mill Lane, York"),
        (MILL, "it's number 12, sorry", "12 Mill Lane, York"),
        (MILL, "number should be 5", "5 Mill Lane, York"),
        (WENSAN, "邮编 310051", f"{WENSAN} 310051"),
        (WENSAN, "邮政编码：310051", f"{WENSAN} 310051"),
        (WENSAN, "对了，邮编是310051", f"{WENSAN} 310051"),
        (f"{WENSAN} 310012", "310051", f"{WENSAN} 310051"),
        (WENSAN, "门牌是3699号", "杭州市西湖区文三路3699号3幢"),
        (WENSAN, "门牌号3699", "杭州市西湖区文三路3699号3幢"),
        (WENSAN, "门牌错了，是 3699 号", "杭州市西湖区文三路3699号3幢"),
        ("杭州市文一西路18号2单元502", "门牌写错了，是602", "杭州市文一西路18号2单元602"),
        ("北京市和平路8号502室，100020", "门牌应该是602", "北京市和平路8号602室，100020"),
        ("杭州市文一西路18号2单元502", "门牌是602号", "杭州市文一西路602号2单元502"),
        ("杭州市滨江区江南大道", "门牌号是3699", "杭州市滨江区江南大道3699号"),
    ],
)
def test_a_part_that_is_told_alone_corrects_that_part(address: str, text: str, right: str) -> None:
    """Or is added where it was missing."""
    assert amended(address, text) == right


@pytest.mark.parametrize(
    ("first", "text", "part"),
    [("change the address to 3 Mill Lane, York", "postcode is YO1 7AA", "YO1 7AA"),
     ("change the address to 3 Mill Lane, York", "the number is 3699", "3699 Mill"),
     (f"地址改成{WENSAN}", "邮编 310051", "310051"), (f"地址改成{WENSAN}", "门牌是3699号", "3699号")],
)  # fmt: skip
def test_the_confirmation_is_shown_again_with_the_part(first: str, text: str, part: str) -> None:
    """And a yes does it; the address is never emptied by it."""
    step = after(started("address_change", first), text)
    assert step.kind is Kind.CONFIRM
    assert part in step.position.filled["address"]
    assert after(step, "yes" if text.isascii() else "好的").kind is Kind.CALL
