"""What `casebridge ssp7 kit` writes works as it is: in a real XSLT processor, against the running inbox."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import requests
from lxml import etree
from typer.testing import CliRunner

from casebridge.cli.app import app
from casebridge.core.arrival import ArrivalKind
from casebridge.web.profile import read_profile
from casebridge.web.ssp7_kit import PLACE, input_json, xslt_in, xslt_out
from tests.service_desk import GROUP, SECRET, ServiceDesk

PROFILE = read_profile().ssp7


@pytest.mark.behaviour("S6")
def test_the_kit_is_all_that_an_administrator_pastes(office: ServiceDesk) -> None:
    """XSLT In makes the message, the inbox takes it, and XSLT Out reads the answer into the task."""
    kit = {"xslt_in": xslt_in(PROFILE).replace(PLACE, SECRET), "xslt_out": xslt_out(PROFILE)}
    with office.listening(headers={}, **kit):
        done = office.ssp7.act("assign", task="9001", group=GROUP)
        office.work()
    [answer] = done["delivery"]["attempts"]
    [entry] = [one for one in office.inbox.latest() if one.arrival.event == "submit_request"]
    written = answer["written"]
    assert (entry.arrival.key, "accepted") == (written["Casebridge_EntryId"], written["Casebridge_Status"])
    [ticket] = office.tickets()
    assert ticket["number"] == office.ssp7.task("9001")["external_reference"]
    told = office.source.read("TSK0009001")
    assert ("PRN-0042", "Sample Colleague") == (told.fields["form_asset"], told.person["name"])
    assert {"ticket_creation_date", "task_due_date"} <= set(told.dates)


def test_the_json_of_the_kit_works_in_an_adapter_of_the_type_rest(office: ServiceDesk) -> None:
    body = input_json(PROFILE).replace(PLACE, SECRET)
    selector = {"Casebridge_EntryId": "$.EntryId"}
    with office.listening(format="json", headers={}, input_json=body, output_selector=selector):
        done = office.ssp7.act("assign", task="9001", group=GROUP)
        office.work()
    assert done["delivery"]["attempts"][0]["written"]["Casebridge_EntryId"]
    assert ["create_ticket"] == office.calls()


@pytest.mark.parametrize("format", ["soap", "xml", "json"])
def test_every_format_of_the_adapter_is_taken(office: ServiceDesk, format: str) -> None:
    with office.listening(format=format):
        office.ssp7.act("assign", task="9001", group=GROUP)
        office.work()
    assert ["create_ticket"] == office.calls()


def test_the_command_writes_the_kit_and_its_self_test_is_recorded(office: ServiceDesk, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["ssp7", "kit", "--out", str(tmp_path), "--inbox", "https://hub.example/"])
    assert 0 == done.exit_code, done.output
    assert {"xslt_in.xslt", "xslt_out.xslt", "input.json", "settings.md", "self_test.xml"} == {
        path.name for path in tmp_path.iterdir()
    }
    text = (tmp_path / "settings.md").read_text("utf-8")
    assert "https://hub.example/inbox/ssp7" in text
    assert SECRET not in text
    transform = etree.XSLT(
        etree.fromstring((tmp_path / "xslt_in.xslt").read_bytes().replace(PLACE.encode(), SECRET.encode()))
    )
    message = bytes(transform(etree.parse(tmp_path / "self_test.xml")))
    with office.listening() as url:
        answer = requests.post(f"{url}/inbox/ssp7", message, headers={"Content-Type": "text/xml"}, timeout=20)
    assert 200 == answer.status_code, answer.text
    result = etree.XSLT(etree.parse(tmp_path / "xslt_out.xslt"))(etree.fromstring(answer.content))
    fields = {one.get("Name"): one.text for one in result.getroot()}
    assert "recorded" == fields["Casebridge_Status"]
    [entry] = office.inbox.latest()
    assert (ArrivalKind.NOTICE, None) == (entry.arrival.kind, entry.arrival.content)


def test_placeholders_of_input_json_are_capitals_and_encoded() -> None:
    """FACT of the adapter: `#FIELD||JSON#`."""
    places = re.findall(r"#([^#]+)#", input_json(PROFILE))
    assert "TASK_EXTERNALREQUESTTYPE||JSON" in places
    assert all(re.fullmatch(r"[A-Z_0-9]+[|][|]JSON", place) for place in places)
    assert json.loads(re.sub(r"#[^#]+#", "1", input_json(PROFILE)))
