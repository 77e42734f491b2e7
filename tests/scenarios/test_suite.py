"""The suite is what it claims to be, and its judge notices what it must."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from orchestrator.backoffice.demo.recipes import load_recipe
from orchestrator.retrieval.knowledge import load_knowledge
from stickerdesk.catalog.v1 import catalog_pb2
from stickerdesk.orchestrator.v1 import cards_pb2
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.scenarios.judge import ASKED, Answer, of_language, of_orders, of_rows, of_words
from tests.scenarios.model import ScriptedModel
from tests.scenarios.player import Played
from tests.scenarios.scenario import SAFETY, UNSEEN, Expect, Round, Scenario, Step, load
from tests.scenarios.score import pass_hat
from tests.scenarios.shop import TABLES, rendered

pytestmark = pytest.mark.unit

SUITE = [*load(), *load(UNSEEN)]
FACTS = {"order:stuck": "PW1", "total:stuck": "10 元", "item:stuck/0": "mug", "neighbour.name": "Kim"}


def said(text: str, **fields: Any) -> Answer:
    """An answer with these words."""
    return Answer((pb.Entry(author=pb.AUTHOR_ASSISTANT, text=pb.TextContent(text=text), **fields),))


def test_the_suite_is_wide_enough() -> None:
    """Both languages, many kinds, conversations rather than questions."""
    retrieval = [one for one in SUITE if one.engine == "retrieval"]
    languages = Counter(one.language for one in retrieval)
    assert len(retrieval) >= 80
    assert min(languages["en"], languages["zh"]) >= 40
    assert len({one.kind for one in retrieval}) >= 20
    assert all(sum(one.kind == kind for one in retrieval) >= 4 for kind in SAFETY)
    assert sum(one.engine == "scripted" for one in SUITE) >= 12


@pytest.mark.parametrize("scenario", SUITE, ids=lambda one: one.id)
def test_a_scenario_names_what_there_is(scenario: Scenario) -> None:
    """Orders, tables, articles and questions that it speaks of exist; it expects something."""
    recipe, articles = load_recipe(), load_knowledge().articles
    assert {*scenario.customer.orders, *scenario.customer.neighbour, *scenario.changes} <= set(recipe.orders)
    assert any(step.expect != Expect() for step in scenario.steps)
    for step in scenario.steps:
        assert sum((bool(step.say), bool(step.sticker), step.picture is not None)) == 1
        asks = {step.expect.asks} if isinstance(step.expect.asks, str) else {*step.expect.asks}
        assert {*asks, *step.answering} <= {*ASKED, "nothing"}
        assert set(step.expect.rows or {}) <= set(TABLES)
        assert set(step.expect.orders) <= set(scenario.customer.orders)
        assert set(step.expect.cites) <= set(articles)
        assert bool(step.llm) is (scenario.engine == "scripted")


def test_a_file_with_a_wrong_field_is_refused(tmp_path: Path) -> None:
    """The message names the file and the place; an id that stands twice is refused, too."""
    (tmp_path / "a.yaml").write_text("- {id: x, kind: k, language: en, steps: [{sya: hello}]}")
    with pytest.raises(ValueError, match=r"a\.yaml.*sya"):
        load(tmp_path)
    (tmp_path / "a.yaml").write_text("- &one {id: x, kind: k, language: en, steps: [{say: hello}]}\n- *one")
    with pytest.raises(ValueError, match="more than one scenario is called x"):
        load(tmp_path)


def test_references_are_put_in() -> None:
    """Of the customer and of the neighbour; an unknown one is an error."""
    assert rendered("{order:stuck} {item:stuck/0} {neighbour.name}", FACTS) == "PW1 mug Kim"
    with pytest.raises(KeyError):
        rendered("{order:paid}", FACTS)


@pytest.mark.parametrize(
    ("mentions", "must_not", "text", "wrong"),
    [
        (("{order:stuck}",), (), "your order pw 1 moves", 0),
        (("{total:stuck}",), (), "10元", 0),
        ((("a", "b"),), (), "only b", 0),
        (("/R[0-9]+/",), (), "ticket R77", 0),
        (("{order:stuck}",), (), "your order moves", 1),
        ((), ("{neighbour.name}",), "Kim has it", 1),
        ((), (), "Dear {name}", 1),
        ((), (), "I called track_parcel", 1),
    ],
)
def test_words_are_judged(mentions: Any, must_not: Any, text: str, wrong: int) -> None:
    """Whatever the case and the spaces; words of the machine are always wrong."""
    assert len(of_words(said(text), mentions, must_not, FACTS)) == wrong


def test_cards_and_forms_are_read() -> None:
    """What stands on a card is on the customer's screen."""
    coupon = cards_pb2.CouponCard(code="PEACH1", amount=cards_pb2.Money(minor=150, currency="USD"))
    answer = said("here", cards=[cards_pb2.Card(coupon=coupon)])
    assert of_words(answer, ("PEACH1", "1.50 USD"), (), {}) == []
    assert answer.cards == {"coupon"}


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("Your parcel HE1 is on its way（白釉）", "en", True),
        ("您的包裹 HE1 在路上", "zh", True),
        ("您的包裹在路上", "en", False),
        ("Your parcel is on its way", "zh", False),
        ("hello 您好", "any", True),
    ],
)
def test_the_language_is_judged(text: str, language: str, right: bool) -> None:
    """Names and numbers of the other language are fine."""
    assert (of_language(said(text), language) == []) is right


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("Go to My orders. Shall I start a return for you?", True),
        ("我可以帮您办理。需要我现在发起退货吗？", True),
        ("Which order? Shall I say.", False),
        ("您想问什么？", False),
    ],
)
def test_an_offer_in_words_is_noticed(text: str, offers: bool) -> None:
    """A customer may say yes to it without a form."""
    assert said(text).offers is offers


