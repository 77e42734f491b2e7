"""What a message says about a slot that is neither an order nor a thing: choices, numbers, moments, words."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from orchestrator.dialogue.addresses import address_in, amended, complete, in_the_same_town
from orchestrator.dialogue.forms import Form, Slot, text_name
from orchestrator.dialogue.mentions import mentioned, words_for
from orchestrator.dialogue.moments import (
    bare_hour_in,
    date_in,
    says_early,
    shift_in,
    time_in,
    without_moments,
    without_shift,
)
from orchestrator.dialogue.naming import bare_name, person_in, respelled, title_in
from orchestrator.dialogue.numerals import at_place, number_in, number_of, party_in, place_in
from orchestrator.dialogue.phrases import PHRASES, any_of
from orchestrator.dialogue.quantities import changed_by, pieces_in
from orchestrator.dialogue.reads import (
    MOBILE_ZH,
    NOTHING,
    ORDER_NUMBER,
    Read,
    cued_all,
    cued_in,
    mentions_order,
)
from orchestrator.dialogue.recipients import recipient_in, without_recipient
from orchestrator.dialogue.said import Said
from orchestrator.dialogue.world import World

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"(?<![A-Za-z\d])(\+?\d[\d ()-]{5,18}\d)(?!\d)")
# What people say before a name that they were asked for, and after it.
_LEAD_IN = re.compile(
    r"^(?:(?:it'?s|it is|it should be|make it|please|just|put|use|write|my name is|the name is|name[:：]|"
    r"in the name of|made out to|make it out to|to|on)\s+)+|"
    r"^(?:就|请|麻烦)?(?:写|开|填|用|抬头(?:是|写|为)?|(?:名字|名称)(?:是|叫)|我叫|叫)[:：是]?\s*|"
    r"[,\s]+(?:please|thanks|thank you)[.!]*$|[，,\s]*(?:谢谢|就行|就好|就可以|吧)[。！]*$",
    re.IGNORECASE,
)
# "One moment" is no number.
_BRIEFLY = re.compile(r"\b(?:one|two|1|2) (?:sec(?:ond)?|moment|minute|min|tick|mo)s?\b|等一[下会]", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
# What answers nothing, be it asked why.
_NO_REASON = re.compile(
    r"(?:hm+|huh|what|well|okay|sure|yes|please|thanks?|hello|there|both|all of (?:it|them)|the \w+ one|never|maybe|"
    r"嗯+|啊+|哦+|好的?|在吗|你好|谢谢|全部|都是?|两个|一个|什么|不知道|随便)+",
    re.IGNORECASE,
)
_MOST_OF_A_REASON = {"en": 60, "zh": 20}  # characters of a statement that something else seems to be near
_NOON = 12
_A_DAY = timedelta(days=1)
_SHAPES = {"person": person_in, "title": title_in}
# A name is corrected by its letters.
_SPELLS = re.compile(
    r"\b(?:spel(?:t|led|ling)|letters?|without|with (?:an?|the|one|two)|not (?:an?|the)|typo|misspel\w+|"
    r"actually|should be|i meant?|not)\b|不是|写错|打错|错了|的(?=[㐀-鿿]$)|应该是",
    re.IGNORECASE,
)


def choice_in(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """What it chooses; a fault outweighs whatever else is said, and else the last counts."""
    found: list[tuple[bool, int, str]] = []
    text = said.text.lower()
    for choice in slot.choices:
        own = (choice.value, *choice.label.values())
        if asked and any(text.strip(" .。!！") == name.lower() for name in own):
            return Read(choice.value)
        matches = any_of([*choice.words.en, *choice.words.zh]).finditer(said.text)
        found += [(choice.fault, one.start(), choice.value) for one in matches if not _denied(said.text, one.start())]
    if found:  # what is not as it should be is the reason, whatever else is said; else what is said last
        return Read(max(found)[2])
    if asked and (placed := at_place(slot.choices, place_in(said.text))) is not None:
        return Read(placed.value)
    if asked and slot.otherwise and said.consent is None and _tells(said) and not mentions_order(said):
        return Read(slot.otherwise, guessed=True)
    return NOTHING


def _denied(text: str, at: int) -> bool:
    """Whether what stands at a place is said not to be so: "it is not broken"."""
    return PHRASES.has("denies", text[:at])


def _tells(said: Said) -> bool:
    """Whether it is a statement rather than a question or a word or two."""
    far = said.aside and len(said.text) > _MOST_OF_A_REASON[said.language]
    if said.asks or said.wonders or said.chats or far or _NO_REASON.fullmatch(said.text.strip(" .,!。，！…~")):
        return False
    return len(_LETTER.findall(said.text)) >= {"en": 4, "zh": 2}[said.language]


def number_told(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """How many."""
    if slot.pieces_of:
        return _pieces(form, slot, filled, said, world, asked)
    known, more = filled.get(slot.name, ""), changed_by(said.text)
    if more is not None and known:
        return Read(str(int(known) + more))
    cued = cued_in(slot, said)
    if (party := party_in(said.text)) is not None and not slot.pieces_of:
        return Read(str(party))
    number = (
        number_of(cued)
        if cued
        else number_in(without_moments(_PHONE.sub(" ", MOBILE_ZH.sub(" ", _BRIEFLY.sub(" ", said.text)))))
        if asked
        else None
    )
    if number is None and (fact := said.fact(slot.from_slots)):
        number = number_in(fact)
    return Read(str(number)) if number is not None else NOTHING


def _pieces(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    item = world.item(filled.get("order", ""), filled.get(slot.pieces_of, ""))
    names = words_for(item, world.aliases) if item is not None else frozenset()
    bought = item.quantity if item is not None else None
    nouns = frozenset(word for group in world.products if group & names for word in group)
    number = pieces_in(ORDER_NUMBER.sub(" ", said.text), bought, names, asked=asked, nouns=nouns)
    known, more = filled.get(slot.name, ""), changed_by(said.text)
    if known and bought and more is not None:
        number = int(known) + more
    if known and bought and PHRASES.has("other_one", said.text) and PHRASES.has("too", said.text):
        number = min(int(known) + 1, bought)
    if number is None:
        return NOTHING
    if bought is not None and not 1 <= number <= bought:
        few = Read(problem=text_name(form.name, f"wrong/{slot.name}"), facts={"value": str(number)})
        return few if asked or bought > 1 else NOTHING
    return Read(str(number))


def date_told(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """Which day: by itself, or as so much later than the one that was told."""
    day, shift = date_in(without_shift(said.text), world.today), shift_in(said.text)
    if day is None and shift is not None and (known := filled.get(slot.name)):
        day = date.fromisoformat(known) + shift
        return Read(day.isoformat()) if shift.days else NOTHING
    day = day or date_in(said.text, world.today)
    return Read(day.isoformat()) if day is not None else NOTHING


def time_told(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """What time of day, in the half of it in which there is somebody."""
    known, shift = filled.get(slot.name, ""), shift_in(said.text)
    text = without_shift(said.text)
    for other in form.slots:  # how many come is no hour
        if other.type == "number":
            text = any_of([*other.cues.en, *other.cues.zh]).sub(" ", text)
    at = time_in(text)
    if at is None and shift is not None:
        return Read(_shifted(known, shift)) if known and abs(shift) < _A_DAY else NOTHING
    if at is None and asked:
        at = bare_hour_in(text)
    at = _while_open(slot, at, text) if at is not None else None
    return Read(f"{at:%H:%M}") if at is not None else NOTHING


def _while_open(slot: Slot, at: time, text: str) -> time:
    """An hour of which no half of the day is told, in the half in which there is somebody."""
    later = at.replace(hour=(at.hour + _NOON) % 24)
    opens = time.fromisoformat(slot.check.opens) if slot.check is not None and slot.check.opens else at
    return later if at < opens <= later and not says_early(text) else at


def _shifted(known: str, shift: timedelta) -> str:
    return f"{datetime.combine(date.min + _A_DAY, time.fromisoformat(known)) + shift:%H:%M}"


def text_told(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """Words of its own: behind a cue, or the answer as a whole."""
    known = filled.get(slot.name, "")
    spells = known and slot.shape and not asked and (said.consent is False or _SPELLS.search(said.text))
    if spells and (name := respelled(known, said.text)):
        return Read(name)
    if slot.check is None and (cued := name_cued(slot, said)):
        return Read(cued[:200])
    if any(one.type == "address" for one in form.slots) and not asked and (name := recipient_in(said.text)):
        return Read(name)
    if not (asked or known) and _may_stand_alone(form, slot) and (name := _alone(said, world)):
        return Read(name)
    if slot.check is not None and slot.check.pattern:
        return _patterned(slot, said, asked)
    bare = ORDER_NUMBER.sub("", _EMAIL.sub("", said.text)).strip(" ,，.。;；")
    if slot.shape:
        bare = _PHONE.sub(" ", MOBILE_ZH.sub(" ", bare)).strip(" ,，.。;；")
    if not slot.from_message:
        bare = name_in(slot, _LEAD_IN.sub("", bare).strip(" ,，.。;；:："))
    answers = slot.from_message or not (said.asks or said.consent is not None)
    fits = asked and bare and answers
    return Read(bare[:200], guessed=not slot.from_message) if fits else NOTHING


def _may_stand_alone(form: Form, slot: Slot) -> bool:
    """Whether a name by itself can only be this slot's, though something else was asked for."""
    return bool(slot.shape) and not slot.optional and all(one.type != "address" for one in form.slots)


