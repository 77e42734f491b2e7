"""`python -m tests.scenarios [ID…] [--kind KIND] [--runs N] [--all]`: plays scenarios and prints the transcripts."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.services import Services
from tests.scenarios.player import Played, play_all
from tests.scenarios.scenario import FOLDER, Scenario, load
from tests.scenarios.stage import stage


async def run(scenarios: list[Scenario], runs: int, triton_url: str) -> list[Played]:
    """Plays them on servers of their own."""
    with tempfile.TemporaryDirectory(prefix="stickerdesk-scenarios-") as name, Services(Path(name)) as services:
        if not triton_url:
            triton = services.triton()
            if triton is None:
                raise SystemExit("Triton is not installed: make run installs it")
            triton_url = triton.url
        async with stage(Path(name), scenarios, redis_url=services.valkey(), triton_url=triton_url) as on:
            return await play_all(scenarios, on.play, runs=runs)


def main() -> int:
    """0 when everything passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.scenarios")
    parser.add_argument("ids", nargs="*", help="which; default: all")
    parser.add_argument("--kind", default="", help="only of this kind")
    parser.add_argument("--engine", default="", help="only of this engine")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the suite")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="print transcripts of those that passed, too")
    parser.add_argument("--triton", default="", help="host:port of a running Triton")
    asked = parser.parse_args()
    chosen = [
        one
        for one in load(asked.folder)
        if (not asked.ids or one.id in asked.ids) and asked.kind in ("", one.kind) and asked.engine in ("", one.engine)
    ]
    played = asyncio.run(run(chosen, asked.runs, asked.triton))
    for one in played:
        if asked.all or not one.passed:
            print(one.told() + "\n")
    kinds, passed = (
        Counter(one.scenario.kind for one in played),
        Counter(one.scenario.kind for one in played if one.passed),
    )
    for kind, count in sorted(kinds.items()):
        print(f"{kind:<16} {passed[kind]:>3} of {count}")
    print(f"{'all':<16} {sum(passed.values()):>3} of {len(played)}")
    return 0 if sum(passed.values()) == len(played) else 1


if __name__ == "__main__":
    sys.exit(main())
