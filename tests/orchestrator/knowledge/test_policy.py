from __future__ import annotations

import re
from typing import Any

import pytest

from tests.orchestrator.knowledge.library import ARTICLES, LANGUAGES, POLICY

pytestmark = pytest.mark.unit

FACTS: dict[str, dict[str, Any]] = POLICY["facts"]
KINDS = {"duration", "money", "count", "clock", "rate", "measure"}
UNITS = {
    "minute",
    "hour",
    "day",
    "working_day",
    "month",
    "year",
    "attempt",
    "piece",
    "point",
    "millilitre",
    "centimetre",
}
UNIT_WORDS = {
    "minute": ("minutes", "分钟"),
    "hour": ("hours", "小时"),
    "day": ("days", "天"),
    "working_day": ("working days", "个工作日"),
    "month": ("months", "月|期"),
    "year": ("years", "年"),
    "attempt": ("attempts|wrong passwords", "次"),
    "piece": ("pieces", "件"),
    "point": ("points", "积分"),
    "millilitre": ("ml", "毫升"),
    "centimetre": ("cm", "厘米"),
}
NUMBER = re.compile(r"\d\d:\d\d|\d+(?:\.\d+)?")
# A quantity in words would slip past the digits; both languages are held to figures.
SPELLED_OUT = {
    "en": re.compile(
        r"\b(an?|one|two|three|four|five|six|seven|ten|fourteen|thirty|few|couple of)\s+"
        r"((working|business)\s+)?(minute|hour|day|week|month|year)s?\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[一二两三四五六七八九十百半几][个]?(分钟|小时|天|日内|工作日|周|星期|月|年|元|块|次内)"),
}


def _numbers(fact: dict[str, Any], language: str) -> set[str]:
    """Return the numbers that a phrasing of `fact` may hold, as `NUMBER` finds them."""
    value = fact["value"]
    if fact["kind"] == "money":
        amounts = [value["CNY"], value["USD"]] if language == "en" else [value["CNY"]]
        return {f"{amount:g}" if amount == int(amount) else f"{amount:.2f}" for amount in amounts}
    values = value if isinstance(value, list) else [value]
    if fact["kind"] == "rate" and language == "zh":
        values = values[:2]
    return {item if isinstance(item, str) else f"{item:g}" for item in values}


def _phrases(article: dict[str, Any], language: str) -> dict[str, list[str]]:
    return {name: FACTS[name][language] for name in article["facts"]}


def _by_id(article: dict[str, Any]) -> str:
    return str(article["id"])


@pytest.mark.parametrize("name", FACTS)
def test_fact_is_well_formed(name: str) -> None:
    """A fact names its kind, unit, meaning and at least one phrasing per language."""
    fact = FACTS[name]
    assert set(fact) - {"unit"} == {"kind", "value", "meaning", *LANGUAGES}
    assert fact["kind"] in KINDS
    assert (fact.get("unit") in UNITS) == (fact["kind"] not in {"money", "clock"})
    assert all(fact[language] for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FACTS)
def test_phrasing_says_the_value(name: str, language: str) -> None:
    """Each phrasing of a fact holds exactly its numbers, and its unit."""
    fact = FACTS[name]
    words = UNIT_WORDS.get(fact.get("unit", ""), ("", ""))[LANGUAGES.index(language)]
    for phrase in fact[language]:
        assert set(NUMBER.findall(phrase)) == _numbers(fact, language)
        assert re.search(words, phrase)


def test_every_fact_is_told() -> None:
    """No fact is left that no article states."""
    assert set(FACTS) == {name for article in ARTICLES for name in article["facts"]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("article", ARTICLES, ids=_by_id)
def test_answer_states_its_facts(article: dict[str, Any], language: str) -> None:
    """Each fact of an article stands in its answer, in one of the fact's phrasings."""
    answer = article["answer"][language]
    told = {name: any(phrase in answer for phrase in some) for name, some in _phrases(article, language).items()}
    assert all(told.values()), told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("article", ARTICLES, ids=_by_id)
def test_answer_states_no_other_number(article: dict[str, Any], language: str) -> None:
    """Apart from its facts, an answer holds no figure and no quantity in words."""
    rest = article["answer"][language]
    phrases = [phrase for some in _phrases(article, language).values() for phrase in some]
    for phrase in sorted(phrases, key=len, reverse=True):
        rest = rest.replace(phrase, "")
    assert NUMBER.findall(rest) == []
    assert SPELLED_OUT[language].search(rest) is None


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("return_window", 30, "day"),
        ("refund_time", [3, 5], "working_day"),
        ("standard_delivery", [3, 5], "working_day"),
        ("delay_ticket_after", 48, "hour"),
        ("delay_coupon", {"CNY": 10, "USD": 1.5}, None),
        ("free_shipping_threshold", {"CNY": 99, "USD": 15}, None),
        ("invoice_time", 48, "hour"),
        ("support_hours", ["09:00", "21:00"], None),
    ],
)
def test_policy_keeps_the_agreed_values(name: str, value: Any, unit: str | None) -> None:
    """The values that other rooms (tools, decision tree) also follow are the agreed ones."""
    assert (FACTS[name]["value"], FACTS[name].get("unit")) == (value, unit)
