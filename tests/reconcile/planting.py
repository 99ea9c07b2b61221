"""What a system needs so that the test of planted drifts runs over it: one small class.

The class is found by its base; `tests/reconcile/test_planted_drifts.py` runs every test over each of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import requests


class Planting(ABC):
    """How drifts are planted in the simulator of a system.

    Args:
        url: The address of its simulator.

    Attributes:
        system: The name of the connector, and of the simulator.
        outgoing: The action type that creates a record.
        templates: The templates by name: one of the outgoing type, named `out`, and one of the incoming type.
        case: The parts of a case that the outgoing template needs.
        taken: The field of a case that the incoming template writes and `change` changes.
    """

    system: ClassVar[str]
    outgoing: ClassVar[str]
    templates: ClassVar[dict[str, str]]
    case: ClassVar[dict[str, Any]]
    taken: ClassVar[str]

    def __init__(self, url: str) -> None:
        self.url = url

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The settings of a connection to the simulator."""

    def prepare(self) -> None:
        """The simulator is as at its start, with what the system needs on top."""
        self.admin("reset")

    @abstractmethod
    def make(self, reference: str) -> str:
        """A record with our reference that casebridge did not make; returns its id."""

    @abstractmethod
    def change(self, record_id: str) -> None:
        """The target changes what the incoming template takes, and is not done with the record."""

    @abstractmethod
    def close(self, record_id: str) -> None:
        """The target is done with a record."""

    @abstractmethod
    def lose_answer(self) -> None:
        """The next create is done, and its answer is lost."""

    @abstractmethod
    def lose_request(self) -> None:
        """The next create is not done, and nobody can tell."""

    absent_id: ClassVar[str] = "999999"
    """An id that no record has."""

    def records(self) -> Any:
        """Everything that the simulator holds, to see that nothing was made or removed."""
        return requests.get(f"{self.url}/_sim/records", timeout=30).json()

    def admin(self, name: str, /, **fields: Any) -> Any:
        """Calls the admin side."""
        answer = requests.post(f"{self.url}/_sim/{name}", json=fields, timeout=30)
        assert answer.ok, answer.text
        return answer.json()


def plantings() -> Iterator[type[Planting]]:
    """The classes of all systems."""
    yield from Planting.__subclasses__()


class WhitespacePlanting(Planting):
    system = "whitespace"
    outgoing = "create_worksheet"
    taken = "location_back"
    case: ClassVar = {
        "fields": {"details": "The lid is broken, mind the dog"},
        "address": {"uprn": "10001"},
    }
    templates: ClassVar = {
        "out": (
            "name: Out\ntype: create_worksheet\nreference: worksheet\nrows:\n"
            '  - {to: service_id, text: "289"}\n  - {to: worksheet_message, case_field: details}\n'
        ),
        "back": (
            "name: Back\ntype: worksheet\nreference: worksheet\nrows:\n"
            "  - {from: status, case_field: worksheet_status}\n"
            "  - {from: work_location_name, case_field: location_back}\n"
        ),
    }

    def settings(self) -> dict[str, Any]:
        return {
            "host": self.url,
            "login": "WSAPI_DEMO",
            "password": "demo-password",
            "look_again_after": (0.1, 0.2),
            "read_timeout_s": 5,
            "wsdl": "bundled",
        }

    def _client(self) -> Any:
        from tests.simulators.client import Whitespace

        return Whitespace(self.url)

    def make(self, reference: str) -> str:
        # Of another Service: the same one would be refused within half an hour.
        return str(self._client().create(reference, service=78).worksheet_id)

    def change(self, record_id: str) -> None:
        inner = (
            f"<worksheetDetailInput><WorksheetId>{record_id}</WorksheetId>"
            "<WorkLocationName>Rear gate</WorkLocationName></worksheetDetailInput>"
        )
        assert self._client().call("UpdateWorksheet", inner).code == 0

    def close(self, record_id: str) -> None:
        self.admin("whitespace/complete", worksheet_id=int(record_id))

    def lose_answer(self) -> None:
        self.admin("faults", kind="cut_after_commit", times=1, operation="CreateWorksheet")

    def lose_request(self) -> None:
        self.admin("faults", kind="cut_before_commit", times=1, operation="CreateWorksheet")


