"""What a benchmark found, as a table for the terminal, as JSON, and as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One number.

    Attributes:
        name: What was measured.
        value: The number; a median unless the name says otherwise.
        unit: Its unit; empty for a ratio.
        at_least: The goal, when more is better.
        at_most: The goal, when less is better.
        spread: The middle half over the rounds, in the same unit.
    """

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    spread: str = ""

    @property
    def goal(self) -> str:
        """The goal in signs; empty when there is none."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    @property
    def verdict(self) -> str:
        """`met` or `missed`; empty without a goal."""
        if self.at_least is not None:
            return "met" if self.value >= self.at_least else "missed"
        if self.at_most is not None:
            return "met" if self.value <= self.at_most else "missed"
        return ""


@dataclass
class Report:
    """One benchmark's findings.

    Attributes:
        name: The benchmark.
        claim: What it claims and how it measures; its module's docstring.
        rows: The numbers.
        notes: What a reader should know of them.
        skipped: Why nothing was measured; empty when something was.
    """

    name: str
    claim: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def missed(self) -> list[Row]:
        """The rows that miss their goal."""
        return [row for row in self.rows if row.verdict == "missed"]


def as_json(machine: Mapping[str, Any], reports: Iterable[Report]) -> dict[str, Any]:
    """Everything, for machines."""
    return {
        "machine": dict(machine),
        "benchmarks": [
            asdict(report) | {"rows": [asdict(row) | {"verdict": row.verdict} for row in report.rows]}
            for report in reports
        ],
    }


def as_text(report: Report) -> str:
    """One benchmark for a terminal."""
    lines = [f"== {report.name}"]
    if report.skipped:
        lines.append(f"   skipped: {report.skipped}")
    width = max((len(row.name) for row in report.rows), default=0)
    for row in report.rows:
        number = f"{_number(row.value)} {row.unit}".strip()
        around = f"({row.spread})" if row.spread else ""
        lines.append(f"   {row.name:<{width}}  {number:>14}  {around:<18} {row.goal:<8} {row.verdict}".rstrip())
    lines.extend(f"   - {note}" for note in report.notes)
    return "\n".join(lines)


def as_markdown(machine: Mapping[str, Any], reports: Sequence[Report]) -> str:
    """The page that is kept beside the benchmarks."""
    facts = [f"- {name}: {value}" for name, value in machine.items()]
    head = [
        "# Measured",
        "",
        "Written by `make bench ARGS=--write`. Medians; in brackets the middle half over the rounds. Ratios are taken "
        "round by round between two arms of one run, so that a busy machine slows both. Times and memory are of this "
        "machine.",
        "",
        *facts,
    ]
    return "\n".join([*head, *(line for report in reports for line in _section(report))]) + "\n"


def _section(report: Report) -> list[str]:
    lines = ["", f"## {report.name}", "", report.claim.strip(), ""]
    if report.skipped:
        lines += [f"Skipped: {report.skipped}", ""]
    if report.rows:
        lines += ["| measured | value | middle half | goal | |", "|---|---:|---|---|---|"]
    lines += [
        f"| {row.name} | {_number(row.value)} {row.unit} | {row.spread} | {row.goal} | {row.verdict} |"
        for row in report.rows
    ]
    return [*lines, *([""] if report.notes else []), *(f"- {note}" for note in report.notes)]


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
