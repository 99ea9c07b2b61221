"""jsforce, which others wrote for the vendor, works against the simulator."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.simulators.salesforce.client import Salesforce

HERE = Path(__file__).parent / "jsforce"


@pytest.fixture(scope="module")
def jsforce() -> Path:
    """A folder with the locked jsforce in it, kept between runs."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js with npm is not installed")
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "casebridge"
    folder = cache / f"jsforce-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (folder / "node_modules" / ".complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip("npm took too long to install jsforce")
        if done.returncode:
            pytest.skip(f"npm could not install jsforce: {done.stderr.strip()[-200:]}")
        (folder / "node_modules" / ".complete").touch()
    shutil.copy(HERE / "session.js", folder)
    return folder


def test_jsforce_logs_in_creates_queries_upserts_searches_and_describes(sf: Salesforce, jsforce: Path) -> None:
    known = sf.get("credentials")
    password = known["password"] + known["security_token"]
    command = ["node", "session.js", sf.url, known["username"], password]
    done = subprocess.run(command, cwd=jsforce, capture_output=True, text=True, timeout=60, check=False)
    assert 0 == done.returncode, done.stderr
    seen = json.loads(done.stdout)
    contact = seen.pop("contact")
    objects = seen.pop("objects")
    assert {
        "queried": [contact],
        "found": [contact],
        "created": [True, False],
        "comments": [True, False],
        "searched": [contact],
        "external": True,
        "subject": "second",
        "closed": True,
        "refusal": "INVALID_FIELD",
        "username": known["username"],
    } == seen
    assert {"Case", "Contact"} <= set(objects)
    assert sf.held("Contact")[-1]["IsDeleted"]
