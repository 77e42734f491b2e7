"""The recommender process: `python -m recommender`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import uvloop
from redis.asyncio import Redis, RedisCluster

from recommender.embedding_cache import EmbeddingCache
from recommender.engine import Recommender
from recommender.expression import EmojiChannel, EmotionChannel
from recommender.feedback import FeedbackStore
from recommender.feedback_memory import MemoryFeedbackStore
from recommender.feedback_redis import RedisFeedbackStore, open_redis
from recommender.lexical import LexicalChannel
from recommender.maintenance import Maintenance
from recommender.pack_store import PackStore
from recommender.seed_embeddings import IMAGE_SEED, SHIPPED_PACKS, TEXT_SEED
from recommender.semantic import SemanticChannel
from recommender.servicer import SERVICE_NAME, RecommenderServicer
from recommender.settings import RecommenderSettings
from recommender.triton_images import TritonImageEncoder
from recommender.triton_text import TritonTextEncoder
from recommender.visual import VisualChannel
from servicekit.algebra import keep_to_one_thread
from servicekit.background import stop
from servicekit.lifecycle import GrpcServer
from servicekit.starting import start
from servicekit.telemetry import Telemetry, get_logger
from stickerdesk.recommender.v1.recommender_pb2_grpc import add_RecommenderServiceServicer_to_server


async def serve(settings: RecommenderSettings) -> None:
    """Builds the parts, serves until a signal, takes them down again."""
    telemetry = Telemetry.create("recommender", settings)
    data_dir = settings.data_dir / "recommender"
    encoder = TritonTextEncoder(settings.triton_url)
    cache = EmbeddingCache(data_dir / "text-embeddings.npz", seed=TEXT_SEED)
    semantic = SemanticChannel(encoder, cache, query_timeout_s=settings.channel_patience_s)
    image_encoder = TritonImageEncoder(settings.triton_url)
    visual = VisualChannel(image_encoder, EmbeddingCache(data_dir / "image-embeddings.npz", seed=IMAGE_SEED))
    redis, feedback = _feedback(settings)
    recommender = Recommender(
        PackStore(SHIPPED_PACKS, data_dir),
        [LexicalChannel(), EmojiChannel(), EmotionChannel()],
        [semantic, visual],
        feedback,
        channel_patience_s=settings.channel_patience_s,
    )
    server = GrpcServer(settings, telemetry, [SERVICE_NAME])
    add_RecommenderServiceServicer_to_server(RecommenderServicer(recommender), server.server)
    await server.start()
    await recommender.load()
    maintenance = [asyncio.create_task(Maintenance(recommender, one).run()) for one in (semantic, visual)]
    await server.set_serving(True)
    await server.run_until_signal()
    await stop(maintenance)
    await encoder.close()
    await image_encoder.close()
    if redis is not None:
        await redis.aclose()
    telemetry.shutdown()


def _feedback(settings: RecommenderSettings) -> tuple[Redis | RedisCluster | None, FeedbackStore]:
    if settings.redis_url is None:
        get_logger("recommender").warning("no redis url: click feedback is kept in memory only")
        return None, MemoryFeedbackStore()
    redis = open_redis(settings.redis_url, cluster=settings.redis_cluster)
    return redis, RedisFeedbackStore(redis)


def main(argv: Sequence[str] = ()) -> int:
    """Entry point; returns the exit code."""
    keep_to_one_thread()
    return start(RecommenderSettings, lambda settings: uvloop.run(serve(settings)), argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
