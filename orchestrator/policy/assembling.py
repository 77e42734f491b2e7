"""Puts together what decides and acts: the cases over a belt of tools, with or without a back office."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from orchestrator.cases.comparing import CompareCase
from orchestrator.cases.confirming import ConfirmedCalls
from orchestrator.cases.form_words import FormWords
from orchestrator.cases.forms import FormCase
from orchestrator.cases.orders import OrdersCase
from orchestrator.cases.parcel import ParcelCase
from orchestrator.cases.postage import PostageCase
from orchestrator.cases.refund import RefundCase
from orchestrator.cases.remembering import Memory, RememberingCase
from orchestrator.cases.shelf import ShelfCase
from orchestrator.cases.standing import CouponsCase, TicketsCase
from orchestrator.cases.sums import SumsCase
from orchestrator.cases.told import Case
from orchestrator.cases.wording import Wording
from orchestrator.cases.worth import WorthCase
from orchestrator.dialogue.forms import Forms
from orchestrator.metrics import Metrics
from orchestrator.policy.acting import Acting
from orchestrator.policy.completing import FORM, Completing
from orchestrator.policy.decision import DecisionTree
from orchestrator.policy.hours import SupportHours
from orchestrator.policy.planning import Planning
from orchestrator.retrieval.knowledge import Knowledge
from orchestrator.tools.belt import ToolBelt
from orchestrator.understanding.understand import Understanding


def assemble_planning(
    belt: ToolBelt,
    knowledge: Knowledge,
    understanding: Understanding,
    tree: DecisionTree,
    hours: SupportHours,
    metrics: Metrics,
    *,
    zone: str,
    now: Callable[[], datetime],
    memory: Memory | None = None,
    confirming: ConfirmedCalls | None = None,
) -> Planning:
    """Steps 2 and 3 of a turn over some tools, in the shop's time zone; without `memory` nothing is remembered."""
    wording, forms = Wording(zone), Forms()

    def today() -> date:
        return now().astimezone(ZoneInfo(zone)).date()

    form_case = None
    if "find_orders" in belt.names:
        form_case = FormCase(belt, forms, FormWords(wording), today)
    cases: dict[str, Case] = {
        "parcel": ParcelCase(belt, wording, forms.aliases),
        "refund": RefundCase(belt, forms.aliases),
        "orders": OrdersCase(belt, wording, forms.aliases, today),
        "shelf": ShelfCase(belt, wording, forms.aliases, knowledge.articles),
        "compare": CompareCase(belt, wording, forms.aliases, knowledge.articles),
        "postage": PostageCase(belt, wording, forms.aliases),
        "sums": SumsCase(belt, wording, forms.aliases),
        "coupons": CouponsCase(belt, wording),
        "tickets": TicketsCase(belt, wording),
        "worth": WorthCase(belt, forms.aliases),
    }
    if form_case is not None:
        cases[FORM] = form_case
    acting = Acting(belt, knowledge, hours, metrics, cases, confirming)
    remembering = RememberingCase(memory) if memory is not None else None
    completing = Completing(understanding, acting, forms, form_case)
    return Planning(tree, acting, completing, forms, form_case, remembering)
