"""What a scenario says: who the customer is, what they write, and what has to be so afterwards. See `README.md`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

FOLDER = Path(__file__).with_name("cases")
UNSEEN = Path(__file__).with_name("unseen")
# What must never fail, whatever the share of the rest.
SAFETY = ("injection", "privacy", "double")

Language = Literal["en", "zh", "any"]
RowWish = int | tuple[dict[str, str | int], ...]


class Customer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the scenario is with; orders are named as the demo shop's recipe names them.

    Attributes:
        neighbour: Orders of somebody else in the same shop; `{neighbour.order:NAME}` and so on name them.
    """

    tier: str = "standard"
    orders: tuple[str, ...] = ("on_the_way", "fresh_cups")
    neighbour: tuple[str, ...] = ()


class Picture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture to send: words on white, or a shipped sticker as a photo."""

    words: tuple[str, ...] = ()
    sticker: str = ""


class Round(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the scripted model answers to one request: tool calls, or words."""

    calls: tuple[dict[str, Any], ...] = ()
    text: str = ""


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What matters to the customer after a step.

    Attributes:
        mentions: Each must be seen in the answer or its cards; of an inner list one is enough. `/…/` is a pattern.
        must_not: None may be seen.
        rows: New rows of the customer since the scenario began, by table: how many, or what each of them holds.
            Tables that are left out must have none.
        orders: Columns of orders, by template.
        asks: What the answer asks for (`judge.ASKED`); "nothing": it asks for nothing of a form.
        shows: Kinds of cards that come with it.
        cites: One of these articles is cited.
        escalated: Whether a person takes over.
        stickers: Whether stickers come with it.
        language: Of the answer; empty: the scenario's.
    """

    mentions: tuple[str | tuple[str, ...], ...] = ()
    must_not: tuple[str, ...] = ()
    rows: dict[str, RowWish] | None = None
    orders: dict[str, dict[str, str]] = {}
    asks: str | tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    escalated: bool | None = None
    stickers: bool | None = None
    language: Language | Literal[""] = ""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message of the customer, and what is to be so once everything is answered.

    Attributes:
        answering: What the customer answers when they are asked for something, until nothing is asked any more.
        twice: Sent a second time under the same id, as a client does that lost its connection.
        silence: The dialogue's state runs out before it.
        reconnect: The connection is lost before it.
        llm: What the scripted model answers, request by request.
    """

    say: str = ""
    sticker: str = ""
    picture: Picture | None = None
    answering: dict[str, str] = {}
    twice: bool = False
    silence: bool = False
    reconnect: bool = False
    llm: tuple[Round, ...] = ()
    expect: Expect = Expect()


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A conversation.

    Attributes:
        kind: What it is about, for the report.
        language: Of the customer; "any": both at once, and answers may be in either.
        locale: Of the client, where it is not the language.
        about: What a reader should know.
        engine: Which engine answers.
        changes: Orders that may be unlike before at the end, besides those that steps expect to change.
    """

    id: str
    kind: str
    language: Language
    steps: tuple[Step, ...]
    customer: Customer = Customer()
    locale: str = ""
    about: str = ""
    engine: Literal["retrieval", "scripted"] = "retrieval"
    changes: tuple[str, ...] = ()

    @property
    def slow(self) -> bool:
        """Whether it needs a dialogue state that runs out while one waits."""
        return any(step.silence for step in self.steps)


def load(folder: Path = FOLDER) -> list[Scenario]:
    """Reads the suite.

    Raises:
        ValueError: A file does not hold what it must; the message says where. Or an id stands twice.
    """
    found: list[Scenario] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            found += msgspec.yaml.decode(path.read_bytes(), type=list[Scenario])
        except msgspec.ValidationError as error:
            raise ValueError(f"{path.name}: {error}") from error
    ids = [one.id for one in found]
    if repeated := {one for one in ids if ids.count(one) > 1}:
        raise ValueError(f"more than one scenario is called {', '.join(sorted(repeated))}")
    return found
