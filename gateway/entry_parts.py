"""What an `entry` is made of: stickers, pictures, notices, sources, changes."""

from __future__ import annotations

from msgspec import Struct


class AltText(Struct, frozen=True, gc=False):
    """What a sticker shows, in both languages; empty where a pack has none."""

    en: str = ""
    zh: str = ""


class StickerView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sticker as a client draws it."""

    id: str
    url: str
    width: int
    height: int
    alt: AltText
    emoji: str | None = None
    emotion: str | None = None


class ImageView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture that the customer sent; its links are good for some days and are fresh in every entry."""

    id: str
    url: str
    thumb_url: str
    width: int
    height: int
    animated: bool
    caption: AltText | None = None
    text: str | None = None


class PictureUnderstood(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an answer understood in the picture that it answers."""

    caption: AltText | None = None
    text: str | None = None
    emotion: str | None = None


class Citation(Struct, frozen=True, gc=False):
    """What an answer rests on."""

    article: str
    title: str


class Notice(Struct, frozen=True, gc=False):
    """A notice of the system: a stable word and what the customer reads."""

    kind: str
    text: str


class Revision(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An earlier entry was `edited` (to `text`) or `retracted`."""

    target: int
    kind: str
    text: str | None = None
