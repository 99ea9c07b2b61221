"""The console's pages over a ledger with a million actions: how long the server takes for one."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from fastapi.testclient import TestClient

from casebridge.console.app import create_console
from casebridge.installation import Installation
from casebridge.settings import read_environment
from casebridge.store import schema
from casebridge.store.database import Database
from stack.postgres import Postgres
from tests.bench.figures import Figure
from tests.bench.ledger import fill
from tests.console.desk import USER, PaperAirflow, identify_with

MOST_MS = 300.0
PAGES = {
    "log, first page": "/log",
    "log, by case": "/log?case=CASE-{third}",
    "log, by record": "/log?reference={record}",
    "log, by system, state and template": "/log?system=m3pp&state=refused&template=template_16",
    "log, by a frequent word of the reason": "/log?words=created",
    "log, by words of some reasons": "/log?words=duplicate",
    "log, by a word of no reason": "/log?words=zebra",
    "log, by time": "/log?since=2026-06-01T00:00&until=2026-06-08T00:00&state=failed",
    "log, far down": "/log?after={deep}",
    "case page": "/cases/local/CASE-{third}",
    "overview, 7 days": "/?span=week",
    "overview, 30 days": "/?span=month",
    "integrations": "/integrations",
    "findings": "/findings",
}


def measure(*, quick: bool) -> list[Figure]:
    """Ask for each page several times, over HTTP within this process."""
    count, rounds = (50_000, 3) if quick else (1_000_000, 9)
    with tempfile.TemporaryDirectory(prefix="casebridge-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with Postgres(folder / "postgres", durable=False) as server:
            server.create_database("console")
            database = Database(server.url("console"))
            schema.upgrade(database)
            fill(database, count)
            settings = read_environment({"CASEBRIDGE_DATABASE_URL": database.url})
            app = create_console(Installation(settings), identify_with(PaperAirflow()))
            with TestClient(app) as client:
                figures = [_page(client, title, _filled(path, count), count, rounds) for title, path in PAGES.items()]
            database.close()
    return figures


def _filled(path: str, count: int) -> str:
    deep = quote("2026-06-01T00:00:00+00:00~f")
    return path.format(third=count // 6, record=200_000 + count // 2, deep=deep)


def _page(client: TestClient, title: str, path: str, count: int, rounds: int) -> Figure:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        answer = client.get(path, headers={USER: "looker"})
        took.append((time.perf_counter() - began) * 1e3)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered {answer.status_code}")
    return Figure(
        title,
        statistics.median(took),
        "ms",
        aim=MOST_MS,
        note=f"{count:,} actions; the slowest took {max(took):.0f} ms",
    )