class TascomiPlanting(Planting):
    system = "tascomi"
    outgoing = "create_service_request"
    taken = "location_back"
    case: ClassVar = {"fields": {"details": "Music until two o'clock"}, "address": {"uprn": "10001"}}
    templates: ClassVar = {
        "out": (
            "name: Out\ntype: create_service_request\nreference: worksheet\nrows:\n"
            "  - {to: core_function, text: EP}\n  - {to: request_code, text: NOISED}\n  - {to: status, text: Open}\n"
            "  - {to: investigating_officer, text: OFF1}\n  - {to: details, case_field: details}\n"
        ),
        "back": (
            "name: Back\ntype: service_request\nreference: worksheet\nrows:\n"
            "  - {from: status, case_field: request_status}\n  - {from: details, case_field: location_back}\n"
        ),
    }

    def settings(self) -> dict[str, Any]:
        return {"host": f"{self.url}/rest", "login": "demo-public-key", "password": "demo-private-key"}

    def make(self, reference: str) -> str:
        fields = {
            "core_function_id": "3",
            "complaint_code_id": "23",
            "investigating_officer_id": "7",
            "external_reference": reference,
            "status": "Open",
        }
        return str(self.admin("tascomi/create", table="complaints", fields=fields)["reference_number"])

    def change(self, record_id: str) -> None:
        self._update(record_id, details="Rear gate")

    def close(self, record_id: str) -> None:
        self._update(record_id, status="Closed")

    def lose_answer(self) -> None:
        self.admin("faults", kind="cut_after_commit", times=1, operation="PUT complaints")

    def lose_request(self) -> None:
        self.admin("faults", kind="cut_before_commit", times=1, operation="PUT complaints")

    def _update(self, record_id: str, **fields: str) -> None:
        row = next(row for row in self.records()["complaints"] if row["reference_number"] == record_id)
        self.admin("tascomi/update", table="complaints", id=row["id"], fields=fields)


class M3ppPlanting(Planting):
    system = "m3pp"
    outgoing = "create_worksheet"
    taken = "location_back"
    case: ClassVar = {
        "fields": {"details": "The bin is broken"},
        "dates": {"reported": "2026-11-02"},
        "address": {"uprn": "10001"},
    }
    templates: ClassVar = {
        "out": (
            "name: Out\ntype: create_worksheet\nreference: worksheet\nrows:\n"
            "  - {to: subject_uprn, address: uprn}\n  - {to: department_code, text: ENV}\n"
            "  - {to: application_code, text: WASTE}\n  - {to: task_group_code, text: BINS}\n"
            "  - {to: task_code, text: DELIV}\n  - {to: date_time_received, case_date: reported}\n"
            "  - {to: worksheet_field, key: Notes, case_field: details}\n"
        ),
        "back": (
            "name: Back\ntype: worksheet\nreference: worksheet\nrows:\n"
            "  - {from: worksheet_field, key: Status, case_field: worksheet_status}\n"
            "  - {from: worksheet_field, key: Notes, case_field: location_back}\n"
        ),
    }

    def settings(self) -> dict[str, Any]:
        from tests.simulators.m3pp.client import LOGIN

        return {"host": self.url, "login": LOGIN[0], "password": LOGIN[1], "look_again_after": (0.1, 0.2)}

    def make(self, reference: str) -> str:
        from tests.simulators.m3pp.client import M3pp

        client = M3pp(self.url)
        assert client.worksheet(reference).succeeded
        return str(client.worksheets[-1]["worksheet_reference"])

    def change(self, record_id: str) -> None:
        self._change(record_id, Notes="Rear gate")

    def close(self, record_id: str) -> None:
        self._change(record_id, Status="Complete")

    def lose_answer(self) -> None:
        self.admin("faults", kind="cut_after_commit", times=1, operation="CreateWorksheet")

    def lose_request(self) -> None:
        self.admin("faults", kind="cut_before_commit", times=1, operation="CreateWorksheet")

    def _change(self, record_id: str, **fields: str) -> None:
        self.admin("m3pp/change_worksheet", worksheet_reference=record_id, fields=fields)


