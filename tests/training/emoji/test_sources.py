"""Emoji data: the curated tables, names, groups, and where they come from. Nothing here needs the Debian packages."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from training.emoji.build_pack import _unique_name, _variant_group
from training.emoji.debian import SourceUnavailableError, package_root, package_version
from training.emoji.emotion import EMOTIONS, POLARITIES, Feeling, base_form, feeling
from training.emoji.source import Emoji

pytestmark = pytest.mark.unit


def _emoji(char: str, name: str = "name", subgroup: str = "none") -> Emoji:
    return Emoji(tuple(map(ord, char)), char, "Group", subgroup, name, "名", (), ())


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        ("🙏", Feeling("gratitude", "positive")),
        ("🙏🏽", Feeling("gratitude", "positive")),
        ("😡", Feeling("anger", "negative")),
        ("🤷\u200d♀\ufe0f", Feeling("confusion", "neutral")),
        ("👩\u200d❤\ufe0f\u200d👨", Feeling("love", "positive")),
        ("📦", Feeling("neutral", "neutral")),
        ("💀", Feeling("neutral", "negative")),
    ],
)
def test_feelings_are_curated_for_all_variants(char: str, expected: Feeling) -> None:
    """The table speaks for an emoji and for its variants by skin tone and gender; others are neutral."""
    assert feeling(_emoji(char)) == expected


def test_an_emoji_that_the_table_lacks_takes_its_subgroup() -> None:
    """A new heart is love."""
    assert feeling(_emoji("\U0001fa77", subgroup="heart")) == Feeling("love", "positive")


def test_no_emoji_has_two_emotions() -> None:
    """In the table each emoji stands under one emotion only, and all nine are used."""
    raw = tomllib.loads((resources.files("training.emoji") / "emotions.toml").read_text(encoding="utf-8"))
    seen: dict[str, str] = {}
    for emotion, chars in raw["emoji"].items():
        for char in chars.split():
            assert seen.setdefault(base_form(char), emotion) == emotion, char
    assert set(seen.values()) == set(EMOTIONS)
    assert set(raw["polarity"]) <= set(POLARITIES)


def test_shop_words_are_in_both_languages() -> None:
    """Every added list of keywords has English and Chinese ones."""
    raw = tomllib.loads((resources.files("training.emoji") / "keywords.toml").read_text(encoding="utf-8"))["extra"]
    assert all(len(lists) == 2 and all(lists) for lists in raw.values())
    assert all(lists[0].isascii() and not lists[1].isascii() for lists in raw.values())


def test_variants_share_a_group_and_clocks_are_one() -> None:
    """Gender does not make another group; all clock faces are one; different emoji differ."""
    assert _variant_group(_emoji("🙇\u200d♂\ufe0f")) == _variant_group(_emoji("🙇"))
    assert _variant_group(_emoji("🕐", subgroup="time")) == _variant_group(_emoji("🕧", subgroup="time")) == "clock"
    assert _variant_group(_emoji("🐶")) != _variant_group(_emoji("🐱"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("grinning face", "grinning-face"),
        ("Japanese “acceptable” button", "japanese-acceptable-button"),
        ("piñata", "pinata"),
        ("日本", "1f44d"),
    ],
)
def test_names_become_ids(name: str, expected: str) -> None:
    """Names are folded to what an id may hold, and fall back on the code points."""
    assert _unique_name(_emoji("👍", name), taken=()) == expected


def test_a_taken_name_gets_its_code_points() -> None:
    """Two emoji of one name keep apart."""
    assert _unique_name(_emoji("👍", "thumb"), taken={"thumb"}) == "thumb-1f44d"


def test_skin_tones_are_told_from_base_emoji() -> None:
    """A modifier makes a variant; the modifier alone is an emoji of its own."""
    assert _emoji("👍🏽").skin_tone
    assert not _emoji("👍").skin_tone
    assert not _emoji("🏽").skin_tone


def test_a_cached_package_is_used_as_it_is(tmp_path: Path) -> None:
    """What is unpacked already is not fetched again."""
    (tmp_path / "some-package" / "usr").mkdir(parents=True)
    (tmp_path / "some-package" / "VERSION").write_text("1.2-3\n")
    assert package_root("some-package", tmp_path) == tmp_path / "some-package"
    assert package_version("some-package", tmp_path) == "1.2-3"


def test_without_apt_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On another system the error names the folder to unpack into."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceUnavailableError, match="unpacked by hand"):
        package_root("fonts-noto-color-emoji", tmp_path)
