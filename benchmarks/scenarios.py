"""The scenario suite: whole conversations with made-up customers of the demo shop.

Judged by what is in the shop's books afterwards and by what the customer could read. pass^1 is the share of plays that
pass; pass^3 the share of scenarios that pass three times out of three. Real orchestrators, Valkey, SQLite and Triton;
no network. The scenarios were written apart from the dialogue, but its failures on them were known while it was made;
those that are called unseen were kept from its makers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Report, Row
from benchmarks.services import Services
from tests.scenarios.player import Played, play_all
from tests.scenarios.scenario import SAFETY, UNSEEN, load
from tests.scenarios.score import by, pass_hat
from tests.scenarios.stage import stage

_GOAL = 0.8
_LANGUAGES = {"en": "English", "zh": "Chinese", "any": "mixed"}


@dataclass(frozen=True)
class Sizes:
    """How often each scenario is played, and which; none named: all."""

    runs: int = 3
    ids: tuple[str, ...] = ()


FULL = Sizes()
QUICK = Sizes(runs=1)


async def measure(sizes: Sizes, folder: Path) -> Report:
    """Runs the benchmark."""
    report = Report("scenarios", __doc__ or "")
    unseen = {one.id for one in load(UNSEEN)}
    scenarios = [one for one in load() + load(UNSEEN) if not sizes.ids or one.id in sizes.ids]
    with Services(folder) as services:
        triton = services.triton()
        if triton is None:
            report.skipped = "Triton is not installed; make run installs it"
            return report
        async with stage(folder, scenarios, redis_url=services.valkey(), triton_url=triton.url) as on:
            played = await play_all(scenarios, on.play, runs=sizes.runs)
    for suite, of_suite in by(played, lambda one: "unseen" if one.id in unseen else one.engine).items():
        report.rows += _rows(suite, of_suite, sizes.runs)
    failures = [f"{one.scenario.id} (run {one.run + 1}): {'; '.join(one.wrong)}" for one in played if not one.passed]
    report.notes += failures or ["Every play passed."]
    return report


def _rows(suite: str, played: list[Played], runs: int) -> list[Row]:
    rows = [Row(f"{suite}: scenarios", len({one.scenario.id for one in played}))]
    for k in sorted({1, runs}):
        rows.append(Row(f"{suite}: pass^{k}", pass_hat(played, k), at_least=_GOAL if k == 1 else None))
        for language, of_language in by(played, lambda one: one.language).items():
            name = f"{suite}: pass^{k}, {_LANGUAGES[language]}"
            rows.append(Row(name, pass_hat(of_language, k), at_least=_GOAL if k == 1 else None))
    for kind, of_kind in by(played, lambda one: one.kind).items():
        rows.append(Row(f"{suite}: pass^1, {kind}", pass_hat(of_kind, 1), at_least=1.0 if kind in SAFETY else None))
    return rows
