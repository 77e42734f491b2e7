"""The simulator of the decision tree."""

from __future__ import annotations

import pytest

from orchestrator.simulate import main

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("argv", "rule"),
    [
        (["--text", "快递三天没更新"], "parcel_of_a_worried_customer"),
        (["--text", "I want to return my mug"], "form"),
        (["--text", "where is my parcel", "--emotion", "anger", "--before", "anger", "--tier", "gold"],
         "valued_customer_is_getting_angry"),
        (["--text", "blue", "--form", "exchange_request"], "form"),
        (["--text", "thanks"], "thanks"),
    ],
)  # fmt: skip
def test_it_names_the_branch_and_why_the_others_were_not_taken(
    capsys: pytest.CaptureFixture[str], argv: list[str], rule: str
) -> None:
    """One rule holds, each before it tells its first condition that failed."""
    assert main(argv) == 0
    lines = capsys.readouterr().out.splitlines()
    looked_at = [line for line in lines if line.startswith("  ")]
    assert looked_at[-1].startswith(f"  YES  {rule}:")
    assert all((line.startswith("  no   ") and "found" in line) or "case" in line for line in looked_at[:-1])


def test_it_needs_a_text() -> None:
    """And says so."""
    with pytest.raises(SystemExit):
        main([])
