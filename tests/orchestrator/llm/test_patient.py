"""A model behind each dialect against a scripted provider: what comes out, and what every failure means."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from orchestrator.llm.chat import (
    CallMade,
    ChatEvent,
    ChatMessage,
    ChatRequest,
    End,
    Ended,
    Picture,
    Role,
    TextDelta,
    ToolSpec,
    Usage,
)
from orchestrator.llm.faults import retry_after_s
from orchestrator.llm.opening import open_chats
from orchestrator.llm.patient import PatientChat
from orchestrator.llm.provider import Dialect, Provider
from servicekit.errors import Code, ServiceError
from servicekit.resilience import BreakerState, CircuitBreaker, Deadline
from tests.orchestrator.llm.provider import Script, provider

pytestmark = pytest.mark.integration

HELLO = Script(("Hel", "lo", " there"))
TOOL = ToolSpec("look", "Looks.", {"type": "object", "properties": {"at": {"type": "string"}}, "required": []})
ASKED = ChatRequest("Be brief.", (ChatMessage(Role.USER, "hi"),), (TOOL,))
both = pytest.mark.parametrize("dialect", list(Dialect))


@asynccontextmanager
async def chat(
    dialect: Dialect, address: str, breaker: CircuitBreaker | None = None, **fields: Any
) -> AsyncIterator[PatientChat]:
    limits = {"first_token_s": 5.0, "idle_s": 5.0, "total_s": 8.0, **fields}
    base_url = f"{address}/v1" if dialect is Dialect.OPENAI else address
    where = Provider("test-model", base_url, "key", dialect, **limits)
    (made,) = open_chats([where], lambda name: breaker or CircuitBreaker(name), random.Random(1))
    await made.warm()
    yield made
    await made.close()


async def heard(made: PatientChat, request: ChatRequest = ASKED) -> list[ChatEvent]:
    return [event async for event in made.stream(request, Deadline.after(10))]


def text(events: list[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def failure(made: PatientChat) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await heard(made)
    return caught.value


@both
async def test_words_usage_and_end(dialect: Dialect) -> None:
    """Text as it comes, then what it cost, then a proper end; the request says what it must."""
    async with provider(HELLO) as server, chat(dialect, server.address) as made:
        events = await heard(made)
        assert text(events) == "Hello there"
        assert events[-2:] == [Usage(100, 20), End(Ended.STOP)]
        request = server.requests[0]
        assert (request["model"], request["stream"], request["max_tokens"]) == ("test-model", True, 700)
        assert "Be brief." in str(request["system"] if dialect is Dialect.ANTHROPIC else request["messages"][0])


@both
async def test_calls_come_whole_and_in_parallel(dialect: Dialect) -> None:
    """Arguments that are streamed in pieces are one text; two calls of one answer are two."""
    script = Script(("Let me look. ",), calls=(("look", {"at": "the 包裹"}), ("look", '{"at": ')))
    async with provider(script) as server, chat(dialect, server.address) as made:
        events = await heard(made)
    calls = [event for event in events if isinstance(event, CallMade)]
    assert [(call.name, call.id) for call in calls] == [("look", "c0"), ("look", "c1")]
    assert [call.arguments for call in calls] == ['{"at": "the \\u5305\\u88f9"}', '{"at": ']
    assert events[-1] == End(Ended.TOOLS)


@both
async def test_results_and_pictures_go_in(dialect: Dialect) -> None:
    """A conversation with calls, results, a picture and an assistant at its beginning is one the provider takes."""
    talk = ChatRequest("s", (
        ChatMessage(Role.ASSISTANT, "Hello."),
        ChatMessage(Role.USER, "what is this", pictures=(Picture("image/jpeg", b"\xff\xd8"),)),
        ChatMessage(Role.ASSISTANT, calls=(CallMade("c0", "look", '{"at": "x"}'), CallMade("c1", "look", "nonsense"))),
        ChatMessage(Role.TOOL, '{"seen": 1}', call_id="c0"),
        ChatMessage(Role.TOOL, '{"error": 1}', call_id="c1"),
    ), (TOOL,), may_call=False)  # fmt: skip
    async with provider(HELLO) as server, chat(dialect, server.address) as made:
        await heard(made, talk)
        request = server.requests[0]
    if dialect is Dialect.OPENAI:
        roles = [one["role"] for one in request["messages"]]
        assert roles == ["system", "assistant", "user", "assistant", "tool", "tool"]
        assert request["messages"][2]["content"][1]["image_url"]["url"] == "data:image/jpeg;base64,/9g="
        assert request["messages"][4]["tool_call_id"] == "c0"
        assert request["tool_choice"] == "none"
        return
    assert [one["role"] for one in request["messages"]] == ["user", "assistant", "user", "assistant", "user"]
    assert request["messages"][2]["content"][0]["source"]["data"] == "/9g="
    assert request["messages"][3]["content"][1]["input"] == {}
    assert [one["tool_use_id"] for one in request["messages"][4]["content"]] == ["c0", "c1"]
    assert request["tool_choice"] == {"type": "none"}


@pytest.mark.parametrize("may_call", [True, False])
async def test_a_plain_endpoint_is_sent_the_oldest_fields_alone(may_call: bool) -> None:
    """Where later fields are refused, tools are left out instead of forbidden."""
    async with provider(HELLO) as server, chat(Dialect.OPENAI, server.address, plain=True) as made:
        await heard(made, replace(ASKED, may_call=may_call))
        sent = server.requests[0]
    assert {"stream_options", "tool_choice"}.isdisjoint(sent)
    assert ("tools" in sent) is may_call


@both
@pytest.mark.parametrize("bad", [Script(status=500), Script(status=429), Script(hang="start"), Script(hang="first")])
async def test_before_the_first_token_it_is_tried_again(dialect: Dialect, bad: Script) -> None:
    """A failure, a refusal for load and silence cost a try, not the answer."""
    async with provider(bad, HELLO) as server, chat(dialect, server.address, first_token_s=0.5) as made:
        assert text(await heard(made)) == "Hello there"
        assert len(server.requests) == 2


@both
@pytest.mark.parametrize(
    ("script", "code", "reason", "tries"),
    [
        (Script(status=500), Code.UNAVAILABLE, "LLM_UNAVAILABLE", 2),
        (Script(status=529), Code.UNAVAILABLE, "LLM_UNAVAILABLE", 2),
        (Script(status=429), Code.EXHAUSTED, "LLM_RATE_LIMITED", 2),
        (Script(hang="start"), Code.TIMEOUT, "LLM_TIMEOUT", 2),
        (Script(hang="first"), Code.TIMEOUT, "LLM_TIMEOUT", 2),
        (Script(finish="stop"), Code.UNAVAILABLE, "LLM_EMPTY", 2),
        (Script(finish=""), Code.UNAVAILABLE, "LLM_TRUNCATED", 2),
        (Script(status=401), Code.INTERNAL, "LLM_MISCONFIGURED", 1),
        (Script(status=400), Code.INTERNAL, "LLM_MISCONFIGURED", 1),
        (Script(("no",), finish="filter"), Code.INVALID, "LLM_REFUSED", 1),
        (Script(("Hel", "lo"), finish=""), Code.UNAVAILABLE, "LLM_TRUNCATED", 1),
        (Script(calls=(("look", "{}"),), finish=""), Code.UNAVAILABLE, "LLM_TRUNCATED", 1),
        (Script(("Hel", "lo"), hang="middle"), Code.TIMEOUT, "LLM_TIMEOUT", 1),
    ],
    ids=lambda value: value.reason if isinstance(value, ServiceError) else None,
)
async def test_every_failure_has_its_error(
    dialect: Dialect, script: Script, code: Code, reason: str, tries: int
) -> None:
    """Never a half answer taken for a whole one; after the first token nothing is tried again."""
    async with provider(script) as server, chat(dialect, server.address, first_token_s=0.5, idle_s=0.5) as made:
        error = await failure(made)
        assert (error.code, error.reason) == (code, reason)
        assert len(server.requests) == tries
        assert "scripted" not in error.message


@both
async def test_nobody_is_there(dialect: Dialect) -> None:
    """A refused connection is UNAVAILABLE."""
    async with chat(dialect, "http://127.0.0.1:1") as made:
        assert (await failure(made)).reason == "LLM_UNAVAILABLE"


@both
async def test_a_total_deadline_ends_a_model_that_drips(dialect: Dialect) -> None:
    """Tokens that keep coming do not keep an answer alive for ever."""
    async with provider(Script(("a",), hang="middle")) as server, chat(dialect, server.address, total_s=0.5) as made:
        assert (await failure(made)).reason == "LLM_TIMEOUT"


@both
@pytest.mark.parametrize("value", ["60", "Fri, 31 Dec 2100 23:59:59 GMT"])
async def test_retry_after_is_honoured(dialect: Dialect, value: str) -> None:
    """A provider that asks for more patience than there is, in seconds or as a date, is not asked again."""
    script = Script(status=429, headers={"retry-after": value})
    async with provider(script) as server, chat(dialect, server.address) as made:
        error = await failure(made)
        assert error.retry_after_s is not None
        assert error.retry_after_s >= 60
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("Mon, 01 Jun 2026 00:00:30 GMT", 30.0), ("Sun, 31 May 2026 00:00:00 GMT", 0.0),
     ("", None), ("soon", None), ("-3", None), ("٣", None)],
)  # fmt: skip
def test_retry_after_in_either_form(value: str, seconds: float | None) -> None:
    """Seconds or a date, never below zero; nonsense says nothing."""
    assert retry_after_s(value, lambda: datetime(2026, 6, 1, tzinfo=UTC)) == seconds


@both
async def test_going_away_hangs_up(dialect: Dialect) -> None:
    """When the customer stops the answer, the provider's connection is closed."""
    async with provider(Script(("Hel",), hang="middle")) as server, chat(dialect, server.address) as made:
        async with aclosing(made.stream(ASKED, Deadline.after(10))) as events:
            assert await anext(events) == TextDelta("Hel")
        await server.left.wait()
        assert server.hung_up == 1


