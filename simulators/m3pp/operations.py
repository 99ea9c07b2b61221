"""The operations of the ASSUMED contract. Each returns the payload of its result, or refuses and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulators.m3pp.council import Site, TaskCodes
from simulators.m3pp.errors import Refusal
from simulators.m3pp.inputs import Input
from simulators.m3pp.m3 import M3
from simulators.m3pp.values import uk_local_time
from simulators.m3pp.worksheets import Worksheet

_PLACES = ("UPRN", "AssetUKey", "SiteKey")


def get_version(m3: M3, given: Input) -> dict[str, Any]:
    """The connection test."""
    return {"Version": m3.settings.version or m3.council.version}


def create_worksheet(m3: M3, given: Input) -> dict[str, Any]:
    """A worksheet is created when everything about it is right. The same request again creates another."""
    codes = ("DepartmentCode", "ApplicationCode", "TaskGroupCode", "TaskCode")
    given.need("SubjectUPRN", *codes, "DateTimeReceived")
    site = m3.council.site_by_uprn(given.text("SubjectUPRN"))
    task = TaskCodes(*(given.text(name) for name in codes))
    m3.council.check_task(task)
    received = uk_local_time(given.text("DateTimeReceived"), convert=m3.settings.offsets == "convert")
    if received is None:
        text = "must be UK local time without an offset, such as 2026-07-01T09:30:00"
        raise Refusal("value_invalid", f"{given.element('DateTimeReceived')} {text}.")
    fields = given.pairs("Fields", "Name", "field")
    for name, value in fields.items():
        m3.council.check_worksheet_field(name, value)
    for name, value in m3.council.worksheet_defaults.items():
        fields.setdefault(name, value)
    sheet = m3.worksheets.create(site.uprn, task, received, fields)
    return {"WorksheetReference": sheet.reference}


def get_worksheet(m3: M3, given: Input) -> dict[str, Any]:
    """One worksheet with all its fields."""
    given.need("WorksheetReference")
    sheet = m3.worksheets.get(given.text("WorksheetReference"))
    rows = [{"Name": name, "Value": value} for name, value in sheet.fields.items()]
    return {**_members(sheet), "Fields": rows}


def _members(sheet: Worksheet) -> dict[str, str]:
    return {
        "WorksheetReference": sheet.reference,
        "SubjectUPRN": sheet.uprn,
        "DepartmentCode": sheet.codes.department,
        "ApplicationCode": sheet.codes.application,
        "TaskGroupCode": sheet.codes.task_group,
        "TaskCode": sheet.codes.task,
        "DateTimeReceived": sheet.received.isoformat(),
    }


def find_worksheets(m3: M3, given: Input) -> dict[str, Any]:
    """The worksheets with exactly that value in that field, oldest first; finding none is no refusal.

    A field is any named Field or any member of a worksheet, by its name on the wire.
    """
    given.need("FieldName", "FieldValue")
    name, value = given.text("FieldName"), given.text("FieldValue")
    worksheet = m3.profile.operations["GetWorksheet"].result
    found = []
    for sheet in m3.worksheets.findable(m3.settings.visibility_lag_s):
        members = {worksheet.element(member): text for member, text in _members(sheet).items()}
        if (members | sheet.fields).get(name, "").strip() == value:
            found.append(sheet.reference)
    return {"WorksheetReferences": found}


def create_asset(m3: M3, given: Input) -> dict[str, Any]:
    """An asset is created when everything about it is right. The same request again creates another."""
    given.need("AssetTypeCode", "SectionCode")
    site = _place(m3, given)
    asset_type = m3.council.asset_type(given.text("AssetTypeCode"))
    section = given.text("SectionCode")
    m3.council.check_section(section)
    attributes = given.pairs("Attributes", "Code", "attribute")
    for code, value in attributes.items():
        m3.council.check_attribute(asset_type, code, value)
    return {"AssetKey": m3.assets.create(asset_type, section, site, attributes).key}


def _place(m3: M3, given: Input) -> Site:
    """Where the asset is: at a property, at a site, or where another asset is."""
    named = [name for name in _PLACES if given.text(name)]
    if len(named) != 1:
        wanted = ", ".join(given.element(name) for name in _PLACES)
        kind, found = ("value_invalid", f"{len(named)} are given") if named else ("mandatory_field", "none is given")
        raise Refusal(kind, f"Exactly one of {wanted} must be given; {found}.")
    match named[0]:
        case "UPRN":
            return m3.council.site_by_uprn(given.text("UPRN"))
        case "SiteKey":
            return m3.council.site_by_key(given.text("SiteKey"))
        case _:
            return m3.assets.by_ukey(given.text("AssetUKey")).site


def get_asset(m3: M3, given: Input) -> dict[str, Any]:
    """One asset with its attributes."""
    given.need("AssetKey")
    asset = m3.assets.get(given.text("AssetKey"))
    return {
        "AssetKey": asset.key,
        "AssetTypeCode": asset.asset_type,
        "SectionCode": asset.section,
        "UPRN": asset.site.uprn,
        "AssetUKey": asset.ukey,
        "SiteKey": asset.site.site_key,
        "Attributes": [{"Code": code, "Value": value} for code, value in asset.attributes.items()],
    }


def update_by_property(m3: M3, given: Input) -> dict[str, Any]:
    """One attribute of all assets of a kind at a property has the value. A property without one is refused."""
    given.need("UPRN", "AssetTypeCode", "AttributeCode", "Value")
    code, value = given.text("AttributeCode"), given.text("Value")
    site = m3.council.site_by_uprn(given.text("UPRN"))
    asset_type = m3.council.asset_type(given.text("AssetTypeCode"))
    m3.council.check_attribute(asset_type, code, value)
    assets = m3.assets.at(site, asset_type)
    if not assets:
        raise Refusal("asset_not_found", f'UPRN "{site.uprn}" has no asset of type "{asset_type.code}".')
    for asset in assets:
        asset.attributes[code] = value
    return {"UpdatedCount": len(assets), "AssetKeys": [asset.key for asset in assets]}


def update_by_keys(m3: M3, given: Input) -> dict[str, Any]:
    """One attribute of each asset named has the value; a row says for each key what came of it.

    Assets that can be updated are, also where others cannot: that is a refusal which names the others.
    """
    given.need("AssetKeys", "AttributeCode", "Value")
    code, value = given.text("AttributeCode"), given.text("Value")
    refusals: dict[str, Refusal] = {}
    keys = given.texts("AssetKeys")
    for key in keys:
        try:
            asset = m3.assets.get(key)
            m3.council.check_attribute(m3.council.asset_type(asset.asset_type), code, value)
            asset.attributes[code] = value
        except Refusal as refusal:
            refusals[key] = refusal
    results = [_row(m3, key, refusals.get(key)) for key in keys]
    if refusals:
        text = f"{len(refusals)} of {len(set(keys))} assets not updated: {', '.join(refusals)}."
        raise Refusal(next(iter(refusals.values())).kind, text, {"Results": results})
    return {"Results": results}


def _row(m3: M3, key: str, refusal: Refusal | None) -> dict[str, Any]:
    if refusal is None:
        return {"AssetKey": key, "Success": True}
    code = m3.settings.error_codes[refusal.kind].code
    return {"AssetKey": key, "Success": False, "ErrorCode": code, "ErrorMessage": refusal.message}


#: By the contract's names.
OPERATIONS: dict[str, Callable[[M3, Input], dict[str, Any]]] = {
    "GetVersion": get_version,
    "CreateWorksheet": create_worksheet,
    "GetWorksheet": get_worksheet,
    "FindWorksheets": find_worksheets,
    "CreateAsset": create_asset,
    "GetAsset": get_asset,
    "UpdateAssetAttributeByProperty": update_by_property,
    "UpdateAssetAttribute": update_by_keys,
}
