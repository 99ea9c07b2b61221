"""Idox Cloud (Tascomi): service requests, and the contacts that are linked, updated or made."""

from __future__ import annotations

import json

from casebridge.core.outcome import State
from stack import connections
from stack.story.chapter import Chapter
from stack.story.scene import Scene
from stack.story.stage import LOOK_AGAIN_AFTER, Stage

CREATE = "tascomi__create_service_request"
UPDATE = "tascomi__update_service_request"
ACROSS_THE_MINUTE = Scene(
    "p",
    "Tascomi's clock is in the next minute already: the signature is refused, and the next try recovers",
    CREATE,
    "CASE-1204",
    "environmental_report",
    tries=None,
)


class TascomiChapter(Chapter):
    """Contacts by the rule of the template, codes by the live tables, signatures by the minute."""

    title = "Service requests in Idox Cloud (Tascomi)"
    closing = "A service request is signed while Tascomi's clock is a minute ahead"
    scenes = (
        Scene("k", "a request with a new contact", CREATE, "CASE-1201", "noise_complaint"),
        Scene("l", "a contact with the same reference is linked and updated", CREATE, "CASE-1202", "noise_complaint"),
        Scene("m", "two contacts have that reference, so a third is made", CREATE, "CASE-1203", "noise_complaint"),
        Scene("n", "the first request is updated", UPDATE, "CASE-1201", "noise_update", turn=2),
        Scene(
            "o",
            "every code and the place are wrong, all told at once",
            CREATE,
            "CASE-1205",
            "environmental_report",
            state=State.REFUSED,
            problems=4,
        ),
    )

    def prepare(self, stage: Stage) -> None:
        """The target is as at its start, and a lost answer is looked for at once."""
        stage.order("tascomi", "reset")
        fields = connections.fields(stage.address("tascomi"))
        extra = {**json.loads(fields.get("extra", "{}")), "look_again_after": LOOK_AGAIN_AFTER}
        stage.stack.airflow.set_connection("tascomi_default", "tascomi", **(fields | {"extra": extra}))

    def play(self, stage: Stage) -> None:
        """Signs in the wrong minute, until the first refusal."""
        before = _refused(stage)
        stage.order("tascomi", "clock", skew_s=60)
        stage.start(ACROSS_THE_MINUTE)
        stage.wait_for(lambda: _refused(stage) > before, "a refused signature")
        stage.order("tascomi", "clock", skew_s=0)
        stage.finish(ACROSS_THE_MINUTE)

    def told(self, stage: Stage) -> list[tuple[str, str]]:
        """The scenes, and the one across the minute."""
        return [*super().told(stage), (ACROSS_THE_MINUTE.letter, ACROSS_THE_MINUTE.title)]

    def shown(self, stage: Stage) -> list[str]:
        """The number that came back onto the first case, and how many contacts there are."""
        fields = stage.installation.source("local").read("CASE-1201").fields
        contacts = stage.ask("tascomi", "records")["contacts"]
        third = sum(contact["reference"] == "PER000102" for contact in contacts)
        return [
            f"Case CASE-1201 shows now: service request number: {fields.get('service_request_number')}",
            f"Tascomi holds {third} contacts with the reference PER000102 now",
        ]

    def wrong(self, stage: Stage) -> list[str]:
        """One request for each case, one contact more for each that had to be made."""
        wrong = super().wrong(stage)
        across = stage.actions[ACROSS_THE_MINUTE.letter]
        if not (across.state is State.CONFIRMED and across.tries > 1):
            wrong.append(f"(p) is {across.state} after {across.tries} tries")
        contacts = stage.ask("tascomi", "records")["contacts"]
        for reference, count in (("PER000104", 1), ("PER000101", 1), ("PER000102", 3), ("ANON", 1)):
            held = sum(contact["reference"] == reference for contact in contacts)
            if held != count:
                wrong.append(f"Tascomi holds {held} contacts with the reference {reference}, not {count}")
        return wrong


def _refused(stage: Stage) -> int:
    return sum(one["status"] == 401 for one in stage.ask("tascomi", "requests")["requests"])
