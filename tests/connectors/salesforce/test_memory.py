"""A large attachment goes from the desk to Salesforce without being held in memory."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from casebridge.settings import PROJECT
from tests.simulators.salesforce.client import Salesforce
from tests.simulators.witiop.client import Witiop

SIZE = 60 * 1024 * 1024
MOST_GROWTH = 20 * 1024 * 1024


@pytest.mark.behaviour("V8")
def test_60_mb_are_uploaded_while_memory_grows_by_less_than_20(sf: Salesforce, desk: Witiop) -> None:
    files = [{"name": "small.bin", "size": 1000}, {"name": "film.mp4", "mime": "video/mp4", "size": SIZE}]
    desk.act("open", id=91, customer={"number": "+393331234567"}, messages=[{"text": "x", "attachments": files}])
    listed = desk.read("/api/conversations/91").json()["messages"][0]["attachments"]
    known = sf.get("credentials")
    values = {name: known[name] for name in ("password", "security_token", "consumer_key", "consumer_secret")}
    values |= {"host": sf.url, "login": known["username"]}
    command = [sys.executable, "-m", "tests.connectors.salesforce.upload", json.dumps(values), json.dumps(listed)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
    assert int(done.stdout) < MOST_GROWTH
    assert {1000, SIZE} == {one["ContentSize"] for one in sf.held("ContentVersion")}
