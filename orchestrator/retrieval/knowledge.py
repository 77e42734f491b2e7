"""The knowledge base as data: articles, the shop's facts, and reply templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from orchestrator.dialogue.forms import Forms

DEFAULT_ROOT = Path(__file__).parents[1] / "knowledge"


@dataclass(frozen=True)
class Article:
    """One piece of knowledge. `title`, `answer` and `questions` are keyed by language.

    Attributes:
        own: Whether the customer's own orders may say more than the article; it tells of rules alone otherwise.
        thing: "one" when it is about one product, which is often named where something else is asked; "any" when it is
            about what any product is like, which the product's own article tells better.
        cue: Pieces of words, one of which must be said for a special case to be meant; empty: none is needed.
    """

    id: str
    topic: str
    intents: tuple[str, ...]
    title: Mapping[str, str]
    questions: Mapping[str, tuple[str, ...]]
    answer: Mapping[str, str]
    related: tuple[str, ...]
    sticker_hint: Mapping[str, str]
    own: bool = False
    thing: str = ""
    cue: tuple[str, ...] = ()


@dataclass(frozen=True)
class Knowledge:
    """All articles by id, and the values that templates may name, by language."""

    articles: Mapping[str, Article]
    values: Mapping[str, Mapping[str, str]]
    replies: Mapping[str, Mapping[str, tuple[str, ...]]]


def load_knowledge(root: Path = DEFAULT_ROOT) -> Knowledge:
    """Reads `articles/*.yaml`, `policy.yaml`, `replies.yaml`, `cases.yaml` and what `forms.yaml` says.

    The last three are wording that names no shop: a folder without them takes the default ones.

    Raises:
        ValueError: A file lacks what it must have; the message names it.
    """
    articles: dict[str, Article] = {}
    for path in sorted((root / "articles").glob("*.yaml")):
        for raw in _read(path)["articles"]:
            article = _article(raw, path)
            if article.id in articles:
                raise ValueError(f"{path.name}: {article.id} is there twice")
            articles[article.id] = article
    if not articles:
        raise ValueError(f"{root} has no articles")
    policy, replies = _read(root / "policy.yaml"), _read(_words(root, "replies.yaml"))
    variants = {
        name: {language: tuple(reply[language]) for language in ("en", "zh")}
        for name, reply in {**replies["replies"], **_read(_words(root, "cases.yaml"))["replies"]}.items()
    }
    for name, said in Forms(_words(root, "forms.yaml")).texts().items():
        variants[name] = {language: tuple(said[language]) for language in ("en", "zh")}
    return Knowledge(articles, _values(policy, replies), variants)


def _words(root: Path, name: str) -> Path:
    own = root / name
    return own if own.exists() else DEFAULT_ROOT / name


def _read(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _article(raw: Mapping[str, Any], path: Path) -> Article:
    try:
        return Article(
            id=raw["id"],
            topic=raw["topic"],
            intents=tuple(raw["intents"]),
            title=dict(raw["title"]),
            questions={language: tuple(raw["questions"][language]) for language in ("en", "zh")},
            answer=dict(raw["answer"]),
            related=tuple(raw.get("related", ())),
            sticker_hint=dict(raw["sticker_hint"]),
            own=bool(raw.get("own", False)),
            thing=raw.get("thing", ""),
            cue=tuple(raw.get("cue", ())),
        )
    except KeyError as error:
        raise ValueError(f"{path.name}: {raw.get('id', 'an article')} lacks {error}") from error


def _values(policy: Mapping[str, Any], replies: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """What templates call shop_name and topics, and every fact of the policy that is one phrase."""
    facts = policy["facts"]
    return {
        language: {
            "shop_name": policy["shop"][language],
            "topics": replies["topics"][language],
            **{name: str(fact[language][0]) for name, fact in facts.items()},
        }
        for language in ("en", "zh")
    }
