"""The connector against the simulator: both faces, the target's own WSDL and ours."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.core.errors import NotConfigured
from casebridge.core.payload import Payload
from casebridge.core.template_reader import read_template
from tests.connectors.parts import MemoryParts
from tests.hub import MISSED_BIN
from tests.simulators.client import Whitespace

CREATE = registry.manifest("whitespace").action("create_worksheet")
PAYLOAD = Payload(
    fields={"uprn": "10001", "service_id": 289, "worksheet_reference": "C-1", "worksheet_message": "ünï & <x>"},
    keyed={
        "service_item_quantity": [{"key": 22, "value": "2"}],
        "service_property": [{"key": 79, "value": "Yes"}],
    },
)


def connect(whitespace: Whitespace, **settings: object) -> ConnectorBase:
    values = {"host": whitespace.url, "login": "WSAPI_DEMO", "password": "demo-password", **settings}
    return registry.connector("whitespace", values, where="w")


@pytest.mark.parametrize(("face", "wsdl"), list(itertools.product(["asmx", "wcf"], ["target", "bundled"])))
def test_create_find_and_read_back(whitespace: Whitespace, tmp_path: Path, face: str, wsdl: str) -> None:
    connector = connect(whitespace, face=face, wsdl=wsdl)
    connector.cache = tmp_path / "cache"
    receipt = connector.send(CREATE, PAYLOAD, MemoryParts())
    (found,) = connector.find(CREATE, PAYLOAD)
    record = connector.fetch("worksheet", receipt.record_id)
    assert (receipt.record_id, True) == (found.id, found.certain)
    assert ("ünï & <x>", "Open", "C-1") == tuple(
        record.fields[name] for name in ("message", "status", "worksheet_reference")
    )
    assert "Yes" == record.keyed["service_property"]["79"]
    assert "2" == record.keyed["service_item_quantity"]["22"]


def test_every_field_of_the_manifest_is_read(whitespace: Whitespace) -> None:
    receipt = connect(whitespace).send(CREATE, PAYLOAD, MemoryParts())
    record = connect(whitespace).fetch("worksheet", receipt.record_id)
    declared = registry.manifest("whitespace").action("worksheet").fields
    plain = {name for name, field in declared.items() if field.key is None}
    keyed = {name for name, field in declared.items() if field.key is not None}
    assert plain == set(record.fields)
    assert keyed == set(record.keyed)


def test_notes_and_history_are_read(whitespace: Whitespace) -> None:
    receipt = connect(whitespace).send(CREATE, PAYLOAD, MemoryParts())
    note = f"<noteInput><WorksheetId>{receipt.record_id}</WorksheetId><NoteText>Crew sent</NoteText></noteInput>"
    whitespace.call("AddWorksheetNotes", note)
    whitespace.set("whitespace/complete", worksheet_id=int(receipt.record_id), outcome="Not Out")
    record = connect(whitespace).fetch("worksheet", receipt.record_id)
    assert "Crew sent" in str(record.fields["notes"])
    assert len(str(record.fields["history"]).splitlines()) > 1
    assert "Not Out" == record.keyed["service_property"]["68"]


def test_the_wsdl_is_fetched_once_and_kept(whitespace: Whitespace, tmp_path: Path) -> None:
    for _ in range(2):
        connector = connect(whitespace)
        connector.cache = tmp_path / "cache"
        connector.check()
    assert (tmp_path / "cache" / "wsdl.sqlite").is_file()


def test_a_path_that_is_wrong_is_told_with_the_settings_to_check(whitespace: Whitespace) -> None:
    with pytest.raises(NotConfigured, match="check base URL"):
        connect(whitespace, path="/elsewhere.asmx").check()


def test_live_lint_finds_what_the_target_does_not_offer(whitespace: Whitespace) -> None:
    text = MISSED_BIN.replace('"289"', '"280"').replace('key: "79"', 'key: "4711"')
    text = text.replace('key: "{case.item_id}"', 'key: "9999"')
    template = read_template(text, template_id="t", manifest=registry.manifest("whitespace"))
    rules = {problem.rule for problem in connect(whitespace).check_template(template)}
    assert {"unknown_service_property", "unknown_service_item_quantity", "compulsory_property"} == rules


def test_live_lint_finds_an_unknown_service(whitespace: Whitespace) -> None:
    template = read_template(
        MISSED_BIN.replace('"289"', '"4711"'), template_id="t", manifest=registry.manifest("whitespace")
    )
    (problem,) = connect(whitespace).check_template(template)
    assert ("unknown_service", True) == (problem.rule, "289 (" in problem.way_out)


def test_live_lint_of_a_good_template_says_nothing(whitespace: Whitespace) -> None:
    template = read_template(MISSED_BIN, template_id="t", manifest=registry.manifest("whitespace"))
    assert [] == list(connect(whitespace).check_template(template))
