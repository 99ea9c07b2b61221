"""An org behind its REST API: one session at a time, a timeout on every request, at most one new login for each.

simple-salesforce logs in and quotes; requests are sent here. Its own calls have no timeout, repeat without end when a
session stays refused, drop headers when they repeat, and cannot stream a file (ADR 14).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO
from urllib.parse import quote

import requests
from requests_toolbelt import MultipartEncoder

from casebridge.connectors.salesforce.errors import QUOTA_PAUSE_S, TITLE, check, faults_in, meaning
from casebridge.connectors.salesforce.login import Login
from casebridge.connectors.salesforce.profile import Profile
from casebridge.connectors.salesforce.settings import SalesforceSettings
from casebridge.core.errors import NotAuthorised, NotConfigured, Throttled
from casebridge.transport.errors import told, unanswered
from casebridge.transport.rest import is_page

log = logging.getLogger(__name__)

MOST_RECORDS = 200
"""Records in one sObject Collection (Salesforce REST API Developer Guide)."""
MOST_SUBREQUESTS = 25
"""Subrequests in one Composite (Salesforce REST API Developer Guide)."""

_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")

Row = dict[str, Any]
Options = Callable[[], dict[str, Any]]


class Org:
    """One org.

    Args:
        settings: The connection.
        profile: What is assumed.
        session: The way to the outside.
    """

    def __init__(self, settings: SalesforceSettings, profile: Profile, session: requests.Session) -> None:
        self._settings = settings
        self._profile = profile
        self._session = session
        self._login = Login(settings, profile, session)
        self._token = ""
        self._used_up = False
        self.address = settings.host or f"https://{settings.domain}.salesforce.com"

    def query(self, soql: str) -> list[Row]:
        """Every row of a query."""
        return list(self.rows(soql))

    def rows(self, soql: str) -> Iterator[Row]:
        """The rows of a query, a page at a time."""
        page = self._read("query", params={"q": soql})
        while True:
            yield from page.get("records") or ()
            if page.get("done", True) or not page.get("nextRecordsUrl"):
                return
            page = self._read(str(page["nextRecordsUrl"]))

    def search(self, sosl: str) -> list[Row]:
        """The records that a search finds."""
        found = self._read("search", params={"q": sosl})
        return list(found if isinstance(found, list) else found.get("searchRecords") or ())

    def record(self, entity: str, record_id: str) -> Row:
        """One record with all its fields.

        Raises:
            NotFound: There is none.
        """
        found: Row = self._read(f"sobjects/{entity}/{quote(record_id, safe='')}")
        return found

    def describe(self, entity: str) -> Row:
        """What an object and its fields are."""
        found: Row = self._read(f"sobjects/{entity}/describe")
        return found

    def create(self, entity: str, values: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> str:
        """Makes a record, and returns its id.

        Raises:
            Duplicate: There is such a record.
            CasebridgeError: It was refused, or the answer is not clear.
        """
        answer = self._write(f"sobjects/{entity}", lambda: {"json": values}, headers)
        return self._id_in(answer, entity)

    def create_all(self, entity: str, records: Sequence[Mapping[str, Any]]) -> list[str]:
        """Makes records in their order, all or none, and returns their ids.

        Raises:
            CasebridgeError: One was refused, and none was made; or the answer is not clear.
        """
        body = {"allOrNone": True, "records": [{"attributes": {"type": entity}, **one} for one in records]}
        results = self._write("composite/sobjects", lambda: {"json": body})
        if not isinstance(results, list) or len(results) != len(records):
            raise unanswered(f"{TITLE} did not say what became of every {entity}", writes=True)
        self._check_results([one for one in results if not one.get("success")], lambda one: one.get("errors"))
        return [self._id_in(one, entity) for one in results]

    def composite(self, requests_: Sequence[Mapping[str, Any]], headers: Mapping[str, str]) -> dict[str, Any]:
        """Carries out subrequests, all or none, and returns their bodies by their references.

        Raises:
            CasebridgeError: One was refused, and nothing was done; or the answer is not clear.
        """
        body = {"allOrNone": True, "compositeRequest": [{**one, "url": self._path(one["url"])} for one in requests_]}
        answer = self._write("composite", lambda: {"json": body}, headers)
        results = answer.get("compositeResponse") if isinstance(answer, dict) else None
        if not isinstance(results, list) or len(results) != len(requests_):
            raise unanswered(f"{TITLE} did not say what became of every part of a request", writes=True)
        refused = [one for one in results if int(one.get("httpStatusCode") or 0) >= requests.codes.multiple_choices]
        self._check_results(refused, lambda one: one.get("body"))
        return {str(one.get("referenceId")): one.get("body") for one in results}

    def upload(self, about: Mapping[str, Any], name: str, media_type: str, content: BinaryIO) -> str:
        """Makes a ContentVersion of a file, which is sent piece by piece, and returns its id.

        Raises:
            CasebridgeError: It was refused, or the answer is not clear.
        """

        def form() -> dict[str, Any]:
            content.seek(0)
            parts = MultipartEncoder(
                {
                    "entity_content": (None, json.dumps(about), "application/json"),
                    "VersionData": (name, content, media_type or "application/octet-stream"),
                }
            )
            timeouts = (self._settings.connect_timeout_s, self._settings.upload_timeout_s)
            return {"data": parts, "headers": {"Content-Type": parts.content_type}, "timeout": timeouts}

        return self._id_in(self._write("sobjects/ContentVersion", form), "file")

    def _read(self, path: str, **options: Any) -> Any:
        answer = self._send("GET", path, lambda: dict(options), {}, writes=False)
        return self._body(answer, writes=False)

    def _write(self, path: str, options: Options, headers: Mapping[str, str] | None = None) -> Any:
        return self._body(self._send("POST", path, options, headers or {}, writes=True), writes=True)

    def _send(
        self, method: str, path: str, options: Options, headers: Mapping[str, str], *, writes: bool
    ) -> requests.Response:
        """The answer, with one new login when the session is over. What is sent is made anew, headers included."""
        if self._used_up:
            raise Throttled(f"{TITLE}: the requests of 24 hours are used up", retry_after=QUOTA_PAUSE_S)
        answer = self._once(method, path, options, headers, writes=writes)
        if answer.status_code == requests.codes.unauthorized:
            log.info("The session at %s is over: logging in once more", TITLE)
            self._token = ""
            answer = self._once(method, path, options, headers, writes=writes)
            if answer.status_code == requests.codes.unauthorized:
                raise NotAuthorised(f"{TITLE} does not accept the session of a new login (HTTP 401)")
        check(answer, self._profile, writes=writes)
        return answer

    def _once(
        self, method: str, path: str, options: Options, headers: Mapping[str, str], *, writes: bool
    ) -> requests.Response:
        if not self._token:
            self._token, self.address = self._login.open()
        given = {"timeout": self._settings.timeouts, **options()}
        own = {"Authorization": f"Bearer {self._token}", "Accept": "application/json", **given.pop("headers", {})}
        with told(TITLE, writes=writes):
            answer = self._session.request(
                method,
                self.address + self._path(path),
                headers={**own, **headers},
                allow_redirects=False,
                proxies=self._settings.proxies or None,
                **given,
            )
        if usage := _USAGE.search(answer.headers.get("Sforce-Limit-Info", "")):
            self._used_up = int(usage[1]) >= int(usage[2]) > 0
        return answer

    def _path(self, path: str) -> str:
        return path if path.startswith("/") else f"/services/data/v{self._settings.version}/{path}"

    def _body(self, answer: requests.Response, *, writes: bool) -> Any:
        if is_page(answer):
            raise NotConfigured(
                f"{TITLE} answered with a web page instead of data; check the Domain", may_have_happened=writes
            )
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError):
            raise unanswered(f"{TITLE} gave an answer that cannot be read", writes=writes) from None

    def _check_results(self, refused: Sequence[Row], errors: Callable[[Row], Any]) -> None:
        faults = [fault for one in refused for fault in faults_in(errors(one))]
        if faults:
            raise meaning(faults, self._profile, writes=True)
        if refused:
            raise unanswered(f"{TITLE} refused a part of a request without a reason", writes=True)

    def _id_in(self, answer: Any, what: str) -> str:
        record_id = answer.get("id") if isinstance(answer, dict) else None
        if not record_id:
            raise unanswered(f"{TITLE} reported success without the id of the {what}", writes=True)
        return str(record_id)
