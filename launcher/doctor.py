"""`stickerdesk doctor`: what is up, which version, embedded or external, and what is missing."""

from __future__ import annotations

import asyncio
import json
import platform
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from rich.table import Table
from rich.text import Text
from tritonclient.utils import InferenceServerException

from launcher import probes, runfile, valkey
from launcher.display import console
from launcher.errors import LauncherError
from launcher.settings import LauncherSettings
from launcher.stack import SERVICES
from launcher.triton import environment
from launcher.triton.control import TritonControl
from launcher.triton.repository import scan
from launcher.up import launcher_version
from servicekit.settings import split_address

_CALLED_BY_SERVICES = "text_encoder"  # without it the recommender finds nothing by meaning
_REPORT_S = 30.0
_LEAST_FREE_BYTES = 512 * 1024 * 1024


class Verdict(StrEnum):
    """What was found about one thing."""

    OK = "ok"
    NOTE = "note"
    BAD = "missing"


_STYLES = {Verdict.OK: "green", Verdict.NOTE: "yellow", Verdict.BAD: "bold red"}


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        name: What was looked at.
        verdict: Whether it is as it should be.
        what: Which one and where: version, embedded or external, address.
        advice: What to do about it; empty when nothing.
    """

    name: str
    verdict: Verdict
    what: str
    advice: str = ""


@dataclass(frozen=True)
class Report:
    """All findings."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether a stack runs and nothing is missing."""
        return all(finding.verdict is not Verdict.BAD for finding in self.findings)


def examine(settings: LauncherSettings) -> Report:
    """Looks at everything; starts and installs nothing."""
    return Report(tuple(asyncio.run(_examine(settings))))


def show(report: Report, *, as_json: bool = False) -> None:
    """Prints the report for people, or as one JSON object."""
    if as_json:
        findings = [asdict(finding) for finding in report.findings]
        print(json.dumps({"healthy": report.healthy, "findings": findings}, ensure_ascii=False, indent=1))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in report.findings:
        words = Text(finding.what)
        if finding.advice:
            words.append(f"\n{finding.advice}", style="dim")
        table.add_row(finding.name, Text(finding.verdict.value, style=_STYLES[finding.verdict]), words)
    console().print(table)


async def _examine(settings: LauncherSettings) -> list[Finding]:
    running = runfile.read(settings.data_dir)
    checks: list[Awaitable[Finding]] = [
        _redis(settings, running),
        _triton(settings, running),
        _llm(settings),
        *(_service(name, running) for name in SERVICES),
    ]
    redis, triton, llm, *services = await asyncio.gather(*checks)
    return [_machine(settings), _stack(settings, running), redis, triton, *services, _sql(settings), llm]


def _machine(settings: LauncherSettings) -> Finding:
    system = f"{platform.system()} {platform.machine()}"
    what = f"Stickerdesk {launcher_version()}, Python {platform.python_version()}, {system}"
    data_dir = settings.data_dir.resolve()
    folder = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE_BYTES:
        return Finding("machine", Verdict.BAD, what, f"Only {free // 2**20} MiB are free for {settings.data_dir}.")
    return Finding("machine", Verdict.OK, what)


def _stack(settings: LauncherSettings, running: runfile.RunFile | None) -> Finding:
    if running is None:
        return Finding(
            "stack", Verdict.BAD, f"none runs on {settings.data_dir}", "Start it: stickerdesk up (make run)."
        )
    return Finding("stack", Verdict.OK, f"{running.url}, process {running.pid}, since {running.started_at}")


async def _redis(settings: LauncherSettings, running: runfile.RunFile | None) -> Finding:
    part = running.parts.get("valkey") if running else None
    url = settings.redis_url or (part.address if part else None)
    kind = _kind(settings.redis_url, part)
    if url is None:
        return _not_running("valkey", _valkey_binary)
    host = urlsplit(url).hostname
    if (version := await probes.redis_version(url)) is None:
        return Finding(
            "valkey", Verdict.BAD, f"{kind}, {host} does not answer", "Check STICKERDESK_REDIS_URL or its log."
        )
    return Finding("valkey", Verdict.OK, f"{version}, {kind}, {host}:{urlsplit(url).port or 6379}")


def _kind(url: str | None, part: runfile.RunningPart | None) -> str:
    """A running stack may have been told of an outside part by an environment that this command does not have."""
    return "external" if url or (part is not None and not part.embedded) else "embedded"


def _valkey_binary() -> str:
    return f"valkey {valkey.version(valkey.find_binary())} is there, embedded"


async def _triton(settings: LauncherSettings, running: runfile.RunFile | None) -> Finding:
    part = running.parts.get("triton") if running else None
    url = settings.triton_url or (part.address if part else None)
    kind = _kind(settings.triton_url, part)
    if url is None:
        return _not_running("triton", lambda: _embedded_triton(settings))
    async with TritonControl(url) as control:
        try:
            version, states = await control.version(), await control.states()
        except InferenceServerException:
            return Finding(
                "triton", Verdict.BAD, f"{kind}, {url} does not answer", "Check STICKERDESK_TRITON_URL or its log."
            )
    ready = sorted(name for name, state in states.items() if state == "READY")
    what = f"{version}, {kind}, {url}: {', '.join(ready) or 'no model'}"
    if missing := sorted(_expected(settings, states) - set(ready)):
        return Finding("triton", Verdict.BAD, what, f"Not ready: {', '.join(missing)}.")
    return Finding("triton", Verdict.OK, what, _unbuilt_advice(settings))