class ServiceProviderPlanting(Planting):
    system = "service_provider"
    outgoing = "submit"
    taken = "location_back"
    case: ClassVar = {"fields": {"details": "The printer prints blank pages"}}
    templates: ClassVar = {
        "out": (
            "name: Out\ntype: submit\nreference: worksheet\nrows:\n"
            "  - {to: title, text: Printer}\n  - {to: description, case_field: details}\n"
        ),
        "back": (
            "name: Back\ntype: ticket_update\nreference: worksheet\nrows:\n"
            "  - {from: status, case_field: ticket_status}\n  - {from: solution, case_field: location_back}\n"
        ),
    }

    def settings(self) -> dict[str, Any]:
        from tests.simulators.service_provider.client import TOKEN

        return {"host": self.url, "password": TOKEN, "look_again_after": (0.1, 0.2), "read_timeout_s": 5}

    def _client(self) -> Any:
        from tests.simulators.service_provider.client import Provider

        return Provider(self.url)

    def make(self, reference: str) -> str:
        return str(self._client().new(reference))

    def change(self, record_id: str) -> None:
        self.admin("service_provider/solve", ticket=record_id, solution="Rear gate")

    def close(self, record_id: str) -> None:
        self.admin("service_provider/close", ticket=record_id)

    def lose_answer(self) -> None:
        self.admin("faults", kind="cut_after_commit", times=1, operation="create_ticket")

    def lose_request(self) -> None:
        self.admin("faults", kind="cut_before_commit", times=1, operation="create_ticket")


class SalesforcePlanting(Planting):
    """In an org whose field for our reference is not unique: in one where it is, nothing can be doubled."""

    system = "salesforce"
    outgoing = "create_case"
    taken = "location_back"
    absent_id = "5005g00000ZZZZZAAA"
    field: ClassVar = "Our_Reference__c"
    case: ClassVar = {"fields": {"details": "When do you come?"}, "person": {"name": "Maria C."}}
    templates: ClassVar = {
        "out": (
            "name: Out\ntype: create_case\nreference: worksheet\nrows:\n"
            '  - {to: contact_phone, text: "+393331234567"}\n  - {to: description, case_field: details}\n'
            "  - {to: owner_email, text: agent.demo@example.com}\n"
        ),
        "back": (
            "name: Back\ntype: case\nreference: worksheet\nrows:\n"
            "  - {from: status, case_field: case_status}\n  - {from: priority, case_field: location_back}\n"
        ),
    }

    def settings(self) -> dict[str, Any]:
        from tests.connectors.salesforce.scenario import connection

        info = requests.get(f"{self.url}/_sim/info", timeout=30).json()
        profile = {"case_external_id": self.field}
        return {**connection(self.url, info), "look_again_after": (0.1, 0.2), "profile": profile}

    def prepare(self) -> None:
        super().prepare()
        self.admin("salesforce/field", object="Case", name=self.field, kind="text", length=80, external_id=True)

    def make(self, reference: str) -> str:
        return str(
            self.admin("salesforce/insert", object="Case", fields={"Subject": "By hand", self.field: reference})["id"]
        )

    def change(self, record_id: str) -> None:
        self._update(record_id, Priority="Rear gate")

    def close(self, record_id: str) -> None:
        self._update(record_id, Status="Closed")

    def lose_answer(self) -> None:
        self.admin("faults", kind="cut_after_commit", times=1, operation="composite")

    def lose_request(self) -> None:
        self.admin("faults", kind="cut_before_commit", times=1, operation="composite")

    def records(self) -> Any:
        """Without the sessions: to look is to use one."""
        return {name: held for name, held in super().records().items() if name != "sessions"}

    def _update(self, record_id: str, **fields: str) -> None:
        self.admin("salesforce/update", object="Case", id=record_id, fields=fields)
