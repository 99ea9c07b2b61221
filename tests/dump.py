"""The whole of casebridge's database as text, to look for a value that must not be there."""

from __future__ import annotations

import contextlib
import io

import psycopg2

from casebridge.store.database import Database


def everything(database: Database) -> str:
    """All rows of all tables, as text."""
    out = io.StringIO()
    address = database.url.replace("+psycopg2", "")
    with contextlib.closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.copy_expert(f'COPY "{table}" TO STDOUT', out)
    return out.getvalue()
