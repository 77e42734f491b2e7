"""Forms as data: the shipped ones fit, and a broken one says what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestrator.backoffice.rules import not_allowed
from orchestrator.dialogue.forms import DEFAULT_PATH, Forms, text_name
from orchestrator.tools.catalogue import KINDS
from tests.orchestrator.dialogue.worlds import FORMS

pytestmark = pytest.mark.unit

TOOLS = {kind.name: kind.arguments for kind in KINDS}
RULES = (
    "already_sent", "order_cancelled", "not_delivered", "return_window", "damage_report", "not_received_report",
    "not_returnable", "exchange_open", "return_open", "already_refunded", "more_than_paid", "out_of_stock", "not_lost",
    "not_delayed", "not_paid", "invoice_window", "too_many_tickets",
)  # fmt: skip


@pytest.mark.parametrize("form", list(FORMS), ids=lambda form: form.name)
def test_a_form_calls_a_tool_with_arguments_that_it_has(form: Any) -> None:
    """Names of tools and arguments are those of the code."""
    assert set(form.arguments) <= set(TOOLS[form.tool].__struct_fields__)


@pytest.mark.parametrize("form", list(FORMS), ids=lambda form: form.name)
def test_a_form_has_words_for_what_its_tool_answers(form: Any) -> None:
    """Done and already; what waits for approval has words that all share."""
    assert {"done", "already"} <= set(form.results)
    assert "approval_needed" in FORMS.shared


@pytest.mark.parametrize("rule", RULES)
def test_every_refusal_is_explained(rule: str) -> None:
    """A rule that the back office refuses by has words."""
    assert not_allowed(rule, "x").metadata["rule"] == rule
    assert f"refused/{rule}" in FORMS.texts()


def test_every_text_has_its_name() -> None:
    """Under which templates know it."""
    texts = FORMS.texts()
    assert all(text_name(form.name, "confirm") in texts for form in FORMS)


def broken(change: Any, tmp_path: Path) -> Path:
    """The shipped file with one thing changed in its first form."""
    raw = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
    change(raw["forms"][0])
    path = tmp_path / "forms.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda form: form.pop("tool"), r"forms.yaml: .*tool"),
        (lambda form: form.update(colour="red"), r"colour"),
        (lambda form: form["slots"][0].update(type="mood"), r"mood"),
        (lambda form: form["slots"][0].pop("ask"), r"return_request: slots.order.ask is missing"),
        (lambda form: form["slots"].append(form["slots"][0]), r"share a name"),
        (lambda form: form["arguments"].update(order="{nothing}"), r"arguments.order: there is no slot nothing"),
        (lambda form: form["confirm"]["en"].append("{nothing}"), r"confirm.en: there is no slot nothing"),
        (lambda form: form["confirm"].pop("zh"), r"return_request/confirm: needs en and zh"),
        (lambda form: form["slots"][1].update(needs={"nothing": ["x"]}), r"slots.item: there is no slot nothing"),
        (lambda form: form["slots"][2]["choices"][0].update(instead="nothing"), r"instead: there is no form nothing"),
        (lambda form: form["slots"][1].update(choices=form["slots"][2]["choices"]), r"choices belong to a choice"),
    ],
)
def test_a_broken_form_is_refused_when_it_is_read(tmp_path: Path, change: Any, complaint: str) -> None:
    """The message names file, form and field."""
    with pytest.raises(ValueError, match=complaint):
        Forms(broken(change, tmp_path))
