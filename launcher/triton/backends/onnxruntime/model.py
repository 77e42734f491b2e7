"""Triton Python-based backend "onnxruntime": serves ONNX models on CPU through the onnxruntime wheel.

Stands in for the native library where that is not installed. The model repository stays the ordinary one
(`backend: "onnxruntime"` and `<version>/model.onnx`), and the config keys are those of the native backend; what this
one cannot do is refused when the model is loaded. It runs inside Triton's stub process and imports nothing of ours.
"""

import json
import os
import re

import numpy as np
import onnxruntime as ort
import triton_python_backend_utils as pb

_ONNX_TO_TRITON = {
    "tensor(bool)": "TYPE_BOOL", "tensor(string)": "TYPE_STRING",
    "tensor(float16)": "TYPE_FP16", "tensor(float)": "TYPE_FP32", "tensor(double)": "TYPE_FP64",
    "tensor(int8)": "TYPE_INT8", "tensor(int16)": "TYPE_INT16",
    "tensor(int32)": "TYPE_INT32", "tensor(int64)": "TYPE_INT64",
    "tensor(uint8)": "TYPE_UINT8", "tensor(uint16)": "TYPE_UINT16",
    "tensor(uint32)": "TYPE_UINT32", "tensor(uint64)": "TYPE_UINT64",
}  # fmt: skip
_GRAPH_LEVELS = {
    -1: ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    1: ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    2: ort.GraphOptimizationLevel.ORT_DISABLE_ALL,
}
_ORT_ERROR = re.compile(r"^\[ONNXRuntimeError\] : (\d+) : \w+ : ")


def _dims(io):
    """Returns a tensor's shape with every symbolic dimension as -1."""
    return [dim if isinstance(dim, int) else -1 for dim in io.shape]


def _parameter(config, key, default):
    value = config.get("parameters", {}).get(key)
    return default if value is None else value["string_value"]


def _is_true(text):
    return text.strip().lower() in ("1", "true", "on", "yes")


def _graph_path(version_dir, config):
    path = os.path.join(version_dir, config.get("default_model_filename") or "model.onnx")
    if os.path.isdir(path):
        path = os.path.join(path, "model.onnx")
    if not os.path.exists(path):
        raise pb.TritonModelException(f"model '{config['name']}': no file {path}")
    return path


def _session(path, config):
    """Opens the graph with the native backend's settings; accelerators are ignored, this is a CPU."""
    options = ort.SessionOptions()
    level = int(config.get("optimization", {}).get("graph", {}).get("level", 0))
    options.graph_optimization_level = _GRAPH_LEVELS.get(level, ort.GraphOptimizationLevel.ORT_ENABLE_ALL)
    if int(_parameter(config, "execution_mode", "0")) == 1:
        options.execution_mode = ort.ExecutionMode.ORT_PARALLEL
    options.intra_op_num_threads = max(int(_parameter(config, "intra_op_thread_count", "0")), 0)
    options.inter_op_num_threads = max(int(_parameter(config, "inter_op_thread_count", "0")), 0)
    options.enable_cpu_mem_arena = _is_true(_parameter(config, "enable_mem_arena", "1"))
    options.enable_mem_pattern = _is_true(_parameter(config, "enable_mem_pattern", "1"))
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _refuse_unsupported(config):
    unsupported = [field for field in ("batch_input", "batch_output") if config.get(field)]
    if config.get("sequence_batching", {}).get("state"):
        unsupported.append("implicit state")
    unsupported += [f"ragged batching of '{io['name']}'" for io in config["input"] if io.get("allow_ragged_batch")]
    if unsupported:
        names = ", ".join(unsupported)
        raise pb.TritonModelException(f"model '{config['name']}': the embedded onnxruntime backend has no {names}")


