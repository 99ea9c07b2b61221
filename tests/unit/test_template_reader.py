from __future__ import annotations

import hashlib

import pytest

from casebridge.core.errors import InvalidTemplate
from casebridge.core.placeholder import Key
from casebridge.core.problem import Severity
from casebridge.core.template import IncomingRow, OutgoingRow, Source, SourceKind
from casebridge.core.template_reader import read_template
from tests.unit.sample import MANIFEST, inspect, rules, template, template_text


@pytest.mark.behaviour("C4")
def test_a_template_has_a_name_a_type_a_reference_and_rows() -> None:
    read = read_template(
        "name: Blocked gate\ntype: create_job\nreference: job\ndescription: For gates.\n"
        "rows:\n  - {to: team, text: 5}\n  - to: notes\n    case_field: details\n    default: none\n",
        template_id="gate",
        manifest=MANIFEST,
    )

    assert ("gate", "yard", "Blocked gate", "job", "For gates.") == (
        read.id,
        read.system,
        read.name,
        read.reference,
        read.description,
    )
    assert MANIFEST.action("create_job") is read.action
    assert (
        OutgoingRow(1, "team", Source(SourceKind.TEXT, "5"), line=6),
        OutgoingRow(2, "notes", Source(SourceKind.CASE_FIELD, "details"), default="none", line=7),
    ) == read.rows
    assert () == read.incoming_rows


@pytest.mark.behaviour("C4")
@pytest.mark.parametrize("word", ["name", "type", "reference", "rows"])
def test_a_template_that_lacks_a_part_is_refused(word: str) -> None:
    parts = {
        "name": "name: a",
        "type": "type: create_job",
        "reference": "reference: job",
        "rows": "rows: [{to: team, text: 5}]",
    }
    del parts[word]

    _, problems = inspect("\n".join(parts.values()))

    assert f"no_{word}" == rules(problems)[0]
    assert problems[0].stops
    assert problems[0].way_out


@pytest.mark.behaviour("C4")
def test_a_type_that_needs_no_reference_has_none() -> None:
    assert template('to: how_many, text: "3"', type_="count_bins", reference="").reference == ""
    assert ["needless_reference"] == rules(inspect(template_text('to: how_many, text: "3"', type_="count_bins"))[1])


@pytest.mark.behaviour("C5")
@pytest.mark.parametrize("kind", list(SourceKind))
def test_a_row_may_take_its_value_from_each_of_the_five_places(kind: SourceKind) -> None:
    read = template("to: team, text: 5", f"to: notes, {kind}: details")

    assert Source(kind, "details") == read.rows[1].source


def test_an_incoming_template_brings_data_back() -> None:
    read = template(
        'from: attribute, key: "COLOUR", case_field: colour, map: {blue: Blue}, default: none',
        'from: due, case_date: due, format: "DD/MM/YYYY"',
        type_="job",
    )

    assert (
        IncomingRow(
            1,
            "attribute",
            Source(SourceKind.CASE_FIELD, "colour"),
            key=Key(static="COLOUR"),
            value_map={"blue": "Blue"},
            default="none",
            line=5,
        ),
        IncomingRow(2, "due", Source(SourceKind.CASE_DATE, "due"), format="DD/MM/YYYY", line=6),
    ) == read.incoming_rows
    assert () == read.rows


@pytest.mark.behaviour("C6")
def test_a_template_takes_as_many_optional_rows_as_there_are() -> None:
    rows = [f'to: attribute, key: "A{number}", text: x' for number in range(300)]

    assert 301 == len(template("to: team, text: 5", *rows).rows)


@pytest.mark.behaviour("C7")
def test_a_missing_mandatory_mapping_is_told_with_its_way_out() -> None:
    _, problems = inspect(template_text("to: notes, text: a"))

    assert ["mandatory_mapping"] == rules(problems)
    assert '"Team": the mandatory mapping is missing. Add a row: `- {to: team, text: "..."}`' in str(problems[0])
    assert problems[0].stops


@pytest.mark.behaviour("C7")
def test_a_template_without_a_mandatory_mapping_cannot_be_read_for_an_action() -> None:
    with pytest.raises(InvalidTemplate) as refused:
        template("to: notes, text: a")

    assert ["mandatory_mapping"] == rules(list(refused.value.problems))


