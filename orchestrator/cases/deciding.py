"""A person's decision on what waited for approval: carried out once, and told to the conversation that waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from orchestrator.cases.cards import journal_cards
from orchestrator.cases.form_words import FormWords
from orchestrator.cases.told import Part
from orchestrator.dialogue.forms import Form, Forms, text_name
from orchestrator.journal.entries import Author, Body
from orchestrator.journal.ports import Amendments
from orchestrator.reply.engine import RETRIEVAL
from orchestrator.reply.templates import Templates
from orchestrator.tools.catalogue import Decided, ShopTools, decided
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger

_TELL_EVERY_S = 60.0


class Decisions:
    """Decides and tells.

    Args:
        shop: Keeps what waits and carries it out.
        amendments: Puts the news into the conversation.
        forms: For the words of what was done.
        words: The same.
        templates: The same.
    """

    def __init__(
        self, shop: ShopTools, amendments: Amendments, forms: Forms, words: FormWords, templates: Templates
    ) -> None:
        self._shop, self._amendments = shop, amendments
        self._forms, self._words, self._templates = forms, words, templates
        self._log = get_logger("approvals")

    async def decide(self, approval_id: str, *, agree: bool, by: str, note: str = "") -> Decided:
        """Decides, and tells the customer; the same decision again changes nothing and tells nothing twice.

        Raises:
            ServiceError: APPROVAL_UNKNOWN, APPROVAL_DECIDED, BACKOFFICE_UNAVAILABLE; UNAVAILABLE when the customer
                could not be told: then `tell_what_is_left` does it later.
        """
        made = await self._shop.decide(approval_id, agree=agree, by=by, note=note)
        await self._tell(made)
        return made

    async def tell_what_is_left(self) -> int:
        """Tells what was decided and not told, because a process died in between; how much that was."""
        left = await self._shop.approvals.unannounced()
        for approval in left:
            await self._tell(decided(approval))
        return len(left)

    async def keep_telling(
        self, every_s: float = _TELL_EVERY_S, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Never returns: what could not be told, for a store was away, is told as soon as it is back."""
        while True:
            with suppress(ServiceError):  # the next time
                await self.tell_what_is_left()
            await sleep(every_s)

    async def _tell(self, made: Decided) -> None:
        approval = made.approval
        body = Body(
            author=Author.ASSISTANT,
            text=self.text(made),
            engine=RETRIEVAL,
            cards=journal_cards((made.result.card,), approval.language)
            if made.result is not None and made.result.card is not None
            else (),
        )
        try:
            await self._amendments.say(approval.conversation_id, say_id=f"approval-{approval.id}", body=body)
        except ServiceError as error:
            if error.retryable:
                raise
            self._log.info("nobody waits for this decision any more", approval=approval.id, reason=error.reason)
        await self._shop.approvals.announced(approval.id)

    def text(self, made: Decided) -> str:
        """What the customer reads."""
        approval, language = made.approval, "zh" if made.approval.language == "zh" else "en"
        values = {"approval": approval.id, "amount": approval.amount.text(language)}
        parts = [Part(f"approval_{approval.status}", values)]
        form = self._form_of(approval.tool)
        if made.result is not None and form is not None:
            facts = self._words.facts(made.result.facts, language)
            parts.append(Part(text_name(form.name, f"result/{made.result.outcome.value}"), facts))
        return self._templates.tell(parts, language, {})[0]

    def _form_of(self, tool: str) -> Form | None:
        return next((form for form in self._forms if form.tool == tool), None)
