"""A small target system that has every kind of field, and a case: what the tests of the core share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from casebridge.core.case import Case
from casebridge.core.manifest import FieldType, Manifest, TargetField
from casebridge.core.payload import Payload
from casebridge.core.problem import Problem
from casebridge.core.template import MappingTemplate
from casebridge.core.template_reader import inspect_template, read_template

LONDON = "Europe/London"

MANIFEST = Manifest.model_validate(
    {
        "name": "yard",
        "title": "Yard",
        "transport": "rest",
        "tested_against": "1",
        "connection": {"default": "yard_default", "settings": "settings:YardSettings"},
        "retries": 3,
        "limitations": ["It is one-way."],
        "actions": {
            "create_job": {
                "direction": "outgoing",
                "title": "Create Job",
                "description": "Creates a Job.",
                "reference": "stores",
                "record": "job",
                "found_by": "our_reference",
                "fields": {
                    "place": {"type": "text", "title": "Place", "otherwise": {"address": "uprn"}},
                    "team": {"type": "integer", "mandatory": True, "title": "Team"},
                    "our_reference": {"type": "text", "title": "Our Reference", "otherwise": {"case": "reference"}},
                    "message": {"type": "text", "title": "Message", "max_length": 20},
                    "notes": {"type": "text", "title": "Notes"},
                    "weight": {"type": "decimal", "title": "Weight"},
                    "urgent": {"type": "boolean", "title": "Urgent"},
                    "day": {"type": "date", "title": "Day", "format": "DD/MM/YYYY"},
                    "due": {
                        "type": "datetime",
                        "title": "Due",
                        "format": "YYYY-MM-DD HH:mm",
                        "date_only_time": "23:59",
                    },
                    "quantity": {"type": "decimal", "title": "Quantity", "key": "Item ID"},
                    "attribute": {"type": "text", "title": "Attribute", "key": "Attribute Code", "key_type": "text"},
                },
            },
            "close_job": {
                "direction": "outgoing",
                "title": "Close Job",
                "reference": "uses",
                "record": "job",
                "groups": [
                    {"need": "exactly_one", "fields": ["uprn", "site"]},
                    {"need": "at_least_one", "fields": ["reason", "code"]},
                ],
                "matches": {"person": {"title": "Person", "record": "person", "by": "code", "fields": ["reason"]}},
                "fields": {
                    "uprn": {"type": "text", "title": "UPRN"},
                    "site": {"type": "text", "title": "Site"},
                    "reason": {"type": "text", "title": "Reason"},
                    "code": {"type": "text", "title": "Code"},
                },
            },
            "count_bins": {
                "direction": "outgoing",
                "title": "Count Bins",
                "reference": "none",
                "record": "bin",
                "fields": {"how_many": {"type": "integer", "mandatory": True, "title": "How Many"}},
            },
            "job": {
                "direction": "incoming",
                "title": "Job",
                "record": "job",
                "after": ["create_job"],
                "fields": {
                    "job_id": {"type": "text", "title": "Job Id"},
                    "status": {"type": "text", "title": "Status"},
                    "count": {"type": "integer", "title": "Count"},
                    "cost": {"type": "decimal", "title": "Cost"},
                    "paid": {"type": "boolean", "title": "Paid"},
                    "day": {"type": "date", "title": "Day"},
                    "due": {"type": "datetime", "title": "Due"},
                    "attribute": {"type": "text", "title": "Attribute", "key": "Attribute Code", "key_type": "text"},
                },
            },
        },
    }
)

CASE = Case(
    reference="CASE-7",
    fields={
        "team": "12",
        "details": "gate blocked",
        "weight": Decimal("2.50"),
        "urgent": True,
        "bins": ("Blue box", "Green bin"),
        "item": "22",
        "empty": "",
    },
    dates={"due": date(2026, 11, 24), "reported": datetime(2026, 7, 1, 12, 30, tzinfo=UTC), "never": None},
    person={"name": "Wilhelmina"},
    address={"uprn": "10001", "line1": "Quarry Cottage"},
)


def field(kind: str, **declared: Any) -> TargetField:
    """A field of a target."""
    return TargetField(type=FieldType(kind), **declared)


def template_text(*rows: str, type_: str = "create_job", reference: str = "job") -> str:
    """A template's YAML: the rows are written as flow mappings."""
    return "\n".join(
        [
            "name: Sample",
            f"type: {type_}",
            *([f"reference: {reference}"] if reference else []),
            "rows:",
            *(f"  - {{{row}}}" for row in rows),
        ]
    )


def template(*rows: str, type_: str = "create_job", reference: str = "job") -> MappingTemplate:
    """A template that has passed all checks."""
    return read_template(template_text(*rows, type_=type_, reference=reference), template_id="t", manifest=MANIFEST)


def inspect(text: str) -> tuple[MappingTemplate | None, list[Problem]]:
    """What the reader makes of a text."""
    return inspect_template(text, template_id="t", manifest=MANIFEST)


def rules(problems: list[Problem]) -> list[str]:
    """The rules that were broken."""
    return [problem.rule for problem in problems]


def as_sent(payload: Payload) -> dict[str, Any]:
    """What a payload would send."""
    return {**payload.fields, **payload.keyed}
