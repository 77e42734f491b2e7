"""`python -m orchestrator.simulate --text "…"`: which branch of the decision tree a message takes, and why."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import replace

from prometheus_client import CollectorRegistry

from orchestrator.backoffice.policy import load_policy
from orchestrator.dialogue.forms import Forms
from orchestrator.dialogue.state import DialogueState, FormPosition, Profile
from orchestrator.dialogue.wishes import WishReader
from orchestrator.journal.entries import Author, Body, Emotion
from orchestrator.metrics import Metrics
from orchestrator.policy.decision import Case, DecisionTree
from orchestrator.retrieval.knowledge import load_knowledge
from orchestrator.retrieval.search import KnowledgeSearch
from orchestrator.understanding.encoder import TritonEncoder
from orchestrator.understanding.lexicon import Lexicon
from orchestrator.understanding.picture import NOTHING, Seen
from orchestrator.understanding.reading import Reader, Reading
from orchestrator.understanding.triton_reader import TritonReader
from orchestrator.understanding.understand import Understanding
from orchestrator.understanding.utterance import Utterance
from servicekit.errors import unavailable
from servicekit.resilience import CircuitBreaker

_PATIENCE_S = 10.0


class WordsAlone:
    """The `Reader` port without a model: intents and feelings come from the words and the nearest articles."""

    async def read(self, text: str, *, timeout_s: float) -> Reading:
        """See the port."""
        raise unavailable("ENCODER_UNAVAILABLE", "no model was named")


class NoPictures:
    """The `PictureSense` port that sees nothing."""

    async def look(self, preview: bytes) -> Seen:
        """See the port."""
        return NOTHING


def arguments() -> argparse.ArgumentParser:
    """What the command takes; what is not given is as at the beginning of a conversation."""
    parser = argparse.ArgumentParser(prog="python -m orchestrator.simulate", description=__doc__)
    parser.add_argument("--text", required=True, help="the customer's message")
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="the conversation's so far")
    parser.add_argument("--tier", default="", choices=("", *load_policy().refund_alone), help="of the customer")
    parser.add_argument("--order-value", type=int, default=0, help="of the largest order of late, in CNY")
    parser.add_argument("--emotion", choices=[one.value for one in Emotion], help="instead of the one that is read")
    parser.add_argument("--intensity", type=float, help="of the emotion, 0 to 1")
    parser.add_argument("--before", nargs="*", default=[], choices=[one.value for one in Emotion], metavar="EMOTION",
                        help="emotions of the messages before, oldest first")  # fmt: skip
    parser.add_argument("--not-understood", type=int, default=0, help="turns in a row that were not understood")
    parser.add_argument("--form", default="", help="a form that is open")
    parser.add_argument("--attempts", type=int, default=0, help="answers that it could not use")
    parser.add_argument("--last-case", default="", help="the case that the last answer was about")
    parser.add_argument("--handed-over", action="store_true", help="a person was called")
    parser.add_argument("--closed", action="store_true", help="nobody of the shop is there now")
    parser.add_argument("--triton", default="", help="host:port of the models; without it words alone are read")
    return parser


async def understood(asked: argparse.Namespace) -> Utterance:
    """The message as a turn understands it."""
    reader: Reader = WordsAlone()
    if asked.triton:
        encoder = TritonEncoder(asked.triton, CircuitBreaker("encoder", reset_s=1.0))
        reader = TritonReader(asked.triton, encoder, CircuitBreaker("reader", reset_s=1.0))
    understanding = Understanding(
        reader, KnowledgeSearch(load_knowledge()), Lexicon(), NoPictures(), Metrics(CollectorRegistry()), _PATIENCE_S
    )
    said = await understanding.understand(Body(author=Author.CUSTOMER, text=asked.text), asked.language)
    if asked.emotion:
        said = replace(said, emotion=Emotion(asked.emotion), intensity=asked.intensity or 0.8)
    return said


def case_of(asked: argparse.Namespace, said: Utterance) -> Case:
    """What the tree looks at."""
    form = FormPosition(asked.form, misses=asked.attempts) if asked.form else None
    state = DialogueState(
        emotions=tuple(Emotion(one) for one in asked.before),
        not_understood=asked.not_understood,
        form=form,
        last_case=asked.last_case,
        profile=Profile(tier=asked.tier, order_value=asked.order_value),
    ).heard(said)
    wanted = bool(WishReader(Forms()).of(said).forms)
    return Case(said, state, asked.handed_over, form is not None or wanted, people=not asked.closed)


def report(case: Case, tree: DecisionTree) -> str:
    """Each rule with the first condition that failed, and the decision of the one that held."""
    said = case.utterance
    lines = [
        f"understood: intent {said.intent} ({said.certainty:.2f}), emotion {said.emotion} ({said.intensity:.2f}), "
        f"nearest {case.nearest or 'nothing'} ({case.score:.2f}), risks {', '.join(said.risk_words) or 'none'}"
    ]
    for step in tree.explain(case):
        if step.failed:
            lines.append(f"  no   {step.rule}: {step.failed}")
            continue
        then = step.then
        what = " ".join(filter(None, (then.action, then.case or then.template)))
        stickers = "stickers fit" if then.stickers else "no sticker"
        lines.append(f"  YES  {step.rule}: {what}, {then.tone}, {stickers}")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Prints the way through the tree."""
    asked = arguments().parse_args(argv)
    print(report(case_of(asked, asyncio.run(understood(asked))), DecisionTree()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
