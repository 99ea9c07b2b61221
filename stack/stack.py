"""The whole product on one machine, as one object: for `make demo` and `make up`, tests and the benchmark."""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from simulators import discovery
from stack import connections
from stack.airflow import COMPONENTS, PYTHON, Readiness, airflow_command
from stack.airflow_api import AirflowApi
from stack.components import Component, Listener, first_ended
from stack.environment import (
    USER,
    Addresses,
    airflow_settings,
    casebridge_settings,
    command_line_settings,
    inbox_settings,
    inherited,
)
from stack.errors import StackError
from stack.home import DEFAULT, Home
from stack.ports import free_ports, is_free
from stack.postgres import Postgres
from stack.processes import PROJECT, Child, Processes
from stack.progress import Progress, Silence
from stack.secrets import Secrets, write_private

BIND_FAILURE = "address already in use"


class Stack:
    """PostgreSQL, Airflow, the inbox and the simulators, running from the start to the end of a `with` block.

    Args:
        home: the state folder; two copies with different folders run side by side.
        port: the port of Airflow's pages and API; a free one by default.
        airflow_env: added to Airflow's environment, over what is set there: `AIRFLOW__SECTION__OPTION`.
        dags_folder: another folder than the project's `dags`.
        simulators: the names of those to start; all by default.
        durable: False makes the database quicker, and its data may not survive a power cut.
        fresh: True deletes what earlier runs left in the state folder.
        ready_seconds: how long Airflow may take to be ready.
        progress: is told of each step.
    """

    def __init__(
        self,
        home: Path = DEFAULT,
        *,
        port: int | None = None,
        airflow_env: Mapping[str, str] | None = None,
        dags_folder: Path | None = None,
        simulators: Sequence[str] | None = None,
        durable: bool = True,
        fresh: bool = False,
        ready_seconds: float = 120,
        progress: Progress | None = None,
    ) -> None:
        self.home = Home(home)
        self.port = port
        self.airflow_env = dict(airflow_env or {})
        self.dags_folder = (dags_folder or PROJECT / "dags").absolute()
        self.simulator_names = list(discovery.names() if simulators is None else simulators)
        self.ready_seconds = ready_seconds
        self.fresh = fresh
        self.progress = progress or Silence()
        self.processes = Processes(self.home.record.file)
        self.postgres = Postgres(self.home.folder / "postgres", durable=durable, processes=self.processes)
        self.components: dict[str, Component] = {}
        self.simulators: dict[str, Listener] = {}
        self.inbox: Listener
        self._secrets: Secrets
        self._addresses: Addresses
        self._client: AirflowApi | None = None
        self._taken = False

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with self.progress.step("Stop everything") if self._taken else contextlib.nullcontext():
            self.stop()

    # -- what others use

    @property
    def api_url(self) -> str:
        """The address of Airflow's pages and REST API, without a slash at the end."""
        return self._addresses.api

    @property
    def login(self) -> tuple[str, str]:
        """The name and password of the user who may do everything."""
        return USER, self._secrets.password

    @property
    def airflow(self) -> AirflowApi:
        """A client of Airflow's REST API, signed in as that user."""
        if self._client is None:
            self._client = AirflowApi(self.api_url, *self.login)
        return self._client

    @property
    def database_url(self) -> str:
        """The address of casebridge's database, for SQLAlchemy."""
        return self._addresses.casebridge_database

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which a program, such as the `casebridge` command, belongs to this copy."""
        more = command_line_settings(self._addresses, self._secrets) | inbox_settings(self._secrets)
        return self._service_environment() | more

    def _service_environment(self) -> dict[str, str]:
        settings = airflow_settings(self.home.folder, self._addresses, self._secrets, self.dags_folder)
        settings |= casebridge_settings(self.home.folder, self._addresses)
        return _inherited() | settings | self.airflow_env

    def _inbox_environment(self) -> dict[str, str]:
        """It is reached by other systems: of Airflow it knows a user who starts its DAG, and no setting."""
        own = {name: value for name, value in self.airflow_env.items() if name.startswith("CASEBRIDGE_")}
        settings = casebridge_settings(self.home.folder, self._addresses) | inbox_settings(self._secrets)
        settings |= command_line_settings(self._addresses, self._secrets)
        return _inherited() | settings | own

    @property
    def inbox_url(self) -> str:
        """The address of the inbox, where other systems push, without a slash at the end."""
        return self.inbox.url

    def simulator_url(self, name: str) -> str:
        """Return the address of a simulator, without a slash at the end."""
        return self.simulators[name].url

    def component(self, name: str) -> Component:
        """Return a part by its name, to stop, kill or restart it: scheduler, inbox, whitespace and so on."""
        return {**self.components, **self.simulators}[name]

    def check(self) -> None:
        """Raise StackError if a part has ended by itself, with the end of its log."""
        if not self.postgres.is_running:
            raise StackError(
                f"PostgreSQL ended. The end of {self.postgres.log}:\n{self.processes['postgres'].last_lines()}"
            )
        ended = first_ended({**self.components, **self.simulators})
        if ended:
            raise StackError(ended.why_it_ended())

    # -- start and stop

    def start(self) -> None:
        """Start everything, and return when it is ready for use."""
        if self.port is not None and not is_free(self.port):
            raise StackError(
                f"Port {self.port} is taken by another program: choose another one, or leave PORT out for a free one."
            )
        for name in self.home.take():
            self.progress.note(f"Stopped {name}, which an earlier run that was killed had left behind.")
        self._taken = True
        if self.fresh:
            self.home.empty()
        self._secrets = self.home.secrets()
        with self.progress.step("Start PostgreSQL"):
            self.postgres.start()
            databases = [self.postgres.ensure_database(name) for name in ("airflow", "casebridge")]
        if self.postgres.note:
            self.progress.note(self.postgres.note)
        self._choose_addresses(*databases)
        with self.progress.step(f"Migrate the databases, start {len(self.simulator_names)} simulators"):
            self._prepare()
        with self.progress.step("Start Airflow"):
            self._start_airflow()
            connections.make_pools(self.airflow)
            connections.connect(self.airflow, {name: one.url for name, one in self.simulators.items()})
            connections.connect_inbox(self.airflow, *self.login)
            self.inbox.wait_until_ready()
        self.home.describe(self.description())

    def stop(self) -> None:
        """Stop everything, PostgreSQL last; twice is harmless."""
        if not self._taken:
            return
        self.processes.stop()
        self.postgres.stop()
        # A signal may have arrived between the start of a process and its entry in the list.
        self.home.record.sweep()
        self.home.leave()
        self._taken = False

    def description(self) -> dict[str, Any]:
        """Return what `make status` and `make env` tell."""
        return {
            "environment": {
                name: value
                for name, value in self.environment.items()
                if name.startswith(("CASEBRIDGE_", "AIRFLOW", "PATH"))
            },
            "api": self.api_url,
            "user": USER,
            "inbox": self.inbox_url,
            "simulators": {name: one.url for name, one in self.simulators.items()},
            "components": {name: one.pid for name, one in {**self.components, **self.simulators}.items()},
        }

    def _choose_addresses(self, airflow_database: str, casebridge_database: str) -> None:
        api_port, worker_log_port, trigger_log_port = free_ports(3)
        self._client = None
        self._addresses = Addresses(
            api_port=self.port or api_port,
            worker_log_port=worker_log_port,
            trigger_log_port=trigger_log_port,
            airflow_database=airflow_database,
            casebridge_database=casebridge_database,
        )

    def _prepare(self) -> None:
        """Do at the same time what does not need the other: both migrations, and the simulators."""
        write_private(self.home.folder / "airflow" / "passwords.json", f'{{"{USER}": "{self._secrets.password}"}}\n')
        self.dags_folder.mkdir(parents=True, exist_ok=True)
        migrations = [
            self._run("migrate-airflow", airflow_command("db", "migrate")),
            self._run("migrate-casebridge", [str(PYTHON), "-m", "casebridge.cli", "db", "upgrade"]),
        ]
        for name in self.simulator_names:
            command = [str(PYTHON), "-m", "simulators", name, "--port", "0"]
            self.simulators[name] = Listener(
                name, command, self._service_environment(), self._log(name), self.processes
            )
            self.simulators[name].start()
        for simulator in self.simulators.values():
            simulator.wait_until_ready()
        for child in migrations:
            self._await_success(child)
        # It is ready long before Airflow is, so nobody waits for it.
        command = [str(PYTHON), "-m", "casebridge.cli", "inbox", "serve", "--port", "0"]
        self.inbox = Listener("inbox", command, self._inbox_environment(), self._log("inbox"), self.processes)
        self.inbox.start()
        self.components["inbox"] = self.inbox

    def _run(self, name: str, command: list[str]) -> Child:
        log = self._log(name)
        log.unlink(missing_ok=True)
        return self.processes.start(name, command, log=log, environment=self._service_environment())

    def _await_success(self, child: Child) -> None:
        code = child.wait()
        if code:
            raise StackError(
                f"{child.name} failed with exit code {code}. The end of {child.log}:\n{child.last_lines()}"
            )
        self.processes.stop(child.name)

    def _start_airflow(self) -> None:
        for attempt in (1, 2):
            try:
                self._start_components()
                return
            except StackError:
                # Another program may have taken the port between our choice and the API server's start.
                if self.port is not None or attempt == 2 or not self._api_port_was_taken():
                    raise
                self.processes.stop(*COMPONENTS)
                self._choose_addresses(self._addresses.airflow_database, self._addresses.casebridge_database)

    def _start_components(self) -> None:
        since = datetime.datetime.now(datetime.UTC)
        environment = self._service_environment()
        for name, arguments in COMPONENTS.items():
            log = self._log(name)
            log.unlink(missing_ok=True)
            command = airflow_command(*arguments)
            self.components[name] = Component(name, command, environment, log, self.processes)
            self.components[name].start()
        Readiness(self.airflow, self.dags_folder, since).wait(self.check, seconds=self.ready_seconds)

    def _api_port_was_taken(self) -> bool:
        return BIND_FAILURE in self.components["api-server"].child.last_lines(50).lower()

    def _log(self, name: str) -> Path:
        return self.home.logs / f"{name}.log"


def _inherited() -> dict[str, str]:
    # The programs of the virtual environment first, whether or not it was activated.
    return inherited() | {"PATH": os.pathsep.join([str(PYTHON.parent), os.environ.get("PATH", os.defpath)])}
