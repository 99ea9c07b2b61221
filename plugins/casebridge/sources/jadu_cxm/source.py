"""The case source `jadu_cxm`: cases are read and written through CXM's service API."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import requests

from casebridge.core.case import Case, CaseChanges, ChangedCase, Value
from casebridge.core.errors import NotConfigured, NotFound
from casebridge.sources.base import ConnectedSource
from casebridge.sources.jadu_cxm.case_reader import read_case, status_of, text_of
from casebridge.sources.jadu_cxm.client import TITLE, ServiceApi, segment
from casebridge.sources.jadu_cxm.names import kebab, snake
from casebridge.sources.jadu_cxm.profile import read_profile
from casebridge.sources.jadu_cxm.settings import JaduCxmSettings
from casebridge.sources.jadu_cxm.values import is_same, moment, write_value

log = logging.getLogger(__name__)


class JaduCxmSource(ConnectedSource[JaduCxmSettings]):
    """Jadu CXM behind one connection."""

    name = "jadu_cxm"

    def __init__(self, settings: JaduCxmSettings, session: requests.Session | None = None) -> None:
        super().__init__(settings, session)
        self._profile = read_profile(settings.profile)
        self._service = ServiceApi(settings, self._profile, self.session)

    @property
    def lists_changes(self) -> bool:
        """Whether the settings name a saved filter for changes."""
        return bool(self.settings.changes_filter)

    def check(self) -> str:
        """Proves the key, and the sign-in where there is one, with the saved filter or a case that does not exist."""
        if self.settings.login:
            self._service.sign_in()
        proved = f"{TITLE} accepted the API key"
        if self.settings.login:
            proved += f" and let {self.settings.login} sign in"
        if self.settings.changes_filter:
            page = self._page(1)
            return f'{proved}; the filter "{self.settings.changes_filter}" lists {_total(page)} cases'
        try:
            self._service.get(f"case/{segment(self._profile.unused_reference)}", missing="")
        except NotFound:
            return f"{proved}; without a filter for changes, nothing proves the name of the service API"
        return proved

    def read(self, reference: str) -> Case:
        """The case as it is now.

        Raises:
            NotFound: CXM has no such case, or does not show it to this API.
            CasebridgeError: CXM refused, or gave no answer.
        """
        body = self._api.get(f"case/{segment(reference)}", missing=_no_case(reference))
        return read_case(
            reference,
            body,
            self._profile,
            page=self.settings.case_address,
            timezone=self.settings.timezone,
        )

    def write(self, reference: str, changes: CaseChanges) -> None:
        """Writes the fields and dates that differ from what the case holds: an edit triggers rules in CXM.

        Raises:
            NotFound: There is no such case.
            RefusedByTarget: CXM refused; names the fields.
            CasebridgeError: CXM gave no answer.
        """
        wanted: dict[str, Value] = {**changes.fields, **changes.dates}
        if not wanted:
            return
        held = self.read(reference).fields
        body = {
            kebab(name, self._profile.written_as): write_value(value, self._profile.formats, self.settings.timezone)
            for name, value in wanted.items()
            if not is_same(held.get(snake(name)), value, self.settings.timezone)
        }
        if not body:
            log.info("Case %s shows all of it already", reference)
            return
        self._api.change("PATCH", f"case/{segment(reference)}/edit", missing=_no_case(reference), json=body)

    def transition(self, reference: str, name: str) -> None:
        """Applies a transition, by its name in either spelling: `close_case` or `close-case`.

        Raises:
            RejectedError: There is no such case or transition, or CXM does not allow it now.
            Unreachable: CXM gave no answer.
        """
        wanted = kebab(name)
        self._api.change(
            "POST",
            f"case/{segment(reference)}/transition/{segment(wanted)}",
            missing=f'{TITLE} has no case {reference}, or its type no transition "{wanted}"',
            show_reason=True,
        )

    def attach(self, reference: str, name: str, content: bytes | Path) -> None:
        """Attaches a file to a case.

        Args:
            reference: The case reference number.
            name: What people see.
            content: The file's bytes, or where it is.

        Raises:
            InDoubtError: No clear answer: it may be there, and would be there twice.
            CasebridgeError: CXM refused, or has no such case.
        """
        with ExitStack() as stack:
            file = stack.enter_context(content.open("rb")) if isinstance(content, Path) else content
            parts: dict[str, Any] = {
                "json": (None, json.dumps({"name": name}), "application/json"),
                "file": (name, file, "application/octet-stream"),
            }
            self._api.add(f"case/{segment(reference)}/attach", missing=_no_case(reference), files=parts)

    def note(self, reference: str, text: str) -> None:
        """Adds a note to a case. That there is such a call is ASSUMED; nothing of casebridge's own needs it.

        Raises:
            InDoubtError: No clear answer: it may be there.
            CasebridgeError: CXM refused, or has no such case or call.
        """
        path = self._profile.note.path.replace("{reference}", segment(reference))
        self._api.add(path, missing=f"{_no_case(reference)}, or no call {path}", json={self._profile.note.member: text})

    def store_reference(self, reference: str, name: str, record_id: str) -> None:
        """Shows the record in the case field that the settings name for this Reference; does nothing without one.

        Raises:
            NotFound: There is no such case.
            RefusedByTarget: CXM does not let this field be written.
            CasebridgeError: CXM gave no answer.
        """
        field = self.settings.reference_fields.get(name)
        if field is None:
            log.info('No case field shows Reference "%s": the connection\'s reference_fields name none', name)
            return
        self.write(reference, CaseChanges(fields={field: record_id}))

    def changed(self, since: datetime | None) -> Iterator[ChangedCase]:
        """The cases in the saved filter that were updated at or after a moment, newest first.

        Raises:
            NotConfigured: No filter is named, it is sorted otherwise, or more was changed than may be read.
            CasebridgeError: CXM refused, or gave no answer.
        """
        seen: set[tuple[str, datetime]] = set()
        for number in range(1, self.settings.changes_pages + 1):
            page = self._page(number)
            cases = [self._changed_case(item) for item in _items(page)]
            if any(later.updated_at > earlier.updated_at for earlier, later in pairwise(cases)):
                raise NotConfigured(
                    f'the filter "{self.settings.changes_filter}" is not sorted by last update, newest first: '
                    f"changes would be missed; change its sorting in {TITLE}"
                )
            for case in cases:
                if since is not None and case.updated_at < since:
                    return
                # A case that is updated while pages are read pushes others onto the next page.
                if (case.reference, case.updated_at) not in seen:
                    seen.add((case.reference, case.updated_at))
                    yield case
            if not cases:
                return
        if since is not None:
            raise NotConfigured(
                f"more cases were changed than {self.settings.changes_pages} pages of the filter hold; none is "
                f'skipped: raise "changes_pages" in the connection, or make the filter narrower'
            )
        log.warning("Only the first %d pages of the filter were read", self.settings.changes_pages)

    @property
    def _api(self) -> ServiceApi:
        if not self.enabled:
            raise NotConfigured(f"{TITLE} is disabled in its settings; enable it and run this again")
        return self._service

    def _page(self, number: int) -> dict[str, Any]:
        name = self.settings.changes_filter
        if not name:
            raise NotConfigured(f'the connection of {TITLE} names no filter for changes; set "changes_filter"')
        return self._service.get(
            f"filters/{segment(name)}/summaries",
            missing=f'{TITLE} has no saved filter "{name}" for this service API',
            page=number,
        )

    def _changed_case(self, item: dict[str, Any]) -> ChangedCase:
        members = self._profile.members
        reference = text_of(item.get("reference"), members.value)
        updated = next((text_of(item[name], members.value) for name in members.updated if item.get(name)), "")
        updated_at = moment(updated, self.settings.timezone)
        if not reference or not isinstance(updated_at, datetime):
            raise NotConfigured("the filter lists a case without its reference or the time of its last update")
        case_type = next((text_of(item[name], members.value) for name in members.type if item.get(name)), "")
        return ChangedCase(reference, status_of(item), updated_at, snake(case_type))


def connect(settings: JaduCxmSettings, session: requests.Session | None = None) -> JaduCxmSource:
    """The case source behind these settings."""
    return JaduCxmSource(settings, session)


def _no_case(reference: str) -> str:
    return f"{TITLE} has no case {reference} for this service API"


def _items(page: dict[str, Any]) -> list[dict[str, Any]]:
    items = page.get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _total(page: dict[str, Any]) -> int:
    total = page.get("total")
    return total if isinstance(total, int) else len(_items(page))
