"""Reading packs: the shipped one, and everything that can be wrong with one."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.catalogue import EMOTIONS
from recommender.pack import MAX_ARCHIVE_BYTES, read_pack
from recommender.pack_writer import write_pack
from recommender.pictures import clean
from servicekit.errors import ServiceError
from tests.recommender.archives import archive, entry, manifest, picture, zipped
from tests.recommender.shipped import SHIPPED_PACK

pytestmark = pytest.mark.unit


def _with(described: Any, **files: bytes) -> bytes:
    data = described if isinstance(described, bytes) else json.dumps(described).encode()
    return zipped({"manifest.json": data, "images/a.webp": picture(), **files})


def _refusal(data: bytes, *, trusted: bool = False) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        read_pack(data, trusted=trusted)
    return caught.value


def test_the_shipped_pack_is_rich_enough() -> None:
    """At least 1,400 stickers with names and keywords in both languages, at most 136 pixels, all nine emotions."""
    data = SHIPPED_PACK.read_bytes()
    pack = read_pack(data, trusted=True).pack
    emotions = Counter(one.emotion for one in pack.stickers)
    assert len(data) < 8_000_000
    assert len(pack.stickers) >= 1_400
    assert all(one.alt.en and one.alt.zh for one in pack.stickers)
    assert sum(bool(one.keywords.en and one.keywords.zh) for one in pack.stickers) / len(pack.stickers) > 0.94
    assert all(max(one.width_px, one.height_px) <= 136 and one.media_type == "image/webp" for one in pack.stickers)
    assert set(emotions) == set(EMOTIONS)
    assert len({one.sha256 for one in pack.stickers}) > 0.99 * len(pack.stickers)


def test_shipped_pictures_decode() -> None:
    """Every fiftieth shipped picture survives the full check."""
    loaded = read_pack(SHIPPED_PACK.read_bytes(), trusted=True)
    some = loaded.pack.stickers[::50]
    assert all(clean(loaded.pictures[one.id], one.media_type).width_px == one.width_px for one in some)


def test_a_sound_pack_is_read_and_cleaned() -> None:
    """A stranger's pack comes out with re-encoded pictures that its stickers describe."""
    loaded = read_pack(archive("a", "b", emotion="joy"), added_at=5.0)
    assert [one.id for one in loaded.pack.stickers] == ["tiny/a", "tiny/b"]
    assert loaded.pack.added_at == 5.0
    assert loaded.licence_text == b"free"
    assert all(len(loaded.pictures[one.id]) == one.size_bytes for one in loaded.pack.stickers)


def test_a_cleaned_pack_can_be_written_and_read_again() -> None:
    """What the writer writes is what the reader read."""
    loaded = read_pack(archive("a", "b", emoji="👍", keywords={"en": ["x"], "zh": ["好"]}))
    again = read_pack(write_pack(loaded), trusted=True)
    assert again.pack.stickers == loaded.pack.stickers
    assert again.pictures == loaded.pictures
    assert again.licence_text == loaded.licence_text


