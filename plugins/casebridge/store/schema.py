"""The version of the database schema, and how to get to the newest."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from casebridge.store.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 4_713_290_551  # any number that nobody else locks


def upgrade(database: Database) -> str:
    """Brings the schema to the newest version and returns that version's name. Safe to run from several places."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with database.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return newest()


def newest() -> str:
    """The newest version of the schema."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def current(database: Database) -> str:
    """The version that a database has, "" when it has none yet."""
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "casebridge_schema_version"})
        return context.get_current_revision() or ""
