"""Alembic's way in: it works on the connection and in the transaction that it is given."""

from __future__ import annotations

from alembic import context

from orchestrator.backoffice.schema import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=False)
context.run_migrations()
