"""Models as the settings name them, in the real process: in order, spared when they fail, the built-in one last."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.orchestrator.harness import client
from tests.orchestrator.llm.provider import Provider, Script, provider
from tests.orchestrator.processes import process

pytestmark = pytest.mark.integration

QUESTIONS = ("How long does delivery take?", "多久能收到货?")


def settings(first: Provider, second: Provider, third: Provider, port: int) -> dict[str, object]:
    """One provider of each dialect, and one more; a metrics port."""
    fallbacks = [
        {"model": "second", "base_url": second.address, "api_key": "k", "dialect": "anthropic"},
        {"model": "third", "base_url": third.base_url, "api_key": "k"},
    ]
    return {
        "redis_prefix": "models", "llm_base_url": first.base_url, "llm_api_key": "k", "llm_model": "first",
        "llm_fallbacks": json.dumps(fallbacks), "llm_attempts": 1, "llm_first_token_s": 14.0, "llm_summaries": "false",
        "metrics_listen": f"127.0.0.1:{port}",
    }  # fmt: skip


async def breakers(port: int) -> dict[str, float]:
    """The state of each model's breaker, as Prometheus sees it."""
    async with httpx.AsyncClient() as http:
        lines = (await http.get(f"http://127.0.0.1:{port}/metrics")).text.splitlines()
    states = [line.removeprefix('stickerdesk_breaker_state{part="').split('"} ') for line in lines
              if line.startswith("stickerdesk_breaker_state{")]  # fmt: skip
    return {part: float(state) for part, state in states if part.startswith("llm-")}


async def test_they_are_asked_in_their_order(redis_url: str, tmp_path: Path, free_tcp_port: int) -> None:
    """One fails, one breaks off, the third answers; when all fail the built-in engine does, and breakers spare them."""
    bad = Script(status=500)
    async with (
        provider(bad) as first,
        provider(Script(finish="")) as second,
        provider(Script(("Let me ", "see."))) as third,
        process(redis_url, tmp_path, **settings(first, second, third, free_tcp_port)) as one,
        client(one.url, "orderly") as chat,
    ):
        said = [await chat.ask(question) for question in QUESTIONS]
        assert [answer.engine for answer in said] == ["third", "third"]
        assert [len(server.requests) for server in (first, second, third)] == [2, 2, 2]
        assert await breakers(free_tcp_port) == {"llm-0": 0.0, "llm-1": 0.0, "llm-2": 0.0}

        for server in (second, third):
            server.choose = lambda body: bad
        said = [await chat.ask(f"{question} {number}") for number in range(4) for question in QUESTIONS]
        assert {answer.engine for answer in said} == {"retrieval"}
        assert all(answer.text.text for answer in said)
        assert set((await breakers(free_tcp_port)).values()) == {2.0}
        asked = [len(server.requests) for server in (first, second, third)]
        assert (await chat.ask("How long does delivery take, again?")).engine == "retrieval"
        assert [len(server.requests) for server in (first, second, third)] == asked
