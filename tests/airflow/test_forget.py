"""After a case is forgotten, neither casebridge's database nor anything that Airflow keeps holds a value of it."""

from __future__ import annotations

import json

import pytest

from casebridge.core.outcome import State
from casebridge.store.database import Database
from stack.stack import Stack
from tests.airflow.actions import Actions
from tests.airflow.test_connection import casebridge
from tests.dump import everything

pytestmark = pytest.mark.stack

DETAILS, PERSON, WRONG = "Zebrastreifen-Kolibri behind the shed", "Ocelot Quokka-9731", "perhaps-axolotl"
PLANTED = (DETAILS, PERSON, WRONG)


def held(text: str) -> list[str]:
    return [value for value in PLANTED if value in text]


def kept_by_airflow(stack: Stack) -> str:
    """All tables of Airflow's database, and all log files."""
    database = Database(stack.postgres.url("airflow"))
    tables = everything(database)
    database.close()
    logs = (path for path in (stack.home.folder / "airflow" / "logs").rglob("*") if path.is_file())
    return tables + "".join(path.read_text("utf-8", "replace") for path in logs)


def test_nothing_of_a_forgotten_case_is_left(actions: Actions, stack: Stack) -> None:
    fields = {"details": DETAILS, "bin_was_out": "Yes", "item_id": "22"}
    case = actions.case("FORGET", fields=fields, person={"name": PERSON})
    done = actions.perform(case)
    refused = actions.perform(actions.case("FORGET", fields={**fields, "item_id": WRONG}), template="any_service")
    assert (State.CONFIRMED, State.REFUSED) == (done.state, refused.state)
    ours = actions.installation.ledger
    assert set(PLANTED) == set(held(everything(actions.installation.database)))
    for reference in (case, refused.case_reference):
        told = casebridge(stack, "forget", reference, "--yes", "--json")
        assert 0 == told.returncode, told.stderr
        assert 1 == json.loads(told.stdout)["airflow_runs_searched"]
    assert [] == held(everything(actions.installation.database))
    assert [] == held(kept_by_airflow(stack))
    assert State.CONFIRMED == ours.action(done.id).state
