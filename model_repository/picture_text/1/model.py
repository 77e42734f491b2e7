"""Triton Python model: the words in a picture, by RapidOCR (PP-OCR detection and recognition on ONNX Runtime).

IMAGE_BYTES is BYTES `(B, 1)`: PNG, JPEG, WebP or GIF, at most 5 MiB and 25 megapixels; the edge sends its small
re-encoded copy. TEXT is BYTES `(B, 1)`: the lines from top to bottom in UTF-8, separated by newlines, empty where there
are none. CONFIDENCE is FP32 `(B, 1)`: the least certain line's, 0 where there is none.

Refusals are INVALID_ARGUMENT. The library carries its models in its package, so nothing is fetched at run time.
"""

import io
import json

import numpy as np
import triton_python_backend_utils as pb_utils
from PIL import Image
from rapidocr import RapidOCR

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_MAX_LINES = 40
_SAME_LINE = 0.5  # of a line's height: boxes whose middles are nearer stand on one line

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


class RefusedError(ValueError):
    """A picture that is not read."""


class TritonPythonModel:
    """Holds the OCR engine."""

    def initialize(self, args):
        """Loads the models that the library brings; one thread, since the machine is shared with other models."""
        parameters = json.loads(args["model_config"])["parameters"]
        self._least = float(parameters["least_confidence"]["string_value"])
        self._engine = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.text_score": self._least,
                "Global.use_cls": False,  # stickers stand upright
                "Det.limit_side_len": int(parameters["side_px"]["string_value"]),
                "Det.limit_type": "max",
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    def execute(self, requests):
        """Reads each request on its own, so that one bad picture fails one request."""
        return [self._respond(request) for request in requests]

    def _respond(self, request):
        pictures = pb_utils.get_input_tensor_by_name(request, "IMAGE_BYTES").as_numpy().reshape(-1)
        try:
            read = [self._read(decode(bytes(data))) for data in pictures]
        except RefusedError as error:
            return pb_utils.InferenceResponse(error=pb_utils.TritonError(str(error), pb_utils.TritonError.INVALID_ARG))
        except Exception as error:  # the library's own failure on a strange picture must not end the process
            pb_utils.Logger.log_error(f"picture_text: {type(error).__name__}")
            return pb_utils.InferenceResponse(error=pb_utils.TritonError("the picture could not be read"))
        texts = np.array([[text.encode("utf-8")] for text, _ in read], dtype=np.object_)
        confidences = np.array([[confidence] for _, confidence in read], dtype=np.float32)
        return pb_utils.InferenceResponse([pb_utils.Tensor("TEXT", texts), pb_utils.Tensor("CONFIDENCE", confidences)])

    def _read(self, pixels):
        found = self._engine(pixels)
        if found.txts is None:
            return "", 0.0
        lines = [
            (np.asarray(box), text.strip(), float(score))
            for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
            if score >= self._least and text.strip()
        ][:_MAX_LINES]
        if not lines:
            return "", 0.0
        return "\n".join(_in_reading_order(lines)), min(score for _, _, score in lines)


def decode(data):
    """The picture on white as BGR `(H, W, 3)`, as the library expects it.

    Raises:
        RefusedError: the bytes are no picture that is accepted.
    """
    if not data:
        raise RefusedError("empty: no bytes")
    if len(data) > MAX_BYTES:
        raise RefusedError(f"too_large: {len(data)} bytes, at most {MAX_BYTES} are accepted")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise RefusedError("too_many_pixels: make the picture smaller")
            picture.seek(0)
            rgba = picture.convert("RGBA")
    except RefusedError:
        raise
    except Exception as error:
        raise RefusedError("damaged: no picture could be decoded") from error
    ground = Image.new("RGB", rgba.size, "white")
    ground.paste(rgba, mask=rgba.getchannel("A"))
    return np.ascontiguousarray(np.asarray(ground)[:, :, ::-1])


def _in_reading_order(lines):
    """Joins boxes that stand side by side, left to right, and sorts the lines from top to bottom."""
    rows = []
    for box, text, _ in sorted(lines, key=lambda line: line[0][:, 1].mean()):
        middle, height, left = box[:, 1].mean(), np.ptp(box[:, 1]), box[:, 0].min()
        if rows and abs(rows[-1]["middle"] - middle) < _SAME_LINE * max(height, rows[-1]["height"]):
            rows[-1]["parts"].append((left, text))
        else:
            rows.append({"middle": middle, "height": height, "parts": [(left, text)]})
    return [" ".join(text for _, text in sorted(row["parts"])) for row in rows]
