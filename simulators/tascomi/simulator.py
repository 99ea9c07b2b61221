"""The Tascomi simulator: the REST API under its path, and the site's own documentation of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from simulators.exchange import Answer, Call, VendorRequest, html
from simulators.fields import Fields
from simulators.gateway import log_unexpected
from simulators.simulator import Action, Simulator
from simulators.tascomi import documentation
from simulators.tascomi.access import Rights
from simulators.tascomi.database import Database
from simulators.tascomi.errors import Refusal, UnknownId
from simulators.tascomi.operations import COLLECTION_METHODS, ROW_METHODS, Asked, Page
from simulators.tascomi.settings import Settings
from simulators.tascomi.signature import is_signed
from simulators.tascomi.staff import Staff
from simulators.tascomi.tables import TABLES, Row

_ROOT = "/rest/v1/"
_DOCUMENTATION = _ROOT + "documentation.html"
_FORM = "application/x-www-form-urlencoded"


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
        if request.path.startswith(_ROOT) and request.path != _DOCUMENTATION:
            return RestCall(self, request)
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
        rows = {name: list(self.database.rows(name)) for name in TABLES}
        street_text = "STREET RECORD"
        usable = {name: [row for row in rows[name] if row.get("enabled") is not False] for name in TABLES}
        codes = usable["complaint_codes"]
        functions = _texts(usable["core_functions"], "code")
        references = _texts(rows["contacts"], "reference")
        locations = [row for row in rows["dtf_locations"] if row["pao_text"] != street_text]
        return {
            "resource": list(TABLES),
            "core_function_code": [code for code in functions if functions.count(code) == 1],
            "complaint_code": _single(_texts(codes, "code")),
            "ambiguous_complaint_code": _several(_texts(codes, "code")),
            "disabled_complaint_code": _texts([row for row in rows["complaint_codes"] if not row["enabled"]], "code"),
            "officer_code": _single(_texts([row for row in usable["users"] if row["officer"]], "code")),
            **{
                kind: _single(_texts(usable[table], "code"))
                for kind, table in (
                    ("action_required_code", "complaint_action_required"),
                    ("organizational_unit_code", "organizational_units"),
                    ("reporting_method_code", "reporting_methods"),
                    ("request_category_code", "request_categories"),
                    ("title_code", "titles"),
                )
            },
            "contact_reference": _single(references),
            "shared_contact_reference": _several(references),
            "uprn": list(dict.fromkeys(_texts(locations, "uprn"))),
            "usrn": _texts([row for row in rows["dtf_locations"] if row["pao_text"] == street_text], "usrn"),
            "street_record_text": [street_text],
            "service_request_id": _texts(rows["complaints"], "id"),
            "service_request_number": _texts(rows["complaints"], "reference_number"),
            "time_zone": [self.switches.time_zone],
        }

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


def _texts(rows: list[Row], key: str) -> list[str]:
    return [str(row[key]) for row in rows if row[key] is not None]


def _single(texts: list[str]) -> list[str]:
    return [text for text in texts if texts.count(text) == 1]


def _several(texts: list[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if texts.count(text) > 1]


class RestCall:
    """One request to the API. It is read when it arrives and acted on when it is answered."""

    def __init__(self, simulator: TascomiSimulator, request: VendorRequest) -> None:
        self._simulator = simulator
        self._request = request
        self._method = "GET" if request.method == "HEAD" else request.method
        self._resource, _, row_id = request.path.removeprefix(_ROOT).partition("/")
        self._row_id = row_id.removesuffix("/") or None
        self._table = simulator.switches.table(self._resource)
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        self._is_form = content_type == _FORM
        self._given = _pairs(request.query)
        if self._is_form and self._method != "GET":
            self._given |= _pairs(request.body.decode("utf-8", "replace"))

    @property
    def operation(self) -> str | None:
        """The method and the resource, such as ``PUT complaints``; None where there is no such resource."""
        return f"{self._method} {self._resource}" if self._table else None

    @property
    def reference(self) -> str | None:
        """The caller's own reference, or the Service Request number, among what was sent; else the id in the path."""
        if self._table is None:
            return None
        names = [self._table.columns[key].name for key in self._table.references]
        return next((self._given[name] for name in names if self._given.get(name)), self._row_id)

    def answer(self) -> Answer:
        """Look at the signature and the rights, act, answer."""
        settings = self._simulator.switches
        try:
            return self._act()
        except UnknownId:
            return _json(200, {"id": 0})
        except Refusal as refusal:
            writes = self._method in ("PUT", "POST")
            if refusal.kind == "validation" and writes and settings.refused_writes == "zero_id":
                return _json(200, {"id": 0})
            entry = settings.errors[refusal.kind]
            headers = {"Allow": ", ".join(self._methods)} if refusal.kind == "wrong_method" else {}
            return _json(entry.status, {"error": entry.message.replace("{detail}", refusal.detail)}, headers)
        except Exception:
            log_unexpected(f"tascomi {self.operation}")
            return _json(500, {"error": "Internal server error"})

    @property
    def _methods(self) -> tuple[str, ...]:
        return COLLECTION_METHODS if self._row_id is None else ROW_METHODS

    def _act(self) -> Answer:
        simulator = self._simulator
        rights = self._rights()
        if self._table is None:
            raise Refusal("unknown_resource", self._resource)
        if self._method not in self._methods:
            raise Refusal("wrong_method", self._method)
        unread = bool(self._request.body) and not self._is_form and self._method in ("PUT", "POST")
        if unread and simulator.switches.other_bodies == "refuse":
            raise Refusal("bad_body")
        asked = Asked(self._table, self._row_id, self._given, rights, simulator.switches, simulator.database)
        match self._method:
            case "GET":
                return _listing(asked.list_rows(), simulator.switches)
            case "PUT":
                return _json(200, asked.create())
            case "POST":
                return _json(200, asked.update())
            case _:
                return _json(200, asked.delete())

    def _rights(self) -> Rights:
        """What the key may do that has signed the request in this minute."""
        simulator, headers = self._simulator, self._request.headers
        settings, credentials = simulator.switches, simulator.credentials
        public_key, given = headers.get("x-public", ""), headers.get("x-hash", "")
        if public_key == credentials["public_key"]:
            private_key, rights = credentials["private_key"], settings.rights
        elif public_key in settings.keys:
            private_key, rights = settings.keys[public_key].private_key, settings.keys[public_key].rights
        else:
            raise Refusal("authentication")
        if not is_signed(
            given,
            public_key,
            private_key,
            now=simulator.clock.now(),
            zone=settings.zone,
            tolerance_min=settings.tolerance_min,
        ):
            raise Refusal("authentication")
        return rights

    def wrong_credentials(self) -> Answer:
        """What a wrong key, a wrong signature and a wrong minute give."""
        entry = self._simulator.switches.errors["authentication"]
        return _json(entry.status, {"error": entry.message})

    def business_error(self, code: int | str, description: str) -> Answer:
        """Code 0 is the success with ``{"id": 0}``; else an error with that HTTP status where it can be one, or 400."""
        if code == 0:
            return _json(200, {"id": 0})
        status = code if isinstance(code, int) and 400 <= code <= 599 else 400
        return _json(status, {"error": description})


def _pairs(text: str) -> dict[str, str]:
    """Names and texts of a query or a form; of two with one name, the last."""
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=None))


def _listing(page: Page, settings: Settings) -> Answer:
    """A page of rows; where it has none, a 202 without paging headers (FACT)."""
    if not page.rows:
        return Answer(202, b"null" if settings.empty_list == "null" else b"", "application/json", "202")
    headers = {
        "X-Number-Of-Results": str(page.total),
        "X-Results-Per-Page": str(settings.page_size),
        "X-Page-Number": str(page.number),
    }
    return _json(200, page.rows, headers)


def _json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """The answer. There are no result codes but the HTTP status and the id 0, so ``code`` is the one or the other."""
    code = "0" if body == {"id": 0} else str(status)
    return Answer(status, json.dumps(body).encode(), "application/json", code, headers or {})
