"""Names of people and firms as they are told, without what is said around them. Half a sentence is no name."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

# Up to here a Chinese sentence tells what is wanted; the name comes behind it.
_WISH_ZH = re.compile(
    r"^.*(?:要开|想开|帮我开|给我开|开一?张|开个|开成|开给|写成|写给|那单|这单|订单|单子|发票|抬头|麻烦|帮忙|改成|改为|换成|"
    r"公司叫|公司名称?|公司是|单位叫|单位是|名称是|名字是|应该是|错了)(?:的|是|写|为|叫|[:：，, ])*|"
    r"^(?:(?:名字|姓名|名称|就|请|先)?(?:是|叫做?|为|写(?:成|(?![意字真]))|填写?))+"
)
# What stands where a name should, and is none: a label, or that nothing changes.
_LABEL = re.compile(
    r"(?:一?[个张]|我们?|我的|的|用|写|开|就|还是|我?自己|那个|这个)*"
    r"(?:公司|个人|单位|企业|名字|名称|电子|普通|增值税|抬头|发票|名义|全称|姓名|收件人|一下)*(?:的|吧|了)*|"
    r"(?:(?:a|an|the|my|our|own|for|on|it|is|as|to|just|me|myself|new)\s*)*"
    r"(?:(?:company|companies|business|firm|person|personal|private|individual|invoice|receipt|name|title|recipient)"
    r"(?:'s)?\s*)*(?:(?:name|one|please|invoice|title)\s*)*",
    re.IGNORECASE,
)
_STAYS = re.compile(
    r"不变|照旧|同上|老样子|(?:跟|和|与|同)?(?:上次|之前|以前|原来|原先)(?:的)?(?:一样|相同)?$|一样的?$|不用改|没变|"
    r"\bsame\b|\bunchanged\b|\bas (?:before|usual|it is|last time)\b|\blike (?:before|last time)\b|\bon file\b",
    re.IGNORECASE,
)
_NO_NAME_EN = re.compile(
    r"\b(?:i|i'm|i'd|want|need|please|invoices?|receipt|order(?:ed)?|bought|send|before|whatever|dunno|know|why|what|"
    r"hm+|um+|uh+|huh|ok|okay|yes|yeah|no|nope|sure|maybe|well|hello|thanks|which|how|should|would|could|can't|don't|didn't|yet|because|address|changed?|wrong|it's|isn't|tomorrow)\b",
    re.IGNORECASE,
)
_NO_NAME_ZH = re.compile(
    r"^(?:错|对|成|为|好|了|嗯+|啊+|哦+|是|随便|在吗)(?:的|了)?$|^(?:错|成|为|了)|错了|错误|不对|什么|怎么|为什么|不知道|我要|我想|想要|帮我|给我|可以|能不能|那单|这单|订单|发票|不是|就是|还没|已经|地址|电话|邮编|"
    r"邮箱|手机|一下|不用|不要|谢谢|麻烦|退货|退款|换货|就行|就好|即可|行了|好了|尽快|稍后|电子|普票|专票|[吗呢吧嘛？?]$"
)
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_PERSON = re.compile(r"[㐀-䶿一-鿿·]{1,12}|[^\W\d_][\w.'’-]*(?:[ ,]+[^\W\d_][\w.'’-]*){0,5}")
_FULL_STOP = re.compile(r"\b(LLC|GmbH|AG|BV|KG|SA|PLC|AB|Oy|SARL|SRL)\.$")  # of the sentence, not of the firm
_MOST_WORDS = 10


def title_in(words: str) -> str:
    """The name for an invoice in some words; empty when they hold none."""
    name = _WISH_ZH.sub("", words).strip(" ,，.。;；:：\"'「」“”") if _HAN.search(words) else words.strip()
    name = _FULL_STOP.sub(r"\1", name)
    if not name or _LABEL.fullmatch(name) or _STAYS.search(name) or len(name.split()) > _MOST_WORDS:
        return ""
    return "" if (_NO_NAME_ZH if _HAN.search(name) else _NO_NAME_EN).search(name) else name


def person_in(words: str) -> str:
    """The name of a person in some words; empty when they hold none."""
    name = title_in(words)
    return name if name and _PERSON.fullmatch(name) else ""


_SURNAMES_ZH = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻章苏潘葛范彭鲁韦马苗方俞任袁柳史唐费岑薛雷贺倪汤"
    "滕罗毕郝安常于傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄米贝成戴宋庞熊纪舒屈项祝董梁杜阮蓝席季贾路江童颜郭梅林钟徐邱骆高夏蔡田"
    "樊胡霍万柯管卢莫房丁邓石崔龚程陆翁荀段侯宁刘龙叶黎白池温庄柴阎向易廖耿文关欧聂曾沙丰游岳"
)
_BARE_ZH = re.compile(rf"(?:[{_SURNAMES_ZH}]|欧阳|上官|司马|诸葛|皇甫|慕容)[㐀-䶿一-鿿]{{1,2}}")
_BARE_EN = re.compile(
    r"(?!Thank|Good|Many|Sounds|Never|Nothing|Go|Do|Make|All|Both)"
    r"(?:(?:Mr|Mrs|Ms|Dr)\.? )?[A-Z][\w'’-]+(?: [A-Z]\.)?(?: [A-Z][\w'’-]+){1,2}"
)


def bare_name(text: str) -> str:
    """The name of a person that is all that a message says, whatever was asked; empty when it says more or less."""
    words = text.strip(" ,，.。!！")
    return person_in(words) if (_BARE_ZH if _HAN.search(words) else _BARE_EN).fullmatch(words) else ""


_LETTERS = re.compile(r"(?<![A-Za-z'’])(?:[A-Za-z][-. ]){2,}[A-Za-z](?![A-Za-z])")
_WITHOUT = re.compile(r"\b(?:without|no|drop|remove)(?: the| an?| any)? ['\"]?([a-z])['\"]?(?![a-z'])", re.IGNORECASE)
_INSTEAD_EN = re.compile(
    r"\bwith (?:an? |the )?['\"]?([a-z])['\"]?,? (?:and )?(?:not|instead of|rather than) (?:an? |the )?['\"]?([a-z])\b"
    r"|\b([a-z]),? not (?:an? |the )?([a-z])\b",
    re.IGNORECASE,
)
_INSTEAD_ZH = (
    re.compile(r"不是(?P<wrong>[㐀-䶿一-鿿]{1,3}?)[，, ]*(?:而|应该)?是(?P<right>[㐀-䶿一-鿿]{1,3})(?=[，,。！ ]|$)"),
    re.compile(r"是(?P<right>[㐀-䶿一-鿿]{1,3}?)[，, ]*(?:而)?不是(?P<wrong>[㐀-䶿一-鿿]{1,3})(?=[，,。！ ]|$)"),
)
_EXPLAINED_ZH = re.compile(r"([㐀-䶿一-鿿]{2,4})的([㐀-䶿一-鿿])(?![㐀-䶿一-鿿])")
_WORD_EN = re.compile(r"[A-Za-z][A-Za-z'’]+")
_NEAR = 0.55  # how like each other two spellings of one name are


def respelled(name: str, text: str) -> str:
    """A name after a correction of its letters ("without the h: Jon", "不是磊，是雷"); empty when none is told."""
    return _respelled_zh(name, text) if _HAN.search(name) else _respelled_en(name, text)


def _respelled_zh(name: str, text: str) -> str:
    for pattern in _INSTEAD_ZH:
        found = pattern.search(text)
        if found and name.count(found["wrong"]) == 1 and found["right"] != found["wrong"]:
            return name.replace(found["wrong"], found["right"])
    found = _EXPLAINED_ZH.search(text)
    if found and found[2] in found[1] and found[2] not in name and len(name) == 2:
        return name[:-1] + found[2]
    return ""


def _respelled_en(name: str, text: str) -> str:
    words = re.split(r"[ -]", name)
    told = [re.sub(r"[-. ]", "", one[0]).capitalize() for one in _LETTERS.finditer(text)]
    told += [one for one in _WORD_EN.findall(text) if one[0].isupper()]
    for one in told:
        near = [(SequenceMatcher(None, one.lower(), word.lower()).ratio(), at) for at, word in enumerate(words)]
        like, at = max(near)
        if like >= _NEAR and one.lower() not in (word.lower() for word in words):
            return re.sub(rf"\b{re.escape(words[at])}\b", one, name, count=1)
    if (swap := _INSTEAD_EN.search(text)) and (pair := [one for one in swap.groups() if one]):
        right, wrong = pair
        return _once(name, wrong, right)
    return _once(name, gone[1], "") if (gone := _WITHOUT.search(text)) else ""


def _once(name: str, wrong: str, right: str) -> str:
    """A name with another letter where it has one of that kind; empty when it has none or several."""
    places = [at for at, sign in enumerate(name) if sign.lower() == wrong.lower()]
    if len(places) != 1 or (not right and name[places[0]].isupper()):
        return ""
    at = places[0]
    return name[:at] + (right.upper() if name[at].isupper() else right.lower()) + name[at + 1 :]
