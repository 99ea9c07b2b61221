"""Alembic's environment: `casebridge db upgrade` runs it with a connection at hand."""

from __future__ import annotations

from alembic import context

from casebridge.store.tables import metadata

VERSION_TABLE = "casebridge_schema_version"

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