def test_what_is_asked_is_read_from_the_form_or_the_words() -> None:
    """A form says it; without one a question does."""
    by_form = said("Which?", form=cards_pb2.FormPrompt(form="return", slot="order_number"))
    confirming = said("Ok?", form=cards_pb2.FormPrompt(form="return", input=cards_pb2.FormPrompt.INPUT_CONFIRM))
    assert (by_form.asks("order"), by_form.asks("item"), by_form.asks("confirm")) == (True, False, False)
    assert (confirming.asks("confirm"), confirming.asks("order")) == (True, False)
    assert said("Which order do you mean?").asks("order")
    assert not said("Your order is on its way.").asks("order")


@pytest.mark.parametrize(
    ("wanted", "wrong"),
    [
        ({"tickets": 1}, 0),
        ({"tickets": ({"kind": "delay", "order": "stuck"},)}, 0),
        ({"tickets": ({"kind": "lost"},)}, 1),
        ({"tickets": 2}, 1),
        ({}, 1),
        ({"tickets": 1, "coupons": 1}, 1),
    ],
)
def test_rows_are_counted_and_matched(wanted: Any, wrong: int) -> None:
    """Too many, too few, others than wanted; a table that is not named must be empty."""
    rows = {"tickets": [{"kind": "delay", "order": "stuck"}], "coupons": []}
    assert len(of_rows(wanted, rows, FACTS)) == wrong


def test_orders_are_compared() -> None:
    """A column that is not as wished is told."""
    orders = {"paid": {"status": "cancelled", "street": "Mill Lane 1"}}
    assert of_orders({"paid": {"status": "cancelled"}}, orders, {}) == []
    assert len(of_orders({"paid": {"status": "paid", "street": "Elm 2"}}, orders, {})) == 2


def test_handing_over_and_stickers_are_seen() -> None:
    """By the notice, and by what is offered beside the words."""
    handed = Answer((pb.Entry(notice=pb.NoticeContent(kind="handed_over", text="…")),))
    assert (handed.handed_over, said("x").handed_over) == (True, False)
    assert said("x", stickers=[catalog_pb2.Sticker(id="a/b")]).stickers


def test_pass_hat_k() -> None:
    """Two of three passes of one scenario and three of three of another."""
    one, other = (Scenario(id, "k", "en", (Step(say="x"),)) for id in "ab")
    played = [Played(one, 0), Played(one, 1), Played(one, 2, ["wrong"]), *(Played(other, run) for run in range(3))]
    assert pass_hat(played, 1) == pytest.approx(5 / 6)
    assert pass_hat(played, 3) == pytest.approx(1 / 2)
    assert pass_hat([], 1) == 0.0


def test_the_scripted_model_goes_by_the_last_message() -> None:
    """Round by round; a message that it does not know gets nothing out of it."""
    model = ScriptedModel()
    model.learn("where is it", (Round(calls=({"tool": "track_parcel"},)), Round(text="there")))
    asked = [{"role": "user", "content": "so, where is it?"}]
    called = [*asked, {"role": "assistant", "tool_calls": [{}]}, {"role": "tool", "content": "{}"}]
    assert model.answer(asked).calls[0]["tool"] == "track_parcel"
    assert model.answer(called).text == "there"
    assert "nothing" in model.answer([{"role": "user", "content": "hm"}]).text
