"""Fuses what the channels found into one ranking, with reasons, variety and the courage to say nothing.

Channels are fused by a noisy-or of calibrated scores: 1 - Π(1 - weight · score). On the development queries of
evaluation/ it put a right sticker first more often than reciprocal rank fusion did (0.83 against 0.73, English), and
unlike it keeps a scale, which abstention needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from recommender.catalogue import Catalogue, Sticker
from recommender.channel import ChannelKind, Hit
from recommender.feedback import Evidence

_NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """How the parts of a score weigh; chosen on the development queries of evaluation/.

    Attributes:
        lexical: Weight of the lexical channel.
        semantic: Weight of the semantic channel.
        emoji: Weight of the emoji channel.
        visual: Weight of the visual channel.
        emotion_bonus: Share of the missing score that a sticker of the wanted emotion gains.
        other_emotion: Factor for a sticker that expresses another emotion than the wanted one.
        other_language: Factor for a sticker with words in a language that the person does not read.
        emotion_floor: Score of a sticker that only the wanted emotion speaks for.
        plain_emoji: Factor for a mere emoji when a moment is answered and it was not asked for by that emoji.
        expressive_bonus: Share of the missing score that a sticker with any emotion gains when a moment is answered.
        feedback: Share of the missing score that clicks can add, and of the score that they can take.
        threshold: Below this score nothing fits.
    """

    lexical: float = 0.9
    semantic: float = 0.9
    emoji: float = 1.0
    visual: float = 0.8
    emotion_bonus: float = 0.2
    other_emotion: float = 0.7
    other_language: float = 0.6
    emotion_floor: float = 0.3
    plain_emoji: float = 0.95
    expressive_bonus: float = 0.05
    feedback: float = 0.25
    threshold: float = 0.2

    def of(self, kind: ChannelKind) -> float:
        """Returns the weight of a channel that finds stickers."""
        return {
            ChannelKind.LEXICAL: self.lexical,
            ChannelKind.SEMANTIC: self.semantic,
            ChannelKind.EMOJI: self.emoji,
            ChannelKind.VISUAL: self.visual,
        }.get(kind, 0.0)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an answer must respect.

    Attributes:
        limit: How many stickers at most.
        emotion: Emotion to express, or empty.
        excluded_emotions: Emotions that must not be expressed.
        excluded_ids: Stickers that must not come.
        packs: Packs to choose from; empty means all.
        language: Language that the person reads, "en" or "zh"; empty when not known.
        expressive: Whether a feeling is welcome (a moment of a conversation), not just the thing named (a search).
    """

    limit: int
    emotion: str = ""
    excluded_emotions: frozenset[str] = frozenset()
    excluded_ids: frozenset[str] = frozenset()
    packs: frozenset[str] = frozenset()
    language: str = ""
    expressive: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One contribution to a score: which channel, how much, and what matched in words."""

    kind: ChannelKind
    contribution: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sticker with its score in [0, 1] and the reasons for it, most important first."""

    sticker: Sticker
    score: float
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class _Tally:
    score: float = 0.0
    reasons: list[Reason] = field(default_factory=list)

    def gain(self, kind: ChannelKind, share_of_missing: float, detail: str = "") -> None:
        """Adds a share of what is missing to 1 (noisy-or); a negative share takes that part of the score."""
        step = share_of_missing * ((1.0 - self.score) if share_of_missing > 0 else self.score)
        self.score += step
        self.reasons.append(Reason(kind, step, detail))

    def scale(self, factor: float) -> None:
        """Lets everything so far count for less."""
        self.score *= factor
        self.reasons = [replace(reason, contribution=reason.contribution * factor) for reason in self.reasons]


