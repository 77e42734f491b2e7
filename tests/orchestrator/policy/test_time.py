"""The hours of people as a condition of the tree, from the clock to the decision."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from orchestrator.dialogue.state import DialogueState
from orchestrator.journal.entries import Author, Body, Entry
from orchestrator.metrics import Metrics
from orchestrator.policy.assembling import assemble_planning
from orchestrator.policy.decision import DecisionTree
from orchestrator.policy.planning import Escalation, Heard
from orchestrator.retrieval.search import KnowledgeSearch
from orchestrator.simulate import arguments, case_of
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import ToolContext
from orchestrator.understanding.lexicon import Lexicon
from orchestrator.understanding.understand import Understanding
from orchestrator.understanding.utterance import Utterance
from tests.fakes import FakeEncoder, FakePictures, FakeReader
from tests.orchestrator.harness import knowledge, office

pytestmark = pytest.mark.unit

OWN = """
rules:
- name: a_person_at_once
  when: {intent: [human_agent], people: true}
  then: {action: escalate, tone: calm}
- name: a_person_tomorrow
  when: {intent: [human_agent], people: false}
  then: {action: say, template: not_understood, tone: apologetic}
- name: anything
  when: {}
  then: {action: say, template: not_understood}
openers: {}
unless: {en: [], zh: []}
"""
NOON, NIGHT = datetime(2026, 6, 1, 4, tzinfo=UTC), datetime(2026, 6, 1, 18, tzinfo=UTC)  # in Beijing 12:00, 2:00


@pytest.fixture
def tree(tmp_path: Path) -> DecisionTree:
    """A merchant's own, which knows day and night."""
    (tmp_path / "tree.yaml").write_text(OWN)
    return DecisionTree(tmp_path / "tree.yaml")


@pytest.mark.parametrize(("now", "rule"), [(NOON, "a_person_at_once"), (NIGHT, "a_person_tomorrow")])
async def test_the_clock_decides(tree: DecisionTree, now: datetime, rule: str) -> None:
    """The same words at noon and at night take different branches of the same tree."""
    metrics, hours = Metrics(CollectorRegistry()), office(now)
    understanding = Understanding(
        FakeReader(FakeEncoder()), KnowledgeSearch(knowledge()), Lexicon(), FakePictures(), metrics, 0.5
    )
    planning = assemble_planning(
        ToolBelt([]), knowledge(), understanding, tree, hours, metrics, zone="Asia/Shanghai", now=lambda: now
    )
    said = Utterance("a person please", "en", intent="human_agent", certainty=1.0)
    history = (Entry(1, 0, Body(author=Author.CUSTOMER, text=said.text)),)
    heard = Heard(said, DialogueState(), False, ToolContext("default", "v", "c", "t"), history)
    planned = await planning.plan(heard)
    assert planned.decision.rule == rule
    assert isinstance(planned, Escalation) == (now is NOON)


@pytest.mark.parametrize(("more", "rule"), [([], "a_person_at_once"), (["--closed"], "a_person_tomorrow")])
def test_the_simulator_knows_the_night(tree: DecisionTree, more: list[str], rule: str) -> None:
    """`--closed` asks what happens when nobody is there, and the others say why they did not hold."""
    case = case_of(arguments().parse_args(["--text", "x", *more]), Utterance("x", "en", intent="human_agent"))
    steps = list(tree.explain(case))
    assert steps[-1].rule == rule
    assert [step.failed for step in steps[:-1]] == (["people: True wanted, False found"] if more else [])
