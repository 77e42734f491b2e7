"""What leaves when: harmless words at once, statements when their sentence has been checked."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from orchestrator.reply.checking import Evidence, FactCheck, Promises
from orchestrator.reply.gate import Gate, Unsupported

pytestmark = pytest.mark.unit

CHECK = FactCheck(Promises())


def gate(*articles: str) -> Gate:
    evidence = Evidence(ZoneInfo("Asia/Shanghai"))
    for article in articles:
        evidence.article(article)
    return Gate(CHECK, lambda: evidence)


def fed(made: Gate, *pieces: str) -> list[str]:
    """What each piece lets out, and the rest."""
    return ["".join(made.feed(piece)) for piece in pieces] + ["".join(made.rest())]


def test_words_that_state_nothing_leave_at_once() -> None:
    """The first word is not held."""
    assert fed(gate(), "Hel", "lo", " there. ", "Bye") == ["Hel", "lo", " there. ", "Bye", ""]


@pytest.mark.parametrize(
    ("pieces", "out"),
    [
        (
            ("It takes ", "3", "–5 working", " days. ", "Good?"),
            ["It takes ", "", "", "3–5 working days. ", "Good?", ""],
        ),
        (("大约", "3", "–5个", "工作日。", "好吗"), ["大约", "", "", "3–5个工作日。", "好吗", ""]),
        (("We take ", "3–5 working days"), ["We take ", "", "3–5 working days"]),
        (("Version 3.", "5 is"), ["Version ", ""]),
    ],
)
def test_a_statement_waits_for_the_end_of_its_sentence(pieces: tuple[str, ...], out: list[str]) -> None:
    """A point within a number is no end; the end of the answer is one."""
    made = gate("3–5 working days")
    if len(out) == len(pieces):
        assert ["".join(made.feed(piece)) for piece in pieces] == out
    else:
        assert fed(made, *pieces) == out


def test_nothing_of_a_wrong_statement_leaves() -> None:
    """Not even its digits; what kind it was is told, and the sentence for the model."""
    made = gate()
    assert "".join(made.feed("Your order ")) == "Your order "
    with pytest.raises(Unsupported) as caught:
        list(made.feed("PW1234567890 comes today.\n"))
    assert caught.value.kinds == ["reference"]
    assert "PW1234567890" in caught.value.sentence
    assert "PW1234567890" not in str(caught.value)


def test_the_last_sentence_is_checked_too() -> None:
    """An answer that ends without a full stop does not slip through."""
    made = gate()
    list(made.feed("You get 500 USD"))
    with pytest.raises(Unsupported):
        list(made.rest())


def test_a_sentence_without_an_end_is_cut() -> None:
    """A model that never ends a sentence does not hold the answer for ever."""
    made = gate("7 items")
    assert len("".join(made.feed("7 items " + "word " * 300))) > 600


def test_evidence_is_not_gathered_for_the_first_word() -> None:
    """It is asked for when a sentence is whole."""
    asked: list[int] = []

    def gather() -> Evidence:
        asked.append(1)
        return Evidence(ZoneInfo("UTC"))

    made = Gate(CHECK, gather)
    assert list(made.feed("Hello ")) == ["Hello "]
    assert not asked
    list(made.feed("there.\n"))
    assert asked
