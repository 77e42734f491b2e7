"""One turn: understand, decide, act, reply, recommend, record. The list of the design, on one screen.

Locks, limits, retries and the deadline are around it (`turns/runner.py`); who does the work is behind ports.
"""

from __future__ import annotations

import asyncio

from orchestrator.dialogue.state import DialogueState, decode_state
from orchestrator.journal.entries import ConversationState
from orchestrator.journal.ports import Begun, Result, TurnRef
from orchestrator.policy.acting import Acting
from orchestrator.policy.decision import Action, Case, Decision, DecisionTree
from orchestrator.recommendation import Recommendation
from orchestrator.record import Recorder
from orchestrator.reply.chain import EngineChain
from orchestrator.reply.engine import Brief
from orchestrator.steps import Steps
from orchestrator.tools.tool import ToolContext
from orchestrator.turns.writing import AnswerWriter
from orchestrator.understanding.understand import Understanding
from orchestrator.understanding.utterance import Utterance
from servicekit.resilience import Deadline


class Turn:
    """The use case: a customer's message in, what is left behind out.

    Args:
        understanding: Step 1.
        tree: Step 2.
        acting: Step 3.
        replying: Step 4.
        recommending: Step 5.
        recording: Step 6.
        steps: Times and traces each step.
    """

    def __init__(
        self,
        understanding: Understanding,
        tree: DecisionTree,
        acting: Acting,
        replying: EngineChain,
        recommending: Recommendation,
        recording: Recorder,
        steps: Steps,
    ) -> None:
        self._understanding, self._tree, self._acting = understanding, tree, acting
        self._replying, self._recommending, self._recording = replying, recommending, recording
        self._steps = steps

    async def answer(self, turn: TurnRef, begun: Begun, writer: AnswerWriter, deadline: Deadline) -> Result:
        """Answers one message."""
        with self._steps.turn(turn, begun.attempt):
            utterance, state = await self._understand(turn, begun)
            decision = self._decide(utterance, state, begun)
            if decision.action is Action.ESCALATE:
                return self._recording.escalated(turn, utterance, decision, state)
            brief = await self._act(turn, utterance, decision, state, begun, deadline)
            stickers = asyncio.create_task(self._recommending.recommend(brief))
            try:
                with self._steps.step("reply"):
                    closing = await self._replying.write(brief, writer, deadline)
                with self._steps.step("recommend"):
                    offered = await stickers
            finally:
                stickers.cancel()
            return self._recording.answered(turn, brief, writer.text, closing, offered)

    def stopped(self, turn: TurnRef, begun: Begun, text: str) -> Result:
        """What is left behind when the customer stopped it after `text`."""
        return self._recording.stopped(turn, begun, text)

    def given_up(self, turn: TurnRef, begun: Begun, why: str) -> Result:
        """What is left behind when there will be no answer."""
        return self._recording.given_up(turn, begun, why)

    async def _understand(self, turn: TurnRef, begun: Begun) -> tuple[Utterance, DialogueState]:
        with self._steps.step("understand"):
            language = begun.head.language if begun.head else "en"
            utterance = await self._understanding.understand(begun.history[-1].body, language, turn.preview)
            return utterance, decode_state(begun.state).heard(utterance)

    def _decide(self, utterance: Utterance, state: DialogueState, begun: Begun) -> Decision:
        with self._steps.step("decide"):
            return self._tree.decide(_case(utterance, state, begun))

    async def _act(
        self,
        turn: TurnRef,
        utterance: Utterance,
        decision: Decision,
        state: DialogueState,
        begun: Begun,
        deadline: Deadline,
    ) -> Brief:
        with self._steps.step("act"):
            context = _context(turn, begun, utterance.language, deadline)
            if decision.action is Action.ACT:
                told = await self._acting.handle(utterance, decision, context)
                if told is not None:
                    facts = self._acting.rule_of(told)
                    return Brief(utterance, decision, state, facts=facts, history=begun.history, told=told)
                decision = self._tree.decide(_case(utterance, state, begun, can_act=False))
            facts = await self._acting.look_up(utterance, decision, context)
            template = self._acting.template(utterance, decision)
            return Brief(utterance, decision, state, template, facts, begun.history)


def _case(utterance: Utterance, state: DialogueState, begun: Begun, *, can_act: bool = True) -> Case:
    handed_over = begun.head is not None and begun.head.state is ConversationState.HANDED_OVER
    return Case(utterance, state, handed_over, can_act)


def _context(turn: TurnRef, begun: Begun, language: str, deadline: Deadline) -> ToolContext:
    """For whom tools run: from the journal, never from what was written."""
    tenant, customer_id = (begun.head.tenant, begun.head.customer_id) if begun.head else ("", "")
    return ToolContext(tenant, customer_id, turn.conversation_id, turn.turn_id, language, deadline)
