"""The council's own set-up in M3, read from sample_data.yaml: task codes, sections, sites, kinds of assets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from simulators.m3pp.errors import Refusal
from simulators.m3pp.values import Definition

_SAMPLE = Path(__file__).parent / "sample_data.yaml"


@dataclass(frozen=True)
class Site:
    """A place. ``uprn`` is empty where it is no property."""

    site_key: str
    uprn: str
    name: str


@dataclass(frozen=True)
class AssetType:
    """A kind of asset and the attributes defined for it, by their codes."""

    code: str
    name: str
    attributes: dict[str, Definition]


@dataclass(frozen=True)
class TaskCodes:
    """One valid combination, from the department down."""

    department: str
    application: str
    task_group: str
    task: str


#: What each level is called in a refusal, from the top.
_LEVELS = ("Department", "Application", "Task Group", "Task")


class Council:
    """The set-up. Look-ups that find nothing refuse as the ASSUMED contract says."""

    def __init__(self) -> None:
        data = yaml.safe_load(_SAMPLE.read_text(encoding="utf-8"))
        self.version: str = data["version"]
        self.tasks = [
            TaskCodes(department["code"], application["code"], group["code"], task)
            for department in data["departments"]
            for application in department["applications"]
            for group in application["task_groups"]
            for task in group["tasks"]
        ]
        self.worksheet_fields = {row["name"]: _definition(row) for row in data["worksheet_fields"]}
        self.worksheet_defaults: dict[str, str] = data["worksheet_defaults"]
        self.sections: dict[str, str] = data["sections"]
        self.sites = {row["site_key"]: Site(**row) for row in data["sites"]}
        self.asset_types = {row["code"]: _asset_type(row) for row in data["asset_types"]}
        self.assets: list[dict[str, Any]] = data["assets"]

    def check_task(self, codes: TaskCodes) -> None:
        """The combination is one of the council's.

        Raises:
            Refusal: It is not; the first wrong level is named, and what stands above it.
        """
        given = (codes.department, codes.application, codes.task_group, codes.task)
        known = [(row.department, row.application, row.task_group, row.task) for row in self.tasks]
        for depth, level in enumerate(_LEVELS):
            if not any(row[: depth + 1] == given[: depth + 1] for row in known):
                above = " > ".join(given[:depth])
                within = f" for {above}" if above else ""
                raise Refusal("invalid_code", f'{level} code "{given[depth]}" is not valid{within}.')

    def site_by_uprn(self, uprn: str) -> Site:
        """The site of that property, however many zeros stand before its UPRN."""
        wanted = uprn.lstrip("0")
        for site in self.sites.values():
            if site.uprn and site.uprn == wanted:
                return site
        raise Refusal("invalid_uprn", f'UPRN "{uprn}" is not known.')

    def site_by_key(self, site_key: str) -> Site:
        """The site with that key."""
        if site_key not in self.sites:
            raise Refusal("invalid_code", f'Site Key "{site_key}" is not known.')
        return self.sites[site_key]

    def asset_type(self, code: str) -> AssetType:
        """The kind of asset with that code."""
        if code not in self.asset_types:
            raise Refusal("invalid_code", f'Asset Type code "{code}" is not valid.')
        return self.asset_types[code]

    def check_section(self, code: str) -> None:
        """The section is one of the council's."""
        if code not in self.sections:
            raise Refusal("invalid_code", f'Section code "{code}" is not valid.')

    def check_attribute(self, asset_type: AssetType, code: str, value: str) -> None:
        """The attribute is defined for the kind of asset, and can have the value."""
        definition = asset_type.attributes.get(code)
        if definition is None:
            text = f'Attribute "{code}" is not defined for Asset Type "{asset_type.code}".'
            raise Refusal("attribute_not_found", text)
        if problem := definition.problem(value):
            raise Refusal("value_invalid", f'The value of attribute "{code}" {problem}.')

    def check_worksheet_field(self, name: str, value: str) -> None:
        """The field can have the value; one that M3 does not know is free text."""
        definition = self.worksheet_fields.get(name, Definition("text"))
        if problem := definition.problem(value):
            raise Refusal("value_invalid", f'The value of field "{name}" {problem}.')


def _asset_type(row: dict[str, Any]) -> AssetType:
    return AssetType(row["code"], row["name"], {part["code"]: _definition(part) for part in row["attributes"]})


def _definition(row: dict[str, Any]) -> Definition:
    return Definition(
        type=row["type"],
        values=tuple(row.get("values", ())),
        max_length=row.get("max_length", Definition.max_length),
        minimum=Decimal(row["minimum"]) if "minimum" in row else None,
        maximum=Decimal(row["maximum"]) if "maximum" in row else None,
    )
