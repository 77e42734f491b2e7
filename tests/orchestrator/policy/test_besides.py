"""A second answer is given only where it tells more than the first."""

from __future__ import annotations

import pytest

from orchestrator.cases.told import Part, Told
from orchestrator.policy.besides import tells_more

pytestmark = pytest.mark.unit

FIRST = Told((Part("parcel_moving", {"order": "PW1000000001", "tracking": "HE1000000002"}),))


@pytest.mark.parametrize(
    ("told", "more"),
    [
        (Told((Part("order_stands", {"orders": "PW1000000009 (mug)"}),)), True),
        (Told((Part("order_stands", {"orders": "PW1000000001 (mug)"}),)), False),
        (Told((Part("parcel_moving", {"order": "PW1000000001"}),)), False),
        (Told((Part("said", {"text": "Wash it cold."}),)), True),
        (Told(()), False),
    ],
)
def test_another_order_or_another_kind(told: Told, more: bool) -> None:
    """The same order again is nothing new."""
    assert tells_more(told, FIRST) is more
