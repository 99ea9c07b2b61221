"""What the council's own people do in M3, called from the admin side. Nobody is told: M3 pushes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from simulators.fields import BadField, Fields
from simulators.m3pp.assets import Asset
from simulators.m3pp.errors import Refusal
from simulators.m3pp.m3 import M3
from simulators.m3pp.worksheets import Worksheet


def change_worksheet(m3: M3, fields: Fields) -> dict[str, Any]:
    """Fields of a worksheet have other values: ``{"worksheet_reference", "fields": {"Status": "Complete"}}``."""
    sheet = _worksheet(m3, fields)
    changed = _texts(fields, "fields")
    with _refusing():
        for name, value in changed.items():
            m3.council.check_worksheet_field(name, value)
    sheet.fields |= changed
    return {"worksheet": sheet.shown()}


def change_asset(m3: M3, fields: Fields) -> dict[str, Any]:
    """Attributes of an asset have other values: ``{"asset_key", "attributes": {"COND": "Poor"}}``."""
    asset = _asset(m3, fields)
    changed = _texts(fields, "attributes")
    asset_type = m3.council.asset_type(asset.asset_type)
    with _refusing():
        for code, value in changed.items():
            m3.council.check_attribute(asset_type, code, value)
    asset.attributes |= changed
    return {"asset": asset.shown()}


def delete_worksheet(m3: M3, fields: Fields) -> dict[str, Any]:
    """A worksheet is gone."""
    sheet = _worksheet(m3, fields)
    fields.end()
    m3.worksheets.delete(sheet)
    return {"deleted": sheet.reference}


def delete_asset(m3: M3, fields: Fields) -> dict[str, Any]:
    """An asset is gone."""
    asset = _asset(m3, fields)
    fields.end()
    m3.assets.delete(asset)
    return {"deleted": asset.key}


def _worksheet(m3: M3, fields: Fields) -> Worksheet:
    with _refusing():
        return m3.worksheets.get(fields.text("worksheet_reference"))


def _asset(m3: M3, fields: Fields) -> Asset:
    with _refusing():
        return m3.assets.get(fields.text("asset_key"))


@contextmanager
def _refusing() -> Iterator[None]:
    """A refusal within is that of the admin call."""
    try:
        yield
    except Refusal as refusal:
        raise BadField(refusal.message) from None


def _texts(fields: Fields, name: str) -> dict[str, str]:
    group = fields.group(name)
    if group is None:
        raise BadField(f'Field "{name}" is missing.')
    texts = {one: group.text(one) for one in group.names()}
    fields.end()
    return texts
