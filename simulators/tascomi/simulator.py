"""The Tascomi simulator: the REST API under its path, and the site's own documentation of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from simulators.exchange import Answer, Call, VendorRequest, html
from simulators.fields import Fields
from simulators.simulator import Action, Simulator
from simulators.tascomi import documentation
from simulators.tascomi.database import Database
from simulators.tascomi.rest_call import ROOT, RestCall
from simulators.tascomi.samples import samples
from simulators.tascomi.settings import Settings
from simulators.tascomi.staff import Staff
from simulators.tascomi.tables import TABLES

_DOCUMENTATION = ROOT + "documentation.html"


class TascomiSimulator(Simulator):
    """Tells the vendor's truth as public clients and the documents of the vendor's partner show it."""

    name = "tascomi"
    endpoints: ClassVar[Mapping[str, str]] = {"rest": "/rest", "documentation": _DOCUMENTATION}
    default_credentials: ClassVar[Mapping[str, str]] = {
        "public_key": "demo-public-key",
        "private_key": "demo-private-key",
    }

    def __init__(self) -> None:
        super().__init__()
        self.switches = Settings()
        self.database = Database(self.clock, lambda: self.switches)
        self.staff = Staff(self.database, lambda: self.switches)

    def call(self, request: VendorRequest) -> Call | None:
        """Everything under the API's path but its documentation is a call, also what it does not know."""
        if request.path.startswith(ROOT) and request.path != _DOCUMENTATION:
            return RestCall(
                request,
                clock=self.clock,
                credentials=self.credentials,
                settings=self.switches,
                database=self.database,
            )
        return None

    def document(self, request: VendorRequest) -> Answer:
        """The documentation, which needs no key (ASSUMED), or "not found"."""
        if request.path != _DOCUMENTATION:
            return html(404, "Not Found", "There is no such page.")
        if request.method not in ("GET", "HEAD"):
            return html(405, "Method Not Allowed", "This page can only be read.", Allow="GET, HEAD")
        return documentation.page(self.switches)

    def reset_records(self) -> None:
        """Sample data and default switches."""
        self.switches = Settings()
        self.database.load()

    def samples(self) -> dict[str, list[str]]:
        """Ids that exist; the first of each kind belong together."""
        return samples(self.database, self.switches)

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table, as the API writes it to a key that may view all."""
        return {
            name: [table.write(row) for row in self.database.rows(name)]
            for name in TABLES
            if (table := self.switches.table(name))
        }

    def settings(self) -> dict[str, Any]:
        """The switches in force."""
        return self.switches.shown()

    def change_settings(self, fields: Fields) -> None:
        """The switches named are set."""
        self.switches = self.switches.changed(fields)

    def actions(self) -> Mapping[str, Action]:
        """What people do in Tascomi itself."""
        return self.staff.actions()
