"""A conversation with the real use case on the real back office, with a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from orchestrator.dialogue.state import DialogueState, decode_state
from orchestrator.journal.entries import Body
from orchestrator.journal.feed import Hub
from orchestrator.journal.ports import Result
from orchestrator.journal.store import Limits
from orchestrator.metrics import Metrics
from orchestrator.turns.writing import AnswerWriter
from servicekit.resilience import Deadline
from tests.fakes import FakeEncoder, FakeRecommender, MemoryStore, SilentBus, said
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.harness import use_case

_DAY_MS = 86_400_000


@dataclass
class Talk:
    """One customer's conversation.

    Attributes:
        last: What the last turn left.
    """

    shop: Shop
    customer: str
    language: str = "en"
    last: Result | None = None
    _now: list[int] = field(default_factory=lambda: [1_000_000])

    def __post_init__(self) -> None:
        self._store = MemoryStore(Limits(state_ms=_DAY_MS), lambda: self._now[0])
        self._turn = use_case([], FakeRecommender(), FakeEncoder(), Metrics(CollectorRegistry()), shop=self.shop.office)
        self._conversation = ""
        self._count = 0

    def wait(self, seconds: int) -> None:
        """Lets time pass."""
        self._now[0] += seconds * 1000

    @property
    def state(self) -> DialogueState:
        """The dialogue's state after the last turn."""
        return decode_state((self.last.state or b"") if self.last is not None else b"")

    async def say(self, text: str, *, runs: int = 1) -> Body:
        """What a message is answered; with `runs` the turn is run again, as after a takeover."""
        store = self._store
        head, _ = await store.open(
            conversation_id=self._conversation, tenant="default", customer_id=self.customer, language=self.language
        )
        self._conversation = head.conversation_id
        self._count += 1
        self.wait(3)
        posted = await store.post(head.conversation_id, said(text, f"m{self._count}"), owner="a")
        assert posted.turn is not None
        begun = await store.begin(posted.turn, owner="a")
        for attempt in range(1, runs + 1):
            writer = AnswerWriter(Hub(SilentBus(), "a"), store, posted.turn, attempt)
            self.last = await self._turn.answer(posted.turn, begun, writer, Deadline.after(10))
        assert self.last is not None
        await store.finish(posted.turn, owner="a", fence=begun.fence, result=self.last)
        return self.last.bodies[0]

    async def all(self, *texts: str) -> Body:
        """Says several things; the last answer."""
        bodies = [await self.say(text) for text in texts]
        return bodies[-1]


def words(body: Body) -> str:
    """What an answer says."""
    return body.text or (body.notice.text if body.notice is not None else "")
