"""`casebridge lint` finds what a case officer gets wrong: each file in `mistakes/` holds one mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from casebridge.connectors import registry
from casebridge.core.case import CaseType
from casebridge.core.catalogue import Catalogue
from casebridge.core.lint import Finding, lint_catalogue
from casebridge.core.problem import Problem, Severity

MISTAKES = Path(__file__).parent / "mistakes"

CASE_TYPES = [
    CaseType(
        "missed_bin",
        fields=dict.fromkeys(
            ["details", "bin_was_out", "container_location", "item_id", "service", "worksheet_status"], ""
        ),
        dates={"due": "Due", "worksheet_due": "Worksheet due"},
        person={"name": "Name"},
        address={"uprn": "UPRN"},
    )
]

CORRECT = """\
name: A correct one
type: create_worksheet
reference: worksheet
description: Everything that a template may hold.
rows:
  - {to: service_id, text: "289"}
  - {to: worksheet_message, case_field: details, default: none given}
  - {to: worksheet_due_date, case_date: due, format: "YYYY-MM-DD HH:mm"}
  - {to: work_location_name, person: name}
  - {to: uprn, address: uprn}
  - {to: service_property, key: "79", case_field: bin_was_out, map: {"Yes": "1", "No": "0"}, default: "0"}
  - {to: service_property, key: "80", case_field: container_location}
  - {to: service_item_quantity, key: "{case.item_id}", text: "1"}
"""

# File, rule, line, words of the remark.
TABLE: list[tuple[str, str, int | None, str]] = [
    ("tab", "yaml", 6, "a tab stands in the indentation. Indent with spaces only."),
    ("bad_indentation", "yaml", 7, "this line is not indented as the rows above it."),
    ("colon_in_a_text", "yaml", 1, "Put quotes around a text that holds a colon"),
    ("quote_not_closed", "yaml", 6, "a quote is opened and never closed."),
    ("brace_not_closed", "yaml", 6, "a bracket is not closed"),
    ("two_templates_in_a_file", "yaml", 6, "Keep one template in a file."),
    ("empty_file", "empty_file", 1, "the file is empty."),
    ("not_a_template", "shape", 1, "name, type, reference, rows"),
    ("not_utf8", "encoding", None, "Save the file as UTF-8."),
    ("repeated_word", "repeated_word", 6, '"case_field" stands twice here'),
    ("repeated_part", "alias", 5, "Write it out."),
    ("no_name", "no_name", None, 'the template has no "name".'),
    ("empty_name", "no_name", 1, "such as `name: Missed bin`"),
    ("no_type", "no_type", None, "Choose one of: create_worksheet, worksheet."),
    ("unknown_type", "unknown_type", 2, 'Did you mean "create_worksheet"?'),
    ("unknown_word", "unknown_word", 3, '"refrence" is not a word of a template. Did you mean "reference"?'),
    ("no_reference", "no_reference", None, 'a template of the type "Create Worksheet" needs a Reference.'),
    ("reference_name", "reference_name", 3, "Use small letters, digits and _ only"),
    ("no_rows", "no_rows", 4, "Add at least one row below `rows:`."),
    ("rows_not_a_list", "rows_shape", 4, 'Begin every row with "- ".'),
    ("row_not_words", "row_shape", 6, "row 2: this row is not made of words with values."),
    ("no_to", "no_target", 6, "the row does not say which field of Whitespace it is for"),
    ("unknown_field", "unknown_field", 6, 'has no field "worksheet_mesage". Did you mean "worksheet_message"?'),
    ("mandatory_mapping", "mandatory_mapping", 4, '"Service Id": the mandatory mapping is missing.'),
    ("no_source", "no_source", 6, "Add one of case_field, case_date, person, address or text."),
    ("empty_source", "empty_source", 6, "Write the name of the detail after it."),
    ("two_sources", "two_sources", 6, "the row names 2 places (case_field, text), and only one can count."),
    ("unknown_word_in_a_row", "unknown_word", 6, 'Did you mean "case_field"?'),
    ("lists_for_words", "single_value", 6, '"case_field" must be a single text.'),
    ("field_filled_twice", "repeated_field", 7, "row 1 fills this field already."),
    ("key_missing", "no_key", 6, "the row does not say which Service Property ID it is for."),
    ("needless_key", "needless_key", 6, "this field has no key."),
    ("same_key_twice", "repeated_key", 7, "row 2 is for the same Service Property ID already."),
    ("broken_placeholder", "placeholder", 6, 'Write it as "{case.field_name}"'),
    ("placeholder_without_case", "placeholder", 6, 'Write it as "{case.field_name}"'),
    ("placeholder_without_quotes", "placeholder_quotes", 6, 'Write `key: "{case.item_id}"`.'),
    ("placeholder_in_a_case_field", "placeholder_in_source", 6, "Write the name only"),
    ("key_not_a_number", "key_type", 6, 'the Service Item ID "blue box" is not a whole number.'),
    ("text_of_the_wrong_type", "text_type", 5, 'the manual text "Refuse" is not a whole number.'),
    ("placeholder_in_a_text", "placeholder_in_text", 6, "Take the value from the case with `case_field:` instead."),
    ("placeholder_in_a_default", "placeholder_in_text", 6, "the default is the same for every case"),
    ("empty_text", "empty_text", 6, "Write the text, or delete the row."),
    ("map_without_pairs", "map_shape", 6, "the value map is not made of pairs."),
    ("map_without_a_value", "map_value", 6, 'the value map gives nothing for "Front".'),
    ("map_value_of_the_wrong_type", "map_type", 5, 'the map\'s value "blue" is not a whole number.'),
    ("map_of_a_text", "map_of_text", 5, "a value map makes no sense on a manual text."),
    ("default_of_the_wrong_type", "default_type", 5, 'the default "Refuse" is not a whole number.'),
    ("needless_format", "needless_format", 6, "only a date has a format."),
    ("strftime_format", "date_format", 6, 'as in "DD/MM/YYYY HH:mm"'),
    ("minutes_for_months", "date_format", 6, "MM is the month and mm the minute"),
    ("date_into_a_number", "date_type", 5, "a case date cannot fill this field, which takes a whole number."),
    ("unknown_case_field", "unknown_detail", 6, 'no case type has a case field "detials". Did you mean "details"?'),
    ("case_date_as_case_field", "unknown_detail", 6, "There is a case date of that name: write `case_date: due`."),
    (
        "case_field_as_case_date",
        "unknown_detail",
        6,
        "There is a case field of that name: write `case_field: details`.",
    ),
    ("unknown_person_detail", "unknown_detail", 6, 'linked person\'s detail "nmae". Did you mean "name"?'),
    ("unknown_case_field_in_a_key", "unknown_detail", 6, 'case field "item". Did you mean "item_id"?'),
    ("from_in_outgoing", "wrong_direction", 6, 'this template sends data to Whitespace. Write "to" instead of "from".'),
    ("to_in_incoming", "wrong_direction", 5, "this template brings data back from Whitespace."),
    ("two_rows_into_one_case_field", "repeated_target", 6, 'row 1 writes to case field "worksheet_status" already.'),
    ("no_date_into_a_case_date", "not_a_date", 5, "Keep it in a case field."),
    ("default_that_is_no_date", "default_type", 5, "a case date can keep nothing else"),
    ("person_in_incoming", "unknown_word", 5, '"person" is not a word of a row.'),
    ("reference_never_stored", "reference_never_stored", None, 'Did you mean "worksheet"?'),
]

WARNINGS = {"same_key_twice", "reference_never_stored"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of Whitespace's templates, with one that is correct."""
    found = tmp_path / "whitespace"
    found.mkdir()
    (found / "correct.yaml").write_text(CORRECT, "utf-8")
    return found


