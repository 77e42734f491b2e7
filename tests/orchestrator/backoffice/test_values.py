"""Money, policy, numbers and URLs: values without a database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.backoffice.database import database_url
from orchestrator.backoffice.money import Money
from orchestrator.backoffice.numbers import RandomNumbers, normal
from orchestrator.backoffice.policy import DEFAULT_PATH, load_policy

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (10, "CNY", "zh", "10 元"),
        (10, "CNY", "en", "10 CNY"),
        (1.5, "USD", "en", "1.50 USD"),
        ("1.20", "USD", "zh", "1.20 美元"),
        (-0.05, "USD", "en", "-0.05 USD"),
        (1234.5, "EUR", "zh", "1234.50 EUR"),
    ],
)
def test_money_as_words(amount: object, currency: str, language: str, text: str) -> None:
    """Amounts read as the shop's articles write them."""
    assert Money.of(amount, currency).text(language) == text


@given(st.integers(-(10**12), 10**12))
def test_money_loses_nothing(minor: int) -> None:
    """What is said of an amount is the amount."""
    said = Money("USD", minor).text("en").removesuffix(" USD")
    assert Money.of(said, "USD").minor == minor


def test_fractions_of_a_cent_are_refused() -> None:
    """There is no half of a minor unit."""
    with pytest.raises(ValueError, match="fractions"):
        Money.of(1.005, "USD")


def test_policy_is_the_knowledge_base_s() -> None:
    """What the tools enforce are the values that the articles promise."""
    facts = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))["facts"]
    policy = load_policy()
    assert policy.return_window == timedelta(days=facts["return_window"]["value"])
    assert policy.delay_ticket_after == timedelta(hours=facts["delay_ticket_after"]["value"])
    assert policy.delay_coupon["CNY"].text("zh") in facts["delay_coupon"]["zh"]
    assert policy.refund_limit("gold", "CNY") > policy.refund_limit("standard", "CNY")
    assert policy.refund_limit("nobody", "CNY") == Money("CNY", 0)


@pytest.mark.parametrize("change", [{"unit": "week"}, {"value": [1, 2]}])
def test_policy_in_other_units_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    """A fact that changed its unit would be enforced wrongly: it stops the start."""
    raw = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
    raw["facts"]["return_window"].update(change)
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(ValueError, match="return_window"):
        load_policy(path)


def test_policy_without_limits_is_refused(tmp_path: Path) -> None:
    """Without limits for approval nothing would be held back: it stops the start."""
    path = tmp_path / "policy.yaml"
    path.write_text("facts: {}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="approvals"):
        load_policy(path)


@pytest.mark.parametrize("written", ["PW12345678", "pw-1234 5678", "【PW12345678】", " #pw12345678。"])
def test_numbers_as_people_write_them(written: str) -> None:
    """Spaces, dashes, case and brackets do not matter."""
    assert normal(written) == "PW12345678"


def test_numbers_do_not_repeat() -> None:
    """New numbers are unlike each other and free of look-alikes."""
    made = {RandomNumbers().make("TK") for _ in range(1000)}
    assert len(made) == 1000
    assert not set("".join(made)) - set("TK") & set("01OIL")


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("", "sqlite+aiosqlite"),
        ("sqlite:///x.db", "sqlite+aiosqlite"),
        ("postgres://u:p@h/d", "postgresql+asyncpg"),
        ("postgresql+psycopg://u:p@h:5/d", "postgresql+asyncpg"),
    ],
)
def test_database_url(given: str, driver: str, tmp_path: Path) -> None:
    """URLs as people know them get the drivers that are here."""
    assert database_url(given, tmp_path).drivername == driver


@pytest.mark.parametrize("given", ["mysql://h/d", "secret-not-a-url"])
def test_other_databases_are_refused(given: str, tmp_path: Path) -> None:
    """Another database is refused without repeating what may hold a password."""
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the message is the assertion)
        database_url(given, tmp_path)
    assert "secret" not in str(refused.value)