def _alone(said: Said, world: World) -> str:
    """The name that is all of a message; empty where that means a thing, or something else altogether."""
    if said.aside or said.consent is not None or mentioned(said.text, world.items(world.orders), world.aliases):
        return ""
    return bare_name(said.text)


def name_cued(slot: Slot, said: Said) -> str:
    """What the slot's cues point at and may stand in it; the last such one counts."""
    return next(filter(None, (name_in(slot, words) for words in cued_all(slot, said))), "")


def name_in(slot: Slot, words: str) -> str:
    """What may stand in the slot, of some words: of half a sentence nothing."""
    return _SHAPES[slot.shape](words) if slot.shape else words


def _patterned(slot: Slot, said: Said, asked: bool) -> Read:
    """A number that must look so, without the spaces and hyphens in it; it may look like an order's."""
    assert slot.check is not None
    for text in filter(None, (cued_in(slot, said), _LEAD_IN.sub("", said.text) if asked else "")):
        squeezed = re.sub(r"[\s.-]", "", text).strip(",，。;；").upper()
        if re.fullmatch(slot.check.pattern, squeezed):
            return Read(squeezed)
    wrong = asked and re.search(r"\d{3}", said.text) and not said.asks
    return Read(problem="", value=said.text[:40]) if wrong else NOTHING


