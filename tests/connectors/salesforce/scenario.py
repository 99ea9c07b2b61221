"""How Salesforce's connector is run against its simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.connectors.scenario import Example, Scenario


def connection(url: str, info: Mapping[str, Any]) -> dict[str, Any]:
    known = info["credentials"]
    return {
        "host": url,
        "login": known["username"],
        "password": known["password"],
        "security_token": known["security_token"],
        "consumer_key": known["consumer_key"],
        "consumer_secret": known["consumer_secret"],
        "set_audit_fields": True,
        "customer_username": "witiop.customer@example.org",
    }


SCENARIO = Scenario(
    system="salesforce",
    simulator="salesforce",
    connection=connection,
    ids={"Case": "Id"},
    refusal="FIELD_CUSTOM_VALIDATION_EXCEPTION",
    unguarded={"hidden_fields": ["Case.WitiOp_Conversation_Id__c", "Contact.WitiOp_Number__c"]},
    logins=2,
    passing=("sessions",),
    examples=(
        Example(
            action="create_case",
            template="closed_conversation",
            case="CONV-1793",
            operation="composite",
            makes={"Case": 1, "CaseComment": 4},
        ),
    ),
)
