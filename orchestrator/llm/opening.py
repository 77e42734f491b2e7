"""Opens the models of a deployment."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from orchestrator.llm.anthropic_wire import AnthropicWire
from orchestrator.llm.openai_wire import OpenAIWire
from orchestrator.llm.patient import PatientChat
from orchestrator.llm.provider import Dialect, Provider
from servicekit.resilience import CircuitBreaker

_WIRES: dict[Dialect, type[OpenAIWire] | type[AnthropicWire]] = {
    Dialect.OPENAI: OpenAIWire,
    Dialect.ANTHROPIC: AnthropicWire,
}


def open_chats(
    providers: Sequence[Provider], breaker: Callable[[str], CircuitBreaker], rng: random.Random | None = None
) -> list[PatientChat]:
    """A chat for each provider, in order; a breaker of its own for each ("llm-0", "llm-1", …)."""
    return [
        PatientChat(one, _WIRES[one.dialect](one), breaker(f"llm-{place}"), rng) for place, one in enumerate(providers)
    ]