@both
async def test_a_failing_provider_is_spared(dialect: Dialect) -> None:
    """After enough failures no request is sent, until the pause is over."""
    now = [0.0]
    breaker = CircuitBreaker("llm", failure_threshold=2, reset_s=10, clock=lambda: now[0])
    scripts = (*[Script(status=500)] * 2, HELLO)
    async with provider(*scripts) as server, chat(dialect, server.address, breaker, attempts=1) as made:
        for reason in ("LLM_UNAVAILABLE", "LLM_UNAVAILABLE", "CIRCUIT_OPEN"):
            assert (await failure(made)).reason == reason
        assert len(server.requests) == 2
        now[0] = 11.0
        assert text(await heard(made)) == "Hello there"
        assert breaker.state is BreakerState.CLOSED


@both
async def test_places_are_bounded(dialect: Dialect) -> None:
    """More requests than there are places and seats in the queue are refused at once."""
    hanging = Script(("a",), hang="middle")
    async with provider(hanging) as server, chat(dialect, server.address, concurrency=1) as made:
        async with aclosing(made.stream(ASKED, Deadline.after(10))) as first:
            await anext(first)
            waits = asyncio.create_task(heard(made))
            await asyncio.sleep(0)  # it takes its seat in the queue
            assert (await failure(made)).reason == "OVERLOADED"
            waits.cancel()
        await asyncio.gather(waits, return_exceptions=True)
