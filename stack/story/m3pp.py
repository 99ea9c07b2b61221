"""Northgate M3PP / Assure: assets and their attributes, and a worksheet."""

from __future__ import annotations

import json

from casebridge.core.outcome import Incoming, State
from stack import connections
from stack.story.chapter import Chapter
from stack.story.scene import Scene
from stack.story.stage import LOOK_AGAIN_AFTER, Stage

CREATE_ASSET = "m3pp__create_asset"
CREATE_WORKSHEET = "m3pp__create_worksheet"
UPDATE_BY_PROPERTY = "m3pp__update_asset_attribute_by_property"
UPDATE_LISTED = "m3pp__update_asset_attribute"


class M3ppChapter(Chapter):
    """All four kinds of outgoing action."""

    title = "Assets and a worksheet in M3PP"
    scenes = (
        Scene("g", "an asset is created with four attributes, its key stored", CREATE_ASSET, "CASE-1101", "new_bin"),
        Scene(
            "h",
            "a worksheet is created, the answer is lost; it is found again and read back",
            CREATE_WORKSHEET,
            "CASE-1101",
            "deliver_bin",
            fault={"kind": "cut_after_commit", "times": 1, "operation": "CreateWorksheet", "reference": "CASE-1101"},
            tries=2,
        ),
        Scene(
            "i",
            "an attribute of all bins of a property is updated",
            UPDATE_BY_PROPERTY,
            "CASE-1101",
            "bins_delivered",
            turn=2,
        ),
        Scene(
            "j",
            "an attribute of listed bins is updated; the keys that failed are named, the others are done",
            UPDATE_LISTED,
            "CASE-1102",
            "listed_bins_delivered",
            state=State.REFUSED,
            problems=2,
        ),
    )

    def prepare(self, stage: Stage) -> None:
        """The target is as at its start, and a lost answer is looked for at once."""
        stage.order("m3pp", "reset")
        fields = connections.fields(stage.address("m3pp"))
        extra = {**json.loads(fields.get("extra", "{}")), "look_again_after": LOOK_AGAIN_AFTER}
        stage.stack.airflow.set_connection("m3pp_default", "m3pp", **(fields | {"extra": extra}))

    def shown(self, stage: Stage) -> list[str]:
        """What came back onto the case of the first two scenes."""
        fields = stage.installation.source("local").read("CASE-1101").fields
        back = ("bin_asset_key", "bin_condition", "delivery_number", "delivery_status")
        listed = ", ".join(f"{name.replace('_', ' ')}: {fields.get(name)}" for name in back)
        return [f"Case CASE-1101 shows now: {listed}"]

    def wrong(self, stage: Stage) -> list[str]:
        """M3PP holds one worksheet of the case, and its data came back."""
        wrong = super().wrong(stage)
        made = [one for one in stage.ask("m3pp", "records")["worksheets"] if "CASE-1101" in str(one)]
        if len(made) != 1:
            wrong.append(f"M3PP holds {len(made)} worksheets of case CASE-1101")
        wrong += [
            f"({letter}) brought no data back onto the case"
            for letter in ("g", "h")
            if stage.actions[letter].incoming is not Incoming.APPLIED
        ]
        return wrong
