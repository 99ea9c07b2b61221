"""Every variable that Airflow, casebridge and the simulators are started with, in one place, each with its reason."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.ports import LOOPBACK
from stack.processes import PROJECT
from stack.secrets import Secrets

USER = "admin"

DROPPED = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONSTARTUP")
DROPPED_PREFIXES = ("AIRFLOW", "CASEBRIDGE_", "PG")


@dataclass(frozen=True)
class Addresses:
    """Where the parts of one copy are reached.

    Attributes:
        api_port: Airflow's web pages and REST API.
        worker_log_port: nothing listens there, see `AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT` below.
        trigger_log_port: likewise.
        airflow_database: Airflow's database, for SQLAlchemy.
        casebridge_database: casebridge's own, for SQLAlchemy.
    """

    api_port: int
    worker_log_port: int
    trigger_log_port: int
    airflow_database: str
    casebridge_database: str

    @property
    def api(self) -> str:
        """The address of Airflow's web pages and REST API, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.api_port}"


def inherited(outer: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what a child keeps of our own environment.

    Another Airflow's variables would mix two installations. Without compiled files every process would compile Airflow
    anew, at each start.
    """
    kept = {
        name: value for name, value in outer.items() if name not in DROPPED and not name.startswith(DROPPED_PREFIXES)
    }
    # What runs here calls what runs here; a proxy for the outside world must not see those calls.
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = ",".join(filter(None, [kept.get(name), LOOPBACK, "localhost"]))
    # `casebridge` and `simulators` import even where the project is not installed.
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PROJECT / "plugins"), str(PROJECT), kept.get("PYTHONPATH")]))
    # Lines reach the log files when they are printed: a simulator's says on which port it listens.
    kept["PYTHONUNBUFFERED"] = "1"
    return kept


def airflow_settings(home: Path, addresses: Addresses, secrets: Secrets, dags_folder: Path) -> dict[str, str]:
    """Return Airflow's settings, as `AIRFLOW__SECTION__OPTION` variables."""
    return {
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "utc",
        # A new integration is on as soon as its file is there.
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        # -- Who gets in
        "AIRFLOW__CORE__AUTH_MANAGER": (
            "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "airflow" / "passwords.json"),
        "AIRFLOW__CORE__FERNET_KEY": secrets.fernet_key,
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.jwt_secret,
        "AIRFLOW__API__SECRET_KEY": secrets.session_secret,
        # The Test button on a connection's form; Airflow ships it off since testing makes the server call out.
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        # -- Where things listen: Airflow's own default is every network the machine is on
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(addresses.api_port),
        "AIRFLOW__API__BASE_URL": addresses.api,
        # Without it, tasks report to port 8080 whatever the API's port is, and fail with an empty log.
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{addresses.api}/execution/",
        # The log servers are not started, since they would listen on every network and the API server reads the same
        # files. It still asks them for a running task's log: on these ports, where no other Airflow answers.
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(addresses.worker_log_port),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(addresses.trigger_log_port),
        # Airflow would ask the name server for its own full name, for seconds where none answers.
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
        # -- The database
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": addresses.airflow_database,
        # -- Throughput (measured on two cores: docs/operations.md)
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        # A slot is refilled only when the scheduler comes round, so even two cores want this many: 4 -> 168 tasks a
        # minute, 8 -> 231, 32 -> 525.
        "AIRFLOW__CORE__PARALLELISM": "32",
        # Each step from task to task waits for a scheduler loop: 1 second of idling makes an action take 3 s, not 1.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        # A run whose task waits for its retry counts as active: with a target down for hours, 500 of them must not keep
        # fresh runs from starting, as they would at the default of 16.
        "AIRFLOW__CORE__MAX_ACTIVE_RUNS_PER_DAG": "1000",
        "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "64",
        # Of those 500, a loop looks at this many. Each hop of a fresh run waits for a round of all of them: 7 s were
        # measured from the trigger to the Reference, 0.6 s with none waiting (docs/operations.md).
        "AIRFLOW__SCHEDULER__MAX_DAGRUNS_PER_LOOP_TO_SCHEDULE": "100",
        # A task's supervisor may miss its end by a hair and then sleeps this long, 5 seconds by default. A failure is
        # told so much later, and a slot is blocked so long.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        # -- How soon a changed file is seen
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "15",
        "AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL": "0",
        # -- Logs: one file for each component in the state folder, to be read by people
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "airflow" / "logs"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__LOGGING__UVICORN_LOGGING_LEVEL": "WARNING",
        # Task logs hold what was sent for a person; only the owner of this copy reads them.
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
    }


def casebridge_settings(home: Path, addresses: Addresses) -> dict[str, str]:
    """Return casebridge's settings."""
    return {
        "CASEBRIDGE_DATABASE_URL": addresses.casebridge_database,
        "CASEBRIDGE_CACHE": str(home / "cache"),
    }


def inbox_settings(secrets: Secrets) -> dict[str, str]:
    """Return what the inbox needs on top, and who plays a sender; neither Airflow nor its tasks get it."""
    return {f"CASEBRIDGE_INBOX_SECRET_{name.upper()}": secret for name, secret in secrets.inbox.items()}


def command_line_settings(addresses: Addresses, secrets: Secrets) -> dict[str, str]:
    """Return what the `casebridge` command needs on top, to act as a user of Airflow; tasks have no use for it."""
    return {
        "CASEBRIDGE_AIRFLOW_URL": addresses.api,
        "CASEBRIDGE_AIRFLOW_USER": USER,
        "CASEBRIDGE_AIRFLOW_PASSWORD": secrets.password,
    }
