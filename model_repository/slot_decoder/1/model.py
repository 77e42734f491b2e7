"""Triton Python model: tag probabilities by token to slots, as one JSON list for each text.

Each entry has `slot`, `start` and `end` (characters of the text as decoded from UTF-8 with replacement), `value` (the
text
between them) and `score` (0 to 1). No slots is `[]`.
"""

import json
import sys
from pathlib import Path

import numpy as np
import triton_python_backend_utils as pb_utils

sys.path.insert(0, str(Path(__file__).parent))
from decoding import spans


class TritonPythonModel:
    """Knows the tag names, from the model's own configuration."""

    def initialize(self, args):
        """Reads the tag names."""
        self._tags = json.loads(args["model_config"])["parameters"]["tags"]["string_value"].split(",")

    def execute(self, requests):
        """Decodes each request on its own."""
        return [self._respond(request) for request in requests]

    def _respond(self, request):
        probabilities, offsets, mask, texts = (
            pb_utils.get_input_tensor_by_name(request, name).as_numpy()
            for name in ("SLOT_TAGS", "OFFSETS", "ATTENTION_MASK", "TEXT")
        )
        rows = [
            self._decode(probabilities[at], offsets[at], mask[at], text.decode("utf-8", errors="replace"))
            for at, text in enumerate(texts.reshape(-1))
        ]
        return pb_utils.InferenceResponse([pb_utils.Tensor("SLOTS", np.array(rows, dtype=object).reshape(-1, 1))])

    def _decode(self, probabilities, offsets, mask, text):
        found = [
            {"slot": slot, "start": start, "end": end, "value": text[start:end], "score": round(score, 4)}
            for slot, start, end, score in spans(probabilities, offsets, mask, text, self._tags)
        ]
        return json.dumps(found, ensure_ascii=False).encode("utf-8")
