"""Conversations are opened in line, however many clients come back at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest

from gateway.edge.actions import OpenRequest
from gateway.links import LinkDesk
from gateway.orchestrator_stream import OrchestratorStream
from gateway.pictures.links import PictureLinks
from gateway.sticker_links import StickerLinks
from servicekit.errors import Code, ServiceError
from servicekit.tenants import single_tenant
from servicekit.tenants_file import TenantBook
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc
from tests.fakes_orchestrator import OrchestratorProcess
from tests.gateway.conftest import Edge

pytestmark = pytest.mark.integration

_CLIENTS = 40


def _request() -> OpenRequest:
    return OpenRequest(conversation="", customer="kim", tenant="default", locale="en", last_seq=0, epoch="")


def edge_links() -> LinkDesk:
    """Addresses of an edge with one tenant."""
    secret = b"a secret of the tests, long enough"
    return LinkDesk(PictureLinks(secret), StickerLinks(secret, TenantBook(single_tenant("default"))))


async def test_all_who_come_at_once_are_let_in(make_edge: Callable[..., Awaitable[Edge]]) -> None:
    """One after the other, in this test."""
    edge = await make_edge(opening_at_once=1)
    clients = await asyncio.gather(*(edge.join() for _ in range(_CLIENTS)))
    assert len({client.welcome["conversation"] for client in clients}) == _CLIENTS


async def test_one_that_hangs_up_in_line_is_never_opened(orchestrator: OrchestratorProcess) -> None:
    """Its place goes to the next."""
    gate = asyncio.Semaphore(1)
    async with grpc.aio.insecure_channel(orchestrator.url) as channel:
        stub: Any = orchestrator_pb2_grpc.OrchestratorServiceStub(channel)
        first, second = (OrchestratorStream(stub, 5.0, edge_links(), gate) for _ in range(2))
        await gate.acquire()
        waiting = asyncio.create_task(anext(first.events(_request())))
        await asyncio.sleep(0)
        first.cancel()
        gate.release()
        with pytest.raises(ServiceError) as ended:
            await waiting
        assert ended.value.code is Code.CANCELLED
        events = second.events(_request())
        assert await anext(events)
        assert not gate.locked()
        await events.aclose()
