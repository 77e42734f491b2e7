"""Where a model is and how long it is waited for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    """What an endpoint speaks: chat completions (OpenAI, Qwen, DeepSeek, vLLM, Ollama) or Anthropic's messages."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


@dataclass(frozen=True)
class Provider:
    """A model at an endpoint. Times are in seconds.

    Attributes:
        base_url: OpenAI: up to and including /v1; empty: the dialect's own address.
        api_key: Empty: none is needed.
        sees: Whether the model takes pictures.
        plain: Whether an OpenAI-compatible endpoint refuses later fields (`stream_options`, `tool_choice`), as
            `transformers serve` does. What an answer cost is estimated then.
        first_token_s: From a request to its first token.
        idle_s: Between tokens.
        total_s: For a whole answer, tries and rounds included.
        attempts: Tries before the first token.
        concurrency: Requests at once; as many may wait.
        connections: In the pool; idle ones are closed after `keep_alive_s`.
    """

    model: str
    base_url: str = ""
    api_key: str = ""
    dialect: Dialect = Dialect.OPENAI
    sees: bool = False
    plain: bool = False
    connect_s: float = 3.0
    first_token_s: float = 8.0
    idle_s: float = 5.0
    total_s: float = 15.0
    attempts: int = 2
    concurrency: int = 32
    connections: int = 64
    keep_alive_s: float = 30.0
