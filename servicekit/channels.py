"""Channels to other services: keep-alive, load balancing, one retry policy, trace context."""

from __future__ import annotations

import json
from typing import Any

import grpc
from opentelemetry.instrumentation.grpc import aio_client_interceptors

from servicekit.telemetry import Telemetry
from servicekit.tls import Tls

KEEPALIVE_MS = 30_000

_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.05s",
                "maxBackoff": "0.5s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    "retryThrottling": {"maxTokens": 20, "tokenRatio": 0.5},
}


def open_channel(
    url: str, telemetry: Telemetry, tls: Tls | None = None, *, retry: bool = True, trace: bool = True
) -> grpc.aio.Channel:
    """A channel to `host:port` (or any gRPC target); connects when first used.

    Args:
        url: The target.
        telemetry: Whose traces the calls belong to.
        tls: Shown to the other side, whose certificate must name the target's host; None speaks plainly.
        retry: Whether UNAVAILABLE unary calls are tried again (three times in all, throttled). gRPC never retries a
            call that has begun to answer.
        trace: Whether calls make spans and carry the trace context.
    """
    options: list[tuple[str, Any]] = [
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.min_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 3_000),
        ("grpc.max_receive_message_length", 36 * 1024 * 1024),
        ("grpc.enable_retries", 1 if retry else 0),
    ]
    config = _SERVICE_CONFIG if retry else {"loadBalancingConfig": _SERVICE_CONFIG["loadBalancingConfig"]}
    options.append(("grpc.service_config", json.dumps(config)))
    tracing: Any = aio_client_interceptors
    interceptors = tracing(tracer_provider=telemetry.provider) if trace else []
    if tls is None:
        return grpc.aio.insecure_channel(url, options=options, interceptors=interceptors)
    return grpc.aio.secure_channel(url, tls.calling, options=options, interceptors=interceptors)
