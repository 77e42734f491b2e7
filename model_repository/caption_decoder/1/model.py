"""Triton Python model: the captioner's token ids to words.

TOKEN_IDS and TOKEN_PROBS are `(B, L, T)`, one row per language of LANGUAGES `(B, L)`. CAPTION is BYTES `(B, L)`, UTF-8;
CONFIDENCE FP32 `(B, L)` is the geometric mean of the probabilities of its words; WORDS is BYTES `(B, L, T)`, the words
one by one (empty after the end), which the attention maps belong to.
"""

import json
from pathlib import Path

import numpy as np
import triton_python_backend_utils as pb_utils

END = 1
FIRST_WORD = 5
CHINESE = 1


class TritonPythonModel:
    """Holds the vocabulary that `training.vision.export` wrote beside this file."""

    def initialize(self, args):
        """Loads `vocabulary.json`: all pieces in order, the special ones first."""
        path = Path(args["model_repository"]) / args["model_version"] / "vocabulary.json"
        self._pieces = json.loads(path.read_text(encoding="utf-8"))

    def execute(self, requests):
        """Decodes each request on its own."""
        return [self._respond(request) for request in requests]

    def _respond(self, request):
        ids, probs, languages = (
            pb_utils.get_input_tensor_by_name(request, name).as_numpy()
            for name in ("TOKEN_IDS", "TOKEN_PROBS", "LANGUAGES")
        )
        captions = np.empty(languages.shape, dtype=object)
        confidence = np.zeros(languages.shape, dtype=np.float32)
        words = np.full(ids.shape, b"", dtype=object)
        for at in np.ndindex(languages.shape):
            length = _length(ids[at])
            pieces = [self._piece(number) for number in ids[at][:length]]
            captions[at] = ("" if languages[at] == CHINESE else " ").join(filter(None, pieces)).encode()
            confidence[at] = np.exp(np.log(np.clip(probs[at][: length + 1], 1e-9, 1)).mean())
            words[at][:length] = [piece.encode() for piece in pieces]
        return pb_utils.InferenceResponse(
            [
                pb_utils.Tensor("CAPTION", captions),
                pb_utils.Tensor("CONFIDENCE", confidence),
                pb_utils.Tensor("WORDS", words),
            ]
        )

    def _piece(self, number):
        return self._pieces[number] if FIRST_WORD <= number < len(self._pieces) else ""


def _length(ids):
    """Returns the number of words before the end."""
    ends = np.flatnonzero(ids == END)
    return int(ends[0]) if len(ends) else len(ids)
