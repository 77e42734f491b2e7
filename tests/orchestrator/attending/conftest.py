"""Fixtures of the desk."""

from tests.orchestrator.backoffice.shops import empty_url, postgres, postgres_shop, shop, sqlite_shop

__all__ = ["empty_url", "postgres", "postgres_shop", "shop", "sqlite_shop"]
