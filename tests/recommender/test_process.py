"""The process itself: with Triton dead, with the real one, its settings and its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from launcher.ports import free_ports
from recommender.servicer import SERVICE_NAME
from stickerdesk.recommender.v1 import recommender_pb2 as pb
from stickerdesk.recommender.v1.recommender_pb2_grpc import RecommenderServiceStub
from tests.recommender.archives import archive

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def _process(
    data_dir: Path, **environment: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, grpc.aio.Channel]]:
    """A recommender that is SERVING, and a channel to it; killed at the end if it still runs."""
    address = f"127.0.0.1:{free_ports(1)[0]}"
    variables = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'protos'}",
        "STICKERDESK_RECOMMENDER_LISTEN": address,
        "STICKERDESK_DATA_DIR": str(data_dir),
        "STICKERDESK_DRAIN_S": "2",
        **environment,
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "recommender", env=variables, cwd=data_dir)
    try:
        async with grpc.aio.insecure_channel(address) as channel:
            await _until_serving(channel)
            yield process, channel
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _until_serving(channel: grpc.aio.Channel) -> None:
    health = health_pb2_grpc.HealthStub(channel)

    async def serving() -> bool:
        request = health_pb2.HealthCheckRequest(service=SERVICE_NAME)
        answer = await health.Check(request, wait_for_ready=True, timeout=60)
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    await _until(serving, 60)


async def _until(condition: Callable[[], Awaitable[bool]], patience_s: float) -> None:
    async with asyncio.timeout(patience_s):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_with_triton_dead_it_serves_words_and_says_so(tmp_path: Path, redis_url: str) -> None:
    """Both languages are answered from keywords, flagged as degraded; a pack outlives a kill -9; SIGTERM ends it."""
    dead = {"STICKERDESK_TRITON_URL": f"127.0.0.1:{free_ports(1)[0]}", "STICKERDESK_REDIS_URL": redis_url}
    async with _process(tmp_path, **dead) as (process, channel):
        stub = RecommenderServiceStub(channel)
        for text, emoji in (("thank you", "🙏"), ("退款到了吗", "💰")):
            answer = await stub.Recommend(pb.RecommendRequest(text=text, packs=["noto-emoji"]))
            assert emoji in [one.sticker.emoji for one in answer.stickers]
            assert answer.degraded
        await stub.AddStickers(pb.AddStickersRequest(request_id="r", archive=archive("zeppelin")))
        process.kill()
        await process.wait()
    async with _process(tmp_path, **dead) as (process, channel):
        stub = RecommenderServiceStub(channel)
        found = await stub.SearchStickers(pb.SearchStickersRequest(query="zeppelin"))
        assert found.stickers[0].sticker.id == "tiny/zeppelin"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_with_the_real_triton_meaning_joins_in(tmp_path: Path, triton_url: str, redis_url: str) -> None:
    """Once the index is built in the background a paraphrase finds its sticker and nothing is degraded."""
    real = {"STICKERDESK_TRITON_URL": triton_url, "STICKERDESK_REDIS_URL": redis_url}
    async with _process(tmp_path, **real) as (_, channel):
        stub = RecommenderServiceStub(channel)

        async def whole() -> bool:
            answer = await stub.Recommend(pb.RecommendRequest(text="much appreciated"))
            return not answer.degraded

        await _until(whole, 150)
        answer = await stub.Recommend(pb.RecommendRequest(text="this is hilarious", packs=["noto-emoji"], limit=10))
        assert {"😂", "🤣"} & {one.sticker.emoji for one in answer.stickers}
        channels = {why.channel for one in answer.stickers for why in one.reasons}
        assert pb.MatchReason.CHANNEL_SEMANTIC in channels


async def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    """The process says which variable is wrong and ends with code 2."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'protos'}",
        "STICKERDESK_RECOMMENDER_CHANNEL_PATIENCE_S": "soon",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "recommender", env=environment, cwd=tmp_path, stderr=asyncio.subprocess.PIPE
    )
    _, stderr = await process.communicate()
    assert process.returncode == 2
    assert b"STICKERDESK_RECOMMENDER_CHANNEL_PATIENCE_S" in stderr


async def test_a_taken_port_is_an_error_not_a_hang(tmp_path: Path) -> None:
    """On an address that is in use the process ends with a message."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'protos'}",
            "STICKERDESK_RECOMMENDER_LISTEN": f"127.0.0.1:{taken.getsockname()[1]}",
            "STICKERDESK_DATA_DIR": str(tmp_path),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "recommender", env=environment, cwd=tmp_path, stderr=asyncio.subprocess.PIPE
        )
        _, stderr = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert b"port" in stderr
