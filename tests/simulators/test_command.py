"""Starting simulators from the command line."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[2]


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simulators", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_one_line_when_ready_and_stops_quietly_when_told(told: signal.Signals) -> None:
    process = start("whitespace", "--port", "0")
    line = process.stdout.readline()
    name, url = line.split(" ready at ")
    assert name == "whitespace"
    assert requests.get(f"{url.strip()}/_sim/info", timeout=30).json()["name"] == "whitespace"
    process.send_signal(told)
    rest, errors = process.communicate(timeout=30)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_a_silent_connection_does_not_keep_it_from_stopping() -> None:
    process = start("whitespace", "--port", "0")
    host, port = process.stdout.readline().split("//")[1].strip().split(":")
    with socket.create_connection((host, int(port))) as silent:
        silent.sendall(b"POST /WSAPIService.svc HTTP/1.1\r\n")
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.parametrize("kind", ["hang_after_commit", "slow"])
def test_a_call_that_is_waiting_for_its_answer_does_not_keep_it_from_stopping_quietly(kind: str) -> None:
    process = start("whitespace", "--port", "0")
    url = process.stdout.readline().split()[-1]
    requests.post(f"{url}/_sim/faults", json={"kind": kind, "seconds": 600}, timeout=30)
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{url}/WSAPIService.svc", "<a/>", headers={"Content-Type": "text/xml"}, timeout=0.3)
    host, port = url.removeprefix("http://").split(":")
    requests.post(f"{url}/_sim/faults", json={"kind": kind, "seconds": 600}, timeout=30)
    with socket.create_connection((host, int(port))) as waiting:
        waiting.sendall(
            b"POST /WSAPIService.svc HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 0\r\n\r\n"
        )
        while len(requests.get(f"{url}/_sim/requests", timeout=30).json()["requests"]) < 2:
            pass
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


def test_a_taken_port_is_one_clear_sentence_and_exit_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("whitespace", "--port", str(port))
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output) == (2, "")
    assert errors == (
        f"whitespace: cannot listen on 127.0.0.1 port {port}: another program is using it. Choose another.\n"
    )


def test_all_starts_every_simulator_that_has_a_folder_here() -> None:
    present = sorted(
        path.parent.name for path in (ROOT / "simulators").glob("*/__init__.py") if "def create()" in path.read_text()
    )
    process = start("all", "--port-base", "0")
    lines = [process.stdout.readline().split(" ready at ") for _ in present]
    for name, url in lines:
        assert requests.get(f"{url.strip()}/_sim/info", timeout=30).json()["name"] == name
    process.terminate()
    process.communicate(timeout=30)
    assert present == [name for name, _ in lines]
    assert "whitespace" in present


def test_simulators_import_nothing_of_casebridge() -> None:
    """They would otherwise agree with a connector's mistake."""
    for path in (ROOT / "simulators").rglob("*.py"):
        source = path.read_text()
        assert "import casebridge" not in source
        assert "from casebridge" not in source
