"""What a DAG file costs: it is read in every task's process."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from stack.environment import inherited
from stack.processes import PROJECT
from tests.bench.figures import Figure

HEAVY = ("zeep", "requests", "sqlalchemy", "lxml", "pandas", "psycopg2")
EMPTY = "from airflow.sdk import DAG\n\nwith DAG('empty', schedule=None):\n    pass\n"
# Airflow loads its parts when they are first asked for, so they are asked for before the clock starts.
PROBE = """
import importlib, json, runpy, sys, time
from airflow.sdk import DAG, BaseHook, BaseOperator, BaseOperatorLink, Param, chain
importlib.import_module("airflow.sdk.definitions.retry_policy")
before = set(sys.modules)
times = []
for _ in range(2):
    started = time.perf_counter()
    runpy.run_path(sys.argv[1])
    times.append(time.perf_counter() - started)
print(json.dumps({"first": times[0], "again": times[1], "imported": sorted(set(sys.modules) - before)}))
"""


def measure(*, quick: bool) -> list[Figure]:
    """Read the Whitespace DAG file in fresh processes, in turns with an empty one."""
    ours, empty = [], []
    with tempfile.TemporaryDirectory() as folder:
        empty_file = Path(folder) / "empty.py"
        empty_file.write_text(EMPTY)
        for _ in range(3 if quick else 9):
            ours.append(_read(PROJECT / "dags" / "whitespace.py", folder))
            empty.append(_read(empty_file, folder))

    def median(samples: list[dict[str, Any]], which: str) -> float:
        return statistics.median(sample[which] for sample in samples) * 1e3

    imported = ours[0]["imported"]
    heavy = [name for name in HEAVY if name in imported]
    return [
        Figure(
            "DAG file, first reading",
            median(ours, "first"),
            "ms",
            median(empty, "first"),
            "empty DAG file",
            note="in a fresh process, without the import of airflow.sdk",
        ),
        Figure(
            "DAG file, read again",
            median(ours, "again"),
            "ms",
            median(empty, "again"),
            "empty DAG file",
            note="what is left where the parent process has the modules already",
        ),
        Figure(
            "heavy modules it imports",
            len(heavy),
            "",
            aim=0,
            note=f"of {', '.join(HEAVY)}: {', '.join(heavy) or 'none'}; {len(imported)} modules in all",
        ),
    ]


def _read(file: Path, folder: str) -> dict[str, Any]:
    environment = inherited() | {"AIRFLOW_HOME": folder, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    command = [sys.executable, "-c", PROBE, str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))
