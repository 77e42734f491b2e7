"""The curated house pack: complete, readable by the recommender, and what its list says."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from recommender.pack import read_pack
from training.stickers import house_pack
from training.stickers.captions import labels
from training.stickers.house_pack import HousePackError, HouseSticker, load_house_stickers

pytestmark = pytest.mark.unit

_SHIPPED = Path(__file__).resolve().parents[3] / "recommender" / "packs" / "stickerdesk-house.zip"
_CAST = '[cast]\ncat = ["cat", 0, "none"]\n'


@pytest.fixture(scope="module")
def stickers() -> list[HouseSticker]:
    """The curated list."""
    return load_house_stickers()


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The manifest that ships."""
    with zipfile.ZipFile(_SHIPPED) as archive:
        loaded: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return loaded


def test_the_shipped_pack_is_what_the_list_says(stickers: list[HouseSticker], manifest: dict[str, Any]) -> None:
    """At least 150 stickers, all of the list, with the labels of what is drawn; nobody forgot to rebuild the pack."""
    assert len(stickers) >= 150
    entries = {entry["name"]: entry for entry in manifest["stickers"]}
    assert entries.keys() == {sticker.name for sticker in stickers}
    for sticker in stickers:
        truth = labels(sticker.spec)
        entry = entries[sticker.name]
        assert (entry["emotion"], entry["polarity"]) == (truth.emotion, truth.polarity)
        assert entry["alt"]["en"].startswith(sticker.meaning["en"])
        assert entry["alt"]["zh"].startswith(sticker.meaning["zh"])


def test_every_entry_is_complete_in_both_languages(manifest: dict[str, Any]) -> None:
    """Name and at least three keywords in English and Chinese, and an emotion."""
    for entry in manifest["stickers"]:
        assert entry["alt"]["en"].isascii(), entry["name"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in entry["alt"]["zh"]), entry["name"]
        for language in ("en", "zh"):
            words = entry["keywords"][language]
            assert len(words) >= 3, entry["name"]
            assert len(set(words)) == len(words), entry["name"]
        assert entry["emotion"]


def test_all_emotions_and_the_shop_s_topics_are_there(manifest: dict[str, Any]) -> None:
    """Nine emotions; every topic has several stickers."""
    assert len({entry["emotion"] for entry in manifest["stickers"]}) == 9
    topics = [entry["subcategory"] for entry in manifest["stickers"]]
    assert {"thanks", "apology", "delivery", "after-sales", "working", "hand-off"} <= set(topics)
    assert all(topics.count(topic) >= 4 for topic in set(topics))


def test_the_recommender_reads_the_shipped_pack() -> None:
    """Untrusted reading, with every picture decoded, takes all of it; it is small enough to ship."""
    assert _SHIPPED.stat().st_size < 4_000_000
    loaded = read_pack(_SHIPPED.read_bytes())
    assert loaded.pack.id == house_pack.PACK_ID
    assert loaded.pack.licence == "CC0-1.0"
    assert b"CC0 1.0" in loaded.licence_text


def test_no_two_stickers_are_the_same_picture(manifest: dict[str, Any]) -> None:
    """Digests are all different."""
    digests = [entry["sha256"] for entry in manifest["stickers"]]
    assert len(set(digests)) == len(digests)


def test_building_twice_gives_the_same_bytes(stickers: list[HouseSticker], tmp_path: Path) -> None:
    """A pack depends on its list alone; its pictures have the stated size and a transparent ground."""
    for name in ("one.zip", "two.zip"):
        assert house_pack.build(tmp_path / name, 96, stickers[:6]) == 6
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        picture = Image.open(io.BytesIO(archive.read(f"images/{stickers[0].name}.webp"))).convert("RGBA")
    assert picture.size == (96, 96)
    assert picture.getpixel((0, 0))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({"face": "smug"}, "smug"),
        ({"does": "teleport"}, "teleport"),
        ({"who": "unicorn"}, "unicorn"),
        ({"thing": "spaceship"}, "spaceship"),
        ({"scene": "moon"}, "moon"),
        ({"back": "cube"}, "cube"),
    ],
)
def test_a_wrong_list_is_refused_by_name(broken: dict[str, str], complaint: str, tmp_path: Path) -> None:
    """A factor that does not exist is reported with the sticker's name."""
    entry = {"who": "cat", "face": "happy", "does": "wave", "en": "Hi", "zh": "你好", "more": ["a", "b"]} | broken
    pairs = ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items())
    source = tmp_path / "list.toml"
    source.write_text(
        f'[cast]\ncat = ["cat", 0, "none"]\n[stickers.greeting]\nhello = {{ {pairs} }}\n', encoding="utf-8"
    )
    with pytest.raises(HousePackError, match=f"hello.*{complaint}"):
        load_house_stickers(source)


def test_a_name_may_occur_once(tmp_path: Path) -> None:
    """The same name under two topics is refused."""
    line = 'hello = { who = "cat", face = "happy", does = "wave", en = "Hi", zh = "你好", more = ["a", "b"] }\n'
    source = tmp_path / "list.toml"
    source.write_text(
        f'[cast]\ncat = ["cat", 0, "none"]\n[stickers.one]\n{line}[stickers.two]\n{line}', encoding="utf-8"
    )
    with pytest.raises(HousePackError, match="hello"):
        load_house_stickers(source)
