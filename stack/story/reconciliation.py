"""The scheduled comparison: a drift of each kind is planted in Tascomi, and what is safe is put right."""

from __future__ import annotations

from collections import Counter
from typing import Any

from casebridge.core.drift import TITLES, Drift
from casebridge.core.outcome import State
from stack.story.chapter import Chapter
from stack.story.scene import Scene
from stack.story.stage import PATIENCE_S, Stage
from stack.story.tascomi import CREATE

DAG = "reconcile__tascomi"
RUN = "demonstration"
CLOSED_HERE = Scene("q", "its case is closed later", CREATE, "CASE-1206", "noise_complaint")
IN_DOUBT = Scene(
    "r",
    "the answer is lost, and so is the look-up: nobody knows",
    CREATE,
    "CASE-1207",
    "noise_complaint",
    state=State.NEEDS_PERSON,
    tries=None,
)
PLANTED = (
    Drift.CHANGED,
    Drift.CLOSED_IN_TARGET,
    Drift.MISSING_IN_TARGET,
    Drift.DOUBLED,
    Drift.MISSING_HERE,
    Drift.CLOSED_HERE,
    Drift.DECIDABLE,
)
MENDED = (Drift.CHANGED,)


class ReconciliationChapter(Chapter):
    """What casebridge believes, beside what Tascomi holds."""

    title = "Reconciliation of Tascomi"
    closing = "Seven drifts are planted in Tascomi; the scheduled reconciliation runs"

    def prepare(self, stage: Stage) -> None:
        """Two more cases like the first one of Tascomi."""
        (like,) = [details for reference, details in stage.samples if reference == "CASE-1201"]
        stage.installation.local_cases.put([(scene.case, like) for scene in (CLOSED_HERE, IN_DOUBT)])

    def play(self, stage: Stage) -> None:
        """Plants the drifts and reconciles."""
        for fault in (
            {"kind": "cut_after_commit", "operation": "PUT complaints"},
            {"kind": "business_error", "operation": "GET complaints", "code": 400, "description": "not now"},
        ):
            stage.order("tascomi", "faults", times=1, reference=IN_DOUBT.case, **fault)
        for scene in (CLOSED_HERE, IN_DOUBT):
            stage.start(scene)
        for scene in (CLOSED_HERE, IN_DOUBT):
            stage.finish(scene)
        self._plant(stage)
        stage.stack.airflow.trigger_run(DAG, {"window_days": 2}, run_id=RUN)
        stage.stack.airflow.wait_for_run(DAG, RUN, seconds=PATIENCE_S)

    def told(self, stage: Stage) -> list[tuple[str, str]]:
        """The two actions that are part of the planting."""
        return [(scene.letter, scene.title) for scene in (CLOSED_HERE, IN_DOUBT)]

    def shown(self, stage: Stage) -> list[str]:
        """What was found, and where the report is."""
        done = stage.installation.reconciliations.of_run(DAG, RUN)[0]
        found = [f"  {TITLES[Drift(name)]}: {count}" for name, count in done.counts.items() if Drift(name) in PLANTED]
        return ["The reconciliation found:", *found, f"Report: {done.report}"]

    def wrong(self, stage: Stage) -> list[str]:
        """One finding of each kind that a person has to decide about; what is safe was mended."""
        wrong = [wrong for scene in (CLOSED_HERE, IN_DOUBT) if (wrong := scene.wrong(stage.actions[scene.letter]))]
        found = Counter(one.drift for one in stage.installation.findings.latest(system="tascomi"))
        expected = Counter(drift for drift in PLANTED if drift not in MENDED)
        if found != expected:
            wrong.append(f"the reconciliation found {dict(found)}, not one of each of {list(expected)}")
        fields = stage.installation.source("local").read("CASE-1201").fields
        if fields.get("service_request_status") != "Visited":
            wrong.append("what had changed in Tascomi did not come onto case CASE-1201")
        return wrong

    def _plant(self, stage: Stage) -> None:
        rows = {row["external_reference"]: row for row in stage.ask("tascomi", "records")["complaints"]}
        self._update(stage, rows["CASE-1201"], status="Visited")
        self._update(stage, rows["CASE-1202"], status="Closed")
        self._update(stage, rows[CLOSED_HERE.case], status="Open")
        stage.order("tascomi", "tascomi/delete", table="complaints", id=rows["CASE-1203"]["id"])
        for reference in ("CASE-1204", "CASE-1205"):
            codes = ("core_function_id", "complaint_code_id", "investigating_officer_id")
            fields = {name: rows["CASE-1204"][name] for name in codes} | {"external_reference": reference}
            stage.order("tascomi", "tascomi/create", table="complaints", fields=fields)
        stage.installation.local_cases.merge(CLOSED_HERE.case, {}, status="Closed")

    def _update(self, stage: Stage, row: dict[str, Any], **fields: str) -> None:
        stage.order("tascomi", "tascomi/update", table="complaints", id=row["id"], fields=fields)
