"""Draws the curated house pack: `python -m training.stickers.house_pack [--out FILE] [--size PIXELS]`.

What is drawn is listed in `house_pack.toml`; the archive's format is the recommender's pack format. The same inputs
give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import tomllib
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter

from training.stickers.captions import caption, labels
from training.stickers.catalogue import BACKDROPS, EXPRESSIONS, GESTURES, PROPS, SCENES, SPECIES
from training.stickers.render import render
from training.stickers.spec import GENERATOR_VERSION, Character, Language, Lettering, LetteringPlace, Placement, Spec

PACK_ID = "stickerdesk-house"
DEFAULT_OUT = Path("recommender/packs/stickerdesk-house.zip")
MAX_EDGE_PX = 256
_EDGE_PX = 240
_VERSION = "1"
_STYLE = "classic"
_QUALITY = 84
_LINE_LENGTH = 13
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_SHADOW = (40, 48, 70)
_LICENCE = """\
Stickerdesk house pack

The authors of Stickerdesk have dedicated these pictures and their descriptions to the public domain under
CC0 1.0 Universal (https://creativecommons.org/publicdomain/zero/1.0/): you may copy, change and use them for any
purpose without asking.

The pictures were drawn by the program in training/stickers. Lettering was drawn with Smiley Sans (SIL Open Font License
1.1) and Comic Neue (SIL Open Font License 1.1); pictures of text are not subject to those licences, and no font is
contained in the pack.
"""


class HousePackError(ValueError):
    """The list of the house pack is wrong; the message names the sticker and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class HouseSticker:
    """One curated sticker.

    Attributes:
        name: Unique name within the pack.
        topic: Section of the list, for example "delivery".
        spec: What is drawn.
        meaning: What it says, by language.
        more: Further search words, by language.
    """

    name: str
    topic: str
    spec: Spec
    meaning: dict[Language, str]
    more: dict[Language, tuple[str, ...]]


def load_house_stickers(source: Path | None = None) -> list[HouseSticker]:
    """Reads the curated list.

    Args:
        source: A list of one's own in the format of `house_pack.toml`; by default that one.

    Raises:
        HousePackError: A name occurs twice, or a factor does not exist.
    """
    listed = resources.files(__package__) / "house_pack.toml" if source is None else source
    raw = tomllib.loads(listed.read_text(encoding="utf-8"))
    cast = {key: Character(species, palette, worn) for key, (species, palette, worn) in raw["cast"].items()}
    stickers = [
        _sticker(name, topic, entry, cast) for topic, part in raw["stickers"].items() for name, entry in part.items()
    ]
    names = [sticker.name for sticker in stickers]
    for name in names:
        if names.count(name) > 1:
            raise HousePackError(f"{name}: there are two")
    return stickers


def build(out: Path, size: int = _EDGE_PX, stickers: Iterable[HouseSticker] | None = None) -> int:
    """Writes the pack and returns how many stickers it holds.

    Args:
        out: Zip file to write; replaced atomically.
        size: Edge of the pictures in pixels, at most `MAX_EDGE_PX`.
        stickers: What to draw; by default the curated list.
    """
    chosen = load_house_stickers() if stickers is None else list(stickers)
    pictures = {sticker.name: _webp(picture(sticker.spec, size)) for sticker in chosen}
    entries = [_entry(sticker, pictures[sticker.name], size) for sticker in chosen]
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
        _store(archive, "manifest.json", _json(_manifest(entries)))
        _store(archive, "LICENSE", _LICENCE.encode())
        for name, data in pictures.items():
            _store(archive, f"images/{name}.webp", data)
    partial.replace(out)
    return len(chosen)


def picture(spec: Spec, size: int) -> Image.Image:
    """Draws a sticker with a soft shadow, so that its white border shows on a white page."""
    inner = round(size * 0.96)
    sticker = render(spec, inner)
    margin = (size - inner) // 2
    mask = Image.new("L", (size, size), 0)
    mask.paste(sticker.getchannel("A"), (margin, margin + round(size * 0.01)))
    mask = mask.filter(ImageFilter.GaussianBlur(size * 0.012)).point(lambda alpha: alpha * 0.42)
    canvas = Image.new("RGBA", (size, size), (*_SHADOW, 0))
    canvas.putalpha(mask)
    canvas.alpha_composite(sticker, (margin, margin))
    return canvas


def _sticker(name: str, topic: str, entry: dict[str, Any], cast: dict[str, Character]) -> HouseSticker:
    try:
        spec = _spec(name, entry, cast)
        more = [tuple(word.strip() for word in words.split(",")) for words in entry["more"]]
        return HouseSticker(name, topic, spec, {"en": entry["en"], "zh": entry["zh"]}, {"en": more[0], "zh": more[1]})
    except KeyError as error:
        raise HousePackError(f"{name}: there is no {error}") from error


def _spec(name: str, entry: dict[str, Any], cast: dict[str, Character]) -> Spec:
    thing, does = entry.get("thing", "none"), entry["does"]
    place: Placement = "none" if thing == "none" else "held" if does == "hold" else entry.get("place", "beside")
    known: tuple[tuple[str, Collection[str]], ...] = (
        (entry["face"], EXPRESSIONS),
        (does, GESTURES),
        (thing, ("none", *PROPS)),
        (entry.get("scene", "none"), ("none", *SCENES)),
        (entry.get("back", "none"), BACKDROPS),
    )
    for value, table in known:
        if value not in table:
            raise KeyError(value)
    return Spec(
        character=cast[entry["who"]],
        style=_STYLE,
        expression=entry["face"],
        gesture=does,
        prop=thing,
        placement=place,
        scene=entry.get("scene", "none"),
        backdrop=entry.get("back", "none"),
        lettering=_lettering(entry),
        seed=int.from_bytes(hashlib.sha256(name.encode()).digest()[:2], "big"),
    )


def _lettering(entry: dict[str, Any]) -> Lettering | None:
    if "text" not in entry:
        return None
    text: str = entry["text"]
    language: Language = "en" if text.isascii() else "zh"
    place: LetteringPlace = "top" if entry.get("top") else "below"
    return Lettering(_wrapped(text) if language == "en" else text, language, place, entry.get("colour", 0), 0)


def _wrapped(text: str) -> str:
    """Breaks a long line at the space nearest to its middle."""
    spaces = [index for index, letter in enumerate(text) if letter == " "]
    if len(text) <= _LINE_LENGTH or not spaces:
        return text
    middle = min(spaces, key=lambda index: abs(index - len(text) / 2))
    return f"{text[:middle]}\n{text[middle + 1 :]}"


def _manifest(entries: list[dict[str, object]]) -> dict[str, object]:
    return {
        "format": 1,
        "id": PACK_ID,
        "version": _VERSION,
        "title": {"en": "Stickerdesk house pack", "zh": "Stickerdesk 客服表情包"},
        "licence": "CC0-1.0",
        "source": f"Drawn by training/stickers, generator version {GENERATOR_VERSION}",
        "stickers": entries,
    }


def _entry(sticker: HouseSticker, data: bytes, size: int) -> dict[str, object]:
    truth = labels(sticker.spec)
    return {
        "name": sticker.name,
        "file": f"images/{sticker.name}.webp",
        "sha256": hashlib.sha256(data).hexdigest(),
        "width": size,
        "height": size,
        "media_type": "image/webp",
        "alt": {"en": _alt(sticker, "en", " ({})"), "zh": _alt(sticker, "zh", "（{}）")},
        "keywords": {"en": list(_keywords(sticker, "en")), "zh": list(_keywords(sticker, "zh"))},
        "emotion": truth.emotion,
        "polarity": truth.polarity,
        "category": "customer service",
        "subcategory": sticker.topic,
        "language": "" if sticker.spec.lettering is None else sticker.spec.lettering.language,
        "variant_group": sticker.name,
    }


def _alt(sticker: HouseSticker, language: Language, aside: str) -> str:
    return sticker.meaning[language] + aside.format(caption(sticker.spec, language))


def _keywords(sticker: HouseSticker, language: Language) -> Iterator[str]:
    """Yields the meaning, the words drawn, the curated words, and who is seen with what; each once."""
    spec = sticker.spec
    words = [sticker.meaning[language]]
    if spec.lettering is not None and spec.lettering.language == language:
        words.append(spec.lettering.text.replace("\n", " ").rstrip("!?.！？ "))
    words.extend(sticker.more[language])
    words.append(getattr(SPECIES[spec.character.species].words, language)[0])
    if spec.prop != "none":
        words.append(getattr(PROPS[spec.prop].words, language)[0].removeprefix("an ").removeprefix("a "))
    seen: set[str] = set()
    for word in words:
        if word.casefold() not in seen:
            seen.add(word.casefold())
            yield word


def _webp(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_QUALITY, alpha_quality=90, method=6)
    return buffer.getvalue()


def _store(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _ZIP_EPOCH)
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)


def _json(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def main() -> None:
    """Entry point of the command."""
    parser = argparse.ArgumentParser(description="Draw the curated house pack for customer service.")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    parser.add_argument("--size", type=int, default=_EDGE_PX, help=f"edge in pixels, at most {MAX_EDGE_PX}")
    arguments = parser.parse_args()
    if not 32 <= arguments.size <= MAX_EDGE_PX:
        parser.error(f"--size must be 32 to {MAX_EDGE_PX}")
    count = build(arguments.out, arguments.size)
    print(f"{arguments.out}: {count} stickers, {arguments.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
