"""Captions and labels agree with what is drawn."""

from __future__ import annotations

import dataclasses
import random

import pytest

from training.stickers.captions import caption, labels, paraphrases
from training.stickers.catalogue import EXPRESSIONS, GESTURES, PROPS, SCENES, SPECIES
from training.stickers.sampling import sample_spec
from training.stickers.spec import POLARITY_OF, Character, Language, Lettering, Spec

pytestmark = pytest.mark.unit

_CAT = Spec(Character("cat", 0), "classic", "happy", "wave", "parcel", "beside")
_LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.mark.parametrize(
    ("change", "english", "chinese"),
    [
        ({}, "a happy cat waving beside a parcel", "一只开心的猫在包裹旁边挥手"),
        ({"prop": "none", "placement": "none"}, "a happy cat waving", "一只开心的猫在挥手"),
        (
            {"expression": "anxious", "scene": "rain"},
            "an anxious cat waving beside a parcel in the rain",
            "雨中，一只焦虑的猫在包裹旁边挥手",
        ),
        ({"gesture": "hold", "placement": "held"}, "a happy cat holding a parcel", "一只开心的猫拿着一个包裹"),
        (
            {"gesture": "think", "placement": "thought", "prop": "money"},
            "a happy cat thinking imagining money",
            "一只开心的猫托腮思考，想着一些钱",
        ),
        (
            {"character": Character("robot", 1), "gesture": "bow", "prop": "none", "placement": "none"},
            "a happy robot bowing",
            "一个开心的机器人在鞠躬",
        ),
    ],
)
def test_captions_follow_the_grammar(change: dict[str, str], english: str, chinese: str) -> None:
    """Known specifications have exactly these captions."""
    spec = dataclasses.replace(_CAT, **change)  # type: ignore[arg-type]
    assert caption(spec, "en") == english
    assert caption(spec, "zh") == chinese


@pytest.mark.parametrize("language", _LANGUAGES)
def test_a_caption_names_what_is_seen_and_nothing_else(language: Language) -> None:
    """Adjective, subject, action, prop and scene of the specification are in its caption, words of no other are."""
    rng = random.Random(11)
    for _ in range(300):
        spec = sample_spec(rng, "test")
        told = caption(spec, language)
        for words in (
            EXPRESSIONS[spec.expression].words,
            SPECIES[spec.character.species].words,
            GESTURES[spec.gesture].words,
        ):
            assert getattr(words, language)[0] in told
        assert spec.prop == "none" or getattr(PROPS[spec.prop].words, language)[0] in told
        assert spec.scene == "none" or getattr(SCENES[spec.scene], language)[0] in told
        if spec.scene == "none":
            assert not any(getattr(scene, language)[0] in told for scene in SCENES.values())


def test_what_is_not_said_does_not_change_the_caption() -> None:
    """Style, coat, lettering, backdrop and chance are no part of a caption."""
    quiet = dataclasses.replace(
        _CAT,
        character=Character("cat", 6, "scarf", 1.05),
        style="comic",
        backdrop="disc",
        lettering=Lettering("谢谢", "zh"),
        marks=False,
        flip=True,
        seed=99,
    )
    assert [caption(quiet, language) for language in _LANGUAGES] == [caption(_CAT, each) for each in _LANGUAGES]


@pytest.mark.parametrize("language", _LANGUAGES)
def test_paraphrases_start_with_the_canonical_caption_and_do_not_repeat(language: Language) -> None:
    """There is more than one way to say it, each told once."""
    told = paraphrases(_CAT, language)
    assert told[0] == caption(_CAT, language)
    assert len(set(told)) == len(told) > 1


def test_captions_are_short_enough_for_the_captioner() -> None:
    """At most 16 English words and 32 Chinese characters, whatever is drawn."""
    rng = random.Random(5)
    specs = [sample_spec(rng, "train") for _ in range(3000)]
    assert max(len(caption(spec, "en").split()) for spec in specs) <= 16
    assert max(len(caption(spec, "zh")) for spec in specs) <= 32


def test_labels_agree_with_the_specification() -> None:
    """Emotion comes from the expression, polarity from the emotion, action and subject as drawn."""
    rng = random.Random(2)
    for _ in range(200):
        spec = sample_spec(rng, "val")
        truth = labels(spec)
        assert truth.emotion == EXPRESSIONS[spec.expression].emotion
        assert truth.polarity == POLARITY_OF[truth.emotion]
        assert (truth.action, truth.subject) == (spec.gesture, spec.character.species)
