"""The first template in five minutes: the README's own commands, run as they stand there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from casebridge.core.outcome import State
from stack.stack import Stack
from tests.airflow.actions import Actions

pytestmark = pytest.mark.stack

README = Path(__file__).parents[2] / "README.md"


def story() -> str:
    found = re.search(r"<!-- story -->\s*```sh\n(.*?)```\s*<!-- /story -->", README.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_commands_of_the_readme_do_what_it_says(actions: Actions, stack: Stack, run_folder: Path) -> None:
    told = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", story()],
        cwd=run_folder,
        env=stack.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == told.returncode, told.stdout + told.stderr
    newest = actions.installation.log.latest(case_reference="CASE-1003")[0]
    assert (State.CONFIRMED, "food_worksheet") == (newest.state, newest.reference)
    assert f"food_worksheet = {newest.record_id}" in told.stdout
