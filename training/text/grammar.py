"""Generate labelled utterances and parallel sentences from the templates.

The split is by template, by emotional clause and by slot value: what is kept back for test is never trained on, in
either language.
"""

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from training.text.expand import SLOTS, Template, fragments, resolve, templates
from training.text.noise import mix, noisy, swear_words
from training.text.overlap import compact, held_pattern
from training.text.paths import DATA
from training.text.perturb import Segment, pointed, unpunctuated
from training.text.slots import LEAD, draw, is_held, mentions
from training.text.values import FAULT_KINDS

Split = Literal["train", "val", "test"]
_KEPT: tuple[Split, ...] = ("val", "test")
_TEST_PERCENT, _VAL_PERCENT = 15, 7
_STORIES = 0.5  # share of training texts that are whole messages or plain statements
_WRITTEN = 0.6  # share among those of messages that were written one by one, where there are any
_RETOLD = 0.25  # share of the products and reasons drawn in training that some message says itself
_SWAPPED = 0.35  # how often a value that a message says itself gives way to a drawn one, where any would do
_MIXED = 0.05  # share of Chinese messages that get English words
_SPOKEN = 0.1  # share of training texts about business that come without marks between clauses
BUSINESS = frozenset(
    "order_status logistics_delay address_change cancel_order return_request refund_status exchange_request "
    "coupon_inquiry invoice_request product_question payment_problem account_problem complaint human_agent".split()
)
# Where a fault or motive that a template says literally is the reason of a wish; in "the voucher expired" it is not.
_REASONED = frozenset("return_request exchange_request refund_status cancel_order complaint".split())
_TROUBLE = frozenset("logistics_delay payment_problem account_problem complaint refund_status cancel_order".split())
_SWAPS = frozenset("product order_number tracking_number phone email coupon_code".split())
_TYPED = (None, "product", "reason", "address")  # where a slip of the finger leaves the label true
_FEELINGS = ("anger", "anxiety", "sadness", "joy", "gratitude", "confusion")
_ASIDES = {
    "en": (
        "my order number is {order_number}",
        "i bought {product} {date}",
        "it's {order_number}",
        "i paid {amount}",
        "my phone is {phone}",
        "i ordered {quantity} {product}",
        "tracking no {tracking_number}",
        "ordered {date}",
        "email {email}",
        "it was {product}",
        "i live at {address}",
    ),
    "zh": (
        "订单号是{order_number}",
        "我{date}买的{product}",
        "单号{order_number}",
        "花了{amount}",
        "我电话{phone}",
        "买了{quantity}{product}",
        "快递单号{tracking_number}",
        "{date}下的单",
        "邮箱{email}",
        "买的是{product}",
        "我住{address}",
    ),
}
_BARE = {
    "en": (
        "{order_number}",
        "{tracking_number}",
        "{phone}",
        "{email}",
        "{date}",
        "{address}",
        "{person_count}",
        "{product}",
        "{reason}",
        "{amount}",
        "{quantity}",
        "{coupon_code}",
        "it's {order_number}",
        "order number: {order_number}",
        "no, {person_count}",
        "{date} for {person_count}",
        "make it {date}",
        "the {product}",
        "{quantity} {product}",
        "sorry i meant {date}",
        "because {reason}",
        "my number is {phone}",
        "{address}, phone {phone}",
        "for {person_count} please",
        "no i mean {quantity}",
        "there will be {person_count}",
    ),
    "zh": (
        "{order_number}",
        "{tracking_number}",
        "{phone}",
        "{email}",
        "{date}",
        "{address}",
        "{person_count}",
        "{product}",
        "{reason}",
        "{amount}",
        "{quantity}",
        "{coupon_code}",
        "是{order_number}",
        "订单号：{order_number}",
        "不是，是{person_count}",
        "{date}，{person_count}",
        "改成{date}",
        "那个{product}",
        "{quantity}{product}",
        "说错了，是{date}",
        "因为{reason}",
        "我的电话是{phone}",
        "{address}，电话{phone}",
        "一共{person_count}",
        "不对，是{quantity}",
        "我们{person_count}",
        "那就{date}吧",
    ),
}


