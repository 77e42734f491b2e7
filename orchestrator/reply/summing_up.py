"""Sums up what was said long ago, after a turn and beside everything else: no answer waits for it.

A model writes the notes from the older notes and what was said since; where there is no model, or it fails, the prompt
shortens older messages instead (`window.py`). Sentences of the notes that state what nobody said are left out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml

from orchestrator.journal.entries import Author, Body, Entry, Head, Summary
from orchestrator.journal.ports import Begun, Journal, TurnRef, revised
from orchestrator.llm.accounting import BudgetState, Meter
from orchestrator.llm.chat import ChatMessage, ChatModel, ChatRequest, Role, TextDelta, Usage
from orchestrator.metrics import Metrics
from orchestrator.reply.checking import Evidence, FactCheck
from orchestrator.reply.masking import Mask, Personal
from orchestrator.reply.prompt import ZONE, as_data
from orchestrator.reply.window import tokens
from servicekit.errors import ServiceError
from servicekit.resilience import Deadline
from servicekit.telemetry import get_logger

_DEFAULT = Path(__file__).parent / "prompts" / "v2" / "summary.yaml"
_MOST_WORDS = 150
_MOST_TOKENS = 400
_MOST_CHARS = 1_600
_PAGE = 100
_AT_ONCE = 2
_WAITING = 64
_SENTENCE = re.compile(r"[^。！？!?；;\n]+?(?:[。！？!?；;\n]+|\.(?=\s|$)|$)", re.DOTALL)
_NOT_CLAIMS = frozenset({"promise", "deed"})  # notes tell of promises and deeds, they do not make any


@dataclass(frozen=True)
class Sizes:
    """When something is summed up, and what is left as it was said.

    Attributes:
        entries: More of them than this, not summed up yet, are too many.
        tokens: And so are more tokens than this.
        kept: The newest so many are left as they are, unless they hold more than half of the tokens.
    """

    entries: int = 14
    tokens: int = 3_000
    kept: int = 8


class _Templates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    en: str
    zh: str


class SummingUp:
    """Keeps the notes of conversations.

    Args:
        chat: The model; closed with this.
        journal: Holds what was said, and keeps the notes.
        meter: Counts what it costs; a tenant over any budget gets no notes.
        check: Reads sentences against what was said.
        metrics: Counts.
        masked: What the provider does not see.
        sizes: When.
        patience_s: For one summary.
        path: The templates.

    Raises:
        ValueError: The templates do not fit.
    """

    def __init__(
        self, chat: ChatModel, journal: Journal, meter: Meter, check: FactCheck, metrics: Metrics, *,
        masked: frozenset[Personal] = frozenset(), sizes: Sizes | None = None, patience_s: float = 20.0,
        path: Path = _DEFAULT,
    ) -> None:  # fmt: skip
        self._chat, self._journal, self._meter, self._check, self._metrics = chat, journal, meter, check, metrics
        self._masked, self._sizes, self._patience_s = masked, sizes or Sizes(), patience_s
        try:
            self._templates = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), _Templates)
        except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
            raise ValueError(f"the prompt {path.name} cannot be used: {error}") from error
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._log = get_logger("summaries")

    def after(self, turn: TurnRef, begun: Begun) -> None:
        """A turn is over: sums up what there is too much of. Returns at once."""
        head = begun.head
        if head is None or turn.conversation_id in self._tasks or not self._too_much(head, begun.history):
            return
        if len(self._tasks) >= _WAITING or self._meter.state(head.tenant) is not BudgetState.WITHIN:
            self._metrics.llm_summaries.labels("spared").inc()
            return
        task = asyncio.create_task(self._run(head), name="summing-up")
        self._tasks[turn.conversation_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(turn.conversation_id, None))

    async def close(self) -> None:
        """Gives up what is under way; a later turn begins it anew."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._chat.close()

    async def settled(self) -> None:
        """Waits for what is under way."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    def _too_much(self, head: Head, history: Sequence[Entry]) -> bool:
        covered = head.summary.seq if head.summary is not None else 0
        fresh = [entry for entry in history if entry.seq > covered]
        return head.last_seq - covered > self._sizes.entries or _weight(fresh) > self._sizes.tokens

    async def _run(self, head: Head) -> None:
        try:
            async with self._places, asyncio.timeout(self._patience_s):
                result = await self._sum_up(head)
        except (ServiceError, TimeoutError) as error:
            result = "failed"
            self._log.info("not summed up", reason=getattr(error, "reason", "DEADLINE_EXCEEDED"))
        except Exception as error:  # nobody else would hear of it
            result = "failed"
            self._log.error("not summed up", exc_info=error)
        self._metrics.llm_summaries.labels(result).inc()

    async def _sum_up(self, head: Head) -> str:
        covered = head.summary.seq if head.summary is not None else 0
        page = await self._journal.read(head.conversation_id, after_seq=covered, limit=_PAGE)
        older = self._older(revised(page.entries), everything=not page.has_more)
        if not older or page.epoch != head.epoch:
            return "nothing"
        text = self._sourced(await self._written(head, older), head.summary, older)
        if not text:
            return "empty"
        summary = Summary(older[-1].seq, text)
        kept = await self._journal.summarise(head.conversation_id, epoch=head.epoch, summary=summary)
        return "made" if kept else "late"

    def _older(self, entries: Sequence[Entry], *, everything: bool) -> Sequence[Entry]:
        """Those before the newest; of a page that is not the last one, all."""
        if not everything:
            return entries
        kept = min(self._sizes.kept, len(entries))
        while kept > 1 and _weight(entries[-kept:]) > self._sizes.tokens // 2:
            kept -= 1
        return entries[: len(entries) - kept]

    async def _written(self, head: Head, older: Sequence[Entry]) -> str:
        """What the model writes."""
        mask = Mask(self._masked)
        said = [{"who": str(one.body.author), "said": mask.hide(_words(one.body, head.language))} for one in older]
        notes = mask.hide(head.summary.text) if head.summary is not None else ""
        system = (self._templates.zh if head.language == "zh" else self._templates.en).format(most_words=_MOST_WORDS)
        asked = ChatMessage(Role.USER, as_data({"notes": notes, "said": _fitting(said, self._sizes.tokens * 2)}))
        request = ChatRequest(system, (asked,), may_call=False, most_tokens=_MOST_TOKENS)
        written, used = "", Usage(tokens(system) + tokens(asked.text), 0)
        try:
            async with aclosing(self._chat.stream(request, Deadline.after(self._patience_s))) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        written += event.text
                    elif isinstance(event, Usage):
                        used = event
        finally:
            self._meter.used(head.tenant, self._chat.name, used if used.output_tokens else _with(used, written))
        return mask.show(written)

    def _sourced(self, text: str, before: Summary | None, older: Sequence[Entry]) -> str:
        """The sentences whose numbers, amounts and dates were said."""
        evidence = Evidence(ZONE)
        evidence.customer(before.text if before is not None else "")
        for entry in older:
            (evidence.customer if entry.body.author is Author.CUSTOMER else evidence.answer)(_words(entry.body, "en"))
            for card in entry.body.cards:
                evidence.tool("card", "found", msgspec.to_builtins(card))
        kept = [one for one in _SENTENCE.findall(text) if not set(self._check.faults(one, evidence)) - _NOT_CLAIMS]
        return "".join(kept).strip()[:_MOST_CHARS]


def _words(body: Body, language: str) -> str:
    """What an entry says, in words."""
    if body.sticker is not None:
        return f"[sticker: {body.sticker.alt_zh if language == 'zh' else body.sticker.alt_en}]"
    if body.image is not None:
        return "[picture]"
    return body.text or (body.notice.text if body.notice is not None else "")


def _weight(entries: Sequence[Entry]) -> int:
    return sum(tokens(_words(entry.body, "en")) for entry in entries)


def _fitting(said: list[dict[str, str]], budget: int) -> list[dict[str, str]]:
    """Each line shortened alike until all of them fit."""
    total = sum(tokens(one["said"]) for one in said)
    if total <= budget:
        return said
    share = max(20, int(max(len(one["said"]) for one in said) * budget / total))
    return [{**one, "said": one["said"][:share]} for one in said]


def _with(used: Usage, written: str) -> Usage:
    """About what it cost, for a provider that does not say."""
    return Usage(used.input_tokens, tokens(written), used.cached_tokens)
