"""Whitespace: what happens to a worksheet on its way."""

from __future__ import annotations

from casebridge.core.outcome import Incoming, State
from stack import connections
from stack.story.chapter import Chapter
from stack.story.scene import Scene
from stack.story.stage import LOOK_AGAIN_AFTER, Stage

DAG = "whitespace__create_worksheet"


class WhitespaceChapter(Chapter):
    """Worksheets that are created, refused, retried and found again."""

    title = "Worksheets in Whitespace"
    scenes = (
        Scene("a", "a worksheet is created, its id stored, its data brought back", DAG, "CASE-1001", "missed_bin"),
        Scene(
            "b",
            "three mapping problems, all told at once",
            DAG,
            "CASE-1002",
            "any_service",
            state=State.REFUSED,
            problems=3,
        ),
        Scene(
            "c",
            "the target is down twice, the third try succeeds",
            DAG,
            "CASE-1003",
            "missed_bin",
            fault={"kind": "status_503", "times": 2, "reference": "CASE-1003"},
            tries=3,
        ),
        Scene(
            "d",
            "a second worksheet within 30 minutes, refused by the target",
            DAG,
            "CASE-1001",
            "missed_bin",
            turn=2,
            state=State.REFUSED,
        ),
        Scene(
            "e",
            "the answer is lost after the target committed: found again, not created twice",
            DAG,
            "CASE-1004",
            "missed_bin",
            fault={
                "kind": "cut_after_commit",
                "times": 1,
                "operation": "CreateWorksheet",
                "reference": "CASE-1004",
            },
            tries=2,
        ),
    )

    def prepare(self, stage: Stage) -> None:
        """The target is as at its start, and a lost answer is looked for at once."""
        stage.order("whitespace", "reset")
        fields = connections.fields(stage.address("whitespace")) | {"extra": {"look_again_after": LOOK_AGAIN_AFTER}}
        stage.stack.airflow.set_connection("whitespace_default", "whitespace", **fields)

    def shown(self, stage: Stage) -> list[str]:
        """The case of the first scene."""
        case = stage.installation.source("local").read(stage.actions["a"].case_reference)
        back = {name: value for name, value in case.fields.items() if name.startswith("worksheet_")}
        listed = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in back.items())
        return [f"Case {case.reference} shows now: {listed}"]

    def wrong(self, stage: Stage) -> list[str]:
        """Every worksheet of the target is one of the ledger's, and the other way round."""
        wrong = super().wrong(stage)
        worksheets = stage.ask("whitespace", "records")["worksheets"]
        held = {str(worksheet["worksheet_id"]) for worksheet in worksheets}
        known = {action.record_id for action in stage.actions.values() if action.system == "whitespace"} - {None}
        if held != known or len(worksheets) != len(known):
            wrong.append(f"Whitespace holds {len(worksheets)} worksheets, the ledger knows {len(known)}")
        if stage.actions["a"].incoming is not Incoming.APPLIED:
            wrong.append("(a) brought no data back onto the case")
        return wrong
