"""The built-in engine: knowledge, templates, and plain words about what it does not know. It is no language model."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable

from orchestrator.cases.told import Told
from orchestrator.journal.entries import Citation
from orchestrator.policy.decision import Action, DecisionTree
from orchestrator.policy.following import matter, speaks_of
from orchestrator.reply.engine import RETRIEVAL, Brief, Closing
from orchestrator.reply.lacking import lacks
from orchestrator.reply.repeating import nearest_part, was_said
from orchestrator.reply.templates import ASK_FOR_PERSON, Templates
from orchestrator.retrieval.knowledge import Article, Knowledge
from orchestrator.retrieval.search import Hit
from servicekit.resilience import Deadline

_PIECES = re.compile(r"[㐀-䶿一-鿿]{1,3}[，。！？；：、～」）]*|\s*[^\s㐀-䶿一-鿿]+\s?|\s+")
_STARTERS = ("order-status", "return-how", "refund-time", "shipping-delay")
_MOST_QUICK_REPLIES = 4
_NOT_UNDERSTOOD = frozenset({"not_understood", "picture_unknown", "small_talk_missed", "small_talk_unclear"})
_OPENINGS = frozenset({"greeting", "small_talk_opening", "small_talk_order_problem"})
_LONGEST_S = 1.5
_MOST_READ_CHARS = 60
_MOST_OFFERED = 2  # titles, when it is not sure what was meant
_NEARLY_AS_NEAR = 0.75  # of the best title's score: what is offered beside it


def pieces(text: str) -> list[str]:
    """Cuts a text where a person pauses: words in English, one to three characters in Chinese."""
    return _PIECES.findall(text)


class RetrievalEngine:
    """Answers from articles and templates.

    Args:
        knowledge: The articles.
        templates: The rest of what it says.
        tree: For the words that a tone puts before an answer.
        pace_s: Pause between pieces, so that it reads as being written; less for long answers.
        sleep: To pause with.
    """

    name = RETRIEVAL

    def __init__(
        self,
        knowledge: Knowledge,
        templates: Templates,
        tree: DecisionTree,
        *,
        pace_s: float = 0.02,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._articles, self._templates, self._tree = knowledge.articles, templates, tree
        self._pace_s, self._sleep = pace_s, sleep

    async def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Closing]:
        """See the port."""
        text, closing = self.compose(brief)
        cut = pieces(text)
        pause_s = min(self._pace_s, _LONGEST_S / max(1, len(cut)))
        for piece in cut:
            yield piece
            if pause_s > 0 and not deadline.expired:
                await self._sleep(pause_s)
        yield closing

    def compose(self, brief: Brief) -> tuple[str, Closing]:
        """The whole answer and how it ends."""
        if brief.told is not None:
            return self._from_case(brief, brief.told)
        if brief.decision.action is Action.ANSWER and brief.facts:
            return self._from_article(brief)
        if brief.decision.action is Action.ASK and brief.facts:
            return self._did_you_mean(brief)
        return self._from_template(brief)

    def _from_case(self, brief: Brief, told: Told) -> tuple[str, Closing]:
        """What was found and done, then the article whose rule it was."""
        language, gap = brief.language, " " if brief.language == "en" else ""
        answer, used = self._templates.tell(told.parts, language, brief.state.variants)
        opener = self._tree.opener(brief.decision.tone, language, answer)
        near = () if told.form is not None else brief.facts[:1]
        related = [title for hit in near for title in self._related(hit.article, language)]
        quick = (*told.quick_replies, *related)[: _MOST_QUICK_REPLIES - 1]
        return (
            f"{opener}{gap}{answer}" if opener else answer,
            Closing(
                RETRIEVAL,
                citations=tuple(Citation(hit.article.id, hit.article.title[language]) for hit in brief.facts[:1]),
                quick_replies=(*quick, ASK_FOR_PERSON[language]),
                variants=used,
            ),
        )

    def _related(self, article: Article, language: str) -> list[str]:
        return [self._articles[one].title[language] for one in article.related if one in self._articles]

    def _from_article(self, brief: Brief) -> tuple[str, Closing]:
        language, article = brief.language, brief.facts[0].article
        answer, used = self._once(brief, article)
        opener = self._tree.opener(brief.decision.tone, language, answer)
        gap = " " if language == "en" else ""
        related = self._related(article, language)
        return (
            f"{opener}{gap}{answer}" if opener else answer,
            Closing(
                RETRIEVAL,
                citations=(Citation(article.id, article.title[language]),),
                quick_replies=(*related[: _MOST_QUICK_REPLIES - 1], ASK_FOR_PERSON[language]),
                variants=used,
            ),
        )

    def _once(self, brief: Brief, article: Article) -> tuple[str, dict[str, int]]:
        """An article the first time; of one that was just told, the part that is asked about, if that is clear."""
        answer, question = article.answer[brief.language], brief.utterance.text
        missing = article.thing == "one" and lacks(answer, question)
        if not was_said(answer, brief.history):
            if not missing:
                return answer, {}
            opening, used = self._templates.say("figure_missing", brief.language, brief.state.variants)
            return f"{opening}{' ' if brief.language == 'en' else ''}{answer}", used
        if missing:
            return self._templates.say("not_told", brief.language, brief.state.variants)
        part = nearest_part(answer, question, brief.language)
        named = matter(question)
        if not part and named and speaks_of(article, named):
            return answer, {}  # it is in there, but which sentence it is cannot be told
        name = "said_before" if part else "not_told" if named else "said_all"
        return self._templates.say(name, brief.language, brief.state.variants, {"part": part})

    def _did_you_mean(self, brief: Brief) -> tuple[str, Closing]:
        language = brief.language
        titles = [hit.article.title[language] for hit in brief.facts[:_MOST_OFFERED] if _is_near(hit, brief.facts[0])]
        quoted = [f"“{title}”" if language == "en" else f"「{title}」" for title in titles]
        joined = " / ".join(quoted) if language == "en" else "、".join(quoted)
        text, used = self._templates.say("did_you_mean", language, brief.state.variants, {"suggestions": joined})
        quick = (*titles, ASK_FOR_PERSON[language])
        return text, Closing(RETRIEVAL, quick_replies=quick, variants=used, understood=False)

    def _from_template(self, brief: Brief) -> tuple[str, Closing]:
        language = brief.language
        name = brief.template if brief.template in self._templates else "not_understood"
        extra = {"sticker_text": brief.utterance.text} if brief.utterance.sticker is not None else {}
        if brief.utterance.picture is not None:
            extra["picture_words"] = _shortened(brief.utterance.picture.words)
        text, used = self._templates.say(name, language, brief.state.variants, extra)
        text, used = self._name_what_is_seen(brief, name, text, used)
        understood = name not in _NOT_UNDERSTOOD
        quick: tuple[str, ...] = ()
        if name in _OPENINGS or not understood:
            titles = [self._articles[one].title[language] for one in _STARTERS if one in self._articles]
            quick = (*titles[: _MOST_QUICK_REPLIES - 1], ASK_FOR_PERSON[language])
        return text, Closing(RETRIEVAL, quick_replies=quick, variants=used, understood=understood)

    def _name_what_is_seen(
        self, brief: Brief, name: str, text: str, used: dict[str, int]
    ) -> tuple[str, dict[str, int]]:
        """Before the reply to a picture: what it shows, when that is known surely enough."""
        seen, language = brief.utterance.picture, brief.language
        if seen is None or not name.startswith("picture_") or not (caption := seen.caption.get(language)):
            return text, used
        opening, also = self._templates.say("picture_seen", language, brief.state.variants, {"picture_text": caption})
        return f"{opening}{' ' if language == 'en' else ''}{text}", {**used, **also}


def _is_near(hit: Hit, best: Hit) -> bool:
    return hit.score >= _NEARLY_AS_NEAR * best.score


def _shortened(words: str) -> str:
    """One line that is short enough to be said back."""
    line = " ".join(words.split())
    return line if len(line) <= _MOST_READ_CHARS else f"{line[: _MOST_READ_CHARS - 1]}…"