def linted(folder: Path, *only: Path) -> dict[str, Finding]:
    findings = lint_catalogue(Catalogue(folder.parent, registry.manifests()), CASE_TYPES, only=only)
    return {finding.path.name: finding for finding in findings}


def test_every_planted_mistake_is_in_the_table() -> None:
    assert sorted(path.stem for path in MISTAKES.glob("*.yaml")) == sorted(row[0] for row in TABLE)


@pytest.mark.parametrize(("name", "rule", "line", "words"), TABLE, ids=[row[0] for row in TABLE])
def test_a_mistake_is_told_with_its_line_and_its_way_out(
    folder: Path, name: str, rule: str, line: int | None, words: str
) -> None:
    shutil.copy(MISTAKES / f"{name}.yaml", folder)

    problems = linted(folder)[f"{name}.yaml"].problems

    told = [problem for problem in problems if (problem.rule, problem.line) == (rule, line)]
    assert told, [str(problem) for problem in problems]
    assert words in str(told[0])
    assert told[0].way_out
    assert (name in WARNINGS) is (told[0].severity is Severity.WARNING)


@pytest.mark.parametrize("name", [row[0] for row in TABLE])
def test_a_mistake_in_one_file_draws_no_remark_on_another(folder: Path, name: str) -> None:
    shutil.copy(MISTAKES / f"{name}.yaml", folder / "zz_mistake.yaml")

    assert [] == linted(folder)["correct.yaml"].problems


