"""Triton costs little more than onnxruntime in the caller's own process, and uses both cores for what comes at once.

The embedded Triton serves this repository's models. Every ONNX model is called through Triton with the same tensors
that a process of the same Python and onnxruntime gives to the same graph with one thread, and every ensemble is
compared with its graphs run one after the other, so that its figure holds tokenising, decoding of pictures and captions
too. Arms take turns in every round; the machine-independent numbers are Triton by in process, in p50 and in processor
time, and throughput with eight callers by throughput with one. Models without weights are skipped and named.
"""

from __future__ import annotations

import asyncio
import json
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tritonclient.grpc import InferInput, aio
from tritonclient.utils import np_to_triton_dtype

from benchmarks.meters import cpu_s, group
from benchmarks.report import Report, Row
from benchmarks.services import ROOT, TRITON_VENV, Services
from benchmarks.stats import median, paired_ratio, spread

GOAL_TEXT_MS = 12.0
GOAL_IMAGE_MS = 90.0
GOAL_CONCURRENT = 1.3
_CALLERS = 8
_STALL_S = 0.3  # the scheduler of Triton's dynamic batcher oversleeps by 0.5 s when it misses its moment
_REPOSITORY = ROOT / "model_repository"
_PACK = ROOT / "recommender" / "packs" / "stickerdesk-house.zip"
_LENGTHS = (16, 32)
_TEXTS = {
    16: "where is my parcel?",
    32: "I ordered a blue jacket two weeks ago and my parcel has not moved since Monday, please help",
}
_LANGUAGES = 2
_GOALS_MS = {"understand_text, 32 tokens": GOAL_TEXT_MS, "understand_image": GOAL_IMAGE_MS}
_TEXT_ENSEMBLES = ("text_encoder", "understand_text")
_IMAGE_ENSEMBLES = ("understand_image",)

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    rounds: int = 15
    calls: int = 12
    burst_s: float = 1.0
    bursts: int = 7


FULL = Sizes()
QUICK = Sizes(rounds=4, calls=5, burst_s=0.4, bursts=3)


@dataclass
class Case:
    """One model with one kind of input, and what its rounds gave.

    Attributes:
        tensors: What Triton is sent.
        graphs: What the other process runs: graph and file of its tensors.
    """

    name: str
    model: str
    tensors: dict[str, Array]
    graphs: list[dict[str, str]]
    served_ms: list[float] = field(default_factory=list)
    local_ms: list[float] = field(default_factory=list)
    served_cpu: list[float] = field(default_factory=list)
    local_cpu: list[float] = field(default_factory=list)


