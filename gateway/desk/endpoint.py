"""`/v1/desk/…`: people of the shop in conversations, over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.desk.approvals import approval_view
from gateway.desk.bodies import Begin, Decide, Nothing, Read, Revise, Say, Type, UnfitError, read_body
from gateway.desk.events import DeskEvents
from gateway.desk.pictures import DeskPictures
from gateway.desk.sessions import DeskSessions, check_own_page
from gateway.desk.views import summary_view
from gateway.envelopes import current_trace, error_response, json_response, on_service_error, request_language
from gateway.errors import envelope, public_reason
from gateway.links import LinkDesk
from gateway.trust.identity import Identity
from gateway.views import entry_of
from servicekit.errors import ServiceError, from_rpc_error, not_found, unauthenticated
from stickerdesk.orchestrator.v1 import desk_pb2 as pb
from stickerdesk.orchestrator.v1 import desk_pb2_grpc as pb_grpc
from stickerdesk.orchestrator.v1 import orchestrator_pb2, orchestrator_pb2_grpc

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_TIMEOUT_S = 8.0
_MOST_DIGITS = 15
_MOST_ID_CHARS = 64
_REVISIONS = {
    "edited": orchestrator_pb2.RevisionContent.KIND_EDITED,
    "retracted": orchestrator_pb2.RevisionContent.KIND_RETRACTED,
}
_PAGE = 50
_LISTS = {
    "waiting": pb.DESK_LIST_WAITING,
    "mine": pb.DESK_LIST_MINE,
    "taken": pb.DESK_LIST_TAKEN,
    "recent": pb.DESK_LIST_RECENT,
}

Deed = Callable[[Request, Identity], Awaitable[Response]]


def agent_of(identity: Identity) -> pb.DeskAgent:
    """Who acts, as the orchestrator is told."""
    name = "".join(sign for sign in identity.name or identity.subject if sign.isprintable()).strip()
    return pb.DeskAgent(id=identity.subject[:128], name=name[:64] or "Agent")


class DeskEndpoint:
    """The desk.

    Args:
        desk: The orchestrator's desk.
        conversations: The orchestrator's conversations.
        sessions: Lets people in.
        events: Tells what happens.
        links: Makes the addresses in entries.
        pictures: Takes pictures in.
    """

    def __init__(
        self, desk: pb_grpc.DeskServiceAsyncStub, conversations: orchestrator_pb2_grpc.OrchestratorServiceAsyncStub,
        sessions: DeskSessions, events: DeskEvents, links: LinkDesk, pictures: DeskPictures,
    ) -> None:  # fmt: skip
        self._desk, self._conversations = desk, conversations
        self._sessions, self._events, self._links, self._pictures = sessions, events, links, pictures

    def routes(self) -> list[Route]:
        """What the application routes here."""
        one = "/v1/desk/conversations/{conversation}"
        deeds: dict[str, tuple[str, Deed]] = {
            "/v1/desk/conversations": ("GET", self._list),
            "/v1/desk/events": ("GET", self._watch_lists),
            f"{one}/events": ("GET", self._watch_one),
            f"{one}/entries": ("GET", self._entries),
            f"{one}/take": ("POST", self._take),
            f"{one}/say": ("POST", self._say),
            f"{one}/pictures": ("POST", self._show),
            f"{one}/entries/{{seq}}/revisions": ("POST", self._revise),
            f"{one}/typing": ("POST", self._type),
            f"{one}/read": ("POST", self._read),
            f"{one}/hand-back": ("POST", self._hand_back),
            f"{one}/close": ("POST", self._close),
            "/v1/desk/approvals": ("GET", self._approvals),
            "/v1/desk/approvals/{approval}": ("POST", self._decide),
        }
        routes = [Route(path, self._guarded(*deed), methods=_METHODS) for path, deed in deeds.items()]
        return [
            Route("/desk", lambda request: RedirectResponse("/desk/", 308), methods=["GET"]),
            Route("/v1/desk/session", self._session, methods=_METHODS),
            *routes,
        ]

    def _guarded(self, method: str, deed: Deed) -> Callable[[Request], Awaitable[Response]]:
        """A deed for those who may; errors in the envelope."""

        async def answer(request: Request) -> Response:
            if request.method != method:
                raise HTTPException(405, headers={"allow": method})
            identity = await self._sessions.admitted(request)
            try:
                return await deed(request, identity)
            except UnfitError as unfit:
                return _unfit(request, unfit)
            except ServiceError as error:
                return await _refusal(request, error)

        return answer

    async def _session(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._begin(request)
        if request.method == "DELETE":
            check_own_page(request)
            return self._sessions.drop(json_response({}))
        if request.method != "GET":
            raise HTTPException(405, headers={"allow": "GET, POST, DELETE"})
        identity = await self._sessions.admitted(request)
        return self._sessions.renew(request, identity, json_response(_who(identity)))

    async def _begin(self, request: Request) -> Response:
        check_own_page(request)
        try:
            asked = await read_body(request, Begin)
        except UnfitError as unfit:
            return _unfit(request, unfit)
        if not asked.key and not asked.login:
            raise unauthenticated("TOKEN_MISSING", "a key or a link is needed")
        identity = await self._sessions.begin(asked.key.strip(), asked.login)
        return self._sessions.keep(identity, json_response(_who(identity), 201))

    async def _list(self, request: Request, identity: Identity) -> Response:
        query = request.query_params
        wanted = _LISTS.get(query.get("list", ""))
        if wanted is None:
            return error_response(request, "INVALID_QUERY", field="list", detail=", ".join(_LISTS))
        listing = pb.ListConversationsRequest(
            tenant=identity.tenant, agent=agent_of(identity), list=wanted, page_size=_PAGE,
            page_token=query.get("after", "")[:16],
        )  # fmt: skip
        page = await self._call(self._desk.ListConversations, listing)
        body: dict[str, Any] = {"conversations": [summary_view(one) for one in page.conversations]}
        if page.next_page_token:
            body["after"] = page.next_page_token
        return json_response(body)

    async def _entries(self, request: Request, identity: Identity) -> Response:
        conversation, before = request.path_params["conversation"], request.query_params.get("before", "")
        if before and not _number(before):
            return error_response(request, "INVALID_QUERY", field="before", detail="a seq")
        head = await self._own(identity, conversation)
        asked = orchestrator_pb2.ListEntriesRequest(
            conversation_id=conversation, before_seq=int(before or head.last_seq + 1), page_size=_PAGE
        )
        page = await self._call(self._conversations.ListEntries, asked)
        links = self._links.of(identity.tenant)
        entries = [msgspec.to_builtins(entry_of(entry, links)) for entry in page.entries]
        return json_response({"entries": entries, "has_more": page.has_more, "epoch": page.epoch})

    async def _take(self, request: Request, identity: Identity) -> Response:
        await read_body(request, Nothing)
        done = await self._call(self._desk.TakeConversation, pb.TakeConversationRequest(**_about(request, identity)))
        return json_response({"conversation": summary_view(done.conversation), "already": done.already})

    async def _say(self, request: Request, identity: Identity) -> Response:
        asked = await read_body(request, Say)
        if (asked.text is None) == (asked.sticker is None):
            raise UnfitError("text", "a text or a sticker")
        if asked.text is not None and not asked.text.strip():
            raise UnfitError("text", "must not be empty")
        say = pb.SayToCustomerRequest(**_about(request, identity), message_id=asked.message_id)
        if asked.text is not None:
            say.text.text = asked.text
        else:
            say.sticker.sticker.id = asked.sticker or ""
        return await self._said(say, identity)

    async def _show(self, request: Request, identity: Identity) -> Response:
        message_id = request.query_params.get("message_id", "")
        if not 1 <= len(message_id) <= _MOST_ID_CHARS:
            raise UnfitError("message_id", "is needed in the address")
        head = await self._own(identity, request.path_params["conversation"])
        say = pb.SayToCustomerRequest(**_about(request, identity), message_id=message_id)
        say.image.CopyFrom(await self._pictures.take(request, identity, head))
        return await self._said(say, identity)

    async def _said(self, say: pb.SayToCustomerRequest, identity: Identity) -> Response:
        done = await self._call(self._desk.SayToCustomer, say)
        return json_response(msgspec.to_builtins(entry_of(done.entry, self._links.of(identity.tenant))), 201)

    async def _revise(self, request: Request, identity: Identity) -> Response:
        conversation, seq = request.path_params["conversation"], request.path_params["seq"]
        asked = await read_body(request, Revise)
        if asked.kind == "edited" and not asked.text.strip():
            raise UnfitError("text", "is needed for an edit")
        if not _number(seq) or int(seq) == 0:
            raise not_found("ENTRY_NOT_FOUND", "there is no such entry")
        await self._own(identity, conversation)
        revision = orchestrator_pb2.RevisionContent(
            target_seq=int(seq), kind=_REVISIONS[asked.kind], text=asked.text if asked.kind == "edited" else ""
        )
        revise = orchestrator_pb2.ReviseEntryRequest(
            conversation_id=conversation, revision_id=asked.revision_id, revision=revision
        )
        done = await self._call(self._conversations.ReviseEntry, revise)
        return json_response(msgspec.to_builtins(entry_of(done.entry, self._links.of(identity.tenant))), 201)

    async def _type(self, request: Request, identity: Identity) -> Response:
        asked = await read_body(request, Type)
        await self._call(self._desk.SetTyping, pb.SetTypingRequest(**_about(request, identity), active=asked.active))
        return json_response({})

    async def _read(self, request: Request, identity: Identity) -> Response:
        asked = await read_body(request, Read)
        await self._call(self._desk.MarkRead, pb.MarkReadRequest(**_about(request, identity), seq=asked.seq))
        return json_response({})

    async def _hand_back(self, request: Request, identity: Identity) -> Response:
        await read_body(request, Nothing)
        done = await self._call(
            self._desk.HandBackConversation, pb.HandBackConversationRequest(**_about(request, identity))
        )
        return json_response({"conversation": summary_view(done.conversation)})

    async def _close(self, request: Request, identity: Identity) -> Response:
        await read_body(request, Nothing)
        done = await self._call(self._desk.EndConversation, pb.EndConversationRequest(**_about(request, identity)))
        return json_response({"conversation": summary_view(done.conversation)})

    async def _approvals(self, request: Request, identity: Identity) -> Response:
        asked = pb.ListApprovalsRequest(tenant=identity.tenant, agent=agent_of(identity), page_size=_PAGE)
        page = await self._call(self._desk.ListApprovals, asked)
        return json_response({"approvals": [approval_view(one) for one in page.approvals]})

    async def _decide(self, request: Request, identity: Identity) -> Response:
        asked = await read_body(request, Decide)
        decide = pb.DecideApprovalRequest(
            tenant=identity.tenant, agent=agent_of(identity), approval_id=request.path_params["approval"][:64],
            word=pb.APPROVAL_WORD_APPROVE if asked.agree else pb.APPROVAL_WORD_DENY, note=asked.note,
        )  # fmt: skip
        done = await self._call(self._desk.DecideApproval, decide)
        return json_response({"approval": approval_view(done.approval)})

    async def _watch_lists(self, request: Request, identity: Identity) -> Response:
        watch = pb.WatchDeskRequest(tenant=identity.tenant, agent=agent_of(identity))
        return await self._events.stream(identity, watch, lambda error: _told(request, error))

    async def _watch_one(self, request: Request, identity: Identity) -> Response:
        last = request.headers.get("last-event-id") or request.query_params.get("last_event_id", "")
        epoch, _, seq = last.rpartition(":")
        watch = pb.WatchDeskRequest(**_about(request, identity))
        if _number(seq):
            watch.last_seq, watch.epoch = int(seq), epoch[:64]
        return await self._events.stream(identity, watch, lambda error: _told(request, error))

    async def _own(self, identity: Identity, conversation: str) -> orchestrator_pb2.Conversation:
        """The head; another tenant's conversation is as good as none."""
        asked = orchestrator_pb2.GetConversationRequest(conversation_id=conversation)
        head: orchestrator_pb2.Conversation = (
            await self._call(self._conversations.GetConversation, asked)
        ).conversation
        if head.tenant != identity.tenant:
            raise not_found("CONVERSATION_NOT_FOUND", "there is no such conversation")
        return head

    async def _call(self, method: Any, message: Any) -> Any:
        try:
            return await method(message, timeout=_TIMEOUT_S)
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None


def _about(request: Request, identity: Identity) -> dict[str, Any]:
    conversation = request.path_params["conversation"]
    return {"tenant": identity.tenant, "agent": agent_of(identity), "conversation_id": conversation}


def _who(identity: Identity) -> dict[str, Any]:
    agent = agent_of(identity)
    return {"id": agent.id, "name": agent.name, "tenant": identity.tenant}


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _told(request: Request, error: ServiceError) -> dict[str, Any]:
    wait_ms = None if error.retry_after_s is None else round(error.retry_after_s * 1000)
    return envelope(public_reason(error), request_language(request), current_trace(), retry_after_ms=wait_ms)


async def _refusal(request: Request, error: ServiceError) -> Response:
    """A refusal that names the other person, where it is about one."""
    if error.reason == "ALREADY_TAKEN":
        return error_response(request, error.reason, detail=error.metadata.get("by", ""))
    return await on_service_error(request, error)


def _unfit(request: Request, unfit: UnfitError) -> Response:
    answer = error_response(request, "INVALID_BODY", status=unfit.status, field=unfit.field, detail=unfit.detail)
    if unfit.status == 413:
        answer.headers["connection"] = "close"  # the rest of the body is not wanted
    return answer
