"""How many scenarios pass: once (pass^1), and every time of k (pass^k)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from math import comb

from tests.scenarios.player import Played
from tests.scenarios.scenario import Scenario


def pass_hat(played: Sequence[Played], k: int) -> float:
    """The chance that k plays of a scenario all pass, over all scenarios: the mean of C(passed, k) / C(plays, k).

    As in tau-bench (Yao et al. 2024, section 3.2). Scenarios that were played less than k times do not count.
    """
    by_scenario: dict[str, list[bool]] = defaultdict(list)
    for one in played:
        by_scenario[one.scenario.id].append(one.passed)
    shares = [comb(sum(passed), k) / comb(len(passed), k) for passed in by_scenario.values() if len(passed) >= k]
    return sum(shares) / len(shares) if shares else 0.0


def by(played: Sequence[Played], of: Callable[[Scenario], str]) -> dict[str, list[Played]]:
    """The plays by something of their scenario, in order of its name."""
    groups: dict[str, list[Played]] = defaultdict(list)
    for one in played:
        groups[of(one.scenario)].append(one)
    return dict(sorted(groups.items()))
