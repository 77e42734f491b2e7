"""What a language model is told of a case that was acted upon."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.cases.told import Part, Told
from orchestrator.policy.decision import Action
from orchestrator.reply.masking import Mask
from orchestrator.reply.prompt import Prompt
from tests.orchestrator.harness import knowledge
from tests.orchestrator.reply.briefs import brief

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("language", ["en", "zh"])
def test_results_of_tools_are_facts(language: str) -> None:
    """Tool, outcome and facts stand in the system message, words of either language unescaped; braces do no harm."""
    fact = {"tool": "issue_coupon", "outcome": "already", "facts": {"coupon": "PEACH1", "note": "{延误}"}}
    told = Told((Part("delay_next", {}),), facts=(fact,))
    asked = replace(brief(language=language, action=Action.ACT), told=told)
    system = Prompt(knowledge()).request(asked, Mask(())).system
    for expected in ("issue_coupon", "already", "PEACH1", "{延误}"):
        assert expected in system
