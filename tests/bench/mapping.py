"""The mapping engine: rows and templates per second."""

from __future__ import annotations

from datetime import UTC, datetime

from casebridge.connectors import registry
from casebridge.core.case import Case
from casebridge.core.mapping import evaluate
from casebridge.core.template_reader import read_template
from tests.bench.figures import Figure
from tests.bench.side_by_side import seconds_each

HEAD = """\
name: Twenty rows
type: create_worksheet
reference: worksheet
rows:
  - {to: service_id, text: "289"}
  - {to: worksheet_message, case_field: details}
  - {to: worksheet_due_date, case_date: due}
  - {to: uprn, address: uprn}
  - {to: work_location_name, person: name}
"""
PROPERTIES = 15
TEXT = HEAD + "".join(
    f'  - {{to: service_property, key: "{80 + number}", case_field: field_{number}, map: {{"Yes": "1", "No": "0"}}}}\n'
    for number in range(PROPERTIES)
)
ROWS = 5 + PROPERTIES


def measure(*, quick: bool) -> list[Figure]:
    """Evaluate and read a template of twenty rows."""
    manifest = registry.manifest("whitespace")
    template = read_template(TEXT, template_id="twenty_rows", manifest=manifest)
    case = Case(
        reference="BENCH-1",
        source="local",
        fields={"details": "The bin was not emptied."} | {f"field_{number}": "Yes" for number in range(PROPERTIES)},
        dates={"due": datetime(2026, 11, 24, 8, 15, tzinfo=UTC)},
        person={"name": "Sample Resident"},
        address={"uprn": "10001"},
    )
    payload, problems = evaluate(template, case, timezone="Europe/London")
    if problems or len(payload.keyed["service_property"]) != PROPERTIES:
        raise RuntimeError(f"the template of the benchmark does not fit its case: {problems}")

    def plain() -> dict[str, str]:
        """What a script would do, without checks, conversions or reasons."""
        made = {
            "service_id": "289",
            "worksheet_message": str(case.fields["details"]),
            "worksheet_due_date": f"{case.dates['due']:%Y-%m-%d %H:%M}",
            "uprn": str(case.address["uprn"]),
            "work_location_name": str(case.person["name"]),
        }
        for number in range(PROPERTIES):
            value = str(case.fields[f"field_{number}"])
            made[f"service_property {80 + number}"] = {"Yes": "1", "No": "0"}.get(value, value)
        return made

    evaluating, by_hand, reading = seconds_each(
        lambda: evaluate(template, case, timezone="Europe/London"),
        plain,
        lambda: read_template(TEXT, template_id="twenty_rows", manifest=manifest),
        rounds=5 if quick else 15,
    )
    return [
        Figure(
            "rows evaluated",
            evaluating / ROWS * 1e6,
            "µs a row",
            by_hand / ROWS * 1e6,
            "plain dict",
            note=f"{ROWS / evaluating:,.0f} rows a second; the plain dict converts, checks and explains nothing",
        ),
        Figure(
            "template read and checked",
            reading * 1e3,
            "ms",
            note=f"{ROWS} rows; {1 / reading:,.0f} templates a second",
        ),
    ]
