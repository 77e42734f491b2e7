"""The text encoder on the real server: strings in, embeddings out, mistakes answered by their status."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest
import tritonclient.grpc.aio as triton
from tritonclient.utils import InferenceServerException

pytestmark = pytest.mark.integration

Vectors = npt.NDArray[np.float32]


@pytest.fixture
async def client(triton_url: str) -> AsyncIterator[triton.InferenceServerClient]:
    """A connection to the session's Triton."""
    async with triton.InferenceServerClient(triton_url) as connection:
        yield connection


async def embed(client: triton.InferenceServerClient, *texts: str | bytes) -> Vectors:
    """Embeds `texts` in one request."""
    raw = [text.encode() if isinstance(text, str) else text for text in texts]
    tensor = triton.InferInput("TEXT", [len(raw), 1], "BYTES")
    tensor.set_data_from_numpy(np.array(raw, dtype=object).reshape(-1, 1))
    reply = await client.infer("text_encoder", [tensor], client_timeout=30)
    return np.asarray(reply.as_numpy("EMBEDDING"))


async def test_embeddings_have_length_one_and_meaning(client: triton.InferenceServerClient) -> None:
    """A paraphrase without a common content word is nearer than another subject."""
    vectors = await embed(client, "where is my parcel", "my package has not been delivered", "a cat plays the guitar")
    assert vectors.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


async def test_batched_and_single_agree(client: triton.InferenceServerClient) -> None:
    """A text has the same embedding alone, beside longer ones that pad it, and fused with others by the server."""
    texts = ["refund", "thanks a lot", "where is my parcel? " * 12]
    alone = np.concatenate([await embed(client, text) for text in texts])
    np.testing.assert_allclose(await embed(client, *texts), alone, atol=2e-3)
    fused = await asyncio.gather(*(embed(client, text) for text in texts * 8))
    np.testing.assert_allclose(np.concatenate(fused), np.tile(alone, (8, 1)), atol=2e-3)


async def test_concurrent_requests_of_any_length_are_answered(client: triton.InferenceServerClient) -> None:
    """Many callers at once, short and long texts mixed: each gets its own answer."""
    texts = ["refund", "where is my parcel? " * 6]
    alone = np.concatenate([await embed(client, text) for text in texts])
    found = await asyncio.gather(*(embed(client, text) for text in texts * 32))
    np.testing.assert_allclose(np.concatenate(found), np.tile(alone, (32, 1)), atol=2e-3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "😀",
        "快递三天没更新了",
        "where 是 my 快递 😭",
        "x" * 10_000,
        "word " * 10_000,
        "a\x00b",
        b"\xff\xfe\xfa",
    ],
    ids=["empty", "space", "emoji", "chinese", "mixed", "long word", "long text", "nul", "not utf-8"],
)
async def test_any_text_has_an_embedding(client: triton.InferenceServerClient, text: str | bytes) -> None:
    """No text is refused and none ends the model's process."""
    vector = await embed(client, text)
    assert vector.shape == (1, 384)
    assert np.isfinite(vector).all()
    np.testing.assert_allclose(np.linalg.norm(vector), 1.0, atol=1e-4)


@pytest.mark.parametrize(
    ("model", "tensor", "shape", "status"),
    [
        ("text_encoder", "TEXT", [1, 2], "INVALID_ARGUMENT"),
        ("text_encoder", "TEXT", [33, 1], "INVALID_ARGUMENT"),
        ("text_encoder", "WORDS", [1, 1], "INVALID_ARGUMENT"),
        ("no_such_model", "TEXT", [1, 1], "NOT_FOUND"),
    ],
    ids=["wrong shape", "batch too large", "wrong name", "unknown model"],
)
async def test_mistakes_have_their_status(
    client: triton.InferenceServerClient, model: str, tensor: str, shape: Sequence[int], status: str
) -> None:
    """The caller's mistake is told apart from the server's, and the server goes on."""
    data = triton.InferInput(tensor, list(shape), "BYTES")
    data.set_data_from_numpy(np.full(shape, b"hello", dtype=object))
    with pytest.raises(InferenceServerException) as refused:
        await client.infer(model, [data], client_timeout=10)
    assert refused.value.status() == f"StatusCode.{status}"
    assert (await embed(client, "still here")).shape == (1, 384)


async def test_wrong_type_is_the_callers_mistake(client: triton.InferenceServerClient) -> None:
    """Numbers where text is wanted are refused at the door."""
    data = triton.InferInput("TEXT", [1, 1], "FP32")
    data.set_data_from_numpy(np.zeros((1, 1), dtype=np.float32))
    with pytest.raises(InferenceServerException) as refused:
        await client.infer("text_encoder", [data], client_timeout=10)
    assert refused.value.status() == "StatusCode.INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("ids", "mask"),
    [([[10**9] * 16], [[1] * 16]), ([[-(10**9)] * 16], [[1] * 16]), ([[101] * 600], [[1] * 600])],
    ids=["beyond the vocabulary", "before it", "longer than the model can read"],
)
async def test_tokens_that_do_not_exist_end_no_process(
    client: triton.InferenceServerClient, ids: list[list[int]], mask: list[list[int]]
) -> None:
    """Who goes past the tokenizer gets an error for ids that name nothing, and the model goes on."""
    tensors = []
    for name, values in (("INPUT_IDS", ids), ("ATTENTION_MASK", mask)):
        tensors.append(triton.InferInput(name, list(np.shape(values)), "INT64"))
        tensors[-1].set_data_from_numpy(np.array(values, dtype=np.int64))
    with pytest.raises(InferenceServerException) as refused:
        await client.infer("text_bert", tensors, client_timeout=10)
    assert refused.value.status() == "StatusCode.INTERNAL"
    assert (await embed(client, "still here")).shape == (1, 384)


async def test_nothing_but_padding_has_finite_answers(client: triton.InferenceServerClient) -> None:
    """A mask of zeros, which the tokenizer never makes, gives numbers and no dead process."""
    tensors = []
    for name in ("INPUT_IDS", "ATTENTION_MASK"):
        tensors.append(triton.InferInput(name, [1, 16], "INT64"))
        tensors[-1].set_data_from_numpy(np.zeros((1, 16), dtype=np.int64))
    reply = await client.infer("text_bert", tensors, client_timeout=10)
    for name in ("EMBEDDING", "INTENT", "EMOTION", "SLOT_TAGS"):
        assert np.isfinite(reply.as_numpy(name)).all()
