"""The API: every call, every refusal, search and paging, credentials, clock and faults."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.simulators.service_provider.client import TOKEN, Provider

JSON = {"Content-Type": "application/json"}


def test_a_ticket_has_the_providers_number_and_our_reference(provider: Provider) -> None:
    provider.set("clock", now="2026-03-01T10:00:00Z")
    answer = provider.create("TSK-9", description="Blank pages", priority="high", category="Hardware")
    assert (201, "/api/v1/tickets/SD-100003") == (answer.status_code, answer.headers["Location"])
    expected = {
        "number": "SD-100003",
        "reference": "TSK-9",
        "title": "Printer",
        "description": "Blank pages",
        "priority": "high",
        "category": "Hardware",
        "status": "new",
        "solution": None,
        "updates": [],
        "created_at": "2026-03-01T10:00:00Z",
    }
    shown = answer.json()["ticket"]
    assert expected == {name: shown[name] for name in expected}
    assert shown == provider.read("SD-100003") == provider.get("records")["tickets"][-1]


def test_two_creates_make_two_tickets(provider: Provider) -> None:
    """Nothing is promised about repeated creates: who sends twice must search first."""
    assert provider.new("TSK-1") != provider.new("TSK-1")
    assert provider.search(reference="TSK-1")["total"] == 2


def test_a_reference_is_unique_where_that_is_chosen(provider: Provider) -> None:
    provider.set("settings", unique_reference=True)
    number = provider.new("TSK-1")
    again = provider.create("TSK-1")
    assert (409, f"The reference is that of ticket {number}.") == (again.status_code, again.json()["message"])
    provider.send("POST", f"tickets/{number}/close", json={})
    assert provider.create("TSK-1").status_code == 201


def test_an_idempotency_key_counts_only_where_it_is_documented(provider: Provider) -> None:
    body, headers = {"reference": "TSK-1", "title": "x"}, {"Idempotency-Key": "k1"}

    def numbers() -> list[str]:
        answers = [provider.send("POST", "tickets", json=body, headers=headers) for _ in range(2)]
        return [one.json()["ticket"]["number"] for one in answers]

    assert len(set(numbers())) == 2
    provider.set("settings", idempotency=True)
    assert len(set(numbers())) == 1
    other = provider.send("POST", "tickets", json={**body, "title": "y"}, headers=headers)
    assert (422, "The idempotency key was used with another body.") == (other.status_code, other.json()["message"])
    assert provider.search(reference="TSK-1")["total"] == 3


@pytest.mark.parametrize(
    ("place", "path"),
    [("ticket.number", ["ticket", "number"]), ("result.data.id", ["result", "data", "id"]), ("number", ["number"])],
)
def test_the_number_can_stand_anywhere_in_the_answer(provider: Provider, place: str, path: list[str]) -> None:
    provider.set("settings", number_place=place, number_format="INC{number}")
    found: Any = provider.create().json()
    for name in path:
        found = found[name]
    assert found == "INC100003"


def test_the_number_can_stand_in_a_header(provider: Provider) -> None:
    provider.set("settings", number_place="header:X-Ticket-Number")
    answer = provider.create()
    assert answer.headers["X-Ticket-Number"] == "SD-100003"
    assert "number" not in answer.json()["ticket"]


def test_an_update_is_added_and_fields_are_changed(provider: Provider) -> None:
    number = provider.new()
    answer = provider.send("POST", f"tickets/{number}/updates", json={"text": "Any news?", "author": "Colleague"})
    assert answer.status_code == 201
    (update,) = provider.read(number)["updates"]
    assert ("Any news?", "Colleague", "customer") == (update["text"], update["author"], update["origin"])
    changed = provider.send("PATCH", f"tickets/{number}", json={"title": "Scanner", "priority": "low"})
    assert (200, "Scanner", "low") == (
        changed.status_code,
        *(changed.json()["ticket"][n] for n in ("title", "priority")),
    )


def test_only_a_solution_can_be_declined(provider: Provider) -> None:
    number = provider.new()
    refused = provider.send("POST", f"tickets/{number}/decline", json={"reason": "x"})
    assert (409, f"Ticket {number} is new: there is no solution to decline.") == (
        refused.status_code,
        refused.json()["message"],
    )
    provider.act("solve", ticket=number, solution="Restarted.")
    assert ("solved", "Restarted.") == (provider.read(number)["status"], provider.read(number)["solution"])
    assert provider.send("POST", f"tickets/{number}/decline", json={"reason": "No."}).status_code == 200
    ticket = provider.read(number)
    assert ("in_progress", None, 1, "No.") == (
        ticket["status"],
        ticket["solution"],
        ticket["declined"],
        ticket["updates"][0]["text"],
    )


def test_a_closed_ticket_is_closed_for_good(provider: Provider) -> None:
    number = provider.new()
    assert provider.send("POST", f"tickets/{number}/close").status_code == 200
    for path, body in (("close", {}), ("updates", {"text": "x"}), ("decline", {"reason": "x"})):
        assert provider.send("POST", f"tickets/{number}/{path}", json=body).status_code == 409
    assert provider.send("PATCH", f"tickets/{number}", json={"title": "x"}).status_code == 409
    refused = provider.admin("service_provider/solve", ticket=number, solution="x")
    assert (400, f'Field "ticket": Ticket {number} is closed.') == (refused.status_code, refused.json()["error"])


# search


def test_a_search_is_by_reference_and_status_in_pages(provider: Provider) -> None:
    numbers = [provider.new("TSK-7") for _ in range(5)]
    provider.send("POST", f"tickets/{numbers[0]}/close")
    pages = [provider.search(reference="TSK-7", per_page=2, page=page) for page in (1, 2, 3, 4)]
    assert [[one["number"] for one in page["tickets"]] for page in pages] == [
        numbers[:2],
        numbers[2:4],
        numbers[4:],
        [],
    ]
    assert {page["total"] for page in pages} == {5}
    assert [one["number"] for one in provider.search(reference="TSK-7", status="closed")["tickets"]] == numbers[:1]
    assert provider.search(reference="TSK")["total"] == 0
    provider.set("settings", page_size=3)
    assert len(provider.search()["tickets"]) == 3


@pytest.mark.parametrize("query", [{"page": "0"}, {"page": "x"}, {"per_page": "-1"}, {"status": "odd"}, {"ref": "x"}])
def test_a_search_that_makes_no_sense_is_refused(provider: Provider, query: dict[str, str]) -> None:
    assert provider.send("GET", "tickets", params=query).status_code == 400


def test_a_new_ticket_may_be_found_only_later(provider: Provider) -> None:
    provider.set("settings", visibility_lag_s=30)
    provider.set("clock", now="2026-03-01T10:00:00Z")
    number = provider.new("TSK-8")
    assert provider.search(reference="TSK-8")["total"] == 0
    assert provider.read(number)["reference"] == "TSK-8"
    provider.set("clock", now="2026-03-01T10:00:30Z")
    assert provider.search(reference="TSK-8")["total"] == 1


# refusals


def test_every_field_that_is_wrong_is_named(provider: Provider) -> None:
    body = {"title": 1, "priority": "odd", "colour": "red", "callback_url": "ftp://x", "description": "x" * 20_001}
    answer = provider.send("POST", "tickets", json=body)
    assert (422, "Validation failed.") == (answer.status_code, answer.json()["message"])
    assert answer.json()["errors"] == {
        "title": ["This field must be text."],
        "priority": ["This field must be one of low, normal, high, urgent."],
        "colour": ["There is no such field."],
        "callback_url": ["This field must be an http or https address."],
        "description": ["This field may have at most 20000 characters."],
        "reference": ["This field is required."],
    }


CALLS: list[tuple[str, str, Any, int]] = [
    ("POST", "tickets", {}, 422),
    ("POST", "tickets", [], 400),
    ("POST", "tickets/SD-100001/updates", {"text": ""}, 422),
    ("POST", "tickets/SD-100001/updates", {"text": "x", "odd": "y"}, 422),
    ("POST", "tickets/SD-100001/decline", {}, 422),
    ("PATCH", "tickets/SD-100001", {"reference": "other"}, 422),
    ("PATCH", "tickets/SD-100001", {"title": ""}, 422),
    ("GET", "tickets/SD-9", None, 404),
    ("POST", "tickets/SD-9/close", {}, 404),
    ("GET", "elsewhere", None, 404),
    ("GET", "tickets/SD-100001/close", None, 405),
    ("DELETE", "tickets/SD-100001", None, 405),
]


@pytest.mark.parametrize(("method", "path", "body", "expected"), CALLS)
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    provider: Provider, method: str, path: str, body: Any, expected: int
) -> None:
    before = provider.get("records")
    answer = provider.send(method, path, json=body)
    assert expected == answer.status_code
    assert "message" in answer.json()
    assert before == provider.get("records")


def test_a_method_that_a_path_does_not_know_is_told_which_it_knows(provider: Provider) -> None:
    assert provider.send("DELETE", "tickets").headers["Allow"] == "GET, POST"


def test_a_body_must_be_json_and_say_so(provider: Provider) -> None:
    assert provider.send("POST", "tickets", data="{}").status_code == 415
    for body in ("{", '{"title": NaN}', "[" * 100_000):
        assert provider.send("POST", "tickets", data=body, headers=JSON).status_code == 400


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=2)
NAMES = st.sampled_from(["reference", "title", "description", "priority", "callback_url", "number", "status"])


@given(st.dictionaries(NAMES, VALUES, max_size=5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_breaks_it(provider_process: str, body: dict[str, Any]) -> None:
    answer = Provider(provider_process).send("POST", "tickets", json=body)
    assert answer.status_code in (201, 422)


# credentials and faults


def test_every_call_needs_the_token(provider: Provider) -> None:
    for token in (None, "wrong", "demo-token-7c9é"):
        headers = {} if token is None else {"Authorization": f"Bearer {token}".encode()}
        answer = provider.send("GET", "tickets", token=None, headers=headers)
        assert (401, "Bearer") == (answer.status_code, answer.headers["WWW-Authenticate"])
    basic = provider.send("GET", "tickets", token=None, headers={"Authorization": f"Basic {TOKEN}"})
    assert basic.status_code == 401
    provider.set("credentials", token="other")
    assert provider.send("GET", "tickets", token="other").status_code == 200


def test_the_token_can_be_in_another_header(provider: Provider) -> None:
    provider.set("settings", token_header="X-Api-Token", token_scheme="")
    assert provider.send("GET", "tickets").status_code == 401
    assert provider.send("GET", "tickets", headers={"X-Api-Token": TOKEN}).status_code == 200


@pytest.mark.parametrize(("kind", "stored"), [("cut_after_commit", 1), ("cut_before_commit", 0)])
def test_a_create_without_an_answer_is_found_by_its_reference(provider: Provider, kind: str, stored: int) -> None:
    provider.set("faults", kind=kind, operation="create_ticket", reference="TSK-5")
    provider.new("TSK-4")
    with pytest.raises(requests.ConnectionError):
        provider.create("TSK-5")
    assert stored == provider.search(reference="TSK-5")["total"]


def test_a_fault_finds_a_ticket_by_its_reference(provider: Provider) -> None:
    number = provider.new("TSK-5")
    provider.set("faults", kind="status_429", retry_after=7, operation="add_update", reference="TSK-5")
    answer = provider.send("POST", f"tickets/{number}/updates", json={"text": "x"})
    assert (429, "7") == (answer.status_code, answer.headers["Retry-After"])
    assert provider.send("POST", f"tickets/{number}/updates", json={"text": "x"}).status_code == 201


def test_other_faults_look_as_the_provider_would(provider: Provider) -> None:
    provider.set("faults", kind="wrong_credentials")
    provider.set("faults", kind="business_error", code=409, description="Frozen.")
    provider.set("faults", kind="business_error", code="E1", description="No.")
    assert provider.create().status_code == 401
    assert [(one.status_code, one.json()["message"]) for one in (provider.create(), provider.create())] == [
        (409, "Frozen."),
        (422, "No."),
    ]
    assert provider.search(reference="TSK-1")["total"] == 0


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"number_place": "a..b"}, "number_place"),
    ({"number_format": "SD-1"}, "number_format"),
    ({"number_format": "{number}/{x}"}, "number_format"),
    ({"token_header": ""}, "token_header"),
    ({"webhooks": {"url": "nowhere"}}, "http or https"),
    ({"webhooks": {"signature_header": "a b"}}, "signature_header"),
    ({"webhooks": {"event_names": {"odd": "x"}}}, "Unknown field"),
    ({"errors": {"unknown_ticket": {"status": 200}}}, "errors.unknown_ticket.status"),
    ({"deliveries": {"attempts": 101}}, "at most 100"),
    ({"odd": 1}, "Unknown field"),
]


@pytest.mark.parametrize(("wrong", "expected"), WRONG)
def test_a_setting_that_cannot_be_used_is_named_and_changes_nothing(
    provider: Provider, wrong: dict[str, Any], expected: str
) -> None:
    before = provider.get("settings")
    answer = provider.admin("settings", **wrong)
    assert answer.status_code == 400
    assert expected in answer.json()["error"]
    assert before == provider.get("settings") == provider.set("settings", **before)
