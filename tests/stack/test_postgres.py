"""The embedded PostgreSQL starts on any machine, survives every end, and is used by one copy at a time."""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from stack.errors import AlreadyRunning, StackError
from stack.postgres import Postgres


@pytest.fixture
def server(run_folder: Path) -> Iterator[Postgres]:
    """A server that is not started, with a folder of its own."""
    server = Postgres(run_folder / uuid.uuid4().hex, durable=False)
    yield server
    server.stop()


def table_content(url: str) -> list[tuple[str]]:
    """Read back what `write_table` wrote."""
    with psycopg2.connect(url.replace("+psycopg2", "")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT word FROM kept")
        return cursor.fetchall()


def write_table(url: str) -> None:
    """Write something that must still be there later."""
    with psycopg2.connect(url.replace("+psycopg2", "")) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (word text)")
        cursor.execute("INSERT INTO kept VALUES ('Łódź')")


def test_each_test_has_a_database_of_its_own(database_url: str) -> None:
    """A copy of the template is empty of other tests' rows."""
    write_table(database_url)
    assert table_content(database_url) == [("Łódź",)]


def test_data_outlives_a_restart(server: Postgres) -> None:
    """What was committed before a stop is there after the next start, on whatever port."""
    with server:
        write_table(server.ensure_database("casebridge"))
    with server:
        assert table_content(server.ensure_database("casebridge")) == [("Łódź",)]


def test_password_is_needed(postgres: Postgres) -> None:
    """Any program of this machine can reach the port, so nobody gets in without the password."""
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(host="127.0.0.1", port=postgres.port, user="casebridge", password="guess", dbname="postgres")


def test_only_its_owner_reads_the_password_and_the_data(postgres: Postgres) -> None:
    """Nothing that opens the database lies open in the file system."""
    assert stat.S_IMODE((postgres.folder / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE((postgres.folder / "data").stat().st_mode) == 0o700


def test_server_never_runs_as_root(postgres: Postgres) -> None:
    """It runs as whoever started it, and as an unprivileged user if that is root."""
    pid = int((postgres.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    assert psutil.Process(pid).uids().real != 0


def test_second_copy_is_refused_by_name(postgres: Postgres) -> None:
    """Two servers on one data folder would destroy it; the refusal tells whom to stop."""
    with pytest.raises(AlreadyRunning, match=rf"\({os.getpid()}\).*make down"):
        Postgres(postgres.folder).start()
    assert postgres.is_running


def test_pid_file_of_a_power_cut_is_no_obstacle(server: Postgres) -> None:
    """Its number may by then belong to any other program, which must not be touched."""
    with server:
        pass
    (server.folder / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{server.folder}/data\n")
    with server:
        assert server.is_running


def test_crash_loses_nothing_that_was_committed(server: Postgres) -> None:
    """The server recovers by itself after it was killed."""
    server.start()
    write_table(server.ensure_database("casebridge"))
    port = server.port
    server.kill()
    assert not server.is_running
    server.stop()
    with server:
        assert server.port == port
        assert table_content(server.url("casebridge")) == [("Łódź",)]


def test_interrupted_first_start_is_made_good(server: Postgres) -> None:
    """A half-made data folder never bears the name of a complete one, and is thrown away."""
    (server.folder / "data.new").mkdir(parents=True)
    (server.folder / "data.new" / "PG_VERSION").write_text("18")
    with server:
        assert server.is_running
    assert not (server.folder / "data.new").exists()


@pytest.mark.parametrize(
    ("version", "reason"), [("17", r"PostgreSQL 17.*PostgreSQL 18.*make clean"), (None, r"not a complete.*make clean")]
)
def test_foreign_data_is_refused_and_left_alone(server: Postgres, version: str | None, reason: str) -> None:
    """Data of another version, or a damaged folder, is never overwritten."""
    data = server.folder / "data"
    (data / "global").mkdir(parents=True)
    (data / "global" / "pg_control").touch()
    if version:
        (data / "PG_VERSION").write_text(f"{version}\n")
    with pytest.raises(StackError, match=reason):
        server.start()
    assert (data / "global" / "pg_control").exists()


def test_stopped_server_leaves_no_process(server: Postgres) -> None:
    """Not its workers either."""
    with server:
        session = server._processes["postgres"].session
        assert len(session.members()) > 1
    assert session.members() == []
