"""What is said before and after an effect."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.tools.catalogue import KINDS
from orchestrator.tools.effects import Effects
from orchestrator.tools.tool import Outcome, ToolResult
from servicekit.errors import ServiceError, precondition, timeout, unavailable
from tests.orchestrator.tools.cases import EFFECTS

pytestmark = pytest.mark.unit

WORDS = Effects()
LANGUAGES = ("en", "zh")


def test_every_effect_has_words_of_its_own() -> None:
    """All but the hand-over, which asks nothing."""
    assert WORDS.tools == {kind.name for kind in KINDS if kind.effect} - {"hand_over"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("good", [one for one in EFFECTS if one.tool != "hand_over"], ids=lambda good: good.tool)
def test_the_question_names_what_would_happen(good: object, language: str) -> None:
    """The order stands in it, no placeholder is left, and what was not given is left out."""
    arguments = good.filled()  # type: ignore[attr-defined]
    asked = WORDS.question([(good.tool, arguments, "")], language)  # type: ignore[attr-defined]
    assert "{" not in asked
    assert arguments[good.number] in asked  # type: ignore[attr-defined]
    assert "  " not in asked
    assert asked.endswith("Shall I go ahead?" if language == "en" else "确认办理吗？")


def test_several_calls_are_one_question() -> None:
    """Both are named, and it is asked once."""
    asked = WORDS.question([("cancel_order", {"order": "A1"}, ""), ("open_ticket", {"order": ""}, "")], "en")
    assert "A1" in asked
    assert asked.count("?") == 1
    assert "Order: " not in asked


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tool_of_another_system_is_described(language: str) -> None:
    """By what it says of itself and by the arguments, huge ones cut."""
    asked = WORDS.question([("erp__reserve", {"sku": "mug", "note": "x" * 9_000, "empty": ""}, "Reserves.")], language)
    assert "Reserves." in asked
    assert "mug" in asked
    assert "empty" not in asked
    assert len(asked) < 600


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tool", [*sorted(WORDS.tools), "erp__reserve"])
@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.ALREADY, Outcome.APPROVAL_NEEDED])
def test_every_outcome_has_words(tool: str, outcome: Outcome, language: str) -> None:
    """Whatever facts are missing, no placeholder is left."""
    assert "{" not in WORDS.became(tool, ToolResult(outcome, {"amount": {"text": "10 CNY"}}), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_failures_differ(language: str) -> None:
    """Not done, not allowed, and nobody knows are three different things."""
    errors: list[ServiceError] = [
        unavailable("BACKOFFICE_UNAVAILABLE", "x"), precondition("TOOL_NOT_ALLOWED", "x"), timeout("TOOL_TIMEOUT", "x")
    ]  # fmt: skip
    assert len({WORDS.failed(error, language) for error in errors}) == 3


def test_the_data_is_checked(tmp_path: Path) -> None:
    """A file that does not fit is refused with its name."""
    path = tmp_path / "effects.yaml"
    path.write_text("ask: 3")
    with pytest.raises(ValueError, match=r"effects\.yaml"):
        Effects(path)
