"""Fixtures of the tools's tests."""

from tests.orchestrator.backoffice.shops import empty_url, postgres, shop

__all__ = ["empty_url", "postgres", "shop"]
