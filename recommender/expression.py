"""Two channels that need no words: an emoji in the text, and the emotion that is wanted."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

from recommender.catalogue import EMOTIONS, Catalogue, plain_emoji
from recommender.channel import ChannelKind, Hit, Query
from recommender.lexical import LexicalIndex

_MAX_EMOJI_TEXT = 512
_UNTYPICAL = 0.85
_TYPICAL_WORDS = {
    "neutral": "ok okay noted 好的 收到",
    "joy": "happy smile hooray great 开心 高兴 笑脸 太棒了",
    "gratitude": "thank you thanks grateful 谢谢 感谢",
    "love": "love heart adore 爱心 喜欢 爱你",
    "surprise": "surprised astonished shocked 震惊 惊讶 吃惊",
    "anxiety": "worried anxious nervous 担心 紧张 焦虑",
    "sadness": "sad crying disappointed 难过 伤心 流泪",
    "anger": "angry mad furious 生气 愤怒",
    "confusion": "confused thinking hmm 疑惑 不懂 思考",
}


class EmojiChannel:
    """Stickers that draw an emoji which stands in the query's text."""

    kind = ChannelKind.EMOJI

    def __init__(self) -> None:
        self._by_emoji: Mapping[str, tuple[str, ...]] = {}
        self._longest = 0

    async def refresh(self, catalogue: Catalogue) -> None:
        """Takes over a changed catalogue."""
        found: dict[str, list[str]] = defaultdict(list)
        for sticker in catalogue.stickers.values():
            if sticker.emoji and not sticker.emoji.isascii():
                found[plain_emoji(sticker.emoji)].append(sticker.id)
        self._longest = max(map(len, found), default=0)
        self._by_emoji = {emoji: tuple(ids) for emoji, ids in found.items()}

    async def search(self, query: Query, limit: int) -> Sequence[Hit]:
        """Returns the stickers of the text's emoji, in the order of the text; the longest sequence counts."""
        text = plain_emoji(query.text)[:_MAX_EMOJI_TEXT]
        hits: dict[str, Hit] = {}
        start = 0
        while start < len(text) and len(hits) < limit:
            emoji = self._at(text, start)
            for sticker_id in self._by_emoji.get(emoji, ()):
                hits.setdefault(sticker_id, Hit(sticker_id, 1.0 if not hits else 0.9, emoji))
            start += len(emoji) or 1
        return list(hits.values())[:limit]

    def _at(self, text: str, start: int) -> str:
        longest = min(self._longest, len(text) - start)
        candidates = (text[start : start + length] for length in range(longest, 0, -1))
        return next((candidate for candidate in candidates if candidate in self._by_emoji), "")


class EmotionChannel:
    """Stickers that express the wanted emotion, the most typical ones first."""

    kind = ChannelKind.EMOTION

    def __init__(self) -> None:
        self._by_emotion: Mapping[str, Sequence[Hit]] = {}

    async def refresh(self, catalogue: Catalogue) -> None:
        """Takes over a changed catalogue."""
        self._by_emotion = await asyncio.to_thread(_typical, catalogue)

    async def search(self, query: Query, limit: int) -> Sequence[Hit]:
        """Returns stickers of the query's emotion; none when it has none."""
        return self._by_emotion.get(query.emotion, ())[:limit]


def _typical(catalogue: Catalogue) -> dict[str, list[Hit]]:
    """Scores the stickers of each emotion between `_UNTYPICAL` and 1 by how its plain words find them."""
    found = {}
    for emotion in EMOTIONS:
        members = [sticker for sticker in catalogue.stickers.values() if sticker.emotion == emotion]
        near = LexicalIndex(members).search(_TYPICAL_WORDS[emotion], len(members)) if members else []
        most = near[0].score if near else 1.0
        scores = {hit.sticker_id: hit.score / most for hit in near}
        hits = [
            Hit(sticker.id, _UNTYPICAL + (1 - _UNTYPICAL) * scores.get(sticker.id, 0.0), emotion) for sticker in members
        ]
        found[emotion] = sorted(hits, key=lambda hit: -hit.score)
    return found
