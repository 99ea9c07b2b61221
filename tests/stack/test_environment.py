"""What Airflow is started with is known to the Airflow that is installed, and nothing strange gets in."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from stack.environment import Addresses, airflow_settings, inherited
from stack.secrets import Secrets

ADDRESSES = Addresses(1, 2, 3, "postgresql+psycopg2://airflow", "postgresql+psycopg2://casebridge")


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """All settings for Airflow."""
    return airflow_settings(tmp_path, ADDRESSES, Secrets.keep(tmp_path / "secrets.json"), tmp_path / "dags")


def test_installed_airflow_knows_every_option(settings: dict[str, str]) -> None:
    """Airflow ignores a variable with a wrong section or name without a word."""
    airflow = find_spec("airflow")
    assert airflow is not None
    assert airflow.origin is not None
    described = yaml.safe_load((Path(airflow.origin).parent / "config_templates" / "config.yml").read_text())
    known = {
        f"AIRFLOW__{section.upper()}__{option.upper()}"
        for section, content in described.items()
        for option in content["options"]
    }
    assert set(settings) - {"AIRFLOW_HOME"} <= known


def test_tasks_report_to_the_port_of_this_copy(settings: dict[str, str]) -> None:
    """With the port alone, tasks would call 8080 and fail with an empty log."""
    assert settings["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:1/execution/"
    assert settings["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:1"


def test_nothing_listens_beyond_this_machine(settings: dict[str, str]) -> None:
    """Airflow's own default is every network."""
    assert settings["AIRFLOW__API__HOST"] == "127.0.0.1"


def test_another_installation_does_not_mix_in() -> None:
    """Variables of the shell that are meant for another Airflow or database are not passed on."""
    outer = {
        "AIRFLOW_HOME": "/other",
        "AIRFLOW__API__PORT": "1",
        "AIRFLOW_CONN_X": "",
        "PGHOST": "db",
        "HOME": "/home/ann",
    }
    outer |= {"CASEBRIDGE_DATABASE_URL": "other", "PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": "example.org"}
    kept = inherited(outer)
    assert set(kept) == {"HOME", "NO_PROXY", "no_proxy", "PYTHONPATH", "PYTHONUNBUFFERED"}
    assert kept["NO_PROXY"] == "example.org,127.0.0.1,localhost"
