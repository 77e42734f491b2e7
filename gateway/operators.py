"""What the shop's people and programs ask of the edge over HTTP: announcements, and changes of what was said."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import grpc
import msgspec
from msgspec import Meta, Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.envelopes import error_response, json_response
from gateway.links import LinkDesk
from gateway.trust.authenticator import Authenticator
from gateway.trust.identity import Identity, require
from gateway.views import entry_of
from servicekit.errors import from_rpc_error, not_found
from servicekit.tenants import Scope
from stickerdesk.catalog.v1 import catalog_pb2
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as pb_grpc

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_MAX_BODY_BYTES = 256 * 1024
_ANNOUNCE_S = 30.0
_REVISE_S = 5.0
_MAX_SEQ_DIGITS = 15
_REVISIONS = {"edited": pb.RevisionContent.KIND_EDITED, "retracted": pb.RevisionContent.KIND_RETRACTED}

_Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]
_Words = Annotated[str, Meta(max_length=1000)]
_Asked = TypeVar("_Asked", bound=Struct)


class _Texts(Struct, frozen=True):
    en: _Words = ""
    zh: _Words = ""


class _Broadcast(Struct, frozen=True):
    announcement_id: _Id
    text: _Texts
    languages: list[Literal["en", "zh"]] = []
    customer_ids: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128)]], Meta(max_length=1000)] = []


class _Revise(Struct, frozen=True):
    revision_id: _Id
    kind: Literal["edited", "retracted"]
    text: Annotated[str, Meta(max_length=4000)] = ""


class _Unfit(Exception):
    """A body that cannot be taken: which field, and why."""

    def __init__(self, field: str, detail: str, status: int = 400) -> None:
        super().__init__(field)
        self.field, self.detail, self.status = field, detail, status


class OperatorEndpoint:
    """`/v1/broadcasts` and `/v1/conversations/…/revisions`.

    Args:
        stub: The orchestrator.
        authenticator: Tells who asks.
        links: Makes the addresses in entries.
    """

    def __init__(
        self, stub: pb_grpc.OrchestratorServiceAsyncStub, authenticator: Authenticator, links: LinkDesk
    ) -> None:
        self._stub, self._authenticator, self._links = stub, authenticator, links

    def routes(self) -> list[Route]:
        """What the application routes here."""
        revisions = "/v1/conversations/{conversation}/entries/{seq}/revisions"
        return [
            Route("/v1/broadcasts", self._broadcast, methods=_METHODS),
            Route(revisions, self._revise, methods=_METHODS),
        ]

    async def _broadcast(self, request: Request) -> Response:
        identity = await self._admitted(request, Scope.BROADCAST)
        try:
            asked = await _read(request, _Broadcast)
            if not (asked.text.en.strip() or asked.text.zh.strip()):
                raise _Unfit("text", "is needed in at least one language")
        except _Unfit as unfit:
            return _unfit(request, unfit)
        announce = pb.AnnounceRequest(
            announcement_id=asked.announcement_id,
            tenant=identity.tenant,
            text=catalog_pb2.LocalizedText(en=asked.text.en, zh=asked.text.zh),
            languages=asked.languages,
            customer_ids=asked.customer_ids,
        )
        done = await self._call(self._stub.Announce, announce, _ANNOUNCE_S)
        return json_response({"reached": done.reached, "duplicates": done.duplicates}, 202)

    async def _revise(self, request: Request) -> Response:
        identity = await self._admitted(request, Scope.AGENT)
        conversation, seq = request.path_params["conversation"], request.path_params["seq"]
        try:
            asked = await _read(request, _Revise)
            if asked.kind == "edited" and not asked.text.strip():
                raise _Unfit("text", "is needed for an edit")
        except _Unfit as unfit:
            return _unfit(request, unfit)
        if not (seq.isascii() and seq.isdigit() and 1 <= len(seq) <= _MAX_SEQ_DIGITS and int(seq) > 0):
            raise not_found("ENTRY_NOT_FOUND", "there is no such entry")
        await self._own(identity, conversation)
        revision = pb.RevisionContent(target_seq=int(seq), kind=_REVISIONS[asked.kind], text=asked.text)
        revise = pb.ReviseEntryRequest(conversation_id=conversation, revision_id=asked.revision_id, revision=revision)
        done = await self._call(self._stub.ReviseEntry, revise, _REVISE_S)
        return json_response(msgspec.to_builtins(entry_of(done.entry, self._links.of(identity.tenant))), 201)

    async def _admitted(self, request: Request, scope: Scope) -> Identity:
        if request.method != "POST":
            raise HTTPException(405, headers={"allow": "POST"})
        headers = request.headers
        identity = await self._authenticator.authenticate(headers.get("authorization"), origin=headers.get("origin"))
        return require(identity, scope)

    async def _own(self, identity: Identity, conversation: str) -> None:
        """Another tenant's conversation is as good as none."""
        head = await self._call(
            self._stub.GetConversation, pb.GetConversationRequest(conversation_id=conversation), _REVISE_S
        )
        if head.conversation.tenant != identity.tenant:
            raise not_found("CONVERSATION_NOT_FOUND", "there is no such conversation")

    async def _call(self, method: Any, message: Any, timeout_s: float) -> Any:
        try:
            return await method(message, timeout=timeout_s)
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None


async def _read(request: Request, kind: type[_Asked]) -> _Asked:
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > _MAX_BODY_BYTES:
            raise _Unfit("body", f"at most {_MAX_BODY_BYTES // 1024} KiB", 413)
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        complaint, _, path = str(error).partition(" - at `$")
        raise _Unfit(path.strip(".`") or "body", complaint) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise _Unfit("body", "is not one JSON object") from None


def _unfit(request: Request, unfit: _Unfit) -> Response:
    answer = error_response(request, "INVALID_BODY", status=unfit.status, field=unfit.field, detail=unfit.detail)
    if unfit.status == 413:
        answer.headers["connection"] = "close"  # the rest of the body is not wanted
    return answer
