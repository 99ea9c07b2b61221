"""The embedded PostgreSQL: programs from a Python package, data in a folder.

It listens on the loopback address only, on a free port, and asks for a password.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path
from secrets import token_urlsafe
from typing import Self
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2 import sql

from stack.errors import StackError
from stack.lock import FolderLock
from stack.ports import LOOPBACK, free_port
from stack.processes import Child, Processes, Session, stop_sessions, wait_until
from stack.secrets import write_private
from stack.server_user import Place, ServerUser

MAJOR = "18"
OWNER = "casebridge"
NAME = "postgres"

SETTINGS = {
    "listen_addresses": LOOPBACK,
    # A socket's path may have 107 characters; a project in a deep folder would have more.
    "unix_socket_directories": "",
    # Airflow's scheduler, API server and up to 32 task supervisors, and casebridge's own tasks, each with connections.
    "max_connections": "250",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Short statements only: compiling them costs more than it gains.
    "jit": "off",
    "log_min_messages": "warning",
    # Airflow's first migration looks for tables that are not there yet; that is no news.
    "log_min_error_statement": "panic",
}

NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}
"""Much faster, and the data does not survive a power cut: for tests, whose data nobody needs tomorrow.

A server that is killed still loses nothing that was committed, so tests may do that.
"""


class Postgres:
    """A PostgreSQL server that lives as long as this object is started.

    Args:
        folder: holds its data, password and log; only one process at a time may use it.
        durable: False trades the data's survival of a power cut for speed.
        processes: the stack's processes, when it is part of one.
    """

    def __init__(self, folder: Path, *, durable: bool = True, processes: Processes | None = None) -> None:
        self.folder = folder.absolute()
        self.durable = durable
        self.port = 0
        self.note = ""
        self.log = self.folder / "server.log"
        self._own_processes = processes is None
        self._processes = processes or Processes(self.folder / "processes.json")
        self._lock = FolderLock(self.folder / "lock")
        self._child: Child | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start the server, making its data folder first if there is none, and return when it answers.

        Raises:
            AlreadyRunning: another process uses this folder.
            StackError: it did not start; the message says why.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        user = ServerUser.choose()
        # The server's own user must pass through to its data; it cannot list or read anything else here.
        self.folder.chmod(0o700 if user.uid is None else 0o711)
        self._lock.acquire(
            f"Another process ({{pid}}) uses the database in {self.folder}: stop it first (`make down`)."
        )
        try:
            place = Place.choose(self.folder, user)
            self.note = place.note
            self._recover(place.data)
            if not place.data.exists():
                self._initialise(place, user)
            # An earlier start, or a copy of the project, may have been another user's.
            user.own_all(place.data)
            self._launch(place, user)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, the data is left clean; twice is harmless."""
        if self._child is not None:
            self._processes.stop(NAME, grace=15)
            self._child = None
        self._lock.release()

    def kill(self) -> None:
        """End the server at once, as a power cut would; `stop` and `start` bring it back on the same port."""
        self._processes[NAME].kill()

    @property
    def password(self) -> str:
        """The password of the one user of this server."""
        return (self.folder / "password").read_text().strip()

    @property
    def is_running(self) -> bool:
        """Whether the server runs."""
        return self._child is not None and self._child.is_running

    def url(self, database: str, *, driver: str = "psycopg2") -> str:
        """Return the address of a database for SQLAlchemy; with an empty driver, for PostgreSQL's own programs."""
        scheme = f"postgresql+{driver}" if driver else "postgresql"
        return f"{scheme}://{OWNER}:{quote(self.password)}@{LOOPBACK}:{self.port}/{database}"

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """Make a database, as a copy of another one if asked, and return its address.

        Copying a migrated template takes some hundredths of a second: a test can have its own.
        """
        self.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
            if template != "template0"
            else sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        )
        return self.url(name)

    def ensure_database(self, name: str) -> str:
        """Make a database unless it is there, and return its address."""
        if name not in self.databases():
            self.create_database(name)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Delete a database, closing connections to it that are still open."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def databases(self) -> list[str]:
        """Return the names of the databases."""
        with self._connection() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'")
            return [row[0] for row in cursor.fetchall()]

    def execute(self, statement: sql.Composable) -> None:
        """Run one statement outside any transaction, as making and dropping databases must."""
        with self._connection() as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    @contextlib.contextmanager
    def _connection(self):  # type: ignore[no-untyped-def]
        connection = psycopg2.connect(self.url("postgres", driver=""), connect_timeout=10)
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def _recover(self, data: Path) -> None:
        """Make the data folder of an earlier run usable, or say why it is not."""
        half_made = data.with_name("data.new")
        if half_made.exists():
            shutil.rmtree(half_made)
        if not data.exists():
            return
        if not any(data.iterdir()):
            data.rmdir()
            return
        version = data / "PG_VERSION"
        if not version.exists() or not (data / "global" / "pg_control").exists():
            raise StackError(
                f"{data} is not a complete PostgreSQL data folder: `make clean` deletes it, "
                f"and the next start makes a new one."
            )
        found = version.read_text().strip()
        if found != MAJOR:
            raise StackError(
                f"{data} was made by PostgreSQL {found}, and this casebridge brings PostgreSQL {MAJOR}: copy what "
                f"you need out of it with that version's `pg_dump`; `make clean` deletes it, the next start makes anew."
            )
        self._end_earlier_server(data)

    def _end_earlier_server(self, data: Path) -> None:
        """Stop the server that an earlier run left on this data folder, and take its pid file away.

        We hold the folder's lock, so no living copy owns that server. PostgreSQL itself would refuse to start as soon
        as any process of this user has the number in the file, which after a restart of the machine may be any program.
        """
        pid_file = data / "postmaster.pid"
        if not pid_file.exists():
            return
        with contextlib.suppress(psutil.Error, ValueError, IndexError):
            process = psutil.Process(int(pid_file.read_text().splitlines()[0]))
            if str(data) in process.cmdline():
                session = Session(NAME, process.pid, process.create_time(), signal=signal.SIGINT, whole=False)
                stop_sessions([session], grace=15)
        pid_file.unlink(missing_ok=True)

    def _initialise(self, place: Place, user: ServerUser) -> None:
        """Make the data folder, under another name until it is complete."""
        password = self.folder / "password"
        write_private(password, token_urlsafe(24) + "\n")
        half_made = place.data.with_name("data.new")
        half_made.mkdir(mode=0o700)
        user.own(half_made)
        # The server's user cannot read our password file; it reads a copy that exists for half a second.
        copy = place.data.with_name("data.password")
        write_private(copy, password.read_text())
        user.own(copy)
        command = [str(place.programs / "initdb"), "-D", str(half_made), "-U", OWNER, "--pwfile", str(copy)]
        # The same order and letter case on every machine, whatever languages it has installed.
        command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--auth=scram-sha-256", "--no-instructions", *([] if self.durable else ["--no-sync"])]
        try:
            done = subprocess.run(
                command,
                cwd="/",
                env=server_environment(),
                capture_output=True,
                text=True,
                check=False,
                **user.identity(),
            )
        finally:
            copy.unlink()
        if done.returncode != 0:
            shutil.rmtree(half_made, ignore_errors=True)
            raise StackError(f"PostgreSQL could not make its data folder {place.data}: {done.stderr.strip()}")
        half_made.rename(place.data)

    def _launch(self, place: Place, user: ServerUser) -> None:
        # Between choosing the port and listening on it, another program may take it.
        for _ in range(3):
            child = self._start_server(place, user)
            if self._has_started(child, place.data):
                return
            if "Address already in use" not in child.last_lines():
                break
            self.port = 0
        raise StackError(f"PostgreSQL did not start. The end of {self.log}:\n{child.last_lines()}")

    def _start_server(self, place: Place, user: ServerUser) -> Child:
        # The same port as before if it was started before: others know it by then.
        self.port = self.port or free_port()
        settings = SETTINGS | {"port": str(self.port)} | ({} if self.durable else NOT_DURABLE)
        command = [str(place.programs / "postgres"), "-D", str(place.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self.log.unlink(missing_ok=True)
        self._child = self._processes.start(
            NAME,
            command,
            log=self.log,
            environment=server_environment(),
            folder=Path("/"),
            stop_signal=signal.SIGINT,  # "fast": do not wait for clients to leave
            whole=False,
            last=True,
            user=user.uid,
            group=user.gid,
        )
        return self._child

    def _has_started(self, child: Child, data: Path) -> bool:
        # A recovery after a power cut may take much longer than a start.
        wait_until(lambda: self._answers(data) or not child.is_running, seconds=60, pause=0.02)
        return child.is_running and self._answers(data)

    def _answers(self, data: Path) -> bool:
        """Read from its pid file, as its own tools do, whether the server accepts connections."""
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"


def server_environment() -> dict[str, str]:
    """Return the environment of PostgreSQL's programs: none of our variables, least of all PG ones, concern them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