def rank(
    found: Mapping[ChannelKind, Sequence[Hit]],
    catalogue: Catalogue,
    wish: Wish,
    evidence: Evidence,
    weights: RankingWeights,
) -> list[Ranked]:
    """Returns the stickers that fit, best first; empty when nothing reaches the threshold.

    Args:
        found: Hits by channel. Ids that the catalogue no longer has are skipped.
        catalogue: The stickers.
        wish: What is wanted and what is not.
        evidence: Clicks.
        weights: How it all weighs.
    """
    allowed = (sticker for sticker in catalogue.stickers.values() if _allowed(sticker, wish))
    tallies: dict[str, _Tally] = {}
    stickers = {sticker.id: sticker for sticker in allowed}
    for kind, hits in found.items():
        for hit in hits:
            if hit.sticker_id in stickers and kind is not ChannelKind.EMOTION:
                tallies.setdefault(hit.sticker_id, _Tally()).gain(kind, weights.of(kind) * hit.score, hit.detail)
    typical = {hit.sticker_id: hit.score for hit in found.get(ChannelKind.EMOTION, ())}
    for sticker_id in typical.keys() & stickers.keys():
        tallies.setdefault(sticker_id, _Tally())
    for sticker_id, tally in tallies.items():
        _adjust(tally, stickers[sticker_id], wish, typical.get(sticker_id, 1.0), weights)
        if wish.language and stickers[sticker_id].language not in ("", wish.language):
            tally.scale(weights.other_language)
        if lift := evidence.lift(sticker_id):
            tally.gain(ChannelKind.FEEDBACK, weights.feedback * lift)
    fitting = [item for item in tallies.items() if item[1].score >= weights.threshold]
    order = {sticker_id: position for position, sticker_id in enumerate(stickers)}
    fitting.sort(key=lambda item: (-round(item[1].score, 6), order[item[0]]))
    ranked = (_ranked(stickers[sticker_id], tally) for sticker_id, tally in fitting)
    return _varied(ranked, wish)


def _allowed(sticker: Sticker, wish: Wish) -> bool:
    return (
        sticker.id not in wish.excluded_ids
        and (not wish.packs or sticker.pack in wish.packs)
        and (not sticker.emotion or sticker.emotion not in wish.excluded_emotions)
    )


def _adjust(tally: _Tally, sticker: Sticker, wish: Wish, typical: float, weights: RankingWeights) -> None:
    """Lets the emotion speak, after the channels that go by words; `typical` is how well the sticker stands for it."""
    asked_for = any(reason.kind is ChannelKind.EMOJI for reason in tally.reasons)
    if wish.expressive and sticker.emoji and not asked_for:
        tally.scale(weights.plain_emoji)
    if wish.emotion and sticker.emotion == wish.emotion:
        with_bonus = tally.score + weights.emotion_bonus * typical * (1.0 - tally.score)
        wanted = max(with_bonus, weights.emotion_floor * typical)
        tally.gain(ChannelKind.EMOTION, (wanted - tally.score) / max(1e-9, 1.0 - tally.score), sticker.emotion)
    elif wish.emotion and sticker.emotion not in ("", _NEUTRAL):
        tally.scale(weights.other_emotion)
    elif wish.expressive and not wish.emotion and sticker.emotion not in ("", _NEUTRAL):
        tally.gain(ChannelKind.EMOTION, weights.expressive_bonus, sticker.emotion)


def _ranked(sticker: Sticker, tally: _Tally) -> Ranked:
    reasons = sorted(tally.reasons, key=lambda reason: -reason.contribution)
    return Ranked(sticker, min(1.0, max(0.0, tally.score)), tuple(reasons))


def _varied(ranked: Iterable[Ranked], wish: Wish) -> list[Ranked]:
    """Puts the best of each group of look-alikes first; the others fill up a search and are dropped for a moment."""
    seen: set[str] = set()
    kept: list[Ranked] = []
    alike: list[Ranked] = []
    for one in ranked:
        (alike if one.sticker.variant_group in seen else kept).append(one)
        seen.add(one.sticker.variant_group)
    return (kept if wish.expressive else kept + alike)[: wish.limit]
