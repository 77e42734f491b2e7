"""Stickers and emotions between the catalogue's protos and the domain."""

from __future__ import annotations

from orchestrator.journal.entries import Emotion, Sticker
from stickerdesk.catalog.v1 import catalog_pb2 as catalog


def emotion_proto(emotion: Emotion | None) -> catalog.Emotion.ValueType:
    """The wire's number of an emotion."""
    if emotion is None:
        return catalog.EMOTION_UNSPECIFIED
    return catalog.Emotion.Value(f"EMOTION_{emotion.name}")


def emotion_of(number: catalog.Emotion.ValueType) -> Emotion | None:
    """The emotion of a wire number; None for unspecified or unknown ones."""
    if number not in catalog.Emotion.values() or number == catalog.EMOTION_UNSPECIFIED:
        return None
    return Emotion[catalog.Emotion.Name(number).removeprefix("EMOTION_")]


def sticker_proto(sticker: Sticker) -> catalog.Sticker:
    """A sticker for the wire, without search words."""
    polarity = f"POLARITY_{sticker.polarity.upper()}" if sticker.polarity else "POLARITY_UNSPECIFIED"
    return catalog.Sticker(
        id=sticker.id,
        pack=sticker.pack,
        media_type=sticker.media_type,
        width_px=sticker.width_px,
        height_px=sticker.height_px,
        size_bytes=sticker.size_bytes,
        sha256=sticker.sha256,
        alt_text=catalog.LocalizedText(en=sticker.alt_en, zh=sticker.alt_zh),
        emoji=sticker.emoji,
        emotion=emotion_proto(sticker.emotion),
        polarity=catalog.Polarity.Value(polarity),
        licence=sticker.licence,
        category=sticker.category,
    )


def sticker_of(sticker: catalog.Sticker) -> Sticker:
    """A sticker as the journal keeps it."""
    known = sticker.polarity in catalog.Polarity.values() and sticker.polarity != catalog.POLARITY_UNSPECIFIED
    return Sticker(
        id=sticker.id,
        pack=sticker.pack,
        media_type=sticker.media_type,
        width_px=sticker.width_px,
        height_px=sticker.height_px,
        size_bytes=sticker.size_bytes,
        sha256=sticker.sha256,
        alt_en=sticker.alt_text.en,
        alt_zh=sticker.alt_text.zh,
        emoji=sticker.emoji,
        emotion=emotion_of(sticker.emotion),
        polarity=catalog.Polarity.Name(sticker.polarity).removeprefix("POLARITY_").lower() if known else "",
        licence=sticker.licence,
        category=sticker.category,
    )
