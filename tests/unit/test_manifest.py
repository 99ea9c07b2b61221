from __future__ import annotations

from pathlib import Path

import pytest

from casebridge.core.errors import NotConfigured
from casebridge.core.manifest import Manifest, read_manifest
from tests.unit.sample import MANIFEST

WHOLE = """\
name: yard
title: Yard
transport: soap
tested_against: "1"
connection: {default: yard_default, settings: "settings:YardSettings"}
retries: 3
actions:
  create_job:
    direction: outgoing
    title: Create Job
    record: job
    fields: {our_reference: {type: text}, team: {type: integer, title: The Team}}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "connector.yaml"
    path.write_text(text, "utf-8")
    return path


def test_names_and_titles_come_from_the_words_of_the_file(tmp_path: Path) -> None:
    action = read_manifest(written(tmp_path, WHOLE)).action("create_job")

    assert ("create_job", "our_reference", "Our Reference") == (
        action.name,
        action.fields["our_reference"].name,
        action.fields["our_reference"].title,
    )
    assert action.fields["team"].title == "The Team"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("retries: 3\n", ""), "retries"),
        (("retries: 3", "retries: many"), "retries"),
        (("transport: soap", "transport: pigeon"), "transport"),
        (("title: Yard", "titel: Yard"), "titel"),
        (("type: integer", "type: number"), "team"),
        (("record: job", "record: job\n    found_by: nothing"), "nothing"),
        (("record: job", "record: job\n    groups: [{need: exactly_one, fields: [gone]}]"), "gone"),
        (("record: job", "record: job\n    groups: [{need: some, fields: [team]}]"), "need"),
        ((WHOLE, "- a list"), "not a valid manifest"),
        ((WHOLE, ""), "not a valid manifest"),
        ((WHOLE, "a: [b"), "not a valid manifest"),
        (("create_job:\n", "create_job: words\n  other:\n"), "not a valid manifest"),
    ],
)
def test_a_manifest_that_is_not_right_says_what_is_wrong(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    assert change[0] in WHOLE
    with pytest.raises(NotConfigured, match=words) as refused:
        read_manifest(written(tmp_path, WHOLE.replace(*change)))
    assert str(refused.value).startswith(f"{tmp_path.name}/connector.yaml is not a valid manifest")


def test_an_unknown_action_type_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotConfigured, match='Yard has no action type "create_jobs". Did you mean "create_job"?'):
        MANIFEST.action("create_jobs")


def test_actions_are_told_apart_by_their_direction_and_record() -> None:
    assert ["create_job", "close_job", "count_bins"] == [action.name for action in MANIFEST.outgoing]
    assert ["job"] == [action.name for action in MANIFEST.incoming("job")]
    assert () == MANIFEST.incoming("bin")


def test_a_manifest_cannot_be_changed_by_whoever_reads_it() -> None:
    with pytest.raises(ValueError, match="frozen"):
        MANIFEST.retries = 99
    assert isinstance(MANIFEST, Manifest)