def _check_tensors(config, kind, of_graph):
    """Refuses a config that does not fit the graph in names, types or shapes."""
    model = f"model '{config['name']}'"
    if kind == "input" and set(of_graph) != {io["name"] for io in config["input"]}:
        raise pb.TritonModelException(f"{model}: config.pbtxt inputs must be exactly {sorted(of_graph)}")
    for io in config[kind]:
        where = f"{model}, {kind} '{io['name']}'"
        if io["name"] not in of_graph:
            raise pb.TritonModelException(f"{where}: not in the graph, which has {sorted(of_graph)}")
        graph_type = _ONNX_TO_TRITON.get(of_graph[io["name"]].type)
        if graph_type != io["data_type"]:
            raise pb.TritonModelException(f"{where}: config says {io['data_type']}, the graph {graph_type}")
        graph = _dims(of_graph[io["name"]])
        shape = _shape(io, batched=config["max_batch_size"] > 0)
        if graph and not _fits(shape, graph, kind):
            raise pb.TritonModelException(f"{where}: config says {shape} (batch dimension included), the graph {graph}")


def _shape(io, batched):
    dims = io["reshape"]["shape"] if io.get("reshape") else io["dims"]
    return ([-1] if batched else []) + [int(dim) for dim in dims]


def _fits(shape, graph, kind):
    """Tells whether a config's shape fits the graph's; an input may be narrower than the graph allows."""
    if len(shape) != len(graph):
        return False
    return all(ours == its or (its == -1 and kind == "input") for ours, its in zip(shape, graph, strict=True))


def _to_text(array):
    """Turns Triton's bytes into the strings that onnxruntime takes."""
    return np.array([item.decode("utf-8") for item in array.reshape(-1)], dtype=object).reshape(array.shape)


def _to_bytes(array):
    return np.array([item.encode("utf-8") for item in array.reshape(-1)], dtype=object).reshape(array.shape)


class TritonPythonModel:
    """One model instance: an onnxruntime session."""

    def initialize(self, args):
        """Opens the graph and checks it against the config."""
        config = json.loads(args["model_config"])
        if args["model_instance_kind"] != "CPU":
            pb.Logger.log_warn(f"{args['model_instance_name']}: the embedded onnxruntime backend runs on CPU")
        _refuse_unsupported(config)
        self._batched = config["max_batch_size"] > 0
        self._session = _session(_graph_path(pb.get_model_dir(), config), config)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        _check_tensors(config, "input", {io.name: io for io in inputs})
        _check_tensors(config, "output", {io.name: io for io in outputs})
        self._strings = {io.name for io in [*inputs, *outputs] if io.type == "tensor(string)"}

    def execute(self, requests):
        """Runs requests that the dynamic batcher put together, which have equal shapes, as one.

        Without batching (`max_batch_size: 0`) each runs alone.
        """
        groups = [requests] if self._batched else [[request] for request in requests]
        return [response for group in groups for response in self._execute_group(group)]

    def _execute_group(self, requests):
        try:
            return self._respond(requests)
        except Exception as error:  # one failing batch fails its requests, as in the native backend
            message = _ORT_ERROR.sub(lambda found: f"onnx runtime error {found.group(1)}: ", str(error))
            failure = pb.TritonError(message, pb.TritonError.INTERNAL)
            return [pb.InferenceResponse(error=failure) for _ in requests]

    def _respond(self, requests):
        """Joins the inputs along the batch axis, runs once and hands each request its rows."""
        wanted = [list(request.requested_output_names()) for request in requests]
        feeds = [self._feeds(request) for request in requests]
        names = list(dict.fromkeys(name for names in wanted for name in names))
        if len(requests) == 1:
            outputs = self._run(names, feeds[0])
            return [pb.InferenceResponse([pb.Tensor(name, outputs[name]) for name in wanted[0]])]
        outputs = self._run(names, {name: np.concatenate([feed[name] for feed in feeds]) for name in feeds[0]})
        responses, start = [], 0
        for names, feed in zip(wanted, feeds, strict=True):
            end = start + next(iter(feed.values())).shape[0]
            responses.append(pb.InferenceResponse([pb.Tensor(name, outputs[name][start:end]) for name in names]))
            start = end
        return responses

    def _feeds(self, request):
        arrays = {tensor.name(): tensor.as_numpy() for tensor in request.inputs()}
        return {name: _to_text(array) if name in self._strings else array for name, array in arrays.items()}

    def _run(self, names, feeds):
        outputs = dict(zip(names, self._session.run(names, feeds), strict=True))
        return {name: _to_bytes(array) if name in self._strings else array for name, array in outputs.items()}
