"""The utterance grammar: labels are right by construction and the split holds."""

import pytest

from training.text.expand import EMOTIONS, INTENTS, SLOTS, fragments, resolve, templates
from training.text.grammar import (
    clauses,
    dataset,
    fill,
    kept_messages,
    messages,
    pool,
    says_held,
    stories,
    told,
    validation_messages,
    written,
)
from training.text.slots import is_held

pytestmark = pytest.mark.unit


def test_every_intent_has_templates_in_both_languages_and_all_splits() -> None:
    """No class is empty anywhere: a score over an empty class would mean nothing."""
    for intent in INTENTS:
        for language in ("en", "zh"):
            assert len(pool("train")[intent, language]) >= 40
            assert len(pool("test")[intent, language]) >= 7
            assert len(pool("val")[intent, language]) >= 3


def test_no_template_is_in_two_splits() -> None:
    """A test template is never trained on, not even under another intent's name."""
    texts = {split: {t.text for group in pool(split).values() for t in group} for split in ("train", "val", "test")}  # type: ignore[arg-type]
    assert not texts["train"] & texts["test"]
    assert not texts["train"] & texts["val"]
    assert not texts["val"] & texts["test"]


def test_emotional_clauses_are_split_too() -> None:
    """The clause that carries the feeling is as unseen as the template."""
    for emotion, language, place in fragments():
        parts = [set(clauses(emotion, language, place, split)) for split in ("train", "val", "test")]  # type: ignore[arg-type]
        assert all(parts)
        assert not parts[0] & parts[2]
        assert not parts[0] & parts[1]


def test_every_template_resolves_to_plain_text() -> None:
    """No bracket, bar or unknown name survives."""
    import random

    rng = random.Random(0)
    for template in templates():
        text = resolve(template.text, template.language, rng)
        assert text
        assert not set("[]|") & set(text)


def test_spans_mark_slot_values_inside_the_text() -> None:
    """Offsets are characters of the final text after noise, joining and change of case."""
    for utterance in dataset(3000, 1):
        assert utterance.emotion in EMOTIONS
        assert utterance.intent in (*INTENTS, "")
        end_before = 0
        for slot, start, end in utterance.spans:
            assert slot in SLOTS
            assert end_before <= start < end <= len(utterance.text)
            end_before = end


def test_the_same_seed_gives_the_same_utterances() -> None:
    """Training can be repeated."""
    assert list(dataset(200, 7)) == list(dataset(200, 7))
    assert list(dataset(200, 7)) != list(dataset(200, 8))


def test_test_utterances_always_have_an_intent() -> None:
    """Bare slot values, which have none, are for training only."""
    assert all(utterance.intent for utterance in dataset(500, 0, "test"))


def test_a_broken_line_is_named(tmp_path: object) -> None:
    """An unknown macro raises and says which name it does not know."""
    import random

    with pytest.raises(ValueError, match="unknown name"):
        resolve("where is {nothing_like_it}", "en", random.Random(0))


def test_a_template_may_say_a_slot_value_itself() -> None:
    """`<slot:words>` becomes a segment of that slot, word for word."""
    import random

    made = fill("毛衣<reason:肩膀那里太紧>，退", "zh", random.Random(0), reasons=True)
    assert made == [("毛衣", None), ("肩膀那里太紧", "reason"), ("，退", None)]


def test_whole_messages_are_in_every_intent_and_never_held_back() -> None:
    """They were written for training after the split was made, so no score counts them."""
    for intent in INTENTS:
        for language in ("en", "zh"):
            assert stories(intent, language)
            for split in ("val", "test"):
                assert not set(stories(intent, language)) & set(pool(split)[intent, language])  # type: ignore[arg-type]


def test_messages_written_one_by_one_are_for_training_only() -> None:
    """Every intent has some in both languages, and none is in validation or test."""
    for intent in INTENTS:
        for language in ("en", "zh"):
            assert written(intent, language)
            for split in ("val", "test"):
                assert not set(written(intent, language)) & set(pool(split)[intent, language])  # type: ignore[arg-type]


def test_a_message_that_says_a_held_back_template_is_refused() -> None:
    """Word for word, and also when it only says a value where the template draws one."""
    held = [t.text for group in pool("test").values() for t in group if "{product}" in t.text and t.language == "en"]
    plain = [text for text in held if not set("[|") & set(text) and text.count("{") == 1]
    assert plain
    for text in plain:
        assert says_held(text, "en")
        assert says_held(text.replace("{product}", "<product:purple gong>"), "en")
    assert not says_held("my purple gong sings at night, take it back", "en")


def test_values_told_by_messages_are_never_those_kept_back() -> None:
    """What messages say is drawn in others, but for the values of the test side."""
    for slot in ("product", "reason"):
        for language in ("en", "zh"):
            assert len(told(slot, language)) > 200
            assert not any(is_held(slot, words) for words in told(slot, language))


def test_a_said_value_that_is_kept_back_gives_way_in_training() -> None:
    """A message that says a product of the test side is trained on with another one."""
    import random

    from training.text.slots import draw

    kept = next(
        value for seed in range(99) if is_held("product", value := draw("product", random.Random(seed), True)[1])
    )
    text = f"the <product:{kept}> please"
    assert (kept, "product") in fill(text, "en", random.Random(0))
    for seed in range(50):
        assert (kept, "product") not in fill(text, "en", random.Random(seed), retold=True)


def test_messages_kept_back_are_never_drawn() -> None:
    """Neither the tenth for the last measurement nor the one for choosing is in a training draw, and they differ."""
    kept, chosen = ({utterance.text for utterance in part()} for part in (kept_messages, validation_messages))
    drawn = {utterance.text for utterance in messages(9000, 1)}
    training = {template.text for group in pool("train").values() for template in group if "<" in template.text}
    assert len(kept) > 300
    assert len(chosen) > 300
    assert not kept & chosen
    assert not drawn & (kept | chosen)
    spoken = {t.text for t in templates() if "<" in t.text and t.block.split("/")[-1].startswith("stories_2")}
    assert 0.15 < len(spoken - training) / len(spoken) < 0.25


def test_messages_are_drawn_alike_often_and_labelled() -> None:
    """A draw is as long as asked, the same each time, has both languages, and its spans lie in the text."""
    assert list(messages(0, 1)) == []
    found = list(messages(400, 1))
    assert found == list(messages(400, 1))
    assert found != list(messages(400, 2))
    assert {utterance.language for utterance in found} == {"en", "zh"}
    assert len({utterance.intent for utterance in found}) > 12
    for utterance in found:
        assert all(0 <= start < end <= len(utterance.text) for _, start, end in utterance.spans)
