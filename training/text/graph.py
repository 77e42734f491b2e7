"""Build ONNX graphs operator by operator: shared constants, names that nobody has to invent."""

import hashlib

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

OPSET = 17
IR_VERSION = 9  # the newest that the onnxruntime of the official Triton images of 2024 reads
FUSED = "com.microsoft"  # onnxruntime's own operators: in every build of it, the native backend of Triton included

Array = npt.NDArray[np.generic]


class Graph:
    """A graph under construction; values are referred to by name."""

    def __init__(self) -> None:
        """Start without nodes and constants."""
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: object) -> str:
        """Append a node with one output and return the output's name; an empty input name leaves that input out."""
        return self.split(operator, *inputs, outputs=1, domain=domain, **attributes)[0]

    def split(self, operator: str, *inputs: str, outputs: int, domain: str = "", **attributes: object) -> list[str]:
        """Append a node with several outputs and return their names."""
        names = [f"{operator}.{len(self._nodes)}.{place}" for place in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, domain=domain, **attributes))
        return names

    def name(self, value: str, name: str) -> None:
        """Give a value the name of an output of the graph."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))

    def constant(self, values: Array | float | list[int], name: str = "") -> str:
        """Store a constant (a float becomes float32, integers int64) and return its name; equal ones are shared."""
        array = np.asarray(values)
        if not isinstance(values, np.ndarray):
            array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
        name = name or f"constant.{array.dtype}.{array.shape}.{hashlib.sha256(array.tobytes()).hexdigest()[:16]}"
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
        return name

    def stored_half(self, values: npt.NDArray[np.float32]) -> str:
        """Store a float32 constant as float16 and a cast, which every runtime folds when it opens the graph."""
        return self.add("Cast", self.constant(values.astype(np.float16)), to=onnx.TensorProto.FLOAT)

    def model(
        self, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto], name: str
    ) -> onnx.ModelProto:
        """Return the checked model."""
        graph = helper.make_graph(self._nodes, name, inputs, outputs, list(self._constants.values()))
        imports = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
        model = helper.make_model(graph, opset_imports=imports, ir_version=IR_VERSION, producer_name="stickerdesk")
        onnx.checker.check_model(model)
        return model
