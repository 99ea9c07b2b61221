"""Ids and codes that exist, for strangers: what names one row, and what names several or one that is switched off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from simulators.tascomi.database import Database
from simulators.tascomi.settings import Settings
from simulators.tascomi.tables import TABLES, Row

#: What the sample data has for the partner's setting "Street Record text".
_STREET_RECORD = "STREET RECORD"
_LOOKUPS = {
    "action_required_code": "complaint_action_required",
    "organizational_unit_code": "organizational_units",
    "reporting_method_code": "reporting_methods",
    "request_category_code": "request_categories",
    "title_code": "titles",
}


def samples(database: Database, settings: Settings) -> dict[str, list[str]]:
    """Samples by kind; the first of each kind belong together."""

    def in_use(table: str) -> list[Row]:
        return [row for row in database.rows(table) if row["enabled"]]

    codes = _texts(in_use("complaint_codes"), "code")
    references = _texts(database.rows("contacts"), "reference")
    streets = [row for row in database.rows("dtf_locations") if row["pao_text"] == _STREET_RECORD]
    addresses = [row for row in database.rows("dtf_locations") if row not in streets]
    return {
        "resource": list(TABLES),
        "core_function_code": _single(_texts(in_use("core_functions"), "code")),
        "complaint_code": _single(codes),
        "ambiguous_complaint_code": _several(codes),
        "disabled_complaint_code": _texts(
            [row for row in database.rows("complaint_codes") if not row["enabled"]], "code"
        ),
        "officer_code": _single(_texts([row for row in in_use("users") if row["officer"]], "code")),
        **{kind: _single(_texts(in_use(table), "code")) for kind, table in _LOOKUPS.items()},
        "contact_reference": _single(references),
        "shared_contact_reference": _several(references),
        "uprn": list(dict.fromkeys(_texts(addresses, "uprn"))),
        "usrn": _texts(streets, "usrn"),
        "street_record_text": [_STREET_RECORD],
        "service_request_id": _texts(database.rows("complaints"), "id"),
        "service_request_number": _texts(database.rows("complaints"), "reference_number"),
        "time_zone": [settings.time_zone],
    }


def _texts(rows: Iterable[Row], key: str) -> list[str]:
    return [str(row[key]) for row in rows if row[key] is not None]


def _single(texts: list[str]) -> list[str]:
    return [text for text, times in Counter(texts).items() if times == 1]


def _several(texts: list[str]) -> list[str]:
    return [text for text, times in Counter(texts).items() if times > 1]
