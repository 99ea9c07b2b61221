"""Fixtures for every test: a real PostgreSQL, and a real Airflow for those that need it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from casebridge.store import schema
from casebridge.store.database import Database
from stack.postgres import Postgres
from stack.stack import Stack
from tests.connectors.scenario import Example, scenario
from tests.connectors.trial import Trial
from tests.simulators.client import Whitespace

pytest_plugins = ["tests.behaviour_plugin"]

ROOT = Path(__file__).parents[1]
NEED_THE_STACK = ("tests/airflow/", "tests/stack/test_stack.py")
QUICK = {"CASEBRIDGE_RETRY_BASE_S": "0.2", "CASEBRIDGE_RETRY_CAP_S": "0.4"}


class FilesTogether(LoadScopeScheduling):
    """The tests of a file run in one process, and so do all that need the whole of Airflow: it is started once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "stack" if file.startswith(NEED_THE_STACK) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesTogether:
    """How `make test` spreads the tests over its processes."""
    return FilesTogether(config, log)


@pytest.fixture(scope="session")
def run_folder() -> Iterator[Path]:
    """A folder of this test run that PostgreSQL's user can pass through: pytest's own is closed to all others."""
    with tempfile.TemporaryDirectory(prefix="casebridge-test-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@pytest.fixture(scope="session")
def postgres(run_folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL server of this test run; its data need not survive a power cut, so it is quick."""
    with Postgres(run_folder / "postgres", durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def template_database(postgres: Postgres) -> str:
    """The name of the database, with casebridge's tables, that each test's own is a copy of."""
    name = "template_casebridge"
    postgres.create_database(name)
    database = Database(postgres.url(name))
    schema.upgrade(database)
    database.close()  # a database that somebody is connected to cannot be copied
    return name


@pytest.fixture
def database_url(postgres: Postgres, template_database: str) -> Iterator[str]:
    """The address of a database that no other test uses, as casebridge gets it."""
    name = f"test_{uuid.uuid4().hex}"
    postgres.create_database(name, template=template_database)
    yield postgres.url(name)
    postgres.drop_database(name)


@contextlib.contextmanager
def running_simulator(name: str) -> Iterator[str]:
    """The address of a simulator that runs as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators", name, "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    yield line.split()[-1]
    process.terminate()
    assert process.wait(timeout=30) == 0
    process.stdout.close()


@pytest.fixture(scope="session")
def simulator() -> Iterator[Callable[[str], str]]:
    """Gives the address of a running simulator by its name; each is started when it is first asked for."""
    with contextlib.ExitStack() as running:
        yield lru_cache(lambda name: running.enter_context(running_simulator(name)))


@pytest.fixture(scope="session")
def whitespace_process(simulator: Callable[[str], str]) -> str:
    """The address of a running Whitespace simulator."""
    return simulator("whitespace")


@pytest.fixture(scope="session")
def jadu_cxm_process() -> Iterator[str]:
    """The address of a running Jadu CXM simulator."""
    with running_simulator("jadu_cxm") as url:
        yield url


@pytest.fixture
def whitespace(whitespace_process: str) -> Iterator[Whitespace]:
    """The Whitespace simulator with its sample data and no faults."""
    client = Whitespace(whitespace_process)
    client.set("reset")
    yield client
    # Over the connection that is still open: also opens a port that the test left closed.
    client.set("reset")
    client.session.close()


@pytest.fixture
def trial(system: str, database_url: str, tmp_path: Path, simulator: Callable[[str], str]) -> Iterator[Trial]:
    """The connector of the test's `system`, and its simulator with its sample data and no faults."""
    known = scenario(system)
    made = Trial(database_url, tmp_path / "mappings", known, simulator(known.simulator))
    made.simulate("reset")
    yield made
    made.simulate("reset")
    made.close()


@pytest.fixture
def example(trial: Trial, action: str) -> Example:
    """The example of the test's `action`."""
    return trial.scenario.example(action)


@pytest.fixture(scope="session")
def stack(run_folder: Path) -> Iterator[Stack]:
    """The whole product, running: PostgreSQL, Airflow with the project's DAGs, every simulator. It takes half a minute.

    Tests share it, so each one triggers runs of its own and leaves what it stopped running again. Its delays between
    tries are short; how often something is tried is as in production.
    """
    # Templates of its own: a test that writes one does not write into the project.
    shutil.copytree(ROOT / "include", run_folder / "include")
    include = {
        "CASEBRIDGE_MAPPINGS": str(run_folder / "include" / "mappings"),
        "CASEBRIDGE_RULES": str(run_folder / "include" / "rules.yaml"),
        "CASEBRIDGE_CASE_TYPES": str(run_folder / "include" / "cases"),
    }
    with Stack(run_folder / "stack", durable=False, airflow_env=QUICK | include) as running:
        yield running
