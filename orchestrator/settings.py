"""What the orchestrator can be told, by `STICKERDESK_ORCHESTRATOR_…` or `STICKERDESK_…`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, Field, field_validator, model_validator

from orchestrator.backoffice.database import database_url
from orchestrator.journal.store import Limits
from orchestrator.llm.accounting import Budget, Price, Prices
from orchestrator.llm.provider import Dialect, Provider
from orchestrator.reply.masking import Personal
from orchestrator.tools.catalogue import KINDS
from orchestrator.tools.knowledge import SearchKnowledge
from orchestrator.tools.mcp_mount import Allowed, McpServer
from orchestrator.understanding.picture import Sureness
from servicekit.settings import GrpcTarget, RedisUrl, ServiceSettings

_DAY_MS = 24 * 3600 * 1000


class Fallback(BaseModel):
    """A provider that is tried when those before it fail."""

    model: str
    base_url: str = ""
    api_key: str = ""
    dialect: Dialect = Dialect.OPENAI
    sees: bool = False
    plain: bool = False


class McpToolSetting(BaseModel):
    """A tool of an MCP server that may be used; one that has no effect must say so."""

    name: str = Field(min_length=1)
    effect: bool = True
    timeout_s: float = Field(default=5.0, gt=0, le=60)
    about: dict[str, str] = Field(default_factory=dict)


class McpServerSetting(BaseModel):
    """An MCP server: a command or a URL, and the tools that may be used."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,19}$")
    command: list[str] = Field(default_factory=list)
    url: str = Field(default="", pattern=r"^(https?://.+)?$")
    env: dict[str, str] = Field(default_factory=dict, repr=False)
    headers: dict[str, str] = Field(default_factory=dict, repr=False)
    tools: list[McpToolSetting] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_way(self) -> McpServerSetting:
        if bool(self.command) == bool(self.url):
            raise ValueError("an MCP server has either a command or a url")
        return self

    @property
    def server(self) -> McpServer:
        """The server."""
        allowed = tuple(Allowed(tool.name, tool.effect, tool.timeout_s, tool.about) for tool in self.tools)
        return McpServer(
            self.name, allowed, command=tuple(self.command), url=self.url, env=self.env, headers=self.headers
        )


class BudgetSetting(BaseModel):
    """A tenant's budget for a month, in the price list's currency; 0: none."""

    soft: float = Field(default=0.0, ge=0)
    hard: float = Field(default=0.0, ge=0)


class PriceSetting(BaseModel):
    """What a model's tokens cost, per million in the price list's currency; * in its name stands for anything."""

    model: str = Field(min_length=1)
    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)


