"""Clients of Triton, all with the same patience."""

from __future__ import annotations

from typing import Any

_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.lb_policy_name", "round_robin"),  # the default sends everything to the first replica that was found
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 3_000),  # by default a server that was away is not asked for up to two minutes
    # With a call under way only: Triton refuses pings of idle clients. It also makes the system give up a connection
    # whose other end vanished after this time, instead of a quarter of an hour.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 0),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
)


def open_triton(url: str) -> Any:
    """A client of the Triton at `host:port`, or of all replicas behind that name; connects when first used."""
    from tritonclient.grpc.aio import InferenceServerClient  # half a second, which a start need not wait for

    return InferenceServerClient(url, channel_args=list(_OPTIONS))
