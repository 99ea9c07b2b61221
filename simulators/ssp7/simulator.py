"""The SSP7 simulator: the web service that tasks are written back through, and the events that leave."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, ClassVar

from simulators.exchange import Answer, Call, VendorRequest, html
from simulators.fields import Fields
from simulators.simulator import Action, Simulator
from simulators.soap.fault import SoapVersion
from simulators.ssp7 import events, mailroom, profile
from simulators.ssp7.mailbox import Mailbox
from simulators.ssp7.profile import Profile
from simulators.ssp7.staff import Staff
from simulators.ssp7.ticketing import Ticketing
from simulators.ssp7.workflow_service import WorkflowCall, refused_at_the_door

_LOGIN = "/login.aspx"


class Ssp7Simulator(Simulator):
    """Tells the vendor's truth where its documents show it; the rest is in the settings."""

    name = "ssp7"
    endpoints: ClassVar[Mapping[str, str]] = {"workflow_service": profile.PATH, "wsdl": f"{profile.PATH}?WSDL"}
    default_credentials: ClassVar[Mapping[str, str]] = {
        "hash": "demo-hash-0f1e2d3c",
        "username": "EXAMPLE\\integration",
        "password": "demo-password",
    }

    def __init__(self) -> None:
        super().__init__()
        self.ticketing = Ticketing(self.clock)
        self.mailbox = Mailbox(lambda content: mailroom.take(self.ticketing, content))
        self._staff = Staff(self.ticketing, self.mailbox)
        self._profiles = profile.load()

    @property
    def profile(self) -> Profile:
        """The shape of the web service that is in force."""
        return self._profiles[self.ticketing.settings.profile]

    def call(self, request: VendorRequest) -> Call | None:
        """A POST to the web service is a call; IIS does not mind the case of a path."""
        if request.path.lower() != profile.PATH.lower() or request.method != "POST":
            return None
        return WorkflowCall(self, request)

    def document(self, request: VendorRequest) -> Answer:
        """The WSDL, the help pages, the login page, or what IIS says."""
        path = request.path.lower()
        if path == _LOGIN:
            return html(200, "Log in", '<form method="post"><input name="user"/><input name="password"/></form>')
        if not path.startswith(profile.PATH.lower()):
            return html(404, "404 - File or directory not found", "The resource cannot be found.")
        if (unwelcome := refused_at_the_door(self, request)) is not None:
            return unwelcome
        method = request.path[len(profile.PATH) :]
        if method.startswith("/"):
            # HTTP GET and POST of a form are off unless somebody turns them on; the words are ASP.NET's.
            text = f"Request format is unrecognized for URL unexpectedly ending in '{escape(method)}'."
            return html(500, "Server Error", text)
        if method:
            return html(404, "404 - File or directory not found", "The resource cannot be found.")
        if request.query.lower().startswith("op="):
            return self._help_page(request.query[3:])
        return self.profile.face.document(request)

    def _help_page(self, operation: str) -> Answer:
        contract = self.profile.face.contract
        if operation not in contract.operations:
            return html(404, "404 - File or directory not found", f"Method name '{escape(operation)}' is not valid.")
        wrapped = contract.request(operation)
        members = getattr(wrapped.type, "members", [])
        parts = "\n".join(f"      <{one.name}>{one.type}</{one.name}>" for one in members)
        samples = []
        for version in SoapVersion:
            body = f'<{operation} xmlns="{contract.target}">\n{parts}\n    </{operation}>'
            body = f"  <soap:Body>\n    {body}\n  </soap:Body>"
            sample = f'<soap:Envelope xmlns:soap="{version.value}">\n{body}\n</soap:Envelope>'
            samples.append(f"<h3>{version.content_type}</h3><pre>{escape(sample)}</pre>")
        test = "<p>The test form is only available for requests from the local machine.</p>"
        return html(200, operation, f"SOAPAction: {contract.target}{operation}{test}{''.join(samples)}")

    def reset_records(self) -> None:
        """Sample data and default switches; the mailbox is closed."""
        self.ticketing.reset()
        self.mailbox.close()

    def info(self) -> dict[str, Any]:
        """What a stranger needs, with the address of the mailbox where it is open."""
        return {**super().info(), "smtp": self.mailbox.address}

    def samples(self) -> dict[str, list[str]]:
        """Ids that exist; the first of each kind belong together."""
        desk = self.ticketing
        tasks = list(desk.tasks.values())
        tickets = {task.ticket: desk.tickets[task.ticket] for task in tasks} | desk.tickets
        groups = sorted(desk.groups.values(), key=lambda one: not one.integrated)
        return {
            "task_id": [task.id for task in tasks],
            "task_number": [task.number for task in tasks],
            "ticket_id": [ticket.id for ticket in tickets.values()],
            "ticket_number": [ticket.number for ticket in tickets.values()],
            "integrated_group": [one.name for one in groups if one.integrated],
            "group": [one.name for one in groups],
            "person": list(desk.persons),
            "app": list(events.APPS),
            "operation": list(self.profile.face.contract.operations),
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """All that is held, the log of events, and what became of each."""
        desk, names = self.ticketing, self.ticketing.settings.statuses
        log = [{**one.shown(), "fields": desk.named_values(one)} for one in desk.events.values()]
        return {
            "tasks": [{**one.shown(), "status": names[one.status]} for one in desk.tasks.values()],
            "tickets": [{**one.shown(), "status": names[one.status]} for one in desk.tickets.values()],
            "events": log,
            "deliveries": [one.shown() for one in desk.courier.deliveries],
            "mails": list(desk.mails),
            "groups": [{**vars(one), "members": list(one.members)} for one in desk.groups.values()],
            "persons": [vars(one) for one in desk.persons.values()],
        }

    def settings(self) -> dict[str, Any]:
        """The switches in force."""
        return self.ticketing.settings.shown()

    def change_settings(self, fields: Fields) -> None:
        """The switches named are set."""
        self.ticketing.settings = self.ticketing.settings.changed(fields)

    def actions(self) -> Mapping[str, Action]:
        """What the people of the service desk can do."""
        return self._staff.actions()
