"""Words that came right after a picture, and what is seen in it: one message in two parts."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.journal.entries import Emotion, ImageSeen
from orchestrator.understanding.picture import Seen
from orchestrator.understanding.utterance import Utterance

_TAKEN_ON = (Emotion.ANGER, Emotion.SADNESS, Emotion.ANXIETY)
_INTENSITY = 0.6


def beside_picture(said: Utterance, seen: ImageSeen) -> Utterance:
    """The words with the picture: they lead, and where they mean nothing the picture speaks."""
    captions = {"en": seen.caption_en, "zh": seen.caption_zh}
    picture = Seen({language: text for language, text in captions.items() if text}, seen.emotion, words=seen.words)
    said = replace(said, picture=picture)
    if said.emotion is Emotion.NEUTRAL and seen.emotion in _TAKEN_ON:
        return replace(said, emotion=seen.emotion, intensity=_INTENSITY)
    return said