class OrchestratorSettings(ServiceSettings, service="orchestrator"):
    """Settings of the orchestrator. Seconds end in _s."""

    redis_url: RedisUrl = Field(default="redis://127.0.0.1:6379/0", description="Redis >= 7 or Valkey")
    redis_cluster: bool = Field(default=False, description="whether redis_url names a node of a cluster")
    redis_prefix: str = Field(default="sd", pattern=r"^[A-Za-z0-9_-]{1,32}$", description="before every key")
    triton_url: GrpcTarget = Field(default="127.0.0.1:8001", description="host:port of Triton's gRPC endpoint")
    recommender_url: GrpcTarget = Field(default="127.0.0.1:8703", description="host:port of the recommender")

    database_url: str = Field(
        default="", repr=False, description="SQLAlchemy URL of SQLite or PostgreSQL; empty: a file in the data folder"
    )
    demo_shop: bool | None = Field(
        default=None, description="whether visitors become customers of a made-up shop; unset: without database_url"
    )
    shop_tenant: str = Field(default="default", description="whose made-up customers are laid out")
    tenants_file: Path | None = Field(
        default=None, description="YAML file of the tenants, of which their packs and knowledge are read here"
    )
    mcp_servers: list[McpServerSetting] = Field(
        default_factory=list, repr=False,
        description='JSON list of {"name", "command" or "url", "env", "headers", "tools": [{"name", "effect", …}]}',
    )  # fmt: skip
    tools_off: list[str] = Field(default_factory=list, description="JSON list of tools that nobody may use here")

    lease_s: float = Field(
        default=5.0, ge=0.2, le=300, description="a turn whose owner is silent this long is taken over"
    )
    max_tries: int = Field(default=3, ge=1, le=20, description="tries of a turn before it is given up")
    turn_s: float = Field(default=30.0, ge=1, le=600, description="for one turn, from beginning to answer")
    max_turns: int = Field(default=64, ge=1, le=10_000, description="turns that run at once in this process")
    max_pending: int = Field(default=20, ge=1, le=1_000, description="unanswered messages that a conversation may have")
    max_entries: int = Field(default=5_000, ge=10, description="entries kept per conversation")
    retention_days: float = Field(
        default=30.0, gt=0, description="a silent conversation is forgotten after this, and what its turns left"
    )
    audit_days: float = Field(default=1_095.0, gt=0, description="lines of the audit are kept this long")
    sweep_s: float = Field(default=21_600.0, ge=1, le=604_800, description="between two sweeps of the shop's records")
    state_s: float = Field(default=600.0, ge=1, description="life of the dialogue's state after the last answer")
    resume_s: float = Field(default=86_400.0, ge=1, description="how long what was left half done can be resumed")
    history: int = Field(default=20, ge=1, le=200, description="entries that a turn sees")

    agent_gone_s: float = Field(
        default=180.0, ge=1, le=86_400,
        description="a person without a sign of life this long gives conversations back to the line",
    )  # fmt: skip

    outgoing_events: int = Field(default=512, ge=16, description="events that may wait for a client that reads slowly")
    suggest_per_s: float = Field(default=10.0, gt=0, description="as-you-type requests per second and stream")
    encode_timeout_s: float = Field(default=0.4, gt=0, description="for one sentence embedding")
    picture_budget_s: float = Field(default=4.0, gt=0, description="for what is seen and read in a picture")
    caption_certainty: float = Field(default=0.5, ge=0, le=1, description="from which on a caption is believed")
    picture_emotion_certainty: float = Field(default=0.45, ge=0, le=1, description="the same for its emotion")
    recommend_budget_s: float = Field(default=0.4, gt=0, description="for the stickers beside an answer")
    pace_s: float = Field(default=0.02, ge=0, le=1, description="pause between pieces of the built-in engine's answers")

    llm_base_url: str = Field(default="", description="its endpoint; empty with a key: the dialect's own address")
    llm_api_key: str = Field(default="", description="its key; empty with a base URL: none is sent", repr=False)
    llm_model: str = Field(default="gpt-4o-mini", description="its model")
    llm_dialect: Dialect = Field(
        default=Dialect.OPENAI, description="openai (OpenAI, Qwen, DeepSeek, vLLM, Ollama, …) or anthropic"
    )
    llm_sees: bool = Field(default=False, description="whether the model takes pictures")
    llm_plain: bool = Field(
        default=False, description="whether the endpoint refuses stream_options and tool_choice (transformers serve)"
    )
    llm_fallbacks: list[Fallback] = Field(
        default_factory=list, repr=False,
        description='JSON list of {"model", "base_url", "api_key", "dialect", "sees", "plain"}, tried in order',
    )  # fmt: skip
    llm_connect_s: float = Field(default=3.0, gt=0, description="for the connection")
    llm_first_token_s: float = Field(default=8.0, gt=0, description="from the request to the first token")
    llm_idle_s: float = Field(default=5.0, gt=0, description="between tokens")
    llm_total_s: float = Field(default=15.0, gt=0, description="for the whole answer of one model, tools included")
    llm_attempts: int = Field(default=2, ge=1, le=10, description="tries of one provider before the first token")
    llm_concurrency: int = Field(default=32, ge=1, description="requests to one provider at once")
    llm_connections: int = Field(default=64, ge=1, description="connections to one provider")
    llm_keep_alive_s: float = Field(default=30.0, ge=0, description="life of a connection that is idle")
    llm_tenant_per_s: float = Field(default=0.0, ge=0, description="answers per second and tenant; 0: any number")
    llm_tenant_burst: int = Field(default=20, ge=1, description="answers of a tenant at once after a pause")
    llm_tenant_concurrency: int = Field(default=0, ge=0, description="answers of a tenant at once; 0: any number")
    llm_context_tokens: int = Field(default=6_000, ge=1_000, description="what a model is told at most, tools aside")
    llm_summaries: bool = Field(
        default=True, description="whether a model sums up older messages; else they are only shortened"
    )
    llm_summary_model: str = Field(
        default="", description="model for summaries, at the first provider's endpoint; empty: the first provider's own"
    )
    llm_summary_s: float = Field(default=20.0, gt=0, description="for one summary, which nobody waits for")
    llm_prompt: Path | None = Field(default=None, description="folder with en.yaml and zh.yaml; unset: the shipped one")
    llm_prices: Path | None = Field(default=None, description="price list; unset: the shipped one")
    llm_prices_of: list[PriceSetting] = Field(
        default_factory=list,
        description='JSON list of {"model", "input", "output", "cached"} per million tokens, before the price list',
    )
    llm_budgets: dict[str, BudgetSetting] = Field(
        default_factory=dict, description='JSON object of tenant to {"soft", "hard"} per month; "*" for the others'
    )
    llm_mask: list[Personal] = Field(
        default=[Personal.EMAIL, Personal.CARD, Personal.ID_NUMBER, Personal.PHONE, Personal.ADDRESS, Personal.NAME],
        description='JSON list of what providers do not see: those of the default, or "number" (orders, parcels) too',
    )

    @field_validator("database_url")
    @classmethod
    def _readable(cls, url: str) -> str:
        database_url(url, Path())
        return url

    @field_validator("tools_off")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        known = {SearchKnowledge.name, *(kind.name for kind in KINDS)}
        if unknown := set(names) - known:
            raise ValueError(f"no tool is called {', '.join(sorted(unknown))}")
        return names

    @property
    def limits(self) -> Limits:
        """What the store needs to know."""
        return Limits(
            lease_ms=round(self.lease_s * 1000),
            max_tries=self.max_tries,
            max_pending=self.max_pending,
            max_entries=self.max_entries,
            retention_ms=round(self.retention_days * _DAY_MS),
            state_ms=round(max(self.state_s, self.resume_s) * 1000),
            history=self.history,
        )

    @property
    def sureness(self) -> Sureness:
        """What of a picture is believed, and how long it may take."""
        return Sureness(self.caption_certainty, self.picture_emotion_certainty, self.picture_budget_s)

    @property
    def providers(self) -> list[Provider]:
        """The language models in order of preference; none: the built-in engine answers alone."""
        first = Fallback(
            model=self.llm_model, base_url=self.llm_base_url, api_key=self.llm_api_key, dialect=self.llm_dialect,
            sees=self.llm_sees, plain=self.llm_plain,
        )  # fmt: skip
        configured = [first] if self.llm_base_url or self.llm_api_key else []
        return [self._provider(one) for one in (*configured, *self.llm_fallbacks)]

    @property
    def summary_provider(self) -> Provider | None:
        """What sums up older messages; None: nothing does, and they are shortened."""
        providers = self.providers
        if not self.llm_summaries or not providers:
            return None
        chosen = replace(providers[0], total_s=self.llm_summary_s, attempts=1, sees=False, concurrency=2)
        return replace(chosen, model=self.llm_summary_model) if self.llm_summary_model else chosen

    @property
    def prices(self) -> Prices:
        """What models cost.

        Raises:
            ValueError: The price list does not fit.
        """
        first = [Price(one.model.lower(), one.input, one.output, one.cached) for one in self.llm_prices_of]
        return Prices(self.llm_prices, first) if self.llm_prices is not None else Prices(first=first)

    @property
    def budgets(self) -> dict[str, Budget]:
        """By tenant."""
        return {tenant: Budget(one.soft, one.hard) for tenant, one in self.llm_budgets.items()}

    @property
    def mcp(self) -> list[McpServer]:
        """The MCP servers whose tools are mounted."""
        return [one.server for one in self.mcp_servers]

    def _provider(self, one: Fallback) -> Provider:
        return Provider(
            model=one.model,
            base_url=one.base_url,
            api_key=one.api_key,
            dialect=one.dialect,
            sees=one.sees,
            plain=one.plain,
            connect_s=self.llm_connect_s,
            first_token_s=self.llm_first_token_s,
            idle_s=self.llm_idle_s,
            total_s=self.llm_total_s,
            attempts=self.llm_attempts,
            concurrency=self.llm_concurrency,
            connections=self.llm_connections,
            keep_alive_s=self.llm_keep_alive_s,
        )
