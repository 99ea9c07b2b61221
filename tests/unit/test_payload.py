from __future__ import annotations

import json

from casebridge.core.payload import Payload
from tests.unit.sample import MANIFEST

PAYLOAD = Payload(
    fields={"team": 12, "urgent": True, "notes": "gate", "our_reference": "CASE-7"},
    keyed={"quantity": [{"key": 9, "value": "1"}, {"key": "CODE", "value": "2.50"}]},
    public=("CASE-7", "9", "1"),
)


def test_a_payload_survives_the_ledger() -> None:
    assert PAYLOAD == Payload.from_json(json.loads(json.dumps(PAYLOAD.as_json())))


def test_a_payload_survives_a_store_that_sorts_names() -> None:
    """PostgreSQL keeps JSON objects in an order of its own."""
    kept = json.loads(json.dumps(PAYLOAD.as_json(), sort_keys=True))

    assert PAYLOAD.digest == Payload.from_json(kept).digest


def test_equal_digests_mean_that_the_same_would_be_sent() -> None:
    assert PAYLOAD.digest == Payload(dict(reversed(PAYLOAD.fields.items())), PAYLOAD.keyed).digest
    assert PAYLOAD.digest != Payload({**PAYLOAD.fields, "team": 13}, PAYLOAD.keyed).digest
    assert PAYLOAD.digest != Payload({**PAYLOAD.fields, "team": "12"}, PAYLOAD.keyed).digest
    assert PAYLOAD.digest != Payload(PAYLOAD.fields, {"quantity": PAYLOAD.keyed["quantity"][::-1]}).digest


def test_the_digest_stays_the_same_from_release_to_release() -> None:
    """It is kept beside an action for months: another way of reckoning it would call every retry a conflict."""
    assert Payload({"a": 1}).digest == "1a95366d83df200477e2113b814ee46b8bef454c81bf749bf5bfdd4cb4012efc"


def test_private_is_every_value_and_key_that_is_not_from_the_template() -> None:
    assert ["12", "2.50", "CODE", "True", "gate"] == sorted(PAYLOAD.private_values())


def test_the_text_form_of_a_payload_shows_no_value() -> None:
    assert repr(PAYLOAD) == "Payload()"


def test_our_reference_on_the_record_is_the_field_that_the_manifest_names() -> None:
    assert PAYLOAD.external_reference(MANIFEST.action("create_job")) == "CASE-7"
    assert PAYLOAD.external_reference(MANIFEST.action("count_bins")) == ""


def test_a_field_without_a_value_has_an_empty_text() -> None:
    assert ("12", "") == (PAYLOAD.text("team"), PAYLOAD.text("weight"))
