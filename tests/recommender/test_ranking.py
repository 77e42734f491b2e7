"""Fusion, wishes, clicks, variety, abstention."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.channel import ChannelKind, Hit
from recommender.feedback import Counts, Evidence
from recommender.ranking import RankingWeights, Wish, rank
from tests.recommender.builders import catalogue, sticker

pytestmark = pytest.mark.unit

CATALOGUE = catalogue(
    sticker("smile", ["smile"], emotion="joy"),
    sticker("cry", ["cry"], emotion="sadness"),
    sticker("box", ["box"], emotion="neutral"),
    sticker("man-bowing", ["bow"], variant_group="p/bowing"),
    sticker("woman-bowing", ["bow"], variant_group="p/bowing"),
)
WEIGHTS = RankingWeights()
WISH = Wish(limit=10)


def _rank(
    *hits: tuple[ChannelKind, str, float], wish: Wish = WISH, evidence: Evidence | None = None
) -> list[tuple[str, float]]:
    found: dict[ChannelKind, list[Hit]] = {}
    for kind, name, score in hits:
        found.setdefault(kind, []).append(Hit(f"p/{name}", score, "word"))
    ranked = rank(found, CATALOGUE, wish, evidence or Evidence(), WEIGHTS)
    return [(one.sticker.id.removeprefix("p/"), round(one.score, 4)) for one in ranked]


def test_two_channels_that_agree_beat_one() -> None:
    """A sticker that both channels find stands above one that only one finds as well."""
    found = _rank(
        (ChannelKind.LEXICAL, "smile", 0.5), (ChannelKind.LEXICAL, "cry", 0.5), (ChannelKind.SEMANTIC, "smile", 0.5)
    )
    assert [name for name, _ in found] == ["smile", "cry"]


def test_nothing_is_said_below_the_threshold() -> None:
    """Weak evidence gives no sticker at all."""
    assert _rank((ChannelKind.SEMANTIC, "box", 0.2)) == []


def test_a_wanted_emotion_lifts_and_others_sink() -> None:
    """With joy wanted, the smile overtakes the crying face that matches the words as well."""
    wish = replace(WISH, emotion="joy")
    found = dict(_rank((ChannelKind.LEXICAL, "smile", 0.5), (ChannelKind.LEXICAL, "cry", 0.5), wish=wish))
    assert found["smile"] > 0.45 > found["cry"]


def test_a_wanted_emotion_alone_is_enough() -> None:
    """Without words the stickers of the emotion come."""
    assert _rank((ChannelKind.EMOTION, "smile", 1.0), wish=replace(WISH, emotion="joy")) == [("smile", 0.3)]


def test_weak_words_never_rank_below_no_words() -> None:
    """A sticker of the wanted emotion that also matches a little is not worse off for it."""
    wish = replace(WISH, emotion="joy")
    found = dict(_rank((ChannelKind.LEXICAL, "smile", 0.01), (ChannelKind.EMOTION, "smile", 1.0), wish=wish))
    assert found["smile"] >= 0.3


def test_what_is_excluded_stays_out() -> None:
    """Excluded emotions, ids and foreign packs never come back."""
    hits = [(ChannelKind.LEXICAL, name, 1.0) for name in ("smile", "cry", "box")]
    assert "smile" not in dict(_rank(*hits, wish=replace(WISH, excluded_emotions=frozenset({"joy"}))))
    assert "box" not in dict(_rank(*hits, wish=replace(WISH, excluded_ids=frozenset({"p/box"}))))
    assert _rank(*hits, wish=replace(WISH, packs=frozenset({"other"}))) == []


def test_look_alikes_are_dropped_for_a_moment_and_come_last_in_a_search() -> None:
    """One bowing person is enough beside a reply; a search shows both, after everything else."""
    hits = [
        (ChannelKind.LEXICAL, "man-bowing", 1.0),
        (ChannelKind.LEXICAL, "woman-bowing", 0.9),
        (ChannelKind.LEXICAL, "box", 0.5),
    ]
    moment = _rank(*hits, wish=replace(WISH, expressive=True))
    assert [name for name, _ in moment] == ["man-bowing", "box"]
    assert [name for name, _ in _rank(*hits)] == ["man-bowing", "box", "woman-bowing"]


def test_words_in_the_picture_should_be_readable() -> None:
    """A sticker lettered in the other language comes after an equal one without words."""
    both = catalogue(sticker("nihao", language="zh"), sticker("wave"))
    found = {ChannelKind.LEXICAL: [Hit("p/nihao", 0.5), Hit("p/wave", 0.5)]}
    for language, first in (("en", "p/wave"), ("zh", "p/nihao"), ("", "p/nihao")):
        ranked = rank(found, both, replace(WISH, language=language), Evidence(), WEIGHTS)
        assert ranked[0].sticker.id == first


def test_for_a_moment_a_sticker_beats_a_mere_emoji() -> None:
    """Of two that fit as well the drawn one comes first beside a reply; a search, or the emoji itself, decides else."""
    both = catalogue(sticker("emoji", emoji="👋"), sticker("drawn"))
    found = {ChannelKind.LEXICAL: [Hit("p/emoji", 0.5), Hit("p/drawn", 0.5)]}
    moment, search = replace(WISH, expressive=True), WISH
    assert rank(found, both, moment, Evidence(), WEIGHTS)[0].sticker.id == "p/drawn"
    assert rank(found, both, search, Evidence(), WEIGHTS)[0].sticker.id == "p/emoji"
    found[ChannelKind.EMOJI] = [Hit("p/emoji", 1.0)]
    assert rank(found, both, moment, Evidence(), WEIGHTS)[0].sticker.id == "p/emoji"


def test_clicks_raise_and_neglect_lowers() -> None:
    """Of two equal stickers the clicked one comes first, and one that is never clicked sinks."""
    hits = [(ChannelKind.LEXICAL, name, 0.5) for name in ("smile", "cry", "box")]
    evidence = Evidence({"p/box": Counts(10, 8), "p/smile": Counts(200, 0)}, {})
    assert [name for name, _ in _rank(*hits, evidence=evidence)] == ["box", "cry", "smile"]


def test_reasons_name_their_channel_and_add_up() -> None:
    """The contributions of all reasons are the score."""
    found = {
        ChannelKind.LEXICAL: [Hit("p/smile", 0.5, "smile")],
        ChannelKind.SEMANTIC: [Hit("p/smile", 0.4, "happy")],
    }
    (one,) = rank(found, CATALOGUE, replace(WISH, expressive=True), Evidence(), WEIGHTS)
    assert [why.kind for why in one.reasons] == [ChannelKind.LEXICAL, ChannelKind.SEMANTIC, ChannelKind.EMOTION]
    assert sum(why.contribution for why in one.reasons) == pytest.approx(one.score)


def test_hits_of_removed_stickers_are_skipped() -> None:
    """A channel that still knows an old sticker cannot bring it back."""
    assert _rank((ChannelKind.LEXICAL, "gone", 1.0)) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(ChannelKind)),
            st.sampled_from(["smile", "cry", "box", "man-bowing", "woman-bowing"]),
            st.floats(0, 1),
        )
    ),
    st.sampled_from(["", "joy", "anger"]),
    st.floats(0, 1000),
    st.integers(1, 5),
)
def test_scores_stay_in_bounds_and_in_order(
    hits: list[tuple[ChannelKind, str, float]], emotion: str, clicks: float, limit: int
) -> None:
    """Whatever the channels say, scores lie in [0, 1], fall, and are no more than asked for."""
    evidence = Evidence({"p/smile": Counts(clicks / 3, clicks)}, {"p/cry": Counts(clicks, 0)})
    ranked = _rank(*hits, wish=Wish(limit, emotion=emotion, expressive=True), evidence=evidence)
    scores = [score for _, score in ranked]
    assert all(0 <= score <= 1 for score in scores)
    assert scores == sorted(scores, reverse=True)
    assert len(ranked) <= limit
