"""An orchestrator with an in-memory journal behind a real gRPC server.

The journal outlives its server, so that a test can kill the server in the middle of a reply and start another on the
same journal and port: the new one takes unanswered turns over, as the real one does.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.trace import NoOpTracer
from prometheus_client import CollectorRegistry

from orchestrator.converse.lanes import Trunk
from orchestrator.converse.outbox import Credit
from orchestrator.metrics import Metrics
from servicekit.errors import ServiceError, forbidden, invalid, not_found, to_status, unavailable
from stickerdesk.catalog.v1 import catalog_pb2
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as pb_grpc

STICKER_ID = "noto-emoji/1f600"
_REPLAY_LIMIT = 200


def sticker(identity: str = STICKER_ID, sha256: str = "ab" * 32) -> catalog_pb2.Sticker:
    """A sticker as the catalogue would give it."""
    return catalog_pb2.Sticker(
        id=identity,
        pack=identity.split("/")[0],
        media_type="image/webp",
        width_px=136,
        height_px=136,
        size_bytes=1000,
        sha256=sha256,
        alt_text=catalog_pb2.LocalizedText(en="grinning face", zh="嘿嘿"),
        emoji="😀",
        emotion=catalog_pb2.EMOTION_JOY,
    )


@dataclass
class Turn:
    """One answer: what asked for it, and how it stands."""

    id: str
    text: str
    attempt: int = 0
    done: bool = False
    stopped: bool = False
    picture: bool = False
    seq: int = 0


@dataclass
class Conversation:
    """One journal."""

    id: str
    customer: str
    tenant: str = "default"
    epoch: str = "e1"
    state: int = pb.CONVERSATION_STATE_OPEN
    language: str = "en"
    entries: list[pb.Entry] = field(default_factory=list)
    first_kept: int = 1
    messages: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    turns: dict[str, Turn] = field(default_factory=dict)
    listeners: set[asyncio.Queue[pb.ConverseResponse]] = field(default_factory=set)
    receipt: tuple[int, int] = (0, 0)
    rating: pb.RatingSignal | None = None

    def append(self, entry: pb.Entry) -> pb.Entry:
        """Gives the entry its seq and tells everybody who listens."""
        entry.seq = len(self.entries) + 1
        entry.created_at.GetCurrentTime()
        self.entries.append(entry)
        self.tell(pb.ConverseResponse(entry=entry))
        return entry

    def tell(self, response: pb.ConverseResponse) -> None:
        """Sends to every open stream."""
        for listener in self.listeners:
            listener.put_nowait(response)

    def receive(self, receipt: pb.ReceiptSignal, queue: asyncio.Queue[pb.ConverseResponse]) -> None:
        """Notes how far the customer is and tells the other devices."""
        if (receipt.delivered_seq, receipt.read_seq) == self.receipt:
            return
        self.receipt = (receipt.delivered_seq, receipt.read_seq)
        event = pb.ReceiptEvent(
            reader=pb.AUTHOR_CUSTOMER, delivered_seq=receipt.delivered_seq, read_seq=receipt.read_seq
        )
        for listener in self.listeners - {queue}:
            listener.put_nowait(pb.ConverseResponse(receipt=event))

    def head(self) -> pb.Conversation:
        """The head as the contract has it."""
        return pb.Conversation(
            id=self.id,
            tenant=self.tenant,
            customer_id=self.customer,
            epoch=self.epoch,
            last_seq=len(self.entries),
            state=pb.ConversationState.ValueType(self.state),
            language=self.language,
        )


class Journal:
    """All conversations; survives the server."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.conversations: dict[str, Conversation] = {}

    def find(self, identity: str, customer: str, tenant: str = "default") -> tuple[Conversation, bool]:
        """The named conversation, the customer's own, or a new one."""
        if identity:
            found = self.conversations.get(identity)
            if found is None:
                raise not_found("CONVERSATION_NOT_FOUND", "no such conversation")
            if (found.tenant, found.customer) != (tenant, customer):
                raise forbidden("CONVERSATION_FORBIDDEN", "not yours")
            return found, True
        for known in self.conversations.values():
            if (known.tenant, known.customer) == (tenant, customer):
                return known, True
        made = Conversation(f"c{next(self._numbers)}", customer, tenant)
        self.conversations[made.id] = made
        return made, False


