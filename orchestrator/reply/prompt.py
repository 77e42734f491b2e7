"""Turns a brief into the messages of a chat model, from a versioned template."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from orchestrator.journal.entries import Author, Body, Entry, ImageSeen
from orchestrator.reply.engine import Brief
from orchestrator.retrieval.knowledge import Knowledge

_DEFAULT = Path(__file__).with_name("prompt_v1.yaml")
_MOST_WORDS = 120
_HISTORY_CHARS = 6_000
_FACT_CHARS = 1_200


class Prompt:
    """Builds the messages.

    Args:
        knowledge: For the shop's values.
        path: The template.
    """

    def __init__(self, knowledge: Knowledge, path: Path = _DEFAULT) -> None:
        self._values = knowledge.values
        self._template: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))

    def messages(self, brief: Brief) -> list[dict[str, str]]:
        """System message, then the conversation as far as it fits, the customer's message last."""
        return [{"role": "system", "content": self._system(brief)}, *self._history(brief)]

    def _system(self, brief: Brief) -> str:
        language, template = brief.language, self._template
        articles = [hit.article for hit in brief.facts]
        lines = [f"- {one.title[language]}: {one.answer[language][:_FACT_CHARS]}" for one in articles]
        if brief.told is not None:
            lines += [f"- {msgspec.json.encode(fact).decode()}" for fact in brief.told.facts]
        facts = "\n".join(lines)
        situation = template["situations"][brief.decision.action].format(template=brief.template or "small talk")
        filled: str = template["system"].format(
            shop_name=self._values[language]["shop_name"],
            support_hours=self._values[language]["support_hours"],
            language_name=template["languages"][language],
            tone=template["tones"][brief.decision.tone],
            most_words=_MOST_WORDS,
            situation=situation,
            facts=facts or template["no_facts"],
        )
        return filled

    def _history(self, brief: Brief) -> list[dict[str, str]]:
        """The newest entries within the budget of characters."""
        out: list[dict[str, str]] = []
        left = _HISTORY_CHARS
        for entry, answer in zip(brief.history[::-1], (None, *brief.history[:0:-1]), strict=True):
            text = self._words(entry.body, brief.language, self._seen(brief, entry, answer))
            left -= len(text)
            if out and left < 0:
                break
            role = "user" if entry.body.author is Author.CUSTOMER else "assistant"
            out.append({"role": role, "content": text})
        return out[::-1]

    @staticmethod
    def _seen(brief: Brief, entry: Entry, answer: Entry | None) -> ImageSeen | None:
        """What is known of an entry's picture: understood just now, or when it was answered."""
        if entry.body.image is None:
            return None
        if answer is None:
            return brief.utterance.picture.record() if brief.utterance.picture is not None else None
        return answer.body.seen

    def _words(self, body: Body, language: str, seen: ImageSeen | None) -> str:
        if body.image is not None:
            shown = (seen.caption_zh if language == "zh" else seen.caption_en) if seen is not None else ""
            template = str(self._template["picture"])
            return template.format(shows=shown or "?", words=seen.words if seen is not None else "")
        if body.sticker is not None:
            alt = body.sticker.alt_zh if language == "zh" else body.sticker.alt_en
            return str(self._template["sticker"]).format(alt=alt or body.sticker.emoji)
        if body.notice is not None:
            return str(self._template["notice"]).format(text=body.notice.text)
        return body.text or ""
