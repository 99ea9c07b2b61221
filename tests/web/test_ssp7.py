"""Events of SSP7 at the inbox: authenticated, kept with all their fields, answered in their own format."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from casebridge.core.arrival import ArrivalKind
from casebridge.store.inbox import Inbox
from casebridge.web.app import create_app
from casebridge.web.profile import Profile, read_profile
from casebridge.web.settings import InboxSettings
from tests.web.serving import serving

SECRET = "ssp7-secret-of-the-tests"
FIELDS = {
    "Task_ExternalRequestType": "Submit Request",
    "Task_ExternalRequestDirection": "Out",
    "Task_ExternalReference": "",
    "Task_Number": "TSK0009001",
    "Task_AssignmentGroup": "Provider",
    "Process_Id": "70001",
    "Ticket_RequesterName": "Sample Colleague",
}


def profile(**changed: Any) -> Profile:
    read = read_profile()
    return read.model_copy(update={"ssp7": read.ssp7.model_copy(update=changed)})


@pytest.fixture
def settings() -> InboxSettings:
    return InboxSettings(ssp7_secret=SecretStr(SECRET), profile=profile(integrated_groups=("Provider",)))


@pytest.fixture
def url(inbox: Inbox, settings: InboxSettings) -> Iterator[str]:
    with serving(create_app(inbox, settings)) as address:
        yield f"{address}/inbox/ssp7"


def post(url: str, http: requests.Session, secret: str = SECRET, **fields: str | None) -> requests.Response:
    given = {name: text for name, text in (FIELDS | fields).items() if text is not None}
    headers = {"Content-Type": "application/json", "X-Casebridge-Secret": secret}
    return http.post(url, json.dumps(given), headers=headers)


def test_an_event_is_kept_with_all_its_fields_and_answered_with_our_id(
    url: str, http: requests.Session, inbox: Inbox
) -> None:
    answer = post(url, http)
    [entry] = inbox.latest()
    arrival = entry.arrival
    assert (200, {"EntryId": arrival.key, "Status": "accepted", "Reason": ""}) == (answer.status_code, answer.json())
    assert (ArrivalKind.CASE_EVENT, "submit_request", "TSK0009001", 70001) == (
        arrival.kind,
        arrival.event,
        arrival.subject,
        arrival.position,
    )
    assert arrival.content is not None
    assert "Sample Colleague" == arrival.content["requester_name"]
    assert "Sample" not in repr(arrival), "what came with it is for nobody's log"
    assert "Sample" not in json.dumps(arrival.details)


def test_the_same_event_again_is_a_repetition(url: str, http: requests.Session, inbox: Inbox) -> None:
    assert ["accepted", "repeated", "repeated"] == [post(url, http).json()["Status"] for _ in range(3)]
    assert 1 == inbox.count_pending()


@pytest.mark.behaviour("S6")
@pytest.mark.parametrize(
    ("fields", "kind", "event"),
    [
        ({"Task_ExternalReference": "EXT-1"}, ArrivalKind.CASE_EVENT, "resubmit_request"),
        ({"Task_ExternalRequestType": "Update"}, ArrivalKind.CASE_EVENT, "update"),
        (
            {"Task_ExternalRequestType": "Update", "Task_ExternalRequestDirection": "In"},
            ArrivalKind.NOTICE,
            "update_in",
        ),
        ({"Task_ExternalRequestType": "Resolution Rejection"}, ArrivalKind.CASE_EVENT, "resolution_rejection"),
        ({"Task_ExternalRequestType": "Closed"}, ArrivalKind.CASE_EVENT, "closed"),
        (
            {"Task_ExternalRequestType": "Reassigned", "Task_ExternalRequestDirection": "in"},
            ArrivalKind.NOTICE,
            "reassigned_in",
        ),
        (
            {"Task_ExternalRequestType": "", "Task_ExternalRequestDirection": "In"},
            ArrivalKind.NOTICE,
            "acknowledgement_in",
        ),
    ],
)
def test_request_type_and_direction_together_say_what_happened(
    url: str, http: requests.Session, inbox: Inbox, fields: dict[str, str], kind: ArrivalKind, event: str
) -> None:
    assert 200 == post(url, http, **fields).status_code
    assert (kind, event) == (inbox.latest()[0].arrival.kind, inbox.latest()[0].arrival.event)


@pytest.mark.behaviour("S1")
def test_a_group_that_is_not_integrated_is_told_so_and_only_recorded(
    url: str, http: requests.Session, inbox: Inbox
) -> None:
    answer = post(url, http, Task_AssignmentGroup="Facilities").json()
    assert ("recorded", "the group is not integrated") == (answer["Status"], answer["Reason"])
    assert (ArrivalKind.NOTICE, None) == (inbox.latest()[0].arrival.kind, inbox.latest()[0].arrival.content)


def test_names_of_fields_are_configuration(http: requests.Session, inbox: Inbox, settings: InboxSettings) -> None:
    names = settings.profile.ssp7.app_fields.model_copy(update={"case_reference": "Task_Code"})
    renamed = dataclasses.replace(settings, profile=profile(app_fields=names))
    with serving(create_app(inbox, renamed)) as url:
        assert 200 == post(f"{url}/inbox/ssp7", http, Task_Number=None, Task_Code="T-7").status_code
    assert "T-7" == inbox.latest()[0].arrival.subject


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x"])
def test_a_wrong_secret_is_refused(url: str, http: requests.Session, inbox: Inbox, secret: str) -> None:
    assert 401 == post(url, http, secret=secret).status_code
    assert [] == inbox.latest()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Task_ExternalRequestDirection": "Sideways"}, "the direction is neither In nor Out"),
        ({"Task_ExternalRequestType": None}, "the request type is missing"),
        ({"Task_Number": " "}, "the task is missing"),
    ],
)
def test_what_makes_no_sense_is_refused(
    url: str, http: requests.Session, fields: dict[str, str | None], reason: str
) -> None:
    answer = post(url, http, **fields)
    assert (400, {"error": reason}) == (answer.status_code, answer.json())


@pytest.mark.parametrize(
    "body",
    [
        b"<E><Task_Number>1</Task_Number><Task_Number>2</Task_Number></E>",
        b"<E><Task_Number><b>1</b></Task_Number></E>",
        b"<!DOCTYPE a><E/>",
        b"<S:Envelope xmlns:S='x'><S:Body/></S:Envelope>",
    ],
)
def test_xml_that_cannot_be_believed_is_refused_in_xml(url: str, http: requests.Session, body: bytes) -> None:
    answer = http.post(url, body, headers={"Content-Type": "text/xml", "X-Casebridge-Secret": SECRET})
    assert (400, True) == (answer.status_code, answer.headers["Content-Type"].startswith("text/xml"))
