"""The connection to casebridge's own database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from casebridge.core.errors import NotConfigured, Unreachable

CONNECT_TIMEOUT_S = 5


class Database:
    """casebridge's own database. Its failures are told as transient ones: without an intent on record nothing is sent.

    Args:
        url: `postgresql://user:password@host/database`.

    Raises:
        NotConfigured: The address is not one of a PostgreSQL database.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        engine_for(url)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection; what is not committed is rolled back.

        Raises:
            Unreachable: The database gave no answer.
        """
        with _told_as_unreachable(), engine_for(self.url).connect() as connection:
            yield connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection in a transaction that is committed at the end.

        Raises:
            Unreachable: The database gave no answer.
        """
        with _told_as_unreachable(), engine_for(self.url).begin() as connection:
            yield connection

    def close(self) -> None:
        """Closes the connections that are kept open; the next use opens new ones."""
        engine_for(self.url).dispose()


@contextmanager
def _told_as_unreachable() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise Unreachable(f"casebridge's own database gave no answer ({type(error.orig).__name__})") from None
        raise


def engine_for(url: str) -> Engine:
    """The engine for a database, one per process and address.

    A task process is a fork: a connection of its parent must not be used in it, so the engine is kept per process.

    Raises:
        NotConfigured: The address is not one of a PostgreSQL database.
    """
    return _engine(url, os.getpid())


@lru_cache(maxsize=8)
def _engine(url: str, _pid: int) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise NotConfigured(
            "CASEBRIDGE_DATABASE_URL is not a database address; write postgresql://user:password@host/database"
        ) from None
    if parsed.get_backend_name() != "postgresql":
        raise NotConfigured(
            f"CASEBRIDGE_DATABASE_URL names a {parsed.get_backend_name()} database; casebridge needs PostgreSQL"
        )
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg2"),
        # A task needs one connection, seldom two; what a page needs beyond that is opened and closed again.
        pool_size=2,
        max_overflow=30,
        pool_pre_ping=True,
        use_native_hstore=False,  # no table has such a column, and asking for the type is a query in every task
        hide_parameters=True,  # an error text must never hold a case value
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "casebridge", "keepalives_idle": 30},
    )
