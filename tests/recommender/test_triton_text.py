"""The adapter to Triton: the real server, a dead one, one that hangs, one that lies."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from recommender.channel import ChannelDownError
from recommender.triton_text import TritonTextEncoder
from servicekit.resilience import BreakerState, CircuitBreaker

pytestmark = pytest.mark.integration


async def test_the_real_encoder_embeds_batches_and_odd_text(triton_url: str) -> None:
    """Embeddings have length one, equal texts are equal, and no text breaks it."""
    encoder = TritonTextEncoder(triton_url)
    texts = ["thank you", "thank you", "谢谢", "", "👍" * 500, "x" * 10_000, "\x00\ufffd"]
    vectors = await encoder.encode(texts, timeout_s=20)
    assert vectors.shape == (len(texts), 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert float(vectors[0] @ vectors[1]) > 0.999
    await encoder.close()


async def test_an_unknown_output_is_a_channel_that_is_down(triton_url: str) -> None:
    """A repository without the wanted tensor is said to be down, not answered with rubbish."""
    encoder = TritonTextEncoder(triton_url, output="NO_SUCH_OUTPUT")
    with pytest.raises(ChannelDownError):
        await encoder.encode(["x"], timeout_s=5)
    await encoder.close()


async def test_a_dead_server_opens_the_breaker() -> None:
    """After some failures calls are refused at once."""
    breaker = CircuitBreaker("text encoder", failure_threshold=2, reset_s=60)
    encoder = TritonTextEncoder("127.0.0.1:1", breaker=breaker)
    for _ in range(3):
        with pytest.raises(ChannelDownError):
            await encoder.encode(["x"], timeout_s=0.5)
    assert breaker.state is BreakerState.OPEN
    await encoder.close()


async def test_a_server_that_hangs_is_given_up() -> None:
    """A socket that accepts and never answers costs the timeout, and counts as a failure."""
    never = asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    breaker = CircuitBreaker("text encoder", failure_threshold=1, reset_s=60)
    encoder = TritonTextEncoder(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", breaker=breaker)
    with pytest.raises(ChannelDownError):
        await encoder.encode(["x"], timeout_s=0.2)
    assert breaker.state is BreakerState.OPEN
    await encoder.close()
    never.set()
    server.close()
