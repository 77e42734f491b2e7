"""Why a call to the orchestrator ended, in the edge's words."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from servicekit.errors import Code, ServiceError, from_rpc_error, unavailable


def task_is_cancelled() -> bool:
    """Tells our task's cancellation from the CancelledError that grpc.aio raises for a cancelled call."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def cancelled() -> ServiceError:
    """What ends a stream that the edge gave up."""
    return ServiceError(Code.CANCELLED, "CANCELLED", "the edge ended the stream")


def broken() -> ServiceError:
    """What `asyncio.InvalidStateError` means: grpc.aio raises it, now and then, when the peer dies under a write."""
    return unavailable("UNAVAILABLE", "the conversation service went away, try again")


async def ending_of(call: Any) -> ServiceError:
    """Why a call ended that has no more to read; a clean end is UNAVAILABLE too, for it goes on elsewhere."""
    status = await call.code()
    if status is grpc.StatusCode.OK:
        return unavailable("UNAVAILABLE", "the conversation service ended the stream, try again")
    return from_rpc_error(
        grpc.aio.AioRpcError(
            status,
            await call.initial_metadata(),
            await call.trailing_metadata(),
            details=await call.details(),
        )
    )
