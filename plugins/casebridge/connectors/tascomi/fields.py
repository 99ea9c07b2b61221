"""The tables, and which field of a template belongs where. Names of columns that are ASSUMED: profile.yaml."""

from __future__ import annotations

COMPLAINTS, CONTACTS, LOCATIONS = "complaints", "contacts", "dtf_locations"

TABLES = (
    "complaint_action_required",
    "complaint_codes",
    COMPLAINTS,
    CONTACTS,
    "core_functions",
    LOCATIONS,
    "organizational_units",
    "reporting_methods",
    "request_categories",
    "titles",
    "users",
)
"""The eleven tables that the API key must be allowed to view (FACT: the vendor's partner lists them)."""

WRITTEN = (COMPLAINTS, CONTACTS)
"""Those of them that it must be allowed to create and update, too (INFERRED)."""

ROLES = ("requester", "contact")
"""The Contacts of a Service Request; their fields begin with these words."""

CODES = {
    "core_function": "core_functions",
    "request_code": "complaint_codes",
    "investigating_officer": "users",
    "action_required": "complaint_action_required",
    "reporting_method": "reporting_methods",
    "request_category": "request_categories",
    "organizational_unit": "organizational_units",
    **{f"{role}_title": "titles" for role in ROLES},
}
"""Field that holds a code -> the table that its id comes from."""

DATA = ("details", "received_date", "target_date", "status", "external_reference")
"""Fields of a Service Request that are sent as they are."""

COMMON = {
    "service_request_id": "id",
    "created_date": "submit_date",
    "last_updated": "last_updated",
    "ceased": "ceased",
    "ceased_date": "ceased_date",
}
"""Our name -> the column that nearly all tables have (FACT)."""

RECORD = {
    "service_request_number": "reference_number",
    "external_reference": "external_reference",
    "status": "status",
    "details": "details",
    "received_date": "received_date",
    "target_date": "target_date",
    "core_function_id": "core_function",
    "request_code_id": "request_code",
    "investigating_officer_id": "investigating_officer",
    "action_required_id": "action_required",
    "reporting_method_id": "reporting_method",
    "request_category_id": "request_category",
    "organizational_unit_id": "organizational_unit",
    "requester_id": "requester",
    "contact_id": "contact",
    "location_id": "location",
}
"""Field of the incoming type -> the name in the profile of its column."""
