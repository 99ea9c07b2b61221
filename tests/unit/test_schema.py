from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from casebridge.connectors import registry
from casebridge.core.schema import template_schema
from tests.unit.sample import MANIFEST, template_text

PROJECT = Path(__file__).parents[2]
TEMPLATES = sorted((PROJECT / "include" / "mappings").glob("*/*.yaml"))
MISTAKES = Path(__file__).parent / "lint" / "mistakes"


def faults(schema: dict[str, Any], text: str) -> list[str]:
    return [error.message for error in Draft202012Validator(schema).iter_errors(yaml.safe_load(text))]


@pytest.mark.parametrize("manifest", [MANIFEST, *registry.manifests().values()], ids=lambda manifest: manifest.name)
def test_the_schema_is_a_valid_one(manifest: Any) -> None:
    Draft202012Validator.check_schema(template_schema(manifest))


def test_there_are_sample_templates() -> None:
    assert TEMPLATES


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_sample_template_fits_the_schema_beside_it(path: Path) -> None:
    schema = json.loads((path.parent / "template.schema.json").read_text("utf-8"))

    assert [] == faults(schema, path.read_text("utf-8"))


@pytest.mark.parametrize(
    "name",
    [
        "no_name",
        "no_type",
        "unknown_type",
        "no_reference",
        "reference_name",
        "no_rows",
        "rows_not_a_list",
        "row_not_words",
        "no_to",
        "unknown_field",
        "mandatory_mapping",
        "no_source",
        "two_sources",
        "unknown_word_in_a_row",
        "key_missing",
        "needless_key",
        "to_in_incoming",
    ],
)
def test_an_editor_refuses_the_mistake_as_lint_does(name: str) -> None:
    schema = template_schema(registry.manifest("whitespace"))

    assert faults(schema, (MISTAKES / f"{name}.yaml").read_text("utf-8"))


def test_a_field_that_is_filled_otherwise_may_be_left_out() -> None:
    """The reader takes such a template, so the editor must not mark it."""
    data = MANIFEST.model_dump()
    data["actions"]["create_job"]["fields"]["place"]["mandatory"] = True
    schema = template_schema(type(MANIFEST).model_validate(data))

    assert [] == faults(schema, template_text("to: team, text: 5"))


def test_a_type_without_a_reference_takes_none() -> None:
    row = 'to: how_many, text: "3"'

    assert [] == faults(template_schema(MANIFEST), template_text(row, type_="count_bins", reference=""))
    assert faults(template_schema(MANIFEST), template_text(row, type_="count_bins"))
