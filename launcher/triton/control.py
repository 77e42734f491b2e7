"""Asks a running Triton about its models, over gRPC."""

from __future__ import annotations

import asyncio
from enum import Enum, auto
from types import TracebackType
from typing import Any, Self

import numpy as np
import tritonclient.grpc.aio as triton
from tritonclient.grpc import model_config_pb2
from tritonclient.utils import InferenceServerException, triton_to_np_dtype

_RPC_TIMEOUT_S = 5.0
_FREE_DIMENSION = 16  # stands for -1 in a probe: the shortest padded text, a tiny picture
_DEAD = "is not healthy"  # what Triton says of a model whose process has ended


class Verdict(Enum):
    """What a probe learned about a model's process, from good to bad."""

    ALIVE = auto()
    SILENT = auto()
    DEAD = auto()


class TritonControl:
    """One connection to a Triton server."""

    def __init__(self, url: str) -> None:
        """Opens a connection to `host:port` when it is first used."""
        self._client = triton.InferenceServerClient(url)
        self._probes: dict[str, tuple[list[Any], int]] = {}

    async def __aenter__(self) -> Self:
        """Returns itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connection."""
        await self._client.close()

    async def version(self) -> str:
        """Returns the server's version.

        Raises:
            InferenceServerException: The server does not answer.
        """
        return str((await self._client.get_server_metadata(client_timeout=_RPC_TIMEOUT_S)).version)

    async def states(self) -> dict[str, str]:
        """Returns each model's state, `READY` or another word of Triton's.

        Raises:
            InferenceServerException: The server does not answer.
        """
        index = await self._client.get_model_repository_index(client_timeout=_RPC_TIMEOUT_S)
        return {model.name: str(model.state) for model in index.models}

    async def counts(self, model: str) -> tuple[int, int]:
        """Returns how many requests of `model` succeeded and how many failed since it was loaded.

        Raises:
            InferenceServerException: The server does not answer or has no such model.
        """
        stats = await self._client.get_inference_statistics(model, client_timeout=_RPC_TIMEOUT_S)
        found = [entry.inference_stats for entry in stats.model_stats]
        return sum(entry.success.count for entry in found), sum(entry.fail.count for entry in found)

    async def probe(self, model: str, timeout_s: float) -> Verdict:
        """Runs a real inference on zeros, or on a word where text is wanted, on every instance of the model.

        Any answer, a refusal of the input included, shows a living process. A model of several instances gets more
        requests at once than it has instances: an idle one, dead or alive, takes the next of them.
        """
        try:
            inputs, instances = self._probes.get(model) or await self._make_probe(model)
        except InferenceServerException as error:
            return _verdict(error)
        requests = 1 if instances == 1 else 2 * instances
        found = await asyncio.gather(*(self._infer(model, inputs, timeout_s) for _ in range(requests)))
        return max(found, key=lambda verdict: verdict.value)

    async def _infer(self, model: str, inputs: list[Any], timeout_s: float) -> Verdict:
        try:
            await self._client.infer(model, inputs, client_timeout=timeout_s)
        except InferenceServerException as error:
            return _verdict(error)
        return Verdict.ALIVE

    async def _make_probe(self, model: str) -> tuple[list[Any], int]:
        reply = await self._client.get_model_config(model, client_timeout=_RPC_TIMEOUT_S)
        batched = reply.config.max_batch_size > 0
        inputs = []
        for tensor in reply.config.input:
            shape = [1] * batched + [dim if dim > 0 else _FREE_DIMENSION for dim in tensor.dims]
            kind = _type_name(tensor.data_type)
            values = np.full(shape, b"probe", dtype=object) if kind == "BYTES" else _zeros(shape, kind)
            made = triton.InferInput(tensor.name, shape, kind)
            made.set_data_from_numpy(values)
            inputs.append(made)
        instances = max(1, sum(group.count for group in reply.config.instance_group))
        self._probes[model] = inputs, instances
        return inputs, instances

    async def unload(self, model: str) -> None:
        """Asks the server to let go of `model`; ensembles that use it go with it.

        Raises:
            InferenceServerException: It refused or does not answer.
        """
        await self._client.unload_model(model, client_timeout=_RPC_TIMEOUT_S)

    async def load(self, model: str, timeout_s: float) -> None:
        """Loads `model` in a new process; ensembles that use it come back with it.

        Raises:
            InferenceServerException: It did not load.
        """
        await self._client.load_model(model, client_timeout=timeout_s)


def _verdict(error: InferenceServerException) -> Verdict:
    if _DEAD in str(error.message()):
        return Verdict.DEAD
    silent = any(word in str(error.status()) for word in ("DEADLINE_EXCEEDED", "UNAVAILABLE", "CANCELLED"))
    return Verdict.SILENT if silent else Verdict.ALIVE


def _type_name(data_type: int) -> str:
    """Turns the enum of model configs into the name that requests use."""
    name = str(model_config_pb2.DataType.Name(data_type)).removeprefix("TYPE_")
    return "BYTES" if name == "STRING" else name


def _zeros(shape: list[int], kind: str) -> Any:
    return np.zeros(shape, dtype=triton_to_np_dtype(kind))