class Worker:
    """The process that runs graphs by itself."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> Worker:
        """Starts it with the interpreter of Triton's environment."""
        python, script = TRITON_VENV / "bin" / "python3", Path(__file__).with_name("graph_worker.py")
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(python, script, stdin=pipe, stdout=pipe))

    async def run(self, graphs: list[dict[str, str]], calls: int) -> tuple[list[float], float]:
        """Seconds of each run of the graphs, and processor seconds of all of them.

        Raises:
            RuntimeError: The process died; its traceback is on standard error.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"graphs": graphs, "calls": calls}).encode() + b"\n")
        await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that runs graphs died")
        taken, used_s = json.loads(line)
        return taken, used_s

    async def stop(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


async def measure(sizes: Sizes, folder: Path) -> Report:
    """Runs the benchmark."""
    report = Report("models", __doc__ or "")
    with Services(folder) as services:
        server = services.triton()
        if server is None:
            report.skipped = "the embedded Triton is not installed; `make run` installs it"
            return report
        if server.repository.unbuilt:
            report.notes.append(f"without weights, left out: {', '.join(server.repository.unbuilt)}")
        worker = await Worker.start()
        async with aio.InferenceServerClient(server.url) as client:
            cases = await _cases(client, server.repository.models, folder)
            for case in cases:
                await _compare(case, client, worker, group(server.process.pid), sizes)
                report.rows += _rows(case)
            for case in cases:
                if not case.name.startswith((*_TEXT_ENSEMBLES, *_IMAGE_ENSEMBLES)):
                    continue
                report.rows += await _at_once(case, client, sizes)
        await worker.stop()
    return report


async def _cases(client: Any, models: Sequence[str], folder: Path) -> list[Case]:
    configs = {name: (await client.get_model_config(name, as_json=True))["config"] for name in models}
    plain = {name: config for name, config in configs.items() if config.get("backend") == "onnxruntime"}
    cases = [case for name, config in plain.items() for case in _plain_cases(name, config, folder)]
    by_name = {case.name: case.graphs for case in cases}
    for name in _TEXT_ENSEMBLES + _IMAGE_ENSEMBLES:
        if name not in configs:
            continue
        parts = [step["model_name"] for step in configs[name]["ensemble_scheduling"]["step"]]
        for length, tensors in _ensemble_inputs(name):
            suffix = f", {length} tokens" if length else ""
            graphs = [graph for part in parts for graph in by_name.get(part + suffix, by_name.get(part, []))]
            cases.append(Case(name + suffix, name, tensors, graphs))
    return cases


def _ensemble_inputs(name: str) -> list[tuple[int, dict[str, Array]]]:
    if name in _IMAGE_ENSEMBLES:
        return [(0, {"IMAGE_BYTES": _bytes(_sticker())})]
    return [(length, {"TEXT": _bytes(text.encode())}) for length, text in _TEXTS.items()]


def _bytes(value: bytes) -> Array:
    return np.array([[value]], dtype=object)


def _sticker() -> bytes:
    """A sticker of the house pack."""
    with zipfile.ZipFile(_PACK) as pack:
        name = next(name for name in pack.namelist() if name.endswith((".webp", ".png")))
        return pack.read(name)


def _plain_cases(name: str, config: dict[str, Any], folder: Path) -> list[Case]:
    """One case, or one per number of tokens when the model takes any number."""
    in_tokens = any(_is_open(wanted) and wanted["name"] != "LANGUAGE" for wanted in config["input"])
    cases = []
    for length in _LENGTHS if in_tokens else (0,):
        case_name = f"{name}, {length} tokens" if length else name
        tensors = {wanted["name"]: _tensor(wanted, length) for wanted in config["input"]}
        stored = folder / f"{name}-{length}.npz"
        np.savez(stored, **tensors)  # type: ignore[arg-type]
        graph = {"path": str(_graph(name)), "tensors": str(stored)}
        cases.append(Case(case_name, name, tensors, [graph]))
    return cases


def _graph(name: str) -> Path:
    versions = [path for path in (_REPOSITORY / name).iterdir() if path.name.isdigit()]
    return max(versions, key=lambda path: int(path.name)) / "model.onnx"


def _is_open(wanted: dict[str, Any]) -> bool:
    return "-1" in [str(size) for size in wanted["dims"]]


def _tensor(wanted: dict[str, Any], length: int) -> Array:
    """Tensors that a model of that signature takes: ids of words, a mask of ones, any picture, both languages."""
    sizes = [int(size) for size in wanted["dims"]]
    if wanted["name"] == "LANGUAGE":
        return np.arange(_LANGUAGES, dtype=np.int64)[None, :]
    shape = (1, *(length if size == -1 else size for size in sizes))
    rng = np.random.default_rng(7)
    if wanted["data_type"] == "TYPE_INT64":
        return np.ones(shape, np.int64) if "MASK" in wanted["name"] else rng.integers(1_000, 5_000, shape)
    return rng.standard_normal(shape).astype(np.float32)


async def _compare(case: Case, client: Any, worker: Worker, server: list[int], sizes: Sizes) -> None:
    inputs = _inputs(case.tensors)
    for number in range(sizes.rounds + 1):  # the first warms
        before_s = sum(map(cpu_s, server))
        served = [await _call(client, case.model, inputs) for _ in range(sizes.calls)]
        used_s = sum(map(cpu_s, server)) - before_s
        local, local_used_s = await worker.run(case.graphs, sizes.calls)
        if number:
            case.served_ms.append(median(served) * 1000)
            case.local_ms.append(median(local) * 1000)
            case.served_cpu.append(used_s)
            case.local_cpu.append(local_used_s)


def _inputs(tensors: dict[str, Array]) -> list[Any]:
    inputs = []
    for name, tensor in tensors.items():
        wanted = InferInput(name, list(tensor.shape), np_to_triton_dtype(tensor.dtype))
        wanted.set_data_from_numpy(tensor)
        inputs.append(wanted)
    return inputs


async def _call(client: Any, model: str, inputs: list[Any]) -> float:
    begun_s = time.perf_counter()
    await client.infer(model, inputs)
    return time.perf_counter() - begun_s


def _rows(case: Case) -> list[Row]:
    goal = _GOALS_MS.get(case.name)
    return [
        Row(f"{case.name}: p50 through Triton", median(case.served_ms), "ms", at_most=goal,
            spread=spread(case.served_ms)),
        Row(f"{case.name}: p50 of its graphs in process", median(case.local_ms), "ms", spread=spread(case.local_ms)),
        Row(f"{case.name}: Triton by in process", paired_ratio(case.served_ms, case.local_ms)),
        Row(f"{case.name}: Triton by in process, processor time", paired_ratio(case.served_cpu, case.local_cpu)),
    ]  # fmt: skip


async def _at_once(case: Case, client: Any, sizes: Sizes) -> list[Row]:
    one, many, stalls = [], [], 0
    for _ in range(sizes.bursts):
        one.append(await _per_s(case, client, 1, sizes.burst_s))
        many.append(await _per_s(case, client, _CALLERS, sizes.burst_s))
        stalls += many[-1].stalls
    ratios = [a.per_s / b.per_s for a, b in zip(many, one, strict=True)]
    return [
        Row(f"{case.name}: calls, one caller", median([burst.per_s for burst in one]), "/s"),
        Row(f"{case.name}: calls, {_CALLERS} callers", median([burst.per_s for burst in many]), "/s"),
        Row(f"{case.name}: {_CALLERS} callers by one", median(ratios), at_least=GOAL_CONCURRENT, spread=spread(ratios)),
        Row(f"{case.name}: calls of {_CALLERS} callers over {_STALL_S:g} s", stalls),
    ]


@dataclass(frozen=True)
class Burst:
    """What callers got done in a while: calls a second, and how many calls stalled."""

    per_s: float
    stalls: int


async def _per_s(case: Case, client: Any, callers: int, seconds: float) -> Burst:
    inputs = _inputs(case.tensors)
    begun_s = time.perf_counter()

    async def caller() -> list[float]:
        taken = []
        while time.perf_counter() - begun_s < seconds:
            taken.append(await _call(client, case.model, inputs))
        return taken

    taken = [one for calls in await asyncio.gather(*(caller() for _ in range(callers))) for one in calls]
    return Burst(len(taken) / (time.perf_counter() - begun_s), sum(one > _STALL_S for one in taken))
