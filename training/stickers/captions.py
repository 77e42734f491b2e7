"""Exact captions in English and Chinese from a fixed grammar, and the labels of a sticker."""

from __future__ import annotations

import itertools

from training.stickers.catalogue import EXPRESSIONS, GESTURES, PROPS, SCENES, SPECIES
from training.stickers.spec import POLARITY_OF, Labels, Language, Spec


def labels(spec: Spec) -> Labels:
    """Returns the ground truth of a sticker."""
    emotion = EXPRESSIONS[spec.expression].emotion
    return Labels(emotion, POLARITY_OF[emotion], spec.gesture, spec.character.species)


def caption(spec: Spec, language: Language) -> str:
    """Returns the canonical caption: it depends on nothing but what can be seen.

    English order: adjective, subject, action, prop, scene. Chinese order: scene, subject, prop, action.
    """
    return _phrase(spec, language, (0, 0, 0, 0, 0))


def paraphrases(spec: Spec, language: Language) -> list[str]:
    """Returns every caption of the grammar for a sticker, the canonical one first, without duplicates."""
    ranges = [range(count) for count in _variants(spec, language)]
    return list(dict.fromkeys(_phrase(spec, language, choice) for choice in itertools.product(*ranges)))


def _variants(spec: Spec, language: Language) -> tuple[int, ...]:
    tables = (
        EXPRESSIONS[spec.expression].words,
        SPECIES[spec.character.species].words,
        GESTURES[spec.gesture].words,
        PROPS[spec.prop].words if spec.prop != "none" else None,
        SCENES[spec.scene] if spec.scene != "none" else None,
    )
    return tuple(1 if words is None else len(getattr(words, language)) for words in tables)


def _phrase(spec: Spec, language: Language, choice: tuple[int, ...]) -> str:
    return _english(spec, choice) if language == "en" else _chinese(spec, choice)


def _english(spec: Spec, choice: tuple[int, ...]) -> str:
    adjective = EXPRESSIONS[spec.expression].words.en[choice[0]]
    subject = SPECIES[spec.character.species].words.en[choice[1]]
    action = GESTURES[spec.gesture].words.en[choice[2]]
    article = "an" if adjective[0] in "aeiou" else "a"
    parts = [f"{article} {adjective} {subject} {action}"]
    if spec.prop != "none":
        prop = PROPS[spec.prop].words.en[choice[3]]
        parts.append({"held": prop, "beside": f"beside {prop}", "thought": f"imagining {prop}"}[spec.placement])
    if spec.scene != "none":
        parts.append(SCENES[spec.scene].en[choice[4]])
    return " ".join(parts)


def _chinese(spec: Spec, choice: tuple[int, ...]) -> str:
    species = SPECIES[spec.character.species]
    adjective = EXPRESSIONS[spec.expression].words.zh[choice[0]]
    action = GESTURES[spec.gesture].words.zh[choice[2]]
    subject = f"一{species.classifier}{adjective}{species.words.zh[choice[1]]}"
    scene = f"{SCENES[spec.scene].zh[choice[4]]}，" if spec.scene != "none" else ""
    if spec.prop == "none":
        return f"{scene}{subject}{'在' if GESTURES[spec.gesture].ongoing else ''}{action}"
    prop = PROPS[spec.prop]
    thing = prop.words.zh[choice[3]]
    counted = f"一{prop.classifier}{thing}"
    if spec.placement == "held":
        return f"{scene}{subject}{action}{counted}"
    if spec.placement == "beside":
        return f"{scene}{subject}在{thing}旁边{action}"
    return f"{scene}{subject}{action}，想着{counted}"
