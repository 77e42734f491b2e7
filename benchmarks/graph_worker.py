"""Runs ONNX graphs in process: the other arm of the `models` benchmark, under Triton's own Python and onnxruntime.

Started as a file by the interpreter of Triton's environment, so it imports nothing of ours. It reads one JSON object
per line, `{"graphs": [{"path": …, "tensors": FILE.npz}, …], "calls": n}`, runs the graphs one after the other n times,
and answers with the seconds of each time and the processor seconds of all: `[[s, …], s]`.
"""

import json
import sys
import time
from functools import cache
from typing import Any

import numpy as np
import onnxruntime as ort  # type: ignore[import-not-found,unused-ignore]


@cache
def session(path: str) -> Any:
    """A graph as the repository's configs ask for it: one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


@cache
def tensors(path: str) -> dict[str, Any]:
    """A graph's inputs."""
    with np.load(path) as stored:
        return dict(stored)


def main() -> None:
    """Answers until the input ends."""
    for line in sys.stdin:
        job = json.loads(line)
        work = [(session(graph["path"]), tensors(graph["tensors"])) for graph in job["graphs"]]
        taken, cpu_s = [], time.process_time()
        for _ in range(job["calls"]):
            begun_s = time.perf_counter()
            for graph, inputs in work:
                graph.run(None, inputs)
            taken.append(time.perf_counter() - begun_s)
        print(json.dumps([taken, time.process_time() - cpu_s]), flush=True)


if __name__ == "__main__":
    main()
