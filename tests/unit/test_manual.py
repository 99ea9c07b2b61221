from __future__ import annotations

import pytest

from casebridge.core.manual import describe_action, describe_connector
from tests.unit.sample import MANIFEST, template


def test_the_text_beside_a_dag_tells_its_templates_fields_and_what_to_do_when_it_is_red() -> None:
    text = describe_action(MANIFEST, MANIFEST.action("create_job"), [template("to: team, text: 5")])

    assert "### Yard: Create Job" in text
    assert "The id of the new record is stored in the template's Reference." in text
    assert "* `t`: Sample" in text
    assert "| `team` | Team | integer | **mandatory** |" in text
    assert "`key` is the Item ID; any number of rows" in text
    assert "retried 3 times" in text
    assert "> It is one-way." in text


def test_an_incoming_type_is_described_by_what_it_gives() -> None:
    text = describe_action(MANIFEST, MANIFEST.action("job"))

    assert "| `from` | Field | Type | |" in text
    assert "When a run is red" not in text


@pytest.mark.parametrize(
    ("action", "words"),
    [("close_job", "the record that the template's Reference holds"), ("count_bins", "needs no Reference")],
)
def test_each_use_of_a_reference_is_said(action: str, words: str) -> None:
    assert words in describe_action(MANIFEST, MANIFEST.action(action))


def test_the_page_of_a_connector_tells_settings_actions_and_limitations_once() -> None:
    page = describe_connector(MANIFEST, [("host", "Base URL", "https://a|b\nc")])

    assert page.startswith("# Yard\n")
    assert "| `host` | Base URL | https://a\\|b c |" in page
    assert all(f"### Yard: {action.title}\n" in page for action in MANIFEST.actions.values())
    assert page.count("It is one-way.") == 1
