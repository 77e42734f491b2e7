"""The text models as the repository serves them, run in process: the evaluation measures what customers meet."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.text.paths import REPOSITORY
from training.text.tags import TAGS, slot_decoding

Floats = NDArray[np.float32]
Span = tuple[str, int, int]
_OUTPUTS = ["EMBEDDING", "INTENT", "EMOTION", "SLOT_TAGS"]
LENGTHS = (16, 32, 64, 128)  # those of the tokenizer in the repository


@dataclass
class Understood:
    """Answers for a list of texts, row by row."""

    embeddings: Floats
    intents: Floats
    emotions: Floats
    spans: list[list[Span]]


def session(path: Path, threads: int = 1) -> ort.InferenceSession:
    """Open a graph on the processor with a fixed number of threads."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Served:
    """Tokenizer, encoder, heads and slot decoding of one model repository."""

    def __init__(self, repository: Path = REPOSITORY) -> None:
        """Open the models.

        Raises:
            FileNotFoundError: The repository has no exported text models yet.
        """
        path = repository / "text_bert" / "1" / "model.onnx"
        if not path.exists():
            raise FileNotFoundError(f"{path}: run `python -m training.text.export` first")
        self.tokenizer = Tokenizer.from_file(str(repository / "text_tokenizer" / "1" / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(LENGTHS[-1])
        self._bert = session(path)
        self._decode = slot_decoding(repository).spans

    def embed(self, texts: list[str]) -> Floats:
        """Return sentence embeddings (texts, 384)."""
        return self.understand(texts, heads=False).embeddings

    def understand(self, texts: list[str], heads: bool = True) -> Understood:
        """Run everything on `texts`; with `heads` off only the embeddings are filled."""
        encodings = self.tokenizer.encode_batch(texts)
        result = Understood(
            np.zeros((len(texts), 384), np.float32), np.zeros((len(texts), 0)), np.zeros((len(texts), 0)), []
        )
        rows: list[tuple[int, Floats, Floats, list[Span]]] = []
        order = sorted(range(len(texts)), key=lambda index: len(encodings[index].ids))
        for start in range(0, len(order), 32):
            chunk = order[start : start + 32]
            length = next(size for size in LENGTHS if size >= len(encodings[chunk[-1]].ids))
            ids, mask = np.zeros((len(chunk), length), np.int64), np.zeros((len(chunk), length), np.int64)
            for row, index in enumerate(chunk):
                ids[row, : len(encodings[index].ids)] = encodings[index].ids
                mask[row, : len(encodings[index].ids)] = 1
            found = dict(
                zip(_OUTPUTS, self._bert.run(_OUTPUTS, {"INPUT_IDS": ids, "ATTENTION_MASK": mask}), strict=True)
            )
            result.embeddings[chunk] = found["EMBEDDING"]
            if heads:
                rows += self._label(chunk, texts, [encodings[index].offsets for index in chunk], found, mask)
        if heads:
            rows.sort(key=lambda item: item[0])
            result.intents, result.emotions = np.stack([r[1] for r in rows]), np.stack([r[2] for r in rows])
            result.spans = [r[3] for r in rows]
        return result

    def _label(
        self,
        chunk: list[int],
        texts: list[str],
        offsets: list[list[tuple[int, int]]],
        found: dict[str, Floats],
        mask: NDArray[np.int64],
    ) -> list[tuple[int, Floats, Floats, list[Span]]]:
        labelled = []
        for row, index in enumerate(chunk):
            size = len(offsets[row])
            spans = self._decode(
                found["SLOT_TAGS"][row, :size],
                np.array(offsets[row]).reshape(size, 2),
                mask[row, :size],
                texts[index],
                TAGS,
            )
            cut = [(slot, start, end) for slot, start, end, _ in spans]
            labelled.append((index, found["INTENT"][row], found["EMOTION"][row], cut))
        return labelled
