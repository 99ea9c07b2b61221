"""One request to the REST API: who sent it, what it asks for, what is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from simulators.clock import Clock
from simulators.exchange import Answer, VendorRequest
from simulators.gateway import log_unexpected
from simulators.tascomi.access import Rights
from simulators.tascomi.database import Database
from simulators.tascomi.errors import Refusal, UnknownId
from simulators.tascomi.operations import COLLECTION_METHODS, ROW_METHODS, Asked, Page
from simulators.tascomi.settings import Settings
from simulators.tascomi.signature import is_signed

ROOT = "/rest/v1/"
_FORM = "application/x-www-form-urlencoded"


class RestCall:
    """One request to the API. It is read when it arrives and acted on when it is answered."""

    def __init__(
        self,
        request: VendorRequest,
        *,
        clock: Clock,
        credentials: Mapping[str, str],
        settings: Settings,
        database: Database,
    ) -> None:
        self._request = request
        self._clock = clock
        self._credentials = credentials
        self._settings = settings
        self._database = database
        self._method = "GET" if request.method == "HEAD" else request.method
        self._resource, _, row_id = request.path.removeprefix(ROOT).partition("/")
        self._row_id = row_id.removesuffix("/") or None
        self._table = settings.table(self._resource)
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
        settings = self._settings
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
        settings, rights = self._settings, self._rights()
        if self._table is None:
            raise Refusal("unknown_resource", self._resource)
        if self._method not in self._methods:
            raise Refusal("wrong_method", self._method)
        unread = bool(self._request.body) and not self._is_form and self._method in ("PUT", "POST")
        if unread and settings.other_bodies == "refuse":
            raise Refusal("bad_body")
        asked = Asked(self._table, self._row_id, self._given, rights, settings, self._database)
        match self._method:
            case "GET":
                return _listing(asked.list_rows(), settings)
            case "PUT":
                return _json(200, asked.create())
            case "POST":
                return _json(200, asked.update())
            case _:
                return _json(200, asked.delete())

    def _rights(self) -> Rights:
        """What the key may do that has signed the request in this minute."""
        settings, credentials, headers = self._settings, self._credentials, self._request.headers
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
            now=self._clock.now(),
            zone=settings.zone,
            tolerance_min=settings.tolerance_min,
        ):
            raise Refusal("authentication")
        return rights

    def wrong_credentials(self) -> Answer:
        """What a wrong key, a wrong signature and a wrong minute give."""
        entry = self._settings.errors["authentication"]
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