@dataclass
class Script:
    """How the fake answers.

    Attributes:
        words: The pieces of the answer to a text.
        gates: Per index of a piece: an event that must be set before it is sent.
        reached: Set when the piece of that index waits at its gate.
        refuse_opens: Opens that are refused with UNAVAILABLE before one is let through.
        lanes: Whether it knows ConverseMany.
        silent_acks: Messages that are appended but not acknowledged (the server dies in between).
    """

    words: Callable[[str], list[str]] = lambda text: ["You ", "said: ", text]
    gates: dict[int, asyncio.Event] = field(default_factory=dict)
    reached: dict[int, asyncio.Event] = field(default_factory=dict)
    refuse_opens: int = 0
    silent_acks: bool = False
    lanes: bool = True

    def gate(self, index: int) -> asyncio.Event:
        """Holds the piece of that index until the returned event is set."""
        self.gates[index], self.reached[index] = asyncio.Event(), asyncio.Event()
        return self.gates[index]


class FakeOrchestrator(pb_grpc.OrchestratorServiceServicer):
    """Implements the service on a `Journal`."""

    def __init__(self, journal: Journal, script: Script) -> None:
        self.journal = journal
        self.script = script
        self.seen: list[pb.ConverseRequest] = []
        self._running: set[asyncio.Task[None]] = set()

    async def Converse(
        self, request_iterator: AsyncIterator[pb.ConverseRequest], context: Any
    ) -> AsyncIterator[pb.ConverseResponse]:
        try:
            async for response in self._converse(request_iterator, Credit()):
                yield response
        except ServiceError as error:
            await context.abort_with_status(to_status(error))

    async def ConverseMany(
        self, request_iterator: AsyncIterator[pb.ConverseManyRequest], context: Any
    ) -> AsyncIterator[pb.ConverseManyResponse]:
        if not self.script.lanes:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "as a server that is older than the method says")
        trunk = Trunk(self._converse, Metrics(CollectorRegistry()), NoOpTracer())
        async for batch in trunk.run(request_iterator):
            yield batch

    async def _converse(
        self, requests: AsyncIterator[pb.ConverseRequest], credit: Credit
    ) -> AsyncIterator[pb.ConverseResponse]:
        first = await anext(requests)
        self.seen.append(first)
        conversation, resumed = self._open(first)
        queue: asyncio.Queue[pb.ConverseResponse] = asyncio.Queue()
        self._replay(conversation, first.open, resumed, queue)
        conversation.listeners.add(queue)
        reader = asyncio.ensure_future(self._read(conversation, requests, queue))
        self._take_over(conversation)
        try:
            while True:
                yield await queue.get()
        finally:
            reader.cancel()
            conversation.listeners.discard(queue)

    async def GetConversation(self, request: pb.GetConversationRequest, context: Any) -> pb.GetConversationResponse:
        kept = await self._known(request.conversation_id, context)
        return pb.GetConversationResponse(conversation=kept.head())

    async def ListEntries(self, request: pb.ListEntriesRequest, context: Any) -> pb.ListEntriesResponse:
        kept = await self._known(request.conversation_id, context)
        if request.before_seq:
            first = max(0, request.before_seq - 1 - request.page_size)
            earlier = kept.entries[first : request.before_seq - 1]
            return pb.ListEntriesResponse(entries=earlier, has_more=first > 0, epoch=kept.epoch)
        end = request.after_seq + (request.page_size or 100)
        page = kept.entries[request.after_seq : end]
        return pb.ListEntriesResponse(entries=page, has_more=end < len(kept.entries), epoch=kept.epoch)

    async def CloseConversation(
        self, request: pb.CloseConversationRequest, context: Any
    ) -> pb.CloseConversationResponse:
        kept = await self._known(request.conversation_id, context)
        kept.state = pb.CONVERSATION_STATE_CLOSED
        return pb.CloseConversationResponse(conversation=kept.head())

    async def _known(self, identity: str, context: Any) -> Conversation:
        kept = self.journal.conversations.get(identity)
        if kept is None:
            await context.abort_with_status(to_status(not_found("CONVERSATION_NOT_FOUND", "no such conversation")))
            raise AssertionError("abort raises")
        return kept

    def _open(self, first: pb.ConverseRequest) -> tuple[Conversation, bool]:
        if first.WhichOneof("event") != "open":
            raise invalid("OPEN_REQUIRED", "open first")
        if self.script.refuse_opens > 0:
            self.script.refuse_opens -= 1
            raise unavailable("DRAINING", "come back")
        return self.journal.find(first.open.conversation_id, first.open.customer_id, first.open.tenant)

    def _replay(self, kept: Conversation, opened: pb.OpenRequest, resumed: bool, queue: Any) -> None:
        def put(**event: Any) -> None:
            queue.put_nowait(pb.ConverseResponse(**event))

        put(opened=pb.Opened(conversation=kept.head(), resumed=resumed))
        last, after = len(kept.entries), opened.last_seq
        if opened.epoch and opened.epoch != kept.epoch:
            put(gap=pb.Gap(from_seq=1, to_seq=after, reason="epoch_changed"))
            after = 0
        elif after > last:
            put(gap=pb.Gap(from_seq=last + 1, to_seq=after, reason="ahead_of_journal"))
            after = last
        first = max(after + 1, kept.first_kept, last + 1 - (opened.replay_limit or _REPLAY_LIMIT))
        if first > after + 1:
            reason = "history_trimmed" if first == kept.first_kept else "replay_limit"
            put(gap=pb.Gap(from_seq=after + 1, to_seq=first - 1, reason=reason))
        for entry in kept.entries[first - 1 :]:
            put(entry=entry)
        put(caught_up=pb.CaughtUp(last_seq=last))

    async def _read(self, kept: Conversation, requests: AsyncIterator[pb.ConverseRequest], queue: Any) -> None:
        async for request in requests:
            self.seen.append(request)
            kind = request.WhichOneof("event")
            if kind == "user_message":
                self._message(kept, request.user_message, queue)
            elif kind == "suggest":
                found = pb.Suggestions(suggest_id=request.suggest.suggest_id, stickers=[sticker()])
                queue.put_nowait(pb.ConverseResponse(suggestions=found))
            elif kind == "typing":
                kept.tell(pb.ConverseResponse(typing=pb.TypingEvent(author=pb.AUTHOR_AGENT, active=True)))
            elif kind == "receipt":
                kept.receive(request.receipt, queue)
            elif kind == "rating":
                ack = pb.Ack(client_msg_id=request.rating.rating_id, duplicate=kept.rating == request.rating)
                kept.rating = request.rating
                queue.put_nowait(pb.ConverseResponse(ack=ack))
            elif kind == "stop":
                for turn in kept.turns.values():
                    turn.stopped = True

    def _message(self, kept: Conversation, message: pb.UserMessage, queue: Any) -> None:
        identity, content = message.client_msg_id, message.SerializeToString(deterministic=True).hex()
        refusal = self._refusal(kept, message, content)
        if refusal is not None:
            queue.put_nowait(pb.ConverseResponse(error=refusal))
            return
        duplicate = identity in kept.messages
        if not duplicate:
            turn = Turn(f"t{len(kept.turns) + 1}", message.text.text)
            entry = pb.Entry(author=pb.AUTHOR_CUSTOMER, client_msg_id=identity, turn_id=turn.id)
            if message.HasField("text"):
                entry.text.text = message.text.text
            elif message.HasField("image"):
                entry.image.CopyFrom(message.image)
                entry.image.ClearField("preview")
                turn.picture = True
            else:
                entry.sticker.sticker.CopyFrom(sticker(message.sticker.sticker.id))
            kept.append(entry)
            kept.messages[identity] = (content, entry.seq, turn.id)
            turn.seq = entry.seq
            kept.turns[turn.id] = turn
        _, seq, turn_id = kept.messages[identity]
        if not self.script.silent_acks:
            ack = pb.Ack(client_msg_id=identity, seq=seq, duplicate=duplicate, turn_id=turn_id)
            queue.put_nowait(pb.ConverseResponse(ack=ack))
            self._take_over(kept)

    def _refusal(self, kept: Conversation, message: pb.UserMessage, content: str) -> pb.ErrorEvent | None:
        def refuse(code: int, reason: str) -> pb.ErrorEvent:
            return pb.ErrorEvent(
                code=code, reason=reason, message="no, and do this", client_msg_id=message.client_msg_id, trace_id="t"
            )

        if kept.state == pb.CONVERSATION_STATE_CLOSED:
            return refuse(409, "CONVERSATION_CLOSED")
        known = kept.messages.get(message.client_msg_id)
        if known is not None and known[0] != content:
            return refuse(409, "MESSAGE_ID_CONFLICT")
        if message.HasField("sticker") and message.sticker.sticker.id != STICKER_ID:
            return refuse(404, "STICKER_NOT_FOUND")
        return None

    def _take_over(self, kept: Conversation) -> None:
        for turn in kept.turns.values():
            name = f"{kept.id}/{turn.id}"
            if not turn.done and not any(task.get_name() == name for task in self._running):
                task = asyncio.get_running_loop().create_task(self._answer(kept, turn), name=name)
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    async def _answer(self, kept: Conversation, turn: Turn) -> None:
        turn.attempt += 1
        read = pb.ReceiptEvent(reader=pb.AUTHOR_ASSISTANT, delivered_seq=turn.seq, read_seq=turn.seq)
        kept.tell(pb.ConverseResponse(receipt=read))
        kept.tell(pb.ConverseResponse(typing=pb.TypingEvent(author=pb.AUTHOR_ASSISTANT, active=True, turn_id=turn.id)))
        said = ""
        for index, word in enumerate(self.script.words(turn.text)):
            if index in self.script.gates:
                self.script.reached[index].set()
                await self.script.gates[index].wait()
            if turn.stopped:
                break
            said += word
            delta = pb.Delta(turn_id=turn.id, index=index, attempt=turn.attempt, text=word)
            kept.tell(pb.ConverseResponse(delta=delta))
        turn.done = True
        answer = pb.Entry(
            author=pb.AUTHOR_ASSISTANT,
            turn_id=turn.id,
            text=pb.TextContent(text=said),
            stickers=[sticker()],
            citations=[pb.Citation(article_id="a1", title="Parcels")],
            engine="fake",
            quick_replies=["Thanks"],
        )
        if turn.picture:
            answer.picture_understood.caption.en, answer.picture_understood.words = "an orange field", "Order 4711"
        kept.append(answer)
        outcome = pb.TurnEnded.OUTCOME_STOPPED if turn.stopped else pb.TurnEnded.OUTCOME_ANSWERED
        kept.tell(pb.ConverseResponse(turn_ended=pb.TurnEnded(turn_id=turn.id, outcome=outcome)))

    def kill_turns(self) -> None:
        """Ends answers in writing as a crash would."""
        for task in tuple(self._running):
            task.cancel()


class OrchestratorProcess:
    """A fake orchestrator that can be killed and started again on the same port and journal."""

    def __init__(self, journal: Journal | None = None, script: Script | None = None) -> None:
        self.journal = journal or Journal()
        self.script = script or Script()
        self.servicer = FakeOrchestrator(self.journal, self.script)
        self.port = 0
        self._server: grpc.aio.Server | None = None

    @property
    def url(self) -> str:
        """Its gRPC target."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> OrchestratorProcess:
        """Listens, on the former port if there was one."""
        self.servicer = FakeOrchestrator(self.journal, self.script)
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        pb_grpc.add_OrchestratorServiceServicer_to_server(self.servicer, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self._server.start()
        return self

    async def kill(self) -> None:
        """Cuts every stream at once."""
        if self._server is None:
            return
        self.servicer.kill_turns()
        server, self._server = self._server, None
        await server.stop(None)
        for conversation in self.journal.conversations.values():
            conversation.listeners.clear()
