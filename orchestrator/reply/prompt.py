"""Turns a brief into what a chat model is asked, from versioned templates: one file per language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import yaml

from orchestrator.journal.entries import Author, Body, Entry, ImageSeen
from orchestrator.llm.chat import ChatMessage, ChatRequest, Picture, Role, ToolSpec
from orchestrator.policy.decision import Action, Tone
from orchestrator.reply.engine import Brief
from orchestrator.reply.masking import Mask
from orchestrator.reply.window import fitted, tokens
from orchestrator.retrieval.knowledge import Knowledge

_DEFAULT = Path(__file__).parent / "prompts" / "v2"
_MOST_WORDS = 120
_FACT_CHARS = 1_200
_FACTS_CHARS = 12_000
_LEAST_HISTORY = 400
_PREVIEW = "image/jpeg"
ZONE = ZoneInfo("Asia/Shanghai")


class _Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    system: str
    tones: dict[Tone, str]
    situations: dict[Action, str]
    no_facts: str
    sticker: str
    picture: str
    notice: str
    before: str
    remembered: str
    customer: str
    assistant: str
    correct: str


class Prompt:
    """Builds requests.

    Args:
        knowledge: For the shop's values.
        folder: The templates: en.yaml and zh.yaml.
        context_tokens: For everything that a model is told, tools aside.
        now: The clock; returns aware times.

    Raises:
        ValueError: A template does not fit.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        folder: Path = _DEFAULT,
        *,
        context_tokens: int = 6_000,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.values = knowledge.values
        self._context_tokens, self.now = context_tokens, now
        self._templates = {language: _read(folder / f"{language}.yaml") for language in ("en", "zh")}

    def request(
        self, brief: Brief, mask: Mask, tools: Sequence[ToolSpec] = (), *, sees: bool = False, most_tokens: int = 700
    ) -> ChatRequest:
        """The rules and facts, the conversation as far as it fits, the customer's message last."""
        system = self._system(brief, mask)
        budget = max(_LEAST_HISTORY, self._context_tokens - tokens(system))
        template = self._templates[brief.language]
        before = (*self._remembered(brief, mask), *self._summary(brief, mask))
        budget = max(_LEAST_HISTORY, budget - sum(tokens(one.text) for one in before))
        history = fitted(
            self._history(brief, mask, sees=sees), budget, template.before, (template.customer, template.assistant)
        )
        return ChatRequest(system, (*before, *history), tuple(tools), most_tokens=most_tokens)

    def correction(self, brief: Brief, kinds: Sequence[str], sentence: str) -> str:
        """Tells a model, after the rules, why its draft was not sent."""
        told = {"kinds": ", ".join(sorted(set(kinds))), "sentence": as_data(sentence)}
        return self._templates[brief.language].correct.format_map(told)

    def _system(self, brief: Brief, mask: Mask) -> str:
        language, template = brief.language, self._templates[brief.language]
        situation = template.situations[brief.decision.action].format(template=brief.template or "small talk")
        return template.system.format(
            shop_name=self.values[language]["shop_name"],
            support_hours=self.values[language]["support_hours"],
            tone=template.tones[brief.decision.tone],
            most_words=_MOST_WORDS,
            today=f"{self.now().astimezone(ZONE):%Y-%m-%d %A}",
            situation=situation,
            facts=self._facts(brief, mask) or template.no_facts,
        )

    def _facts(self, brief: Brief, mask: Mask) -> str:
        language = brief.language
        articles = [hit.article for hit in brief.facts]
        lines = [f"- {one.title[language]}: {one.answer[language][:_FACT_CHARS]}" for one in articles]
        if brief.told is not None:
            lines += [f"- {as_data(mask.hide_facts(fact))}" for fact in brief.told.facts]
        return "\n".join(lines)[:_FACTS_CHARS]

    def _remembered(self, brief: Brief, mask: Mask) -> tuple[ChatMessage, ...]:
        """What the customer agreed to have kept, and what was closed for them lately: data, never a rule."""
        profile = brief.state.profile
        if profile is None or not (profile.facts or profile.cases):
            return ()
        kept = {name: mask.hide(value) for name, value in profile.facts.items()}
        data = as_data({"facts": kept, "closed": [mask.hide(case) for case in profile.cases]})
        return (ChatMessage(Role.USER, f"{self._templates[brief.language].remembered}\n{data}"),)

    def _summary(self, brief: Brief, mask: Mask) -> tuple[ChatMessage, ...]:
        """What was said before, between marks that it cannot end: a message of the customer's, never a rule."""
        if brief.summary is None:
            return ()
        title = self._templates[brief.language].before
        return (ChatMessage(Role.USER, f"{title}\n{as_data(mask.hide(brief.summary.text))}"),)

    def _history(self, brief: Brief, mask: Mask, *, sees: bool) -> list[ChatMessage]:
        out = []
        for entry, answer in zip(brief.history, (*brief.history[1:], None), strict=True):
            if brief.summary is not None and entry.seq <= brief.summary.seq and answer is not None:
                continue
            text = self._words(entry.body, brief.language, _seen(brief, entry, answer))
            role = Role.USER if entry.body.author is Author.CUSTOMER else Role.ASSISTANT
            shown = sees and answer is None and entry.body.image is not None and bool(brief.preview)
            pictures = (Picture(_PREVIEW, brief.preview),) if shown else ()
            if not text and not pictures and answer is not None:
                continue
            out.append(ChatMessage(role, mask.hide(text), pictures=pictures))
        return out

    def _words(self, body: Body, language: str, seen: ImageSeen | None) -> str:
        template = self._templates[language]
        if body.image is not None:
            shown = (seen.caption_zh if language == "zh" else seen.caption_en) if seen is not None else ""
            return template.picture.format(shows=shown or "?", words=seen.words if seen is not None else "")
        if body.sticker is not None:
            alt = body.sticker.alt_zh if language == "zh" else body.sticker.alt_en
            return template.sticker.format(alt=alt or body.sticker.emoji)
        if body.notice is not None:
            return template.notice.format(text=body.notice.text)
        return body.text or ""


def as_data(value: Any) -> str:
    """Plain data as JSON that cannot end the marks around it."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")


def _seen(brief: Brief, entry: Entry, answer: Entry | None) -> ImageSeen | None:
    """What is known of an entry's picture: understood just now, or when it was answered."""
    if entry.body.image is None:
        return None
    captioned = brief.state.captioned
    if captioned is not None and captioned.seq == entry.seq:
        return captioned.seen
    if answer is None:
        return brief.utterance.picture.record() if brief.utterance.picture is not None else None
    return answer.body.seen


def _read(path: Path) -> _Template:
    try:
        raw: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return msgspec.convert(raw, _Template)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise ValueError(f"the prompt {path.name} cannot be used: {error}") from error