def test_a_mandatory_row_that_is_wrong_is_not_called_missing_as_well() -> None:
    assert ["text_type"] == rules(inspect(template_text("to: team, text: many"))[1])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["to: reason, text: a"], ["one_of"]),
        (["to: uprn, text: a"], ["one_of"]),
        (["to: uprn, text: a", "to: site, text: b", "to: reason, text: c"], ["only_one_of"]),
        (["to: site, text: b", "to: reason, text: c", "to: code, text: d"], []),
    ],
)
def test_a_group_of_fields_is_given_as_often_as_the_type_needs(rows: list[str], expected: list[str]) -> None:
    assert expected == rules(inspect(template_text(*rows, type_="close_job"))[1])


@pytest.mark.behaviour("W3")
@pytest.mark.behaviour("W4")
@pytest.mark.parametrize(
    ("key", "expected"),
    [("80", Key(static="80")), ('"80"', Key(static="80")), ('"{case.item}"', Key(case_field="item"))],
)
def test_a_key_is_static_or_a_placeholder(key: str, expected: Key) -> None:
    assert expected == template("to: team, text: 5", f"to: quantity, key: {key}, text: 1").rows[1].key


def test_a_keyed_field_may_be_given_in_many_rows() -> None:
    rows = [
        'to: quantity, key: "1", text: "1"',
        'to: quantity, key: "2", text: "1"',
        'to: quantity, key: "{case.item}", text: "1"',
    ]

    assert [] == inspect(template_text("to: team, text: 5", *rows))[1]


def test_the_same_key_twice_deserves_a_look_and_stops_nothing() -> None:
    _, problems = inspect(template_text("to: team, text: 5", *['to: quantity, key: "1", text: "1"'] * 2))

    assert [("repeated_key", 3, Severity.WARNING)] == [(p.rule, p.row, p.severity) for p in problems]
    assert 3 == len(template("to: team, text: 5", *['to: quantity, key: "1", text: "1"'] * 2).rows)


def test_words_that_yaml_reads_its_own_way_stay_as_written() -> None:
    rows = template(
        "to: team, text: 5", "to: notes, text: no", "to: message, text: 0123", "to: place, case_field: yes"
    ).rows

    assert ["5", "no", "0123", "yes"] == [row.source.name for row in rows]


def test_a_manual_text_keeps_its_spaces() -> None:
    assert template("to: team, text: 5", 'to: notes, text: " a "').rows[1].source.name == " a "


def test_all_mistakes_are_told_at_once() -> None:
    _, problems = inspect(
        "nam: a\ntype: create_job\nreference: My Job\nrows:\n  - {to: tem, text: 5}\n  - just words\n"
        "  - {to: weight, text: heavy, key: 1}\n  - {to: quantity, text: x}\n"
    )

    assert {
        "unknown_word",
        "no_name",
        "reference_name",
        "unknown_field",
        "row_shape",
        "needless_key",
        "no_key",
        "text_type",
        "mandatory_mapping",
    } == set(rules(problems))
    assert ["text_type", "text_type"] == [rule for rule in rules(problems) if rule == "text_type"]


@pytest.mark.parametrize("text", ["just words", "[a, b]", "- a"])
def test_a_document_of_another_shape_says_what_a_template_is(text: str) -> None:
    found, problems = inspect(text)

    assert found is None
    assert ["shape"] == rules(problems)
    assert "name, type, reference, rows" in problems[0].message


@pytest.mark.parametrize("row", ["to: [team], text: 5", "to: team, text: [5]", "to: team, text: {a: b}"])
def test_a_list_where_a_word_belongs_is_told_once(row: str) -> None:
    found = [problem for problem in inspect(template_text(row))[1] if problem.rule != "mandatory_mapping"]

    assert ["single_value"] == rules(found)


def test_a_name_is_trimmed_and_the_file_name_stands_in_for_a_missing_one() -> None:
    assert inspect("name: '  a '\ntype: create_job\nrows: []")[0].name == "a"  # type: ignore[union-attr]
    assert inspect("type: create_job\nrows: []")[0].name == "t"  # type: ignore[union-attr]


def test_the_digest_of_a_template_is_that_of_its_file() -> None:
    """`sha256sum` on the file tells an auditor which version the ledger means."""
    text = template_text("to: team, text: 5")

    assert hashlib.sha256(text.encode()).hexdigest() == template("to: team, text: 5").digest


def test_an_invalid_template_is_named_and_carries_every_problem() -> None:
    with pytest.raises(InvalidTemplate, match='mapping template "t": 2 problems') as refused:
        template("to: team, text: x", "to: weight, text: x")

    assert [1, 2] == [problem.row for problem in refused.value.problems]
