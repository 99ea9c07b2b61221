"""Tascomi's REST API: tables whose rows are listed, created and updated, each request signed for its minute."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPMethod, HTTPStatus

import requests

from casebridge.connectors.tascomi.profile import Profile
from casebridge.connectors.tascomi.settings import TascomiSettings
from casebridge.connectors.tascomi.signature import minute_of, signed_headers
from casebridge.core.errors import ClockSkew, NotAuthorised, NotConfigured, RefusedByTarget, Unreachable
from casebridge.transport.errors import unanswered
from casebridge.transport.rest import RestClient

log = logging.getLogger(__name__)

TITLE = "Tascomi"
NO_ROW = "0"
"""The id that no row has, and that a write of no row answers."""

Row = Mapping[str, str | None]

_LISTING_TRIES = 3
_CLOCK_DIFFERENCE_S = 5


class Tables:
    """The tables behind one connection.

    Args:
        settings: Where they are, and the keys.
        profile: What is ASSUMED.
        session: The way to the outside.
        clock: Gives the present moment, with offset.
    """

    def __init__(
        self,
        settings: TascomiSettings,
        profile: Profile,
        session: requests.Session,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._profile = profile
        self._rest = RestClient(TITLE, settings.address, session, settings.timeouts, reasons=profile.reason_members)
        self.clock = clock

    def rows(self, table: str, **filters: str) -> list[Row]:
        """All rows that have every value, of every page; a date finds that whole day of a timestamp.

        Raises:
            NotConfigured: Tascomi did not look at a filter, so its rows say nothing.
            NotAuthorised: The key may not view the table.
            Unreachable: There was no answer, or none that can be read.
        """
        for _ in range(_LISTING_TRIES):
            found = self._pages(table, filters)
            if found is not None:
                return found
        raise Unreachable(f"the rows of {TITLE}'s table {table} kept changing while they were listed")

    def create(self, table: str, values: Mapping[str, str]) -> str:
        """Creates a row and gives its id.

        Raises:
            RefusedByTarget: Tascomi said no, with an error or with the id 0.
            InDoubtError: No clear answer.
        """
        return self._written(HTTPMethod.PUT, table, values, f"a row of {table} was not created")

    def update(self, table: str, row_id: str, values: Mapping[str, str]) -> str:
        """Changes the values of a row and gives its id.

        Raises:
            RefusedByTarget: Tascomi said no, with an error or with the id 0.
            InDoubtError: No clear answer.
        """
        return self._written(HTTPMethod.POST, f"{table}/{row_id}", values, f"{table} {row_id} was not updated")

    def prove_view(self, table: str) -> None:
        """Asks for the row that is never there.

        Raises:
            NotAuthorised: The key may not view the table.
            NotConfigured: There is no such table.
        """
        self._call(HTTPMethod.GET, table, params={"id": NO_ROW})

    def prove_writing(self, table: str) -> bool:
        """Updates the row that is never there with nothing; False when the answer proves nothing.

        Raises:
            NotAuthorised: The key may not create and update rows of the table.
        """
        try:
            self.update(table, NO_ROW, {})
        except RefusedByTarget as refused:
            return refused.code == NO_ROW
        except NotConfigured:
            pass
        return False

    def _written(self, method: str, path: str, values: Mapping[str, str], refused: str) -> str:
        response = self._call(method, path, writes=True, data=dict(values))
        body = self._rest.body(response, writes=True)
        row_id = str(body.get("id") or "") if isinstance(body, dict) and "id" in body else None
        if row_id is None:
            raise unanswered(f"{TITLE} answered a write without an id", writes=True)
        if row_id in ("", NO_ROW):  # FACT: a success status, and yet nothing was written
            raise RefusedByTarget(f"{TITLE} refused: {refused} (it answered the id 0)", code=NO_ROW)
        return row_id

    def _pages(self, table: str, filters: Mapping[str, str]) -> list[Row] | None:
        """The rows of all pages; None when they changed between two pages, so that one may have been passed over."""
        found: dict[str, Row] = {}
        total: int | None = None
        page = 1
        while True:
            # The page after all others is asked for when Tascomi does not say how many there are.
            response = self._call(HTTPMethod.GET, table, params={**filters, "page": str(page)})
            rows = self._rows_of(response)
            counted = _count(response, "X-Number-Of-Results")
            if rows and counted is not None:
                if total is not None and counted != total:
                    return None
                total = counted
            known = len(found)
            for row in rows:
                _must_fit(row, table, filters)
                found[str(row["id"])] = row
            if len(found) in (known, total):
                return list(found.values()) if total in (None, len(found)) else None
            page += 1

    def _rows_of(self, response: requests.Response) -> list[Row]:
        """The rows in an answer; FACT: none are a 202 with an empty body or `null`."""
        body = self._rest.body(response)
        if body is None:
            return []
        if not isinstance(body, list) or not all(isinstance(row, dict) and row.get("id") for row in body):
            raise Unreachable(f"{TITLE} gave an answer that cannot be read")
        return body

    def _call(
        self,
        method: str,
        path: str,
        *,
        writes: bool = False,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Sends a request. One that the minute overtook on its way is signed anew, once: a refusal changed nothing."""
        minute = self._minute()
        response = self._sent(method, path, minute, writes=writes, params=params, data=data)
        if self._refuses_signature(response) and (later := self._minute()) != minute:
            log.info("The minute changed while a request was on its way to %s: signing it again", TITLE)
            minute = later
            response = self._sent(method, path, minute, writes=writes, params=params, data=data)
        if self._refuses_signature(response):
            raise ClockSkew(self._about_signature(response, minute))
        table = path.partition("/")[0]
        if response.status_code == HTTPStatus.FORBIDDEN:
            right = "create and update" if writes else "view"
            reason = self._rest.reason(response)
            raise NotAuthorised(
                f"the API key may not {right} {TITLE}'s table {table} (HTTP 403{f': {reason}' if reason else ''})"
            )
        if response.status_code == HTTPStatus.NOT_FOUND:
            raise NotConfigured(f"{TITLE} has no table {table} at this API base url (HTTP 404)")
        self._rest.check(response, writes=writes)
        return response

    def _sent(
        self,
        method: str,
        path: str,
        minute: str,
        *,
        writes: bool,
        params: Mapping[str, str] | None,
        data: Mapping[str, str] | None,
    ) -> requests.Response:
        headers = signed_headers(self._settings.login, self._settings.password.get_secret_value(), minute)
        return self._rest.send(method, path, headers=headers, writes=writes, params=params, data=data)

    def _minute(self) -> str:
        return minute_of(self.clock(), self._settings.timezone)

    def _refuses_signature(self, response: requests.Response) -> bool:
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            return True
        return not response.ok and self._profile.signature_words in self._rest.reason(response).lower()

    def _about_signature(self, response: requests.Response, minute: str) -> str:
        reason = self._rest.reason(response) or "the signature was not accepted"
        wall_time = f"{minute[8:10]}:{minute[10:12]} {self._settings.timezone}"
        return (
            f"cannot connect to {TITLE}: {reason} (HTTP {response.status_code}, signed for {wall_time}). Near a minute "
            "mark another try cures that. If the tries of several minutes end so, it is a wrong key or a wrong clock: "
            f"check public key, private key, time zone and both clocks{self._clock_difference(response)}"
        )

    def _clock_difference(self, response: requests.Response) -> str:
        try:
            theirs = parsedate_to_datetime(response.headers.get("Date", ""))
            seconds = round((theirs - self.clock()).total_seconds())
        except (ValueError, TypeError):  # there is no date, or one without an offset
            return ""
        if abs(seconds) < _CLOCK_DIFFERENCE_S:
            return ""
        return (
            f"; by the date of its answer, its clock is {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} ours"
        )


def _count(response: requests.Response, header: str) -> int | None:
    text = response.headers.get(header, "").strip()
    return int(text) if text.isdigit() else None


def _must_fit(row: Row, table: str, filters: Mapping[str, str]) -> None:
    """A server that leaves out a filter it does not know would give every row, and the first would be taken."""
    for column, wanted in filters.items():
        held = row.get(column)
        same = held is not None and held.strip().casefold() == wanted.strip().casefold()
        if not (same or (held is not None and held.startswith(f"{wanted} "))):  # a day of a timestamp
            raise NotConfigured(
                f'{TITLE} gave rows of {table} that do not have the "{column}" asked for; there is no such column, or '
                "the API key may not view it: check its rights and the profile in the connection"
            )
