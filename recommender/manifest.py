"""The schema of a pack's `manifest.json` (see packs/README.md)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from recommender.catalogue import PACK_ID, STICKER_NAME

MAX_STICKERS = 10_000
MAX_EDGE_PX = 1024
MAX_KEYWORDS = 64

_Id = Annotated[str, StringConstraints(pattern=rf"^{PACK_ID.pattern}$")]
_Name = Annotated[str, StringConstraints(pattern=rf"^{STICKER_NAME.pattern}$")]
_File = Annotated[str, StringConstraints(pattern=r"^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$")]
_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
_Short = Annotated[str, StringConstraints(max_length=80)]
_Title = Annotated[str, StringConstraints(max_length=200)]
_Keywords = Annotated[list[_Words], Field(max_length=MAX_KEYWORDS)]
_Edge = Annotated[int, Field(ge=1, le=MAX_EDGE_PX)]
Emotion = Literal["", "neutral", "joy", "gratitude", "love", "surprise", "anxiety", "sadness", "anger", "confusion"]
Polarity = Literal["", "positive", "neutral", "negative"]
Language = Literal["", "en", "zh"]
MediaType = Literal["image/webp", "image/png", "image/gif", "image/jpeg"]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class LocalizedWords(_Strict):
    """A text in both languages; one of them may be empty."""

    en: _Title = ""
    zh: _Title = ""

    @model_validator(mode="after")
    def _not_both_empty(self) -> LocalizedWords:
        if not self.en.strip() and not self.zh.strip():
            raise ValueError("needs en or zh")
        return self


class LocalizedKeywords(_Strict):
    """Search words in both languages."""

    en: _Keywords = []
    zh: _Keywords = []


class ManifestSticker(_Strict):
    """One sticker of a pack."""

    name: _Name
    file: _File
    sha256: _Digest
    width: _Edge
    height: _Edge
    media_type: MediaType
    alt: LocalizedWords
    keywords: LocalizedKeywords = LocalizedKeywords()
    emoji: Annotated[str, StringConstraints(max_length=32)] = ""
    emotion: Emotion = ""
    polarity: Polarity = ""
    category: _Short = ""
    subcategory: _Short = ""
    variant_group: _Short = ""
    language: Language = ""


class Manifest(_Strict):
    """A pack's description of itself."""

    format: Literal[1]
    id: _Id
    version: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    title: LocalizedWords
    licence: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    source: Annotated[str, StringConstraints(max_length=500)] = ""
    stickers: Annotated[list[ManifestSticker], Field(min_length=1, max_length=MAX_STICKERS)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Manifest:
        for field in ("name", "file"):
            seen: set[str] = set()
            for sticker in self.stickers:
                value = getattr(sticker, field)
                if value in seen:
                    raise ValueError(f"two stickers have the {field} {value}")
                seen.add(value)
        return self


def parse_manifest(data: bytes) -> Manifest:
    """Parses a manifest.

    Raises:
        ValueError: It is not JSON or does not fit the schema; the message names the first place that is wrong.
    """
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise ValueError(f"{place}: {first['msg']}") from error