@dataclass(frozen=True)
class Utterance:
    """One labelled sentence; no `intent` when the text alone does not tell; `spans` are (slot, start, end)."""

    text: str
    language: str
    intent: str
    emotion: str
    spans: tuple[tuple[str, int, int], ...]


@cache
def pool(split: Split) -> dict[tuple[str, str], list[Template]]:
    """Return the templates by (intent, language) of one split."""
    groups: dict[tuple[str, str], list[Template]] = defaultdict(list)
    for template in templates():
        groups[template.intent, template.language].append(template)
    for key, members in groups.items():
        ordered = sorted((template for template in members if not template.always_train), key=_order)
        test, val = max(7, len(ordered) * _TEST_PERCENT // 100), max(3, len(ordered) * _VAL_PERCENT // 100)
        more = [template for template in members if template.always_train and not _is_kept_back(template)]
        groups[key] = {
            "test": ordered[:test],
            "val": ordered[test : test + val],
            "train": ordered[test + val :] + more,
        }[split]
    return dict(groups)


@cache
def stories(intent: str, language: str) -> list[Template]:
    """Return the training templates drawn more often than their number says: whole messages and plain statements."""
    return [template for template in pool("train")[intent, language] if template.block.endswith(("/stories", "/plain"))]


@cache
def written(intent: str, language: str) -> list[Template]:
    """Return the messages that were written one by one, with every slot value said; for training only."""
    return [template for template in pool("train")[intent, language] if _is_written(template)]


@cache
def kept_messages() -> tuple[Utterance, ...]:
    """Return every tenth of the messages written one by one, as they stand: what no training has seen."""
    return _messages_of(0)


@cache
def validation_messages() -> tuple[Utterance, ...]:
    """Return another tenth of them, that training does not see either and choices between models are made on."""
    return _messages_of(1)


def _messages_of(tenth: int) -> tuple[Utterance, ...]:
    kept, rng = [template for template in templates() if _tenth(template) == tenth], random.Random(0)
    return tuple(
        _assemble(fill(resolve(t.text, t.language, rng), t.language, rng), t.language, t.intent, t.emotion)
        for t in kept
    )


def messages(count: int, seed: int) -> Iterator[Utterance]:
    """Yield `count` of the messages written one by one, each about as often, for training.

    They have other values and slips of the finger, but nothing is put around them as `dataset` does: so they are much
    nearer to what people write.
    """
    rng, known = random.Random(f"{seed}messages"), [t for members in pool("train").values() for t in members]
    known = [template for template in known if _is_written(template)]
    given = 0
    while True:
        for template in rng.sample(known, len(known)):
            if given == count:
                return
            text = resolve(template.text, template.language, rng)
            if says_held(text, template.language):
                continue
            given += 1
            segments = fill(text, template.language, rng, retold=True)
            if rng.random() < _SPOKEN:
                segments = unpunctuated(segments, template.language)
            if template.language == "zh":
                segments = pointed(segments, rng)
            mixed = template.language == "zh" and rng.random() < _MIXED
            yield _finish(segments, template.language, template.intent, template.emotion, rng, mixed)


def _is_kept_back(template: Template) -> bool:
    return _tenth(template) in (0, 1)


def _tenth(template: Template) -> int:
    """Which tenth of the messages written one by one a template is in; -1 for all other templates."""
    return int(_order(template)[:8], 16) % 10 if _is_written(template) else -1


def _is_written(template: Template) -> bool:
    return template.block.split("/")[-1].startswith("stories_2")


@cache
def told(slot: str, language: str) -> list[str]:
    """Return the values of a slot that training messages say themselves, as further values to draw in others."""
    members = (t for (_, said), templates in pool("train").items() if said == language for t in templates)
    words = (m["words"] for t in members for m in _PLACES.finditer(t.text) if m["said"] == slot)
    return sorted({word for word in words if not re.search(r"[\[\]{}|]", word) and not is_held(slot, word)})


def _order(template: Template) -> str:
    return hashlib.sha256(f"{template.intent} {template.text}".encode()).hexdigest()


@cache
def clauses(emotion: str, language: str, place: str, split: Split) -> list[str]:
    """Return the clauses of one split for an emotion and place: every fifth for test, one in ten for validation."""
    owner: dict[int, Split] = {2: "test", 7: "test", 4: "val"}
    known = fragments()[emotion, language, place]
    chosen = [text for index, text in enumerate(known) if owner.get(index % 10, "train") == split]
    if split == "train":
        chosen += [text for text in fragments(more=True).get((emotion, language, place), []) if text not in known]
    return chosen


_TAKES_ON = re.compile(
    r"the \d|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:january|february|march|april|june|july|august|\w+ember|october) \d"
)
_PREPOSITION = r"\b(?:on|at|by|for|until|till|since|before|after|from|of|is|to|it|meant|and) $|^$"
_PLACES = re.compile(
    rf"\{{(?P<drawn>{'|'.join((*SLOTS, *FAULT_KINDS))})\}}|<(?P<said>{'|'.join(SLOTS)}):(?P<words>[^<>]*)>"
)


def fill(
    text: str,
    language: str,
    rng: random.Random,
    held: bool = False,
    reasons: bool = False,
    retold: bool = False,
) -> list[Segment]:
    """Replace slot placeholders by drawn values and keep which segment is which slot.

    `<slot:words>` is a slot value that the template says itself. Dates that the text says literally become segments
    too, and with `reasons` faults and motives. With `retold`, for training, some drawn values are those that other
    messages say, and some said ones give way to drawn ones.
    """
    segments: list[Segment] = []
    at = 0
    for match in _PLACES.finditer(text):
        segments += tag_mentions((text[at : match.start()], None), language, reasons)
        at = match.end()
        if match["said"] and not (retold and _gives_way(match["said"], match["words"], rng)):
            segments.append((match["words"], match["said"]))
            continue
        slot = match["drawn"] or match["said"]
        if retold and slot in ("product", "reason") and rng.random() < _RETOLD and told(slot, language):
            segments.append((rng.choice(told(slot, language)), slot))
            continue
        value = draw(slot, rng, held and rng.random() < 0.5)[language == "en"]
        if slot == "reason" and language == "en" and (lead := LEAD.match(value)):
            spoken = re.search(r"\b(is|was|are|were|it's|its|arrived|came) $", text[: match.start()])
            segments += [] if spoken else [(lead[0], None)]
            value = value[lead.end() :]
        if slot == "date" and language == "en" and _TAKES_ON.match(value) and rng.random() < 0.4:
            segments += [] if re.search(_PREPOSITION, text[: match.start()]) else [("on ", None)]
        segments.append((value, "reason" if slot in FAULT_KINDS else slot))
    return segments + tag_mentions((text[at:], None), language, reasons)


def utterance(intent: str, language: str, rng: random.Random, split: Split = "train") -> Utterance:
    """Draw one utterance of `intent`; language `mixed` is Chinese with English words."""
    base = "zh" if language == "mixed" else language
    template, text = _say(intent, base, rng, split)
    reasons = intent in _REASONED and not _is_written(template)  # those messages mark every reason themselves
    segments = fill(text, base, rng, split == "test", reasons, retold=split == "train")
    emotion = template.emotion
    if intent in BUSINESS:
        segments, emotion = _decorate(segments, intent, emotion, base, rng, split)
        if split == "train" and rng.random() < _SPOKEN:
            segments = unpunctuated(segments, base)
    if split == "train" and base == "zh":
        segments = pointed(segments, rng)
    if intent in ("greeting", "thanks", "goodbye", "out_of_scope") and rng.random() < 0.15:
        segments = _join(
            fill(resolve(rng.choice(clauses("neutral", base, "p", split)), base, rng), base, rng), segments, base, rng
        )
    return _finish(segments, base, intent, emotion, rng, mixed=language == "mixed")


def _say(intent: str, language: str, rng: random.Random, split: Split) -> tuple[Template, str]:
    """Draw a template and its words; in training never the very words that a template kept back can say."""
    while True:
        drawn_from = None
        if split == "train" and rng.random() < _STORIES:
            drawn_from = (rng.random() < _WRITTEN and written(intent, language)) or stories(intent, language)
        template = rng.choice(drawn_from or pool(split)[intent, language])
        text = resolve(template.text, language, rng)
        if split != "train" or not says_held(text, language):
            return template, text


def says_held(text: str, language: str) -> bool:
    """Tell whether a resolved training template says what one kept back can say, its own values as any others."""
    said = (text, _PLACES.sub(lambda m: m["words"] or m[0], text), _PLACES.sub(_as_drawn, text))
    return any(_held(language).fullmatch(compact(version)) for version in said)


def _as_drawn(match: re.Match[str]) -> str:
    return f"{{{match['drawn'] or match['said']}}}"


def _gives_way(slot: str, words: str, rng: random.Random) -> bool:
    """Tell whether a drawn value shall stand for one that a message says; always for one that is kept back."""
    if slot in ("product", "reason") and is_held(slot, words):
        return True
    return slot in _SWAPS and rng.random() < _SWAPPED


@cache
def _held(language: str) -> re.Pattern[str]:
    kept: list[Template] = [t for split in _KEPT for members in pool(split).values() for t in members]
    return held_pattern(kept, language)


def bare(language: str, rng: random.Random) -> Utterance:
    """Draw an answer that is only slot values: no intent to learn from it."""
    return _finish(
        fill(rng.choice(_BARE[language]), language, rng, retold=True), language, "", "neutral", rng, mixed=False
    )


def _decorate(
    segments: list[Segment], intent: str, emotion: str, language: str, rng: random.Random, split: Split
) -> tuple[list[Segment], str]:
    if emotion == "neutral" and rng.random() < 0.5:
        emotion = rng.choice(
            [
                f
                for f in _FEELINGS
                if not (f == "joy" and intent in _TROUBLE) and not (intent == "complaint" and f in ("joy", "gratitude"))
            ]
        )
        sworn = (
            swear(segments, language, rng)
            if emotion == "anger" and split == "train" and rng.random() < 0.3
            else segments
        )
        segments = sworn if sworn != segments else _attach(segments, emotion, language, rng, split)
    elif emotion != "neutral" and rng.random() < 0.25:
        segments = _attach(segments, emotion, language, rng, split)
    if rng.random() < 0.22:
        segments = _join(
            fill(resolve(rng.choice(_asides(language, split)), language, rng), language, rng, split == "test"),
            segments,
            language,
            rng,
            either=True,
        )
    if rng.random() < 0.25:
        segments = _join(
            _clause("p", language, rng, split),
            segments,
            language,
            rng,
        )
    if rng.random() < 0.15 and emotion != "gratitude":
        segments = _join(
            segments,
            _clause("s", language, rng, split),
            language,
            rng,
        )
    return segments, emotion


@cache
def _asides(language: str, split: Split) -> list[str]:
    """Return the facts that may stand beside a wish; training has more of them than validation and test."""
    lines = (DATA / "more_asides.txt").read_text("utf-8").splitlines() if split == "train" else []
    return [*_ASIDES[language], *(line[2:] for line in lines if line.startswith(f"{language[0]} "))]


def _clause(place: str, language: str, rng: random.Random, split: Split) -> list[Segment]:
    clause = resolve(rng.choice(clauses("neutral", language, place, split)), language, rng)
    return tag_mentions((clause, None), language)


def swear(segments: list[Segment], language: str, rng: random.Random) -> list[Segment]:
    """Put anger inside the first segment that has a place for it; the segments come back unchanged when none has."""
    for place, (text, slot) in enumerate(segments):
        if not slot and (sworn := swear_words(text, language, rng)) != text:
            return [*segments[:place], (sworn, None), *segments[place + 1 :]]
    return segments


def _attach(segments: list[Segment], emotion: str, language: str, rng: random.Random, split: Split) -> list[Segment]:
    for _ in range(1 + (rng.random() < 0.12)):
        clause = resolve(rng.choice(clauses(emotion, language, "b", split)), language, rng)
        segments = _join(tag_mentions((clause, None), language), segments, language, rng, either=True)
    return segments


def _join(
    left: list[Segment], right: list[Segment], language: str, rng: random.Random, either: bool = False
) -> list[Segment]:
    if either and rng.random() < 0.5:
        left, right = right, left
    marks = (", ", ". ", " ", "! ", "... ", " - ") if language == "en" else ("，", "，", "。", " ", "！", "", "…")
    return [*left, (rng.choice(marks), None), *right]


def _finish(
    segments: list[Segment], language: str, intent: str, emotion: str, rng: random.Random, mixed: bool
) -> Utterance:
    if mixed:
        segments = [(text if slot else mix(text, rng), slot) for text, slot in segments]
    if rng.random() < 0.3:
        place = rng.randrange(len(segments))
        segments = [
            (noisy(text, language, rng) if index == place and slot in _TYPED else text, slot)
            for index, (text, slot) in enumerate(segments)
        ]
    if rng.random() < 0.5:
        ending = rng.choice(
            ("?", "!", ".", "??", "!!", "...", " ?")
            if language == "en"
            else ("？", "！", "。", "?", "～", "！！", "。。。", "…")
        )
        segments = [*segments, (ending, None)]
    style = rng.random()
    if language == "en" and style < 0.3:
        segments = [
            (text[:1].upper() + text[1:] if index == 0 else text, slot) for index, (text, slot) in enumerate(segments)
        ]
    elif language == "en" and style < (0.4 if emotion == "anger" else 0.33):
        segments = [(text.upper(), slot) for text, slot in segments]
    return _assemble(segments, language, intent, emotion)


def tag_mentions(segment: Segment, language: str, reasons: bool = False) -> list[Segment]:
    """Cut the dates, and if wanted the reasons, that untagged text says literally into segments of their own."""
    text, slot = segment
    if slot:
        return [segment]
    parts: list[Segment] = []
    at = 0
    for match in mentions(language, reasons).finditer(text):
        parts += [(text[at : match.start()], None), (match[0], match.lastgroup)]
        at = match.end()
    return [(part, name) for part, name in [*parts, (text[at:], None)] if part]


def _assemble(segments: list[Segment], language: str, intent: str, emotion: str) -> Utterance:
    text, spans = "", []
    for part, slot in segments:
        if slot:
            spans.append((slot, len(text), len(text) + len(part)))
        text += part
    return Utterance(text, language, intent, emotion, tuple(spans))


def dataset(count: int, seed: int, split: Split = "train") -> Iterator[Utterance]:
    """Yield `count` utterances, intents in turn; 45 % English, 45 % Chinese, 10 % mixed; bare values in training."""
    rng = random.Random(f"{seed}{split}")
    intents = sorted({intent for intent, _ in pool(split)})
    for index in range(count):
        draw_ = rng.random()
        if split == "train" and draw_ < 0.04:
            yield bare(rng.choice(("en", "zh")), rng)
            continue
        language = "en" if draw_ < 0.46 else "zh" if draw_ < 0.9 else "mixed"
        yield utterance(intents[index % len(intents)], language, rng, split)
