"""Triton Python model: strings to padded token ids.

TEXT is BYTES `(B, 1)`, UTF-8; INPUT_IDS and ATTENTION_MASK are INT64 `(B, T)` where T is the smallest of `LENGTHS`
that holds the longest text of the request. OFFSETS is INT32 `(B, T, 2)`: start and end of each token in characters of
the decoded text, equal for boundary tokens and padding. Longer texts are cut at the last length. Bytes that are not
UTF-8 are replaced rather than refused, as a text decoder of a browser would. An empty text is its two boundary tokens.
"""

from pathlib import Path

import numpy as np
import triton_python_backend_utils as pb_utils
from tokenizers import Tokenizer

LENGTHS = (16, 32, 64, 128)
MAX_CHARACTERS = 4096  # far above what the longest length can hold; bounds the work that one text can ask for


class TritonPythonModel:
    """Holds the tokenizer that `training.text.export` wrote beside this file."""

    def initialize(self, args):
        """Loads `tokenizer.json` and checks that it pads with what the encoder masks out."""
        path = Path(args["model_repository"]) / args["model_version"] / "tokenizer.json"
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LENGTHS[-1])
        padding = self._tokenizer.token_to_id("[PAD]")
        if padding is None:
            raise pb_utils.TritonModelException(f"{path.name} has no [PAD] token")
        self._padding = padding

    def execute(self, requests):
        """Tokenises each request on its own: requests that were batched together may differ in length."""
        return [self._respond(request) for request in requests]

    def _respond(self, request):
        texts = pb_utils.get_input_tensor_by_name(request, "TEXT").as_numpy().reshape(-1)
        tensors = self._encode([text.decode("utf-8", errors="replace")[:MAX_CHARACTERS] for text in texts])
        return pb_utils.InferenceResponse([pb_utils.Tensor(name, values) for name, values in tensors.items()])

    def _encode(self, texts):
        encodings = self._tokenizer.encode_batch(texts)
        rows = [encoding.ids for encoding in encodings]
        longest = max(len(row) for row in rows)
        length = next(size for size in LENGTHS if size >= longest)
        ids = np.full((len(rows), length), self._padding, dtype=np.int64)
        mask = np.zeros((len(rows), length), dtype=np.int64)
        offsets = np.zeros((len(rows), length, 2), dtype=np.int32)
        for at, encoding in enumerate(encodings):
            ids[at, : len(rows[at])] = encoding.ids
            mask[at, : len(rows[at])] = 1
            offsets[at, : len(rows[at])] = encoding.offsets
        return {"INPUT_IDS": ids, "ATTENTION_MASK": mask, "OFFSETS": offsets}
