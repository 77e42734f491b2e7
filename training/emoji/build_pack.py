"""Builds the default sticker pack: `python -m training.emoji.build_pack [--out FILE] [--size PIXELS]`.

The format is the one `recommender/packs/README.md` describes. The same inputs give the same bytes: entries are in
Unicode order with a fixed date, and nothing depends on the clock.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import io
import json
import re
import tomllib
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

from PIL import Image

from training.emoji.artwork import is_drawable, render
from training.emoji.debian import package_root, package_version
from training.emoji.emotion import base_form, feeling
from training.emoji.source import Emoji, load_emoji

PACK_ID = "noto-emoji"
DEFAULT_OUT = Path("recommender/packs/noto-emoji.zip")
MAX_EDGE_PX = 136
_QUALITY = 82
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNFIT = frozenset("\U0001f595")  # the middle finger: a shop never offers it


def main() -> None:
    """Entry point of the command."""
    parser = argparse.ArgumentParser(description="Build the default sticker pack from Debian's Noto emoji and CLDR.")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    parser.add_argument("--size", type=int, default=MAX_EDGE_PX, help=f"edge in pixels, at most {MAX_EDGE_PX}")
    arguments = parser.parse_args()
    if not 16 <= arguments.size <= MAX_EDGE_PX:
        parser.error(f"--size must be 16 to {MAX_EDGE_PX}")
    count = build(arguments.out, arguments.size)
    print(f"{arguments.out}: {count} stickers, {arguments.out.stat().st_size / 1e6:.2f} MB")


def build(out: Path, size: int = MAX_EDGE_PX, emoji: Iterable[Emoji] | None = None) -> int:
    """Writes the pack and returns how many stickers it holds.

    Args:
        out: Zip file to write; replaced atomically.
        size: Edge of the pictures in pixels.
        emoji: What to draw; by default everything that `chosen` yields.
    """
    pictures: dict[str, bytes] = {}
    stickers: list[dict[str, object]] = []
    for one in chosen() if emoji is None else emoji:
        name = _unique_name(one, taken=pictures)
        pictures[name] = _webp(render(one, size))
        stickers.append(_entry(one, name, pictures[name], size))
    partial = out.with_suffix(".partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
        _store(archive, "manifest.json", _json(_manifest(stickers)))
        _store(archive, "LICENSE", _licence())
        for name, data in pictures.items():
            _store(archive, f"images/{name}.webp", data)
    partial.replace(out)
    return len(stickers)


def chosen() -> Iterator[Emoji]:
    """Yields the emoji of the default pack: no flags, no skin tones, one family instead of twenty-six."""
    for one in load_emoji(flags=False):
        if one.char not in _UNFIT and is_drawable(one) and not one.name_en.startswith("family:"):
            yield one


def _manifest(stickers: list[dict[str, object]]) -> dict[str, object]:
    font, cldr = package_version("fonts-noto-color-emoji"), package_version("unicode-cldr-core")
    return {
        "format": 1,
        "id": PACK_ID,
        "version": font,
        "title": {"en": "Noto Emoji", "zh": "Noto 表情"},
        "licence": "OFL-1.1 AND Unicode-DFS-2016",
        "source": f"Debian fonts-noto-color-emoji {font} (artwork), unicode-cldr-core {cldr} (names and keywords)",
        "stickers": stickers,
    }


def _entry(emoji: Emoji, name: str, data: bytes, size: int) -> dict[str, object]:
    felt = feeling(emoji)
    extra_en, extra_zh = _extra_keywords().get(emoji.char, ((), ()))
    return {
        "name": name,
        "file": f"images/{name}.webp",
        "sha256": hashlib.sha256(data).hexdigest(),
        "width": size,
        "height": size,
        "media_type": "image/webp",
        "alt": {"en": emoji.name_en, "zh": emoji.name_zh},
        "keywords": {
            "en": list(dict.fromkeys((*emoji.keywords_en, *extra_en))),
            "zh": list(dict.fromkeys((*emoji.keywords_zh, *extra_zh))),
        },
        "emoji": emoji.char,
        "emotion": felt.emotion,
        "polarity": felt.polarity,
        "category": emoji.group,
        "subcategory": emoji.subgroup,
        "variant_group": _variant_group(emoji),
    }


def _variant_group(emoji: Emoji) -> str:
    """Equal for stickers that look alike: variants by gender, the faces of the clock, the phases of the moon."""
    if emoji.subgroup == "time" and 0x1F550 <= emoji.codepoints[0] <= 0x1F567:
        return "clock"
    if 0x1F311 <= emoji.codepoints[0] <= 0x1F318:
        return "moon"
    if emoji.subgroup in ("keycap", "geometric", "zodiac"):
        return emoji.subgroup
    return "-".join(f"{ord(character):x}" for character in base_form(emoji.char))


def _unique_name(emoji: Emoji, taken: Iterable[str]) -> str:
    plain = unicodedata.normalize("NFKD", emoji.name_en).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return f"{name}-{emoji.slug}".lstrip("-") if name in taken or not name else name


def _webp(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=_QUALITY, alpha_quality=90, method=6)
    return buffer.getvalue()


def _store(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _ZIP_EPOCH)
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)


def _json(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _licence() -> bytes:
    parts = []
    for package in ("fonts-noto-color-emoji", "unicode-cldr-core"):
        path = package_root(package) / "usr/share/doc" / package / "copyright"
        parts.append(f"== {package} ==\n\n{path.read_text(encoding='utf-8')}")
    return "\n\n".join(parts).encode()


@functools.cache
def _extra_keywords() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    raw = tomllib.loads((resources.files(__package__) / "keywords.toml").read_text(encoding="utf-8"))["extra"]
    return {char: (_words(en), _words(zh)) for char, (en, zh) in raw.items()}


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(",") if (word := part.strip()))


if __name__ == "__main__":
    main()
