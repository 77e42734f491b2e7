"""`stickerdesk packs`: the sticker packs of a running stack, over the recommender's gRPC service."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
from rich.table import Table

from launcher.display import console
from launcher.errors import LauncherError
from launcher.running import require
from launcher.settings import LauncherSettings
from servicekit.errors import from_rpc_error
from stickerdesk.recommender.v1 import recommender_pb2, recommender_pb2_grpc

_LIST_TIMEOUT_S = 10.0
_ADD_TIMEOUT_S = 120.0
_ARCHIVE_BYTES = 32 * 1024 * 1024
_MESSAGE_BYTES = _ARCHIVE_BYTES + 64 * 1024


def list_packs(settings: LauncherSettings) -> None:
    """Prints a line per pack.

    Raises:
        LauncherError: No stack runs, or the recommender refused.
    """
    with _recommender(settings) as stub:
        packs = stub.ListPacks(recommender_pb2.ListPacksRequest(), timeout=_LIST_TIMEOUT_S).packs
    table = Table("pack", "stickers", "version", "licence", "title", box=None, pad_edge=False)
    for pack in packs:
        title = " / ".join(text for text in (pack.title.en, pack.title.zh) if text)
        table.add_row(pack.id, str(pack.sticker_count), pack.version, pack.licence, title)
    console().print(table)


def add_pack(settings: LauncherSettings, file: Path, *, replace: bool) -> None:
    """Sends the archive and prints what the catalogue has of it now.

    Raises:
        LauncherError: The file is too large, no stack runs, or the recommender refused the pack.
    """
    if file.stat().st_size > _ARCHIVE_BYTES:
        raise LauncherError(f"{file.name} has more than {_ARCHIVE_BYTES // 2**20} MiB.", "Split the pack.")
    request = recommender_pb2.AddStickersRequest(
        request_id=uuid.uuid4().hex, archive=file.read_bytes(), replace=replace
    )
    with _recommender(settings) as stub:
        pack = stub.AddStickers(request, timeout=_ADD_TIMEOUT_S).pack
    print(f"added {pack.id}: {pack.sticker_count} stickers, version {pack.version}")


@contextmanager
def _recommender(settings: LauncherSettings) -> Iterator[recommender_pb2_grpc.RecommenderServiceStub]:
    """Opens the running stack's recommender; its refusals become sentences."""
    part = require(settings).parts["recommender"]
    options = [("grpc.max_send_message_length", _MESSAGE_BYTES)]
    with grpc.insecure_channel(part.address, options=options) as channel:
        try:
            yield recommender_pb2_grpc.RecommenderServiceStub(channel)
        except grpc.RpcError as error:
            problem = from_rpc_error(error)
            raise LauncherError(f"{problem.message} ({problem.reason})") from error
