"""The DAGs of reconciliation and retention, read as Airflow reads them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from casebridge.connectors import registry

ROOT = Path(__file__).parents[3]
PROBE = """
import json, runpy, sys
from airflow.sdk import DAG
named = {name: one for name, one in runpy.run_path(sys.argv[1]).items() if isinstance(one, DAG)}
print(json.dumps({
    "heavy": [name for name in ("pandas", "numpy", "zeep") if name in sys.modules],
    "dags": {
        one.dag_id: {
            "tasks": {task.task_id: [task.pool, task.retries, task.max_active_tis_per_dag] for task in one.tasks},
            "params": sorted(one.params),
            "runs": one.max_active_runs,
        }
        for one in named.values()
    },
}))
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Any:
    home = tmp_path_factory.mktemp("airflow")
    environment = {**os.environ, "AIRFLOW_HOME": str(home), "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}"}

    def of(name: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-c", PROBE, str(ROOT / "dags" / name)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    return of


def test_every_system_that_can_be_listed_has_a_dag_that_compares_it(read: Any) -> None:
    listing = {name: manifest for name, manifest in registry.manifests().items() if manifest.listed}
    dags = read("reconcile.py")["dags"]
    assert {f"reconcile__{name}" for name in listing} == set(dags)
    for name, manifest in listing.items():
        dag = dags[f"reconcile__{name}"]
        assert {f"reconcile_{kind.name}" for kind in manifest.listed} == set(dag["tasks"])
        assert {f"casebridge_{name}"} == {pool for pool, *_ in dag["tasks"].values()}
        assert (["connection", "limit", "window_days"], 1) == (dag["params"], dag["runs"])


def test_reading_the_dag_files_loads_nothing_heavy(read: Any) -> None:
    """Every task process reads them anew, and pandas alone takes half a second."""
    assert [] == read("reconcile.py")["heavy"]
    assert [] == read("retention.py")["heavy"]


def test_values_are_erased_once_a_day(read: Any) -> None:
    assert ["erase_old_values"] == list(read("retention.py")["dags"]["retention"]["tasks"])
