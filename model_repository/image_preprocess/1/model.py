"""Triton Python model: the bytes of a picture to the tensor that the image models take.

IMAGE_BYTES is BYTES `(B, 1)`: PNG, JPEG, WebP, GIF or BMP. IMAGE is FP32 `(B, 3, S, S)` in -1..1: the picture scaled
to fit, centred on white; transparency becomes white; of an animation the first frame that shows anything. INFO is INT32
`(B, 3)`: width, height, frames. LANGUAGES is INT64 `(B, 2)`: the captioner's numbers of English and Chinese.

Every refusal is INVALID_ARGUMENT and begins with a stable word: `empty`, `too_large`, `unsupported`, `too_many_pixels`,
`damaged`. Nothing a picture contains can end the process: the header is judged before anything is decoded.
"""

import io
import json
import warnings

import numpy as np
import triton_python_backend_utils as pb_utils
from PIL import Image, ImageFile, ImageOps

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_JPEG_PIXELS = 100_000_000  # JPEG is decoded at an eighth of its size where that suffices
MAX_SIDE = 20_000
MAX_FRAMES_SEARCHED = 8
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_VISIBLE_ALPHA = 8
_LANGUAGES = (0, 1)

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS


class RefusedError(ValueError):
    """A picture that is not decoded; the message begins with the reason."""


class TritonPythonModel:
    """Holds nothing but the edge of the result, which the config declares."""

    def initialize(self, args):
        """Reads the size of IMAGE from the config."""
        outputs = {output["name"]: output for output in json.loads(args["model_config"])["output"]}
        self._size = int(outputs["IMAGE"]["dims"][-1])

    def execute(self, requests):
        """Decodes each request on its own, so that one bad picture fails one request."""
        return [self._respond(request) for request in requests]

    def _respond(self, request):
        pictures = pb_utils.get_input_tensor_by_name(request, "IMAGE_BYTES").as_numpy().reshape(-1)
        try:
            decoded = [decode(bytes(data), self._size) for data in pictures]
        except RefusedError as error:
            return pb_utils.InferenceResponse(error=pb_utils.TritonError(str(error), pb_utils.TritonError.INVALID_ARG))
        languages = np.tile(np.array(_LANGUAGES, dtype=np.int64), (len(decoded), 1))
        return pb_utils.InferenceResponse(
            [
                pb_utils.Tensor("IMAGE", np.stack([image for image, _ in decoded])),
                pb_utils.Tensor("INFO", np.array([info for _, info in decoded], dtype=np.int32)),
                pb_utils.Tensor("LANGUAGES", languages),
            ]
        )


def decode(data, size):
    """Returns the tensor `(3, size, size)` of a picture and its (width, height, frames).

    Raises:
        RefusedError: the bytes are no picture that is accepted.
    """
    if not data:
        raise RefusedError("empty: no bytes")
    if len(data) > MAX_BYTES:
        raise RefusedError(f"too_large: {len(data)} bytes, at most {MAX_BYTES} are accepted")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                return _decode_opened(picture, size)
    except RefusedError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RefusedError(f"too_many_pixels: at most {MAX_PIXELS} are accepted") from error
    except Image.UnidentifiedImageError as error:
        raise RefusedError(f"unsupported: not one of {', '.join(FORMATS)}") from error
    except MemoryError as error:
        raise RefusedError("too_many_pixels: not enough memory") from error
    except Exception as error:  # Pillow's decoders raise almost anything on hostile bytes
        raise RefusedError(f"damaged: {type(error).__name__}") from error


def _decode_opened(picture, size):
    width, height = picture.size
    limit = MAX_JPEG_PIXELS if picture.format == "JPEG" else MAX_PIXELS
    if width * height > limit or max(width, height) > MAX_SIDE:
        raise RefusedError(f"too_many_pixels: {width} by {height}, at most {limit} and {MAX_SIDE} a side are accepted")
    if picture.format == "JPEG":
        picture.draft(None, (2 * size, 2 * size))
    frames = int(getattr(picture, "n_frames", 1))
    shown = _first_visible(picture, frames)
    return _to_tensor(_fit(shown, size)), (width, height, frames)


def _first_visible(picture, frames):
    """Returns the first frame with something to see, as RGBA; the first of all when none has."""
    first = None
    for number in range(min(frames, MAX_FRAMES_SEARCHED)):
        picture.seek(number)
        frame = _to_rgba(ImageOps.exif_transpose(picture))
        first = first or frame
        if frame.getchannel("A").getextrema()[1] >= _VISIBLE_ALPHA:
            return frame
    return first


def _to_rgba(picture):
    """Converts any mode; 16-bit and float grey, which Pillow would clip, are scaled by their range."""
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        grey = np.asarray(picture, dtype=np.float32)
        full = 65535.0 if picture.mode != "F" or grey.max(initial=0) > 1 else 1.0
        picture = Image.fromarray(((np.nan_to_num(grey) / full).clip(0, 1) * 255).astype(np.uint8))
    return picture.convert("RGBA")


def _fit(picture, size):
    """Scales the longer side to `size`, premultiplied so that hidden colours do not bleed, and centres on white."""
    scale = size / max(picture.size)
    inner = tuple(max(1, round(side * scale)) for side in picture.size)
    resized = picture.resize(inner, Image.Resampling.BICUBIC, reducing_gap=3.0)
    canvas = Image.new("RGBA", (size, size), (255, 255, 255, 255))
    canvas.alpha_composite(resized, ((size - inner[0]) // 2, (size - inner[1]) // 2))
    return canvas.convert("RGB")


def _to_tensor(picture):
    pixels = np.asarray(picture, dtype=np.float32)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)) / 127.5 - 1.0
