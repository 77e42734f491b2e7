"""`python -m benchmarks [NAME…] [--quick] [--json FILE] [--write]`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop

from benchmarks import machine
from benchmarks.report import Report, as_json, as_markdown, as_text

NAMES = ("edge_echo", "idle_connections", "models", "first_token", "turn", "scenarios")
RESULTS = Path(__file__).with_name("RESULTS.md")


async def run(name: str, *, quick: bool) -> Report:
    """Runs one benchmark in a folder of its own."""
    module: Any = importlib.import_module(f"benchmarks.{name}")
    with tempfile.TemporaryDirectory(prefix="stickerdesk-bench-") as folder:
        report: Report = await module.measure(module.QUICK if quick else module.FULL, Path(folder))
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what is asked for and prints it; 1 when a benchmark could not be run, 0 whatever the numbers are."""
    asked = _parse(arguments)
    facts = machine.facts() | {"load before (1, 5, 15 min)": machine.load()}
    reports, broken = [], False
    for name in asked.names or NAMES:
        try:
            report = uvloop.run(run(name, quick=asked.quick))
        except (RuntimeError, OSError, TimeoutError, asyncio.CancelledError) as error:
            broken = True
            print(f"== {name}\n   could not be run: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        reports.append(report)
        print(as_text(report), flush=True)
        gc.collect()
    facts["load after"] = machine.load()
    print("; ".join(f"{name}: {value}" for name, value in facts.items()))
    if asked.json:
        asked.json.write_text(json.dumps(as_json(facts, reports), indent=1, ensure_ascii=False) + "\n", "utf-8")
    if asked.write:
        RESULTS.write_text(as_markdown(facts, reports), "utf-8")
    return int(broken)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures what is claimed.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)} (all)")
    parser.add_argument("--quick", action="store_true", help="small sizes, for a first look")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the numbers to FILE")
    parser.add_argument("--write", action="store_true", help=f"also write {RESULTS.name} beside the benchmarks")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
