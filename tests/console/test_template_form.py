"""What the form gives is YAML that says what was filled in, whatever was filled in."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from casebridge.connectors import registry
from casebridge.console.template_form import FormRow, TemplateForm
from casebridge.core.template_reader import read_template

MANIFEST = registry.manifest("whitespace")
TYPED = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\x85\u2028\u2029\ufeff")
)


@given(name=TYPED, detail=TYPED, default=TYPED.filter(bool))
def test_every_text_comes_back_as_it_was_typed(name: str, detail: str, default: str) -> None:
    """A "no", a number, a quote or a brace is a text here and must stay one."""
    row = FormRow(field="worksheet_message", source="text", detail=detail, default=default)
    form = TemplateForm(name, "create_worksheet", "worksheet", rows=(row,))
    made = yaml.safe_load(form.yaml(MANIFEST.action("create_worksheet")))
    assert (name, detail, default) == (made["name"], made["rows"][0]["text"], made["rows"][0]["default"])


def test_a_template_with_everything_in_it_comes_back_from_the_form() -> None:
    text = """\
name: "Yes"
type: create_worksheet
reference: worksheet
description: "With: everything"
rows:
  - {to: service_id, text: "289"}
  - {to: worksheet_due_date, case_date: due, format: "DD/MM/YYYY HH:mm"}
  - {to: service_property, key: "79", case_field: bin_was_out, map: {"Yes": "1", "No": "0"}, default: "0"}
  - {to: service_item_quantity, key: "{case.item_id}", text: "1"}
"""
    before = read_template(text, template_id="x", manifest=MANIFEST)
    made = TemplateForm.of_template(before).yaml(before.action)
    after = read_template(made, template_id="x", manifest=MANIFEST)
    without_lines = [[{**vars(row), "line": None} for row in one.rows] for one in (before, after)]
    assert without_lines[0] == without_lines[1]
    assert (before.name, before.description) == (after.name, after.description)


def test_an_incoming_template_comes_back_from_the_form() -> None:
    text = """\
name: Back
type: worksheet
reference: worksheet
rows:
  - {from: worksheet_id, case_field: worksheet_number}
  - {from: service_property, key: "68", case_field: outcome, default: "None yet"}
"""
    before = read_template(text, template_id="x", manifest=MANIFEST)
    after = read_template(TemplateForm.of_template(before).yaml(before.action), template_id="x", manifest=MANIFEST)
    rows = [[{**vars(row), "line": None} for row in one.incoming_rows] for one in (before, after)]
    assert rows[0] == rows[1]
