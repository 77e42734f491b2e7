"""What people do in conversations. The store decides who has one; lists, line and audit are kept in step here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.attending.auditing import Auditor
from orchestrator.attending.notices import ended, handed_back, joined, left
from orchestrator.backoffice.desk_records import Act
from orchestrator.backoffice.office import Deed, Who
from orchestrator.journal.entries import Agent, Author, Body, ConversationState, Entry, Head, Image, Receipt
from orchestrator.journal.feed import EntryAppended, Hub, LineMoved, TypingChanged
from orchestrator.journal.ports import Journal, Line, Marks
from orchestrator.journal.redis_attending import Notices, RedisAttending, RedisDeskLists
from orchestrator.journal.redis_journal import conversation_missing
from orchestrator.recommender import Recommender
from servicekit.errors import ServiceError, precondition

SYSTEM = Agent("system", "system")


@dataclass(frozen=True)
class Visit:
    """Who acts, in which conversation of which tenant."""

    tenant: str
    agent: Agent
    conversation_id: str


@dataclass(frozen=True)
class Words:
    """What an agent says: exactly one of text, sticker and picture, under an id of its own."""

    message_id: str
    text: str | None = None
    sticker_id: str | None = None
    image: Image | None = None


class Attendance:
    """The desk's deeds.

    Args:
        attending: Who has which conversation.
        lists: Where they are found.
        journal: Heads.
        line: Who waits.
        marks: How far people have read.
        hub: Tells of what happens.
        recommender: Knows stickers.
        auditor: Writes down who did what.
        now_ms: The clock, in ms since 1970.
    """

    def __init__(
        self, attending: RedisAttending, lists: RedisDeskLists, journal: Journal, line: Line, marks: Marks, hub: Hub,
        recommender: Recommender, auditor: Auditor, now_ms: Callable[[], int],
    ) -> None:  # fmt: skip
        self._attending, self._lists, self._journal, self._line = attending, lists, journal, line
        self._marks, self._hub, self._recommender = marks, hub, recommender
        self._auditor, self._now_ms = auditor, now_ms

    async def take(self, visit: Visit) -> bool:
        """Takes a conversation; whether it was the agent's before.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, ALREADY_TAKEN, CONVERSATION_CLOSED.
        """
        head = await self._own(visit)
        await self._lists.here(visit.tenant, visit.agent.id)
        # Listed before it is theirs: a process that dies in between leaves a name too many, never one too few.
        await self._lists.put_taken(visit.tenant, visit.conversation_id, self._now_ms())
        try:
            told = await self._attending.take(
                visit.conversation_id, tenant=visit.tenant, agent=visit.agent, notices=joined(visit.agent)
            )
        except ServiceError as error:
            await self._audit(visit, head, "take", error=error)
            raise
        if await self._line.leave(visit.tenant, visit.conversation_id, served=True):
            self._hub.tell(LineMoved(conversation_id="line", tenant=visit.tenant))
        self._tell(visit, told.entry)
        await self._audit(visit, head, "take", again=told.entry is None)
        return told.entry is None

    async def say(self, visit: Visit, words: Words) -> Entry:
        """Says something to the customer.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, NOT_TAKEN, CONVERSATION_CLOSED, MESSAGE_ID_CONFLICT,
                STICKER_NOT_FOUND.
        """
        head = await self._own(visit)
        await self._lists.here(visit.tenant, visit.agent.id)
        sticker_id, message_id = words.sticker_id, words.message_id
        sticker = None if sticker_id is None else await self._recommender.get(sticker_id, tenant=visit.tenant)
        body = Body(
            author=Author.AGENT, text=words.text, sticker=sticker, image=words.image, agent_name=visit.agent.name
        )
        try:
            said = await self._attending.say(
                visit.conversation_id, tenant=visit.tenant, agent=visit.agent, message_id=message_id, body=body
            )
        except ServiceError as error:
            await self._audit(visit, head, "say", error=error, message_id=message_id)
            raise
        self._typing(visit, active=False)
        self._tell(visit, said.entry)
        await self._audit(visit, head, "say", again=said.again, message_id=message_id, seq=str(said.entry.seq))
        return said.entry

    async def type(self, visit: Visit, *, active: bool) -> None:
        """The agent types or stopped.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, NOT_TAKEN.
        """
        await self._theirs(visit)
        await self._lists.here(visit.tenant, visit.agent.id)
        self._typing(visit, active=active)

    async def read(self, visit: Visit, seq: int) -> None:
        """The agent has read so far.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, NOT_TAKEN.
        """
        await self._theirs(visit)
        await self._marks.receive(visit.conversation_id, reader=Author.AGENT, receipt=Receipt(seq, seq))

    async def hand_back(self, visit: Visit) -> None:
        """The engine answers again.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, NOT_TAKEN, CONVERSATION_CLOSED.
        """
        await self._let_go(visit, "hand_back", ConversationState.OPEN, handed_back(visit.agent))

    async def end(self, visit: Visit) -> None:
        """The conversation is over.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, NOT_TAKEN.
        """
        await self._let_go(visit, "end", ConversationState.CLOSED, ended())

    async def return_to_line(self, head: Head) -> None:
        """Puts a conversation whose person is gone back where it stood.

        Raises:
            ServiceError: UNAVAILABLE.
        """
        assert head.agent is not None
        visit = Visit(head.tenant, head.agent, head.conversation_id)
        # In line before it is free, for the same reason; whoever finds it there too early takes it off, and what tells
        # of its being free puts it in again.
        await self._line.join(head.tenant, head.conversation_id, head.handed_ms)
        told = await self._attending.let_go(
            head.conversation_id, tenant=head.tenant, agent=head.agent, state=ConversationState.HANDED_OVER,
            notices=left(head.agent),
        )  # fmt: skip
        self._tell(visit, told.entry)
        await self._line.join(head.tenant, head.conversation_id, head.handed_ms)
        await self._lists.drop_taken(head.tenant, head.conversation_id)
        await self._audit(Visit(head.tenant, SYSTEM, head.conversation_id), head, "return_to_line", of=head.agent.id)

    async def _let_go(self, visit: Visit, deed: str, state: ConversationState, notices: Notices) -> None:
        head = await self._own(visit)
        try:
            told = await self._attending.let_go(
                visit.conversation_id, tenant=visit.tenant, agent=visit.agent, state=state, notices=notices
            )
        except ServiceError as error:
            await self._audit(visit, head, deed, error=error)
            raise
        self._typing(visit, active=False)
        self._tell(visit, told.entry)
        await self._lists.drop_taken(visit.tenant, visit.conversation_id, recent_ms=self._now_ms())
        await self._audit(visit, head, deed, again=told.entry is None)

    async def _own(self, visit: Visit) -> Head:
        head = await self._journal.head(visit.conversation_id)
        if head.tenant != visit.tenant:
            raise conversation_missing()
        return head

    async def _theirs(self, visit: Visit) -> Head:
        head = await self._own(visit)
        if head.agent is None or head.agent.id != visit.agent.id or not head.open:
            raise precondition("NOT_TAKEN", "the conversation is not yours, take it first")
        return head

    def _typing(self, visit: Visit, *, active: bool) -> None:
        self._hub.tell(TypingChanged(conversation_id=visit.conversation_id, author=Author.AGENT, active=active))

    def _tell(self, visit: Visit, entry: Entry | None) -> None:
        if entry is not None:
            self._hub.tell(EntryAppended.of(visit.conversation_id, entry))

    async def _audit(
        self, visit: Visit, head: Head, deed: str, *, again: bool = False, error: ServiceError | None = None,
        **facts: str,
    ) -> None:  # fmt: skip
        who = Who(head.tenant, head.customer_id, head.language)
        done = Deed(who, visit.conversation_id, "", f"desk.{deed}", {"name": visit.agent.name, **facts})
        outcome = "refused" if error is not None else "again" if again else "done"
        reason = error.reason if error is not None else ""
        await self._auditor.note(Act(done, f"agent:{visit.agent.id}"[:128], outcome, reason))
