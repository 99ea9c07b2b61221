"""What holds for every case, every template and every text, and not only for those that somebody thought of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from casebridge.connectors import registry
from casebridge.core.case import Case, Value
from casebridge.core.convert import ConversionError, as_text, from_wire, is_date_format, to_wire
from casebridge.core.incoming import evaluate_incoming
from casebridge.core.manifest import ActionType, FieldType, Manifest, TargetField
from casebridge.core.mapping import evaluate
from casebridge.core.payload import Payload
from casebridge.core.privacy import without_values
from casebridge.core.problem import Problem
from casebridge.core.record import Record
from casebridge.core.template import MappingTemplate
from casebridge.core.template_reader import inspect_template
from tests.unit.sample import LONDON, MANIFEST, field

ZONES = st.sampled_from([LONDON, "UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
MANIFESTS = [MANIFEST, registry.manifest("whitespace")]
NAMES = ["details", "team", "item", "due", "name", "uprn", "line1"]

# Every text of a case begins with this mark, which no template and no message holds: what carries it is private.
MARK = "§ÿþÿ"
AROUND_THE_CLOCK_CHANGES = [
    datetime(2026, month, day, hour, minute, tzinfo=UTC)
    for month, day in ((3, 29), (10, 25))
    for hour in (0, 1, 2)
    for minute in (0, 30, 59)
]
FIRST, LAST = datetime(1970, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001  hypothesis adds the time zone itself
TEXTS = st.one_of(
    st.sampled_from(
        ["", " ", "\x00", "\x0b\x1f", "🗑️ 👩‍👩‍👧", "\ud83d", "a\ud800b", "ß" * 10_000, "١٢٣", "0123", "yes"]
    ),
    st.text(st.characters(), max_size=30),
).map(lambda text: MARK + text)
NUMBERS = st.one_of(
    st.integers(min_value=-(10**30), max_value=10**30),
    st.decimals(),
    st.sampled_from([Decimal("1E+30000000"), Decimal("1E-400"), Decimal("-0"), Decimal("sNaN"), Decimal("Infinity")]),
)
MOMENTS = st.one_of(
    st.sampled_from(AROUND_THE_CLOCK_CHANGES),
    st.datetimes(timezones=st.timezones() | st.just(timezone(timedelta(hours=5, minutes=45)))),
    st.datetimes(),
    st.dates(),
    st.sampled_from([datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), date.min, date.max]),
)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.just(""),
    TEXTS,
    st.sampled_from(["289", "2.5", "2026-10-25T01:30", "2026-03-29", "Yes"]),
    NUMBERS,
    st.booleans(),
    MOMENTS,
    st.lists(TEXTS, max_size=4).map(tuple),
)
DETAILS = st.dictionaries(st.sampled_from(NAMES), VALUES)
CASES = st.builds(
    Case,
    reference=st.sampled_from(["CASE-1", "1/2 ü"]),
    fields=DETAILS,
    dates=st.dictionaries(st.sampled_from(NAMES), st.none() | MOMENTS),
    person=st.just({}) | DETAILS,
    address=st.just({}) | DETAILS,
)

FORMATS = st.sampled_from(["DD/MM/YYYY", "YYYY-MM-DD HH:mm", "ddd D MMMM YY, h:mm A", "[x]YYYYMMDD"])
SMALL = st.sampled_from(["1", "x", "yes", "2026-01-31", "  ", "{case.item}", "Front"])


def rows(action: ActionType) -> st.SearchStrategy[dict[str, Any]]:
    """A row of a template as a case officer might write it: often right, sometimes not."""
    word, places = (
        ("to", ["case_field", "case_date", "person", "address", "text"])
        if action.outgoing
        else ("from", ["case_field", "case_date"])
    )

    def of_field(target: TargetField) -> st.SearchStrategy[dict[str, Any]]:
        keys = st.sampled_from(["1", "{case.item}", "{case.name}", "A"])
        return st.builds(
            lambda place, name, text, extra, key: {
                word: target.name,
                place: text if place == "text" else name,
                **extra,
                **({"key": key} if target.key else {}),
            },
            st.sampled_from(places),
            st.sampled_from(NAMES),
            SMALL,
            st.fixed_dictionaries(
                {}, optional={"default": SMALL, "format": FORMATS, "map": st.dictionaries(SMALL, SMALL, min_size=1)}
            ),
            keys,
        )

    return st.sampled_from(list(action.fields.values())).flatmap(of_field)


@st.composite
def templates(draw: st.DrawFn, *, outgoing: bool) -> tuple[MappingTemplate, Manifest]:
    """A template that can be used: rows that the reader refuses are taken out, as a case officer would."""
    manifest = draw(st.sampled_from(MANIFESTS))
    action = draw(st.sampled_from([action for action in manifest.actions.values() if action.outgoing is outgoing]))
    chosen = draw(st.lists(rows(action), min_size=1, max_size=8))
    text = yaml.safe_dump({"name": "n", "type": action.name, "reference": "r", "rows": chosen})
    template, problems = inspect_template(text, template_id="t", manifest=manifest)
    assert template is not None
    refused = {problem.row for problem in problems if problem.stops}
    return replace(
        template,
        rows=tuple(row for row in template.rows if row.number not in refused),
        incoming_rows=tuple(row for row in template.incoming_rows if row.number not in refused),
    ), manifest


def no_value_is_told(problems: list[Problem]) -> None:
    told = "".join(f"{problem} {problem.as_json()}" for problem in problems)
    assert MARK not in told


def is_valid_json(payload: Payload) -> None:
    """A payload is stored as JSON and sent as UTF-8: half a character or a NUL would be refused there."""
    kept = json.dumps(payload.as_json(), ensure_ascii=False, allow_nan=False)
    kept.encode()
    assert "\\u0000" not in kept
    assert Payload.from_json(json.loads(kept)) == payload


@given(templates(outgoing=True), CASES, ZONES)
def test_any_case_and_any_template_give_a_payload_or_named_problems(
    chosen: tuple[MappingTemplate, Manifest], case: Case, timezone_name: str
) -> None:
    template, _ = chosen

    payload, problems = evaluate(template, case, timezone=timezone_name)

    is_valid_json(payload)
    no_value_is_told(problems)
    assert all(problem.rule and problem.message and problem.way_out for problem in problems)
    order = list(template.action.fields)
    assert list(payload.fields) == sorted(payload.fields, key=order.index)
    assert payload.digest == evaluate(template, case, timezone=timezone_name)[0].digest


@given(templates(outgoing=True), CASES)
def test_a_payload_without_problems_has_all_that_is_mandatory(
    chosen: tuple[MappingTemplate, Manifest], case: Case
) -> None:
    template, _ = chosen
    payload, problems = evaluate(template, case, timezone=LONDON)
    mandatory = {name for name, field in template.action.fields.items() if field.mandatory}

    assert problems or mandatory <= payload.fields.keys() | payload.keyed.keys()


@given(templates(outgoing=True), CASES)
def test_a_text_that_holds_every_value_that_was_sent_shows_none(
    chosen: tuple[MappingTemplate, Manifest], case: Case
) -> None:
    """A target that repeats all it was given in its refusal brings nothing private into the log."""
    payload, _ = evaluate(chosen[0], case, timezone=LONDON)
    private = payload.private_values()

    refusal = without_values(" | ".join(private), private)

    assert MARK not in refusal


@given(templates(outgoing=False), DETAILS, CASES, ZONES)
def test_any_record_gives_changes_or_named_problems(
    chosen: tuple[MappingTemplate, Manifest], values: dict[str, Value], case: Case, timezone_name: str
) -> None:
    template, _ = chosen
    names = list(template.action.fields)
    given_values = dict(zip(names, [*values.values()] * len(names), strict=False))
    keyed = {name: dict.fromkeys(["1", "A"], value) for name, value in given_values.items()}

    changes, problems = evaluate_incoming(
        template, Record("job", "1", given_values, keyed), case, timezone=timezone_name
    )

    no_value_is_told(problems)
    assert all(problem.row for problem in problems)
    assert all(moment is None or isinstance(moment, date) for moment in changes.dates.values())
    assert all(moment.tzinfo for moment in changes.dates.values() if isinstance(moment, datetime))


YAML_WORDS = st.sampled_from(
    [
        *"-:{}[],&*!|>'\"%@`#?~ \t\n",
        "\n  - ",
        ": ",
        "rows:",
        "name:",
        "type: create_job",
        "reference: job",
        "to:",
        "key:",
        "{to: team, text: 5}",
        "case_field: a",
        "&a ",
        "*a",
        "<<: *a",
        "!!binary x",
        "---",
        "...",
        "\r\n",
        "\ufeff",
        "\x85",
    ]
)
YAML_LIKE = st.lists(st.one_of(YAML_WORDS, st.text(max_size=6)), max_size=40).map("".join)


@given(st.text(max_size=200) | YAML_LIKE)
@example("[" * 5_000)
@example("a: \ud800")
@example("? [a]\n: b")
@example("? {a: b}\n? {a: b}")
def test_any_text_is_a_template_or_problems(text: str) -> None:
    template, problems = inspect_template(text, template_id="t", manifest=MANIFEST)

    assert template is not None or problems
    assert all(problem.rule and problem.message for problem in problems)
    assert all(problem.line is None or problem.line >= 1 for problem in problems)


PLAIN = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=12)
TREES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["name", "type", "reference", "rows", "to", "from", "key", "case_field", "text", "map", "format"]
            )
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from([*MANIFEST.actions, "other"])},
        optional={"name": TREES, "reference": TREES, "rows": TREES | st.lists(TREES, max_size=5), "more": TREES},
    )
)
def test_a_template_of_any_shape_is_a_template_or_problems(tree: dict[str, Any]) -> None:
    """Valid YAML with a list where a word belongs, a word where a list belongs, and so on."""
    template, problems = inspect_template(yaml.safe_dump(tree), template_id="t", manifest=MANIFEST)

    assert template is not None or problems
    assert all(problem.rule and problem.message for problem in problems)


@given(st.dates(min_value=date(1000, 1, 1)), ZONES)
def test_a_date_survives_the_way_there_and_back(day: date, timezone_name: str) -> None:
    declared = field("date")

    assert day == from_wire(to_wire(day, declared, timezone=timezone_name), declared, timezone=timezone_name)


@given(
    st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(UTC)) | st.sampled_from(AROUND_THE_CLOCK_CHANGES),
    ZONES,
)
def test_a_date_time_survives_the_way_there_and_back_except_for_the_second_of_two_equal_hours(
    moment: datetime, timezone_name: str
) -> None:
    declared = field("datetime", format="YYYY-MM-DD[T]HH:mm:ss")
    whole = moment.replace(microsecond=0)

    back = from_wire(to_wire(whole, declared, timezone=timezone_name), declared, timezone=timezone_name)

    local = whole.astimezone(ZoneInfo(timezone_name))
    repeated = local.fold == 1
    assert back == (local.replace(fold=0).astimezone(UTC) if repeated else whole)


@given(st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(UTC)), ZONES)
def test_a_date_time_with_its_offset_always_survives(moment: datetime, timezone_name: str) -> None:
    declared = field("datetime", format="YYYY-MM-DD[T]HH:mm:ssZ")
    whole = moment.replace(microsecond=0)
    written = as_text(whole, timezone=timezone_name, date_format="YYYY-MM-DD[T]HH:mm:ss") + as_text(
        whole, timezone=timezone_name, date_format="Z"
    )

    assert whole == from_wire(written, declared, timezone=timezone_name)


@given(st.integers(min_value=-(2**63 - 1), max_value=2**63 - 1))
def test_a_whole_number_survives_as_number_and_as_text(number: int) -> None:
    declared = field("integer")

    assert number == to_wire(number, declared, timezone=LONDON)
    assert number == from_wire(str(number), declared, timezone=LONDON)
    assert number == to_wire(Decimal(number), declared, timezone=LONDON)


@given(st.decimals(min_value=-(10**17), max_value=10**17, allow_nan=False, allow_infinity=False, places=6))
def test_a_number_survives_to_its_last_digit(number: Decimal) -> None:
    declared = field("decimal")
    sent = to_wire(number, declared, timezone=LONDON)

    assert isinstance(sent, str)
    assert "E" not in sent.upper()
    assert number == from_wire(sent, declared, timezone=LONDON)


@given(st.booleans())
def test_a_yes_and_a_no_survive_as_text(answer: bool) -> None:
    declared = field("boolean")

    assert answer is from_wire(as_text(answer, timezone=LONDON), declared, timezone=LONDON)


@given(VALUES, st.sampled_from(list(FieldType)), ZONES)
def test_a_value_that_does_not_fit_is_never_repeated(value: Value, kind: FieldType, timezone_name: str) -> None:
    said = ""
    try:
        to_wire(value, TargetField(type=kind, max_length=5), timezone=timezone_name)
    except ConversionError as error:
        said = str(error)

    assert MARK not in said


@example("YY", date(24, 11, 24))
@given(st.text(alphabet="YMDHhmsAd[]-/: .%ETZ", max_size=12), MOMENTS)
def test_a_date_format_that_is_accepted_writes_every_date(text: str, moment: date) -> None:
    """What the reader lets through must not fail when a case meets it."""
    if not is_date_format(text):
        return
    try:
        written = as_text(moment, timezone=LONDON, date_format=text)
    except ConversionError:
        written = "out of range" if not 1000 < moment.year < 9999 else ""

    assert written