@pytest.mark.behaviour("C4")
def test_a_correct_template_draws_no_remark(folder: Path) -> None:
    assert [] == linted(folder)["correct.yaml"].problems


def test_all_mistakes_of_a_file_are_told_at_once_in_the_order_of_its_lines(folder: Path) -> None:
    (folder / "many.yaml").write_text(
        "type: create_worksheet\n"
        "refrence: worksheet\n"
        "rows:\n"
        '  - {to: service_id, text: "Refuse"}\n'
        "  - {to: worksheet_mesage, case_field: details}\n"
        "  - {to: worksheet_message, case_field: detials}\n"
        "  - {to: service_property, case_field: bin_was_out}\n"
        '  - {to: service_item_quantity, key: "{case.item_id", text: "1"}\n'
        "  - {to: worksheet_due_date, case_date: due, format: dd/mm/yyyy}\n",
        "utf-8",
    )

    assert [
        ("no_name", None),
        ("no_reference", None),
        ("unknown_word", 2),
        ("text_type", 4),
        ("unknown_field", 5),
        ("unknown_detail", 6),
        ("no_key", 7),
        ("placeholder", 8),
        ("date_format", 9),
    ] == [(problem.rule, problem.line) for problem in linted(folder)["many.yaml"].problems]


def test_names_of_details_are_not_checked_when_no_case_source_can_tell_them(folder: Path) -> None:
    shutil.copy(MISTAKES / "unknown_case_field.yaml", folder)

    findings = lint_catalogue(Catalogue(folder.parent, registry.manifests()), [])

    assert [[], []] == [finding.problems for finding in findings]


@pytest.mark.parametrize("explicitly", [False, True])
def test_a_folder_that_is_no_system_is_told(folder: Path, explicitly: bool) -> None:
    """Its templates would never be used, and nobody would learn why."""
    stray = folder.parent / "whitspace" / "lost.yaml"
    stray.parent.mkdir()
    stray.write_text(CORRECT, "utf-8")

    problems = linted(folder, *([stray] if explicitly else []))["lost.yaml"].problems

    assert ["unknown_system"] == [problem.rule for problem in problems]
    assert 'the folder "whitspace" is not the name of a system' in str(problems[0])
    assert 'Did you mean "whitespace"?' in str(problems[0])


def test_two_templates_of_one_name_are_told_at_the_second(folder: Path) -> None:
    (folder / "second.yaml").write_text(CORRECT.replace("A correct one", "a CORRECT one"), "utf-8")

    findings = linted(folder)

    assert [] == findings["correct.yaml"].problems
    assert ["same_name"] == [problem.rule for problem in findings["second.yaml"].problems]
    assert 'correct.yaml has the name "a CORRECT one" too.' in str(findings["second.yaml"].problems[0])


def test_two_templates_of_one_name_are_told_when_only_the_second_is_looked_at(folder: Path) -> None:
    second = folder / "second.yaml"
    second.write_text(CORRECT, "utf-8")

    findings = linted(folder, second)

    assert ["second.yaml"] == list(findings)
    assert ["same_name"] == [problem.rule for problem in findings["second.yaml"].problems]


def test_two_files_that_a_trigger_cannot_tell_apart_are_told(folder: Path) -> None:
    (folder / "correct.yml").write_text(CORRECT.replace("A correct one", "Another"), "utf-8")

    assert ["same_file_name"] == [problem.rule for problem in linted(folder)["correct.yml"].problems]


def test_a_folder_stands_for_the_templates_in_it(folder: Path) -> None:
    (folder / "second.yaml").write_text(CORRECT.replace("A correct one", "Another"), "utf-8")

    assert ["correct.yaml", "second.yaml"] == list(linted(folder, folder, folder / "second.yaml"))


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    problems = linted(folder, folder / "gone.yaml")["gone.yaml"].problems

    assert [Problem("unreadable", "the file cannot be read.", "Check its name and rights.")] == problems


def test_an_incoming_template_counts_on_an_outgoing_one_that_still_has_mistakes(folder: Path) -> None:
    """The remark would go away with the other one, so it would only lead astray."""
    (folder / "correct.yaml").write_text(CORRECT.replace('"289"', '"Refuse"'), "utf-8")
    (folder / "back.yaml").write_text(
        "name: Back\ntype: worksheet\nreference: worksheet\nrows:\n  - {from: status, case_field: worksheet_status}\n",
        "utf-8",
    )

    assert [] == linted(folder)["back.yaml"].problems


def test_a_finding_is_plain_json_for_a_script(folder: Path) -> None:
    finding = linted(folder)["correct.yaml"]

    assert {
        "file": str(folder / "correct.yaml"),
        "system": "whitespace",
        "template": "correct",
        "problems": [],
    } == finding.as_json()
