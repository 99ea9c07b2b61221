"""The migrations and the tables say the same."""

from __future__ import annotations

import threading

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from casebridge.store import schema
from casebridge.store.database import Database
from casebridge.store.tables import metadata
from stack.postgres import Postgres


def test_the_migrations_make_exactly_the_tables(database_url: str) -> None:
    database = Database(database_url)
    with database.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": "casebridge_schema_version"}
        )
        assert [] == compare_metadata(context, metadata)
    database.close()


def test_several_upgrades_at_once_leave_one_schema(postgres: Postgres) -> None:
    """In production every container may run it when it starts."""
    postgres.create_database("upgraded_at_once")
    database = Database(postgres.url("upgraded_at_once"))
    threads = [threading.Thread(target=schema.upgrade, args=(database,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert schema.newest() == schema.current(database)
    database.close()
