"""The inbox under load: how soon it answers, and whether what it said is true."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from casebridge.store import schema
from casebridge.store.database import Database
from casebridge.store.inbox import Inbox
from stack.postgres import Postgres
from stack.processes import PROJECT
from tests.bench.figures import Figure

RATE = 200
SECRET = "bench-secret"
CONNECTIONS = 20
REPEATED = 10
"""Of ten events one is told twice."""


@dataclass
class Sent:
    """What was sent, and what came of it.

    Attributes:
        taken: The references that were answered as stored.
        told: How often each was answered as new.
        seconds: How long each answer took, counted from when the request was due.
        refused: Answers other than 202.
    """

    taken: set[str] = field(default_factory=set)
    told: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    refused: int = 0


def measure(*, quick: bool) -> list[Figure]:
    """Send 200 events a second for a minute to a process with a database that does not lose what it confirmed."""
    duration = 10 if quick else 60
    with tempfile.TemporaryDirectory(prefix="casebridge-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with Postgres(folder / "postgres", durable=True) as server:
            server.create_database("casebridge")
            database = Database(server.url("casebridge"))
            schema.upgrade(database)
            sent = _load(server.url("casebridge"), duration)
            entries = [entry.arrival.subject for entry in Inbox(database).latest(10**6)]
            database.close()
    quantiles = statistics.quantiles(sent.seconds, n=100)
    doubled = len(entries) - len(set(entries)) + sum(count > 1 for count in sent.told.values())
    note = f"{RATE} events a second for {duration} s over {CONNECTIONS} connections, one in {REPEATED} told twice"
    return [
        Figure("answered, the median", quantiles[49] * 1e3, "ms", note=note),
        Figure("answered, 99 of 100", quantiles[98] * 1e3, "ms", aim=100),
        Figure("answered, the slowest", max(sent.seconds) * 1e3, "ms"),
        Figure("refused", sent.refused, "events", aim=0),
        Figure("lost", len(sent.taken - set(entries)), "events", aim=0, note="answered 202 and not in the inbox"),
        Figure("doubled", doubled, "events", aim=0, note=f"{len(entries):,} entries of {len(sent.seconds):,} requests"),
    ]


def _load(database_url: str, duration: int) -> Sent:
    environment = os.environ | {
        "PYTHONPATH": str(PROJECT / "plugins"),
        "CASEBRIDGE_DATABASE_URL": database_url,
        "CASEBRIDGE_INBOX_SECRET_JADU_CXM": SECRET,
    }
    command = [sys.executable, "-m", "casebridge.cli", "inbox", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[-1]
            return asyncio.run(_send(url, duration))
        finally:
            process.terminate()


async def _send(url: str, duration: int) -> Sent:
    """Requests leave when they are due, whether or not earlier ones were answered."""
    sent = Sent()
    due: asyncio.Queue[tuple[float, str, bytes] | None] = asyncio.Queue()
    workers = [asyncio.create_task(_connection(url, due, sent)) for _ in range(CONNECTIONS)]
    start = time.perf_counter() + 0.5
    for number in range(RATE * duration):
        at = start + number / RATE
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        # One in ten is a repetition of the one before it, which may still be on its way.
        reference = f"EMA{number - (number % REPEATED == REPEATED - 1):06}"
        due.put_nowait((at, reference, _request(url, reference)))
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    return sent


async def _connection(url: str, due: asyncio.Queue[tuple[float, str, bytes] | None], sent: Sent) -> None:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    while (one := await due.get()) is not None:
        at, reference, request = one
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))
        body = await reader.readexactly(int(length.partition(":")[2]))
        sent.seconds.append(time.perf_counter() - at)
        if " 202 " not in head.partition("\r\n")[0]:
            sent.refused += 1
            continue
        sent.taken.add(reference)
        sent.told[reference] = sent.told.get(reference, 0) + json.loads(body)["stored"]
    writer.close()


_NOW = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S+0000}"


def _request(url: str, reference: str) -> bytes:
    case = {"reference": reference, "type": "contact", "status": {"title": "Open"}}
    payload = {"event": "case.transitioned", "case": case, "transition": "close-case", "occurred_at": _NOW}
    body = json.dumps(payload).encode()
    code = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST /inbox/jadu_cxm HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nContent-Type: application/json\r\n"
        f"X-Webhook-Signature: sha256={code}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
