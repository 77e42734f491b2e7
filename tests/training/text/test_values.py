"""Composed slot values and the words that the split keeps back."""

import random

import pytest

from training.text.expand import INTENTS
from training.text.grammar import dataset, fill, pool
from training.text.overlap import compact, held_pattern
from training.text.slots import _kept, draw
from training.text.values import parts

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("slot", ["product", "reason", "address", "person_count"])
def test_values_kept_for_test_are_never_composed(slot: str) -> None:
    """In neither language does a drawn training value equal one that only test may draw."""
    rng, held = random.Random(3), _kept(slot, held_out=True)
    drawn = [draw(slot, rng) for _ in range(4000)]
    assert len(set(drawn)) > 100 or slot == "person_count"
    for place in (0, 1):
        assert not {value[place] for value in drawn} & {value[place] for value in held}


def test_every_part_of_a_value_is_in_both_languages() -> None:
    """A line that lost one side would put the other language into a sentence."""
    for section, pairs in parts().items():
        assert pairs, section
        assert all(chinese and english for chinese, english in pairs), section


def test_the_item_is_no_part_of_a_reason() -> None:
    """`it's too big` has the reason `too big`; a placeholder after `is` gets no second verb."""
    for seed in range(200):
        segments = fill("it is {reason}", "en", random.Random(seed))
        reason = next(text for text, slot in segments if slot == "reason")
        assert not reason.startswith(("it's ", "it is ", "it has "))
        assert "it is it" not in "".join(text for text, _ in segments)


def test_faults_are_reasons_only_where_they_are_the_reason() -> None:
    """An expired voucher and a broken heart are not why somebody returns a thing."""
    for utterance in dataset(4000, 2):
        for slot, start, end in utterance.spans:
            if slot == "reason":
                assert not utterance.text[:end].endswith(("心碎了", "心都碎了", "气坏了", "急坏了"))
                assert "what if it" not in utterance.text[:start].lower()[-12:]
                assert utterance.intent not in ("coupon_inquiry", "account_problem", "greeting")


def test_literal_dates_are_tagged_as_drawn_ones_are() -> None:
    """A date that a template says itself is a date too."""
    spoken = fill("我前天下午买的，上周三就该到", "zh", random.Random(0))
    assert [text for text, slot in spoken if slot == "date"] == ["前天下午", "上周三"]
    spoken = fill("it came two weeks ago, not last friday", "en", random.Random(0))
    assert [text for text, slot in spoken if slot == "date"] == ["two weeks ago", "last friday"]


def test_training_never_says_what_a_kept_template_says() -> None:
    """The words of validation and test templates do not come back under another template's name."""
    for language in ("en", "zh"):
        kept = held_pattern(
            [t for split in ("val", "test") for intent in INTENTS for t in pool(split)[intent, language]],  # type: ignore[arg-type]
            language,
        )
        known = {t.text for intent in INTENTS for t in pool("test")[intent, language] if not set("[{") & set(t.text)}
        assert all(kept.fullmatch(compact(text)) for text in known)
        said = {u.text for u in dataset(3000, 4) if u.language == language and not u.spans}
        assert not said & known