def email_told(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """The last e-mail address."""
    found = _EMAIL.findall(said.text)
    if found:
        return Read(found[-1])
    return Read(problem="wrong_email") if asked and "@" in said.text else NOTHING


def phone_told(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """The last mobile number, or one that was asked for."""
    if mobile := MOBILE_ZH.findall(said.text):
        return Read(mobile[-1])
    found = _PHONE.search(said.text)
    return Read(found[1].strip()) if found and (asked or cued_in(slot, said)) else NOTHING


def address_told(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """A postal address, or a correction of the one that is there."""
    text = without_recipient(ORDER_NUMBER.sub(" ", said.text))
    if (known := filled.get(slot.name)) and asked:
        if whole := amended(known, text):
            return Read(whole[:256])
        if not complete(text):
            return NOTHING  # "33号" by itself is no new address
    found = address_in(text, asked=asked)
    if found and known:
        found = in_the_same_town(known, found)
    return Read(found[:256]) if found else NOTHING


def money_told(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """An amount."""
    found = re.search(
        r"(\d+(?:\.\d{1,2})?)\s*(?:元|块|CNY|USD|dollars?|yuan|\$)|[$¥￥]\s*(\d+(?:\.\d{1,2})?)", said.text, re.I
    )
    if found is None and asked:
        found = re.search(r"(\d+(?:\.\d{1,2})?)()", said.text)
    return Read(found[1] or found[2]) if found else NOTHING
