"""What the recommender can be told (`STICKERDESK_RECOMMENDER_…` or `STICKERDESK_…`)."""

from __future__ import annotations

from pydantic import Field

from servicekit.settings import GrpcTarget, RedisUrl, ServiceSettings


class RecommenderSettings(ServiceSettings, service="recommender"):
    """Settings of the recommender."""

    triton_url: GrpcTarget = Field(default="127.0.0.1:8001", description="host:port of Triton's gRPC endpoint")
    redis_url: RedisUrl | None = Field(
        default=None, description="Redis or Valkey for click feedback; unset: kept in memory only"
    )
    redis_cluster: bool = Field(default=False, description="whether redis_url names a node of a cluster")
    channel_patience_s: float = Field(
        default=1.0, gt=0, le=30, description="seconds an answer waits for its slowest channel"
    )
