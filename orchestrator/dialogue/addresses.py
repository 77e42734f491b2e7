"""Postal addresses as people write them, in both languages, taken apart as far as their form allows."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CUE = re.compile(
    r"(?:\b(?:change|send|ship|deliver|move|redirect|update)\b.*?\bto|\baddress(?: is| to|:)|\bit should (?:go|be) to)"
    r"[:\s]+(.+)|(?:改成|改到|改为|换成|换到|寄到|送到|发到|寄往|地址(?:是|为|改|到|换|:|：|应该是|就是)(?:成|到|为)?|改(?:寄|送|发)?(?:到|去|往))[:：\s]*(.+)",
    re.IGNORECASE | re.DOTALL,
)
_NEW = re.compile(
    r"^(?:my |the )?(?:new )?address(?: is)?[:\s]+|^(?:新的?)?(?:收货)?地址(?:是|为)?[:：\s]*", re.IGNORECASE
)
_LEAD = re.compile(
    r"^(?:(?:我们?的?|新)?(?:公司|家里?|单位|学校|办公室|新家|宿舍|爸妈家|父母家)(?:里|那边|那儿)?(?:吧|去)?[，,：:\s]+|"
    r"no,?\s+|sorry,?\s+|it'?s\s+|it should be\s+|to\s+|不是[,，]?\s*|不对[,，]?\s*|是|应该是|改成|改为|换成)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s,，]*(?:please|pls|thanks|thank you|instead|谢谢|可以吗|行吗|好吗|可以不|行不行|"
    r"吗|嘛|吧|就行|就好)[\s.!。！?？]*$|[\s.。!！]+$",
    re.IGNORECASE,
)
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_BEFORE_ZH = re.compile(
    r"应该?是|改[成为到去]|换[成到为]|寄[到往去]|送[到去]|发到|地址[是为]|就是|而是|是|[:：]|[错对]了[，, ]?"
)
_PART_OF_ZH = re.compile(
    r"\d\s*(?:号|弄|幢|栋|室|楼|单元|层|座)|^[^，]{0,12}\d{3,6}[，。]?$|"
    r"[省市区县镇乡路街巷村园厦苑]\S{0,12}\d"
)
_DENIED_EN = re.compile(
    r"\b(?:not|instead of|rather than|from|old|than|was|previously)\s+(?:the |at |to |my )*$", re.IGNORECASE
)
_UNIT_EN = re.compile(
    r"(?-i:(?:[A-Z][\w'’-]+ ){1,3}(?:House|Cottage|Building|Hall|Tower|Lodge|Farm|Villa|Mill|Centre|Center)),\s+$|"
    r"(?:flat|apt\.?|apartment|unit|suite|room|floor|c/o|building|block)\s[\w ]{1,12}[,\s]+$",
    re.IGNORECASE,
)
_AFTER_EN = re.compile(
    r"[.!?;]\s|[,.]?\s+(?:instead|please|thanks|thank you|not |rather|because|since|as i|"
    r"(?:and |also )?(?:the |my |her |his |their )?(?:recipient|receiver|phone|mobile|number is|"
    r"name is|name to|name should|rest)|"
    r"and (?:how|can|when|what|also|the|please|change|could)|"
    r"is (?:the|right|correct)|that'?s)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
# What names a postcode, and is none of the address.
_LABEL = re.compile(
    r"[，,、\s]*(?:邮编|邮政编码|\bpost ?code|\bzip(?: code)?)(?:\s*(?:是|为|[:：]|is))*\s*(?=[A-Z]{0,2}\d)",
    re.IGNORECASE,
)
_SPEAKS_OF_IT = re.compile(r"地址|收货|\baddress\b", re.IGNORECASE)
_CORRECTED = re.compile(r"不是|不对|说错|搞错|错了")
_STREET_EN = re.compile(
    r"\b(?:\d{1,5}[A-Za-z]?/)?\d{1,6}[A-Za-z]?\s+(?:[A-Za-z0-9.'-]+\s+){0,5}"
    r"(?:st|street|rd|road|ave|avenue|lane|ln|drive|dr|blvd|boulevard|way|court|ct|place|pl|square|sq|quay|close|terrace|"
    r"row|hill|park|parkway|highway|hwy|crescent|gardens|walk|mews|circle|trail)\b|\bp\.?o\.? box \d+",
    re.IGNORECASE,
)
_PLACE_ZH = re.compile(r"[㐀-䶿一-鿿]{2,}(?:省|市|区|县|镇|乡|街道|路|街|巷|弄|村|小区|大道|胡同|花园|大厦|广场)")
_HOUSE_ZH = re.compile(r"\d+\s*(?:号|弄|幢|栋|室|楼|单元|层|座)|[一二三四五六七八九十]+(?:号|栋|幢|单元|楼)")
_CITY_ZH = re.compile(r"^(?:.{2,8}?(?:省|自治区))?([㐀-䶿一-鿿]{2,6}?市)")
# Cities whose 市 people leave out.
_SHORT_CITY = re.compile(
    r"^(?:.{2,3}省)?(北京|上海|天津|重庆|广州|深圳|杭州|南京|苏州|成都|武汉|西安|长沙|郑州|青岛|济南|宁波|厦门|福州|合肥|沈阳|大连|哈尔滨|"
    r"长春|昆明|贵阳|南昌|南宁|太原|石家庄|无锡|常州|温州|东莞|佛山|珠海|海口|三亚|兰州|西宁|银川|乌鲁木齐|呼和浩特|拉萨|"
    r"台北|台中|台南|高雄|新北|桃园)"
)
_ROAD_ZH = re.compile(r"[㐀-䶿一-鿿]{1,6}?(?:路|街|巷|大道|弄|胡同)\s*\d+\s*(?:号|弄)")
_TOWN_ZH = re.compile(r"^(?:.{2,8}?(?:省|自治区))?[㐀-䶿一-鿿]{2,6}?市(?:[㐀-䶿一-鿿]{1,5}?[区县])?")
_POSTCODE = re.compile(
    r"(?<!\d)(\d{6})(?!\d)|(?<=,) *(\d{4,5})(?= [^\W\d_])|\b(\d{5}(?:-\d{4})?)\b\s*(?:,|$)|"
    r"\b([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b"
)


_NUMBER_EN = r"(?:number |no\.? ?|nr\.? ?|#|house )?"
_BIT_EN = r"[A-Za-z0-9][\w'-]*"
_BIT_ZH = r"[㐀-䶿一-鿿A-Za-z0-9]{1,12}?"
_UNIT_ZH = r"(?:号|室|楼|栋|幢|单元|层|座|弄)"
_ASCII = re.compile(r"[A-Za-z0-9]")
_END_ZH = r"(?:[，,。！!吧哦啊 ]|$)"
_FILLERS = frozenset(("number", "no", "nr", "house", "it's", "it", "is", "but", "rather", "and", "the", "its"))
# How people say what stands in the place of what; English words are counted afterwards.
_NOT_THIS = re.compile(r"\bnot (?P<wrong>[\w'# -]+?)(?:,| but| it'?s)\s+(?P<right>[\w'# -]+)", re.IGNORECASE)
_NOT_THAT = re.compile(
    r"(?P<right>[\w'# -]+?),? (?:and )?(?:not|instead of|rather than) (?P<wrong>[\w'# -]+?)\s*(?:[.,!;]|$)",
    re.IGNORECASE,
)
_INSTEAD_OF_ZH = (
    re.compile(
        rf"(?<!是)不是\s*(?P<wrong>{_BIT_ZH}){_UNIT_ZH}?[，,、 ]*"
        rf"(?:而|应该)?是\s*(?P<right>{_BIT_ZH}){_UNIT_ZH}?{_END_ZH}"
    ),
    re.compile(
        rf"(?:应该)?是(?P<right>{_BIT_ZH}){_UNIT_ZH}?[，,、 ]*(?:而)?不是(?P<wrong>{_BIT_ZH}){_UNIT_ZH}?{_END_ZH}"
    ),
    re.compile(rf"把?(?P<wrong>{_BIT_ZH}){_UNIT_ZH}?(?:改成|改为|换成)(?P<right>{_BIT_ZH}){_UNIT_ZH}?{_END_ZH}"),
)
_NEGATED = re.compile(
    rf"(?:\bnot|\binstead of|\brather than) {_NUMBER_EN}{_BIT_EN}|不是[^，,。是]{{1,12}}(?=[，,。是]|$)", re.IGNORECASE
)
# Parts that are told by their unit.
_PARTS = (
    *(re.compile(rf"([A-Za-z0-9]+|[一二三四五六七八九十]+)\s*{unit}") for unit in _UNIT_ZH[3:-1].split("|")),
    re.compile(r"\b(?:apt|apartment|flat|unit|suite)\.? ?#?([A-Za-z0-9]+)\b", re.IGNORECASE),
)
_CODE = r"(?:\d{4,6}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?![A-Za-z0-9])"
_NEW_POSTCODE = re.compile(
    rf"(?:\bzip(?: ?code)?|\bpost(?:al)? ?code|邮编|邮政编码)[^\d\n]{{0,24}}?(?<![A-Za-z0-9])({_CODE})", re.IGNORECASE
)
_ONLY_CODE_ZH = re.compile(r"^\D{0,4}(\d{6})\D{0,2}$")
_ONLY_CODE_EN = re.compile(
    r"^(?:sorry|oh|and|no|it's|it is|the|code|forgot|is|[,.: ])*"
    r"([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{5}(?:-\d{4})?)[\s.!]*$",
    re.IGNORECASE,
)
# The number at the door, whatever is behind it.
_DOOR_ZH = re.compile(r"门牌(?:号码?)?(?:应该|写错了?|不对|错了|[，, ])*(?:是|为|改成|改为|[:：])?\s*(\d{1,6})\s*(号?)")
_HOUSE_NUMBER_ZH = re.compile(r"\d+(?=\s*(?:号(?!楼)|弄))")
_ROAD_END_ZH = re.compile(r"(?:路|街|巷|大道|弄|胡同)(?=\d|$)")
_ANY_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}-)?\d{4,6}\b|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"
)
_TALK_EN = re.compile(
    r"\b(?:i|you|my|your|order(?:ed)?|want|need|please|refund|return|cancel|days?|weeks?|hours?|items?|pieces?)\b", re.I
)
_FEWEST_WORDS = 2
_MOST_CHARS = 200  # of a correction
_HOUSE_EN = re.compile(r"(?<!\w)\d{1,6}[A-Za-z]?(?=\s+[A-Za-z])")
_ONLY_NUMBER = re.compile(
    r"^(?:(?:oops|whoops|sorry|wait|no|nope|ah|oh|i mean(?:t)?|yes|but|it'?s|it is|it should be|should be|make it|"
    r"make that|the|"
    r"house|number|no\.?|nr\.?|is|actually|correction|typo|my bad)\W+)*#?(\d{1,6}[A-Za-z]?)"
    r"(?:\W+(?:sorry|please|thanks))*[\s.,!;:]*$",
    re.IGNORECASE,
)


_COUNTRIES = {
    "france": "FR", "germany": "DE", "italy": "IT", "spain": "ES", "portugal": "PT", "netherlands": "NL",
    "belgium": "BE", "austria": "AT", "switzerland": "CH", "sweden": "SE", "norway": "NO", "denmark": "DK",
    "finland": "FI", "poland": "PL", "ireland": "IE", "united kingdom": "GB", "uk": "GB", "great britain": "GB",
    "england": "GB", "scotland": "GB", "wales": "GB", "united states": "US", "usa": "US", "us": "US", "canada": "CA",
    "australia": "AU", "new zealand": "NZ", "japan": "JP", "singapore": "SG", "china": "CN",
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """An address; what could not be told apart stays in `street`. The country has two letters (ISO 3166)."""

    street: str
    city: str = ""
    postcode: str = ""
    country: str = ""


def address_in(text: str, *, asked: bool) -> str:
    """The address in a text; empty when there is none. When it was asked for, less is needed to believe it."""
    speaks_of_it = _SPEAKS_OF_IT.search(text) is not None
    if _CORRECTED.search(text):  # "不是5号，是15号，和平路15号": the last piece that is an address by itself
        pieces = [piece for piece in re.split(r"[，。；]", text) if _PLACE_ZH.search(piece) and _HOUSE_ZH.search(piece)]
        text = pieces[-1] if pieces else text
    found = _CUE.search(text)
    candidate = (found[1] or found[2]) if found else text
    candidate = _TAIL.sub("", _LEAD.sub("", _NEW.sub("", candidate.strip())))
    if not (found or asked or (speaks_of_it and complete(candidate))):
        return ""
    candidate = _LABEL.sub(" ", _from_its_number(_without_talk(candidate)))
    fits = _looks_like(candidate) or (asked and _may_be(candidate))
    return candidate.strip(" ,，.。?？!！") if fits else ""


def _without_talk(text: str) -> str:
    """A Chinese address without what is said before and after it ("写错了 应该是…，麻烦改一下")."""
    for cue in reversed(list(_BEFORE_ZH.finditer(text))):
        if _looks_like(text[cue.end() :]):
            text = text[cue.end() :]
            break
    clauses = re.split(r"(?<=[，。；！])", text)
    kept = [clause for at, clause in enumerate(clauses) if at == 0 or _PART_OF_ZH.search(clause)]
    return "".join(kept).strip(" ，。；！") if _HAN.search(text) else text


def _from_its_number(text: str) -> str:
    """A western address from its house number on, or from the flat before it, without what is said around it."""
    streets = [one for one in _STREET_EN.finditer(text) if not _DENIED_EN.search(text[: one.start()])]
    if not streets:
        return text
    before, after = text[: streets[0].start()], text[streets[0].end() :]
    unit = _UNIT_EN.search(before)
    end = _AFTER_EN.search(after)
    return f"{unit[0] if unit else ''}{streets[0][0]}{after[: end.start()] if end else after}".strip(" ,.;")


def amended(address: str, text: str) -> str:
    """An address after a correction of a part of it ("number 33, not 3", "不对，是33号"); empty when none is told."""
    if len(text) > _MOST_CHARS:
        return ""
    if street := _same_street(address, text):
        return street
    if tail := _same_shape(address, text):
        return tail
    right, wrong = _replaced(text, address)
    if right and wrong and len(found := _whole(wrong).findall(address)) == 1 and found:
        return _with_code(_put(address, wrong, right), _NEGATED.sub(" ", text).replace(wrong, " "))
    if code := _postcode_told(address, text):
        known = _POSTCODE.search(address)
        old = next(one for one in known.groups() if one) if known else ""
        return address.replace(old, code) if old else f"{address} {code}"
    if door := _DOOR_ZH.search(text):
        return (not door[2] and _same_length(address, door[1])) or _at_door(address, door[1])
    for pattern in _PARTS:
        new, old = pattern.search(_NEGATED.sub(" ", text)), list(pattern.finditer(address))
        if new and len(old) == 1:
            return address[: old[0].start(1)] + new[1] + address[old[0].end(1) :]
    if (only := _ONLY_NUMBER.search(_NEGATED.sub(" ", text))) and (house := _HOUSE_EN.search(address)):
        return address[: house.start()] + only[1] + address[house.end() :]
    return ""


def _put(address: str, wrong: str, right: str) -> str:
    """The right part in the place of the wrong one; its unit does not stand there twice."""
    at = _whole(wrong).search(address)
    assert at is not None
    rest = address[at.end() :]
    return address[: at.start()] + right + (rest[1:] if _HAN.match(right[-1]) and rest[:1] == right[-1] else rest)


def _with_code(address: str, text: str) -> str:
    """An address with the postcode that stands at the end of a correction of its town."""
    told = re.search(rf"[.,;\s]({_CODE})[\s.!]*$", text)
    known = _POSTCODE.search(address) or re.search(rf"\b({_CODE})$", address)
    old = next((one for one in known.groups() if one), "") if known else ""
    return address.replace(old, told[1]) if told and old and len(old) == len(told[1]) else address


def _postcode_told(address: str, text: str) -> str:
    """A postcode that is told by itself: with its label, or bare where nothing else looks so."""
    if found := _NEW_POSTCODE.search(_NEGATED.sub(" ", text)):
        return found[1].upper()
    bare = (_ONLY_CODE_ZH if _HAN.search(address) else _ONLY_CODE_EN).match(text.strip())
    return bare[1].upper() if bare else ""


def _at_door(address: str, number: str) -> str:
    """A Chinese address with another house number, or with one where it had none; empty when there is no place."""
    if found := _HOUSE_NUMBER_ZH.search(address):
        return address[: found.start()] + number + address[found.end() :]
    roads = list(_ROAD_END_ZH.finditer(address))
    return f"{address[: roads[0].end()]}{number}号{address[roads[0].end() :]}" if len(roads) == 1 else ""


def _same_length(address: str, number: str) -> str:
    """The address with its only number of so many digits replaced: who names a room's number means the room's."""
    known = _POSTCODE.search(address)
    numbers = [
        one for one in re.finditer(r"\d+", address) if not known or not known.start() <= one.start() < known.end()
    ]
    alike = [one for one in numbers if len(one[0]) == len(number)]
    return address[: alike[0].start()] + number + address[alike[0].end() :] if len(alike) == 1 else ""


def _same_street(address: str, text: str) -> str:
    """The address with another number in its street ("no, 18 Hill Street"); empty when that is not what is told."""
    text = _NEGATED.sub(" ", text)
    for pattern in (_STREET_EN, _ROAD_ZH):
        new, old = pattern.search(text), pattern.search(address)
        alone = new and not _POSTCODE.search(text) and not _CITY_ZH.search(text) and "," not in text[new.end() :]
        if new and old and alone and _without_number(new[0]) == _without_number(old[0]):
            return address[: old.start()] + new[0] + address[old.end() :]
    return ""


def _same_shape(address: str, text: str) -> str:
    """The address with other digits in a part that is told anew ("是 2 门 1530"); empty when none is told so."""
    piece = _LEAD.sub("", _NEGATED.sub(" ", text).strip(" ,，。.!！")).strip(" ,，。.!！是")
    runs = re.split(r"\d+", piece)
    if len(runs) < 3 or not _HAN.search(piece) or _CITY_ZH.search(piece):
        return ""
    shape = r"\s*\d+\s*".join(r"\s*".join(map(re.escape, run.replace(" ", ""))) for run in runs)
    shape = shape.removeprefix(r"\s*").removesuffix(r"\s*")
    found = list(re.finditer(rf"(?<!\d){shape}(?!\d)", address))
    return address[: found[0].start()] + piece + address[found[0].end() :] if len(found) == 1 else ""


def _without_number(street: str) -> str:
    return re.sub(r"\d+[A-Za-z]?|\W", "", street).lower()


def in_the_same_town(known: str, street: str) -> str:
    """A street of which no town is told, in the town of the address that was told before it."""
    before, after = taken_apart(known), taken_apart(street)
    if after.city or after.postcode or not (before.city or before.postcode):
        return street
    if prefix := _TOWN_ZH.match(known):
        return street if _TOWN_ZH.match(street) else f"{prefix[0]}{street}"
    return ", ".join(part for part in (street, f"{before.city} {before.postcode}".strip()) if part)


def _replaced(text: str, address: str) -> tuple[str, str]:
    """What stands in the place of what; as many English words as are denied."""
    for pattern in _INSTEAD_OF_ZH:
        if found := pattern.search(text):
            return found["right"].strip(), found["wrong"].strip()
    for pattern in (_NOT_THIS, _NOT_THAT):
        if found := pattern.search(text):
            right, wrong = (_content(found[side]) for side in ("right", "wrong"))
            right = _without_what_stays(address, _numbers_for(right, wrong), wrong)
            if wrong and len(right) >= len(wrong):
                right = right[: len(wrong)] if pattern is _NOT_THIS else right[-len(wrong) :]
                return " ".join(right), " ".join(wrong)
    return "", ""


def _without_what_stays(address: str, right: list[str], wrong: list[str]) -> list[str]:
    """What comes in the place of something, without what stands behind that already ("Elm Street, not Oak")."""
    at = _whole(" ".join(wrong)).search(address) if wrong else None
    follows = re.match(r"\W*([A-Za-z]+)", address[at.end() :]) if at else None
    stays = follows is not None and len(right) > len(wrong) and right[-1].lower() == follows[1].lower()
    return right[:-1] if stays else right


def _numbers_for(right: list[str], wrong: list[str]) -> list[str]:
    """Of what is told to be right only its numbers, when what is wrong is a number."""
    if len(wrong) != 1 or not any(sign.isdigit() for sign in wrong[0]):
        return right
    return [word for word in right if any(sign.isdigit() for sign in word)]


def _content(words: str) -> list[str]:
    return [word for word in re.findall(_BIT_EN, words) if word.lower() not in _FILLERS]


def _whole(part: str) -> re.Pattern[str]:
    """A part where it is not a piece of a longer number or word."""
    before, after = (r"(?<![A-Za-z0-9])" if _ASCII.match(sign) else "" for sign in (part[0], part[-1]))
    return re.compile(f"{before}{re.escape(part)}{after and '(?![A-Za-z0-9])'}", re.IGNORECASE)


def complete(text: str) -> bool:
    """Whether it is an address by itself rather than a part of one."""
    return bool(_STREET_EN.search(text) or (_PLACE_ZH.search(text) and _HOUSE_ZH.search(text)))


def taken_apart(text: str) -> Address:
    """Street, city and postcode of an address in one line."""
    postcode = ""
    if found := _POSTCODE.search(text):
        postcode = next(one for one in found.groups() if one)
        text = (text[: found.start()] + text[found.end() :]).strip(" ,，")
    if (short := _SHORT_CITY.match(text)) and text[short.end() : short.end() + 1] != "市":
        text = f"{short[1]}市{text[short.end() :]}"
    if city := _CITY_ZH.match(text):
        return Address(text[city.end() :].strip(" ,，") or text, city[1], postcode)
    parts = [part.strip() for part in re.split(r"[,，\n]", text) if part.strip()]
    if len(parts) > 2 and (country := _COUNTRIES.get(parts[-1].lower().removeprefix("the "))):
        return Address(", ".join(parts[:-2]), parts[-2], postcode, country)
    if len(parts) < 2:
        return Address(text, "", postcode)
    last = parts[-1]
    if re.fullmatch(r"[A-Z]{2}", last) and len(parts) > 2:
        return Address(", ".join(parts[:-2]), f"{parts[-2]}, {last}", postcode)
    return Address(", ".join(parts[:-1]), last, postcode)


def _may_be(text: str) -> bool:
    """Whether an answer to the question for an address may be one, in whatever order its country writes it."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    enough = len(words) >= _FEWEST_WORDS and re.search(r"\d", text) and not re.search(r"[?？@]", text)
    return bool(enough) and not _TALK_EN.search(text) and ("," in text or _ANY_POSTCODE.search(text) is not None)


def _looks_like(text: str) -> bool:
    return bool(_STREET_EN.search(text) or _HOUSE_ZH.search(text) or (_PLACE_ZH.search(text) and len(text) >= 6))
