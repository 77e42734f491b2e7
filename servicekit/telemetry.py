"""Traces, logs and metrics of one process, made once in its composition root and handed on.

Traces: OpenTelemetry, exported over OTLP/HTTP when an endpoint is configured, otherwise kept for their ids only. Logs:
one JSON object per line that carries the trace id. Metrics: a Prometheus registry of the process's own. What a
customer wrote never enters a log line, a span attribute or a metric label.
"""

from __future__ import annotations

import logging
import sys
import uuid
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from servicekit.settings import ServiceSettings


@dataclass(frozen=True)
class Telemetry:
    """What a process reports with.

    Attributes:
        service: Name of the process in traces, logs and metrics.
        registry: Where its metrics are registered and exposed from.
        provider: Makes tracers; shut down at the end so that the last spans leave.
    """

    service: str
    registry: CollectorRegistry
    provider: TracerProvider

    @classmethod
    def create(cls, service: str, settings: ServiceSettings) -> Telemetry:
        """Configures logging for the process and makes its tracer provider and registry."""
        configure_logging(service, settings.log_level, settings.log_format)
        provider = TracerProvider(resource=_resource(service))
        if settings.otlp_endpoint:
            provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.otlp_endpoint)))
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        return cls(service, registry, provider)

    @property
    def tracer(self) -> trace.Tracer:
        """The tracer for spans made by hand, such as one per turn."""
        return self.provider.get_tracer(f"stickerdesk.{self.service}")

    def shutdown(self) -> None:
        """Sends what is left; to be called once, last."""
        self.provider.shutdown()


def _resource(service: str) -> Resource:
    """Which process of which release it is: replicas and versions are told apart in traces."""
    facts = {"service.name": f"stickerdesk-{service}", "service.instance.id": str(uuid.uuid4())}
    with suppress(PackageNotFoundError):  # it runs from a checkout that is not installed
        facts["service.version"] = version("stickerdesk")
    return Resource.create(facts)


def trace_id() -> str:
    """The current trace's id, 32 hexadecimal digits; empty outside a trace."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger with named facts: `log.info("turn ended", turn=turn_id)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def configure_logging(service: str, level: str, log_format: str) -> None:
    """Sends our own and libraries' log records to standard error, as JSON or for people."""
    render: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if log_format == "console":
        render = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())

    def stamp(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        if identifier := trace_id():
            event["trace_id"] = identifier
        return event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        stamp,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "openai", "asyncio"):  # they log a line per request at INFO
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
