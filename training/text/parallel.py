"""Parallel sentences for distillation: Chinese beside English paraphrases with the same slot values."""

import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from training.stickers import caption, sample_spec
from training.text.expand import SLOTS, Template, resolve
from training.text.grammar import clauses, pool
from training.text.noise import mix, noisy
from training.text.pairs import Pair
from training.text.paths import DATA
from training.text.slots import draw
from training.text.values import FAULT_KINDS, parts

_PARAPHRASES = 2
_CANDIDATES = 3
_PLACES = (*SLOTS, *FAULT_KINDS)
_WORDS = ("noun", "colour", "material", "kind", *FAULT_KINDS, "motive", "part", "part_fault")
Embedder = Callable[[list[str]], NDArray[np.float32]]


def lexicon() -> list[tuple[str, str]]:
    """Read the hand-written (Chinese, English) words and sentences, and the words that slot values are made of."""
    lines = (DATA / "lexicon.txt").read_text("utf-8").splitlines()
    entries = [line.split(" | ", 1) for line in lines if " | " in line and not line.startswith("#")]
    words = [pair for section in _WORDS for pair in parts()[section]]
    return [(chinese.strip(), english.strip()) for chinese, english in entries] + words


def caption_pairs(seed: int, count: int) -> list[Pair]:
    """Draw `count` procedural stickers of the training split and pair their captions."""
    rng = random.Random(seed)
    pairs: list[Pair] = []
    for index in range(count):
        spec = sample_spec(rng, "train")
        english = caption(spec, "en")
        pairs.append(Pair(caption(spec, "zh"), (english,), "sticker_zh"))
        if index % 3 == 0:
            pairs.append(Pair(english, (english,), "sticker_en"))
    return pairs


def alignment(embed: Embedder) -> list[tuple[Template, list[Template]]]:
    """Pair each Chinese training template with the English ones of its intent that mean the most similar.

    Templates that say slot values themselves are left out: the other language's would say other ones.

    Args:
        embed: The encoder trained so far, texts → (texts, width) unit vectors; being of the same block counts 0.15.
    """
    pairs: list[tuple[Template, list[Template]]] = []
    known = {key: [t for t in group if "<" not in t.text] for key, group in pool("train").items()}
    for (intent, language), members in sorted(known.items()):
        if language != "zh" or intent in ("chitchat", "out_of_scope"):
            continue
        english = known[intent, "en"]
        similarity = embed([_plain(t, 0) for t in members]) @ embed([_plain(t, 1) for t in english]).T
        same = np.array([[a.block == b.block for b in english] for a in members])
        emotion = np.array([[a.emotion == b.emotion for b in english] for a in members])
        best = np.argsort(-(similarity + 0.15 * same + 0.1 * emotion), axis=1)[:, :_CANDIDATES]
        pairs += [(template, [english[column] for column in row]) for template, row in zip(members, best, strict=True)]
    return pairs


def _plain(template: Template, side: int) -> str:
    rng = random.Random(0)
    text = resolve(template.text, template.language, rng)
    for slot in _PLACES:
        text = text.replace("{" + slot + "}", draw(slot, random.Random(1))[side])
    return text


def sentence_pairs(seed: int, count: int, embed: Embedder) -> list[Pair]:
    """Draw `count` parallel sentences from the grammar; add the lexicon and sticker captions."""
    rng = random.Random(seed)
    meanings = alignment(embed)
    pairs = caption_pairs(seed, count // 5)
    for index in range(count):
        chinese, english = rng.choice(meanings)
        pairs += _sentence(chinese, english, rng, english_too=index % 3 == 0)
    for chinese, english in lexicon():
        pairs.append(Pair(chinese, (english,), "lexicon_zh"))
        pairs.append(Pair(english, (english,), "lexicon_en"))
    return pairs


def _sentence(template: Template, candidates: list[Template], rng: random.Random, english_too: bool) -> list[Pair]:
    chinese = resolve(template.text, "zh", rng)
    wanted = {slot for slot in _PLACES if "{" + slot + "}" in chinese}
    english = _closest([resolve(t.text, "en", rng) for t in candidates], wanted)
    if rng.random() < 0.25:
        emotion = rng.choice(("anger", "anxiety", "sadness", "joy", "gratitude", "confusion"))
        chinese += "，" + resolve(rng.choice(clauses(emotion, "zh", "b", "train")), "zh", rng)
        clause = resolve(rng.choice(clauses(emotion, "en", "b", "train")), "en", rng)
        english = [f"{text}, {clause}" for text in english]
    for slot in _PLACES:
        if any("{" + slot + "}" in text for text in (chinese, *english)):
            values = draw(slot, rng)
            chinese = chinese.replace("{" + slot + "}", values[0])
            english = [text.replace("{" + slot + "}", values[1]) for text in english]
    said = mix(chinese, rng) if rng.random() < 0.08 else noisy(chinese, "zh", rng) if rng.random() < 0.15 else chinese
    pairs = [Pair(said, tuple(english), "sentence_zh")]
    if english_too:
        own = english[0]
        pairs.append(Pair(noisy(own, "en", rng) if rng.random() < 0.2 else own, (own,), "sentence_en"))
    return pairs


def _closest(texts: list[str], wanted: set[str]) -> list[str]:
    def mismatch(text: str) -> int:
        return len(wanted ^ {slot for slot in _PLACES if "{" + slot + "}" in text})

    return sorted(dict.fromkeys(texts), key=mismatch)[:_PARAPHRASES]