def _expected(settings: LauncherSettings, states: dict[str, str]) -> set[str]:
    """Returns the models that must be ready: what the services call, what was asked for, what was tried and failed."""
    tried = {name for name, state in states.items() if state}
    ours = set() if settings.triton_url else set(scan(settings.model_repository).models)
    return {_CALLED_BY_SERVICES} | tried | ours


def _embedded_triton(settings: LauncherSettings) -> str:
    if reason := environment.unsupported_reason():
        raise LauncherError(reason, "Set STICKERDESK_TRITON_URL to a running Triton.")
    installed = environment.installed(settings.triton_venv)
    state = "installed" if installed else "will be installed by the first start"
    return f"{environment.SERVER_VERSION} {state}, embedded. {_unbuilt_advice(settings)}".strip()


def _unbuilt_advice(settings: LauncherSettings) -> str:
    if settings.triton_url or not settings.model_repository.is_dir():
        return ""
    unbuilt = scan(settings.model_repository).unbuilt
    return f"Without weights: {', '.join(unbuilt)} (build them: make models)." if unbuilt else ""


def _not_running(name: str, available: Callable[[], str]) -> Finding:
    """Tells of an embedded part that does not run whether it could."""
    try:
        return Finding(name, Verdict.NOTE, f"not running; {available()}")
    except LauncherError as error:
        return Finding(name, Verdict.BAD, str(error.args[0]), error.advice)


async def _service(name: str, running: runfile.RunFile | None) -> Finding:
    part = running.parts.get(name) if running else None
    if part is None:
        return Finding(name, Verdict.NOTE, "not running")
    host, port = split_address(part.address)
    serves = await (probes.http_ok(host, port, "/readyz") if name == "gateway" else probes.grpc_serves(part.address))
    metrics = f", metrics http://{part.metrics}/metrics" if part.metrics else ""
    if not serves:
        return Finding(name, Verdict.BAD, f"{part.address} does not serve ({part.state})", f"See logs/{name}.log.")
    return Finding(name, Verdict.OK, f"{part.address}, process {part.pid}{metrics}")


def _sql(settings: LauncherSettings) -> Finding:
    if settings.database_url:
        parts = urlsplit(settings.database_url)
        return Finding("sql", Verdict.OK, f"{parts.scheme.partition('+')[0]}, external, {parts.hostname or parts.path}")
    return Finding("sql", Verdict.OK, f"sqlite, embedded, in {settings.data_dir}")


async def _llm(settings: LauncherSettings) -> Finding:
    if not (settings.llm_api_key or settings.llm_base_url):
        return Finding(
            "llm", Verdict.NOTE, "no key: the built-in retrieval engine answers, which is no language model",
            "Set STICKERDESK_LLM_API_KEY (and _BASE_URL, _MODEL) for one.",
        )  # fmt: skip
    told = await _told_of_models()
    if isinstance(told, str):
        return Finding("llm", Verdict.BAD, "the settings of the language model are wrong", told)
    return finding_of(told)


async def _told_of_models() -> dict[str, Any] | str:
    """What the orchestrator's own report says; its complaint when it cannot."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "orchestrator.llm.report", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(_REPORT_S):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return "The report of the language models took too long."
    if process.returncode != 0:
        return (err.decode(errors="replace").strip().splitlines() or ["The report of the language models failed."])[-1]
    told: dict[str, Any] = json.loads(out)
    return told


def finding_of(told: Mapping[str, Any]) -> Finding:
    """One line of what is known of the language models."""
    models = told["models"]
    what = "; then ".join(f"{one['model']} at {one['host']} {one['reach']}" for one in models)
    budgets = ", ".join(f"{tenant} {one['soft']:g}/{one['hard']:g}" for tenant, one in told["budgets"].items())
    what += f". Budgets by month (soft/hard): {budgets or 'none'}. "
    what += f"Older messages are summed up by {told['summaries']}." if told["summaries"] else "Nothing is summed up."
    advice = []
    if unknown := [one["model"] for one in models if one["cost"] == "unknown"]:
        advice.append(
            f"What {', '.join(unknown)} costs is unknown, so budgets do not see it: say it with "
            "STICKERDESK_ORCHESTRATOR_LLM_PRICES_OF."
        )
    if not told["prices_checked"] and any(one["cost"] == "listed" for one in models):
        advice.append("Listed prices are defaults that nobody has checked: compare them with your contract.")
    silent = [one["model"] for one in models if one["reach"] != "answers"]
    if silent:
        advice.append(
            f"Check address and key of {', '.join(silent)}; until then the others answer, or the built-in engine."
        )
    verdict = Verdict.OK if not silent and not unknown else Verdict.NOTE
    return Finding("llm", Verdict.BAD if len(silent) == len(models) else verdict, what, " ".join(advice))