def test_metadata_of_a_picture_is_dropped() -> None:
    """A comment inside a PNG does not survive."""
    secret = picture(kind="PNG") + b"tEXtsecret"
    described = manifest(entry("a", secret, media_type="image/png", file="images/a.png"))
    loaded = read_pack(zipped({"manifest.json": json.dumps(described).encode(), "images/a.png": secret}))
    assert b"secret" not in loaded.pictures["tiny/a"]
    assert loaded.pack.stickers[0].media_type == "image/webp"


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\0" * 18, archive("a")[:200]])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    """Empty, truncated or foreign bytes are a typed refusal."""
    assert _refusal(data).reason == "PACK_INVALID"


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"id": "Bad Id"},
        {"id": "../up"},
        {"version": ""},
        {"licence": ""},
        {"title": {"en": "", "zh": ""}},
        {"stickers": []},
        {"stickers": "none"},
    ],
)
def test_a_wrong_manifest_is_refused(change: dict[str, Any]) -> None:
    """Each broken field is named in a typed refusal."""
    error = _refusal(_with(manifest(entry("a", picture())) | change))
    assert error.reason == "PACK_INVALID"
    assert next(iter(change)) in error.message


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../a"},
        {"name": "A"},
        {"name": ""},
        {"name": "x" * 200},
        {"file": "/etc/passwd"},
        {"file": "images/../../a"},
        {"file": "..\\a"},
        {"sha256": "0" * 64},
        {"sha256": "nonsense"},
        {"width": 0},
        {"width": 17},
        {"height": 100_000},
        {"media_type": "image/svg+xml"},
        {"media_type": "image/png"},
        {"alt": {"en": "", "zh": " "}},
        {"emotion": "hunger"},
        {"polarity": "sour"},
        {"keywords": {"en": ["x"] * 65}},
        {"keywords": {"en": ["x" * 81]}},
        {"keywords": {"en": [""]}},
        {"emoji": "x" * 33},
    ],
)
def test_a_wrong_sticker_is_refused(change: dict[str, Any]) -> None:
    """Each broken field of a sticker is a typed refusal, never a crash or a file outside."""
    assert _refusal(_with(manifest(entry("a", picture()) | change))).reason == "PACK_INVALID"


def test_duplicates_are_refused() -> None:
    """Two stickers of one name, or of one file, are a mistake of the maker."""
    assert "name" in _refusal(_with(manifest(entry("a", picture()), entry("a", picture())))).message
    twin = entry("b", picture(), file="images/a.webp")
    assert "file" in _refusal(_with(manifest(entry("a", picture()), twin))).message


@pytest.mark.parametrize("name", ["../evil", "/abs", "a\\b", "x/../../y"])
def test_an_unsafe_file_name_is_refused(name: str) -> None:
    """Even a file that the manifest does not mention must not point outside."""
    assert "unsafe" in _refusal(_with(manifest(entry("a", picture())), **{name: b"x"})).message


def test_a_missing_picture_is_refused() -> None:
    """A manifest that names a file which is not there is refused."""
    assert (
        "missing" in _refusal(zipped({"manifest.json": json.dumps(manifest(entry("a", picture()))).encode()})).message
    )


def test_a_missing_manifest_is_refused() -> None:
    """A zip of pictures alone is no pack."""
    assert "manifest.json is missing" in _refusal(zipped({"a.webp": picture()})).message


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"format": 1}'])
def test_a_manifest_that_is_not_json_is_refused(content: bytes) -> None:
    """Whatever stands in the manifest, the answer is a typed refusal."""
    assert _refusal(_with(content)).reason == "PACK_INVALID"


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    """An archive that unpacks to far more than it weighs is refused by the sizes it states."""
    bomb = zipped({"manifest.json": b"{}", "big": b"\0" * (70 * 1024 * 1024)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1_000_000
    assert _refusal(bomb).reason == "PACK_TOO_LARGE"


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    """The stated size is not believed: reading stops at the limit."""
    data = bytearray(zipped({"manifest.json": b" " * 20_000_000}, zipfile.ZIP_DEFLATED))
    real = (20_000_000).to_bytes(4, "little")
    while (at := data.find(real)) >= 0:
        data[at : at + 4] = (100).to_bytes(4, "little")
    assert _refusal(bytes(data)).reason in ("PACK_TOO_LARGE", "PACK_INVALID")


def test_too_large_an_archive_is_refused_unread() -> None:
    """Over the limit of bytes nothing is looked at."""
    error = _refusal(b"\0" * (MAX_ARCHIVE_BYTES + 1))
    assert (error.reason, error.retryable) == ("PACK_TOO_LARGE", False)


def test_a_picture_of_another_kind_is_refused() -> None:
    """Text that calls itself WebP, and a PNG that does, are refused by content."""
    for data in (b"<svg/>", picture(kind="PNG")):
        described = manifest(entry("a", data))
        files = {"manifest.json": json.dumps(described).encode(), "images/a.webp": data}
        assert "is not image/webp" in _refusal(zipped(files)).message


def test_a_truncated_picture_is_refused() -> None:
    """Half a picture has the right first bytes and is refused all the same."""
    half = picture(size=(16, 16))[:40]
    files = {"manifest.json": json.dumps(manifest(entry("a", half))).encode(), "images/a.webp": half}
    assert _refusal(zipped(files)).reason == "PACK_INVALID"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_archives_never_crash(data: st.DataObject) -> None:
    """Flipping bytes anywhere gives a pack or a typed refusal, nothing else."""
    sound = bytearray(archive("a"))
    for _ in range(data.draw(st.integers(1, 8))):
        sound[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    reason = "none"
    try:
        read_pack(bytes(sound))
    except ServiceError as error:
        reason = error.reason
    assert reason in ("none", "PACK_INVALID", "PACK_TOO_LARGE")
