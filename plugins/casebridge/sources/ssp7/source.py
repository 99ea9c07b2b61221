"""The case source `ssp7`: a ticket task, known by the events that SSP7 sends, and written back by its web service."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path

import requests

from casebridge.core.case import Case, CaseChanges, Value, is_empty
from casebridge.core.convert import ConversionError, to_boolean
from casebridge.core.errors import NotConfigured, NotFound, RefusedByTarget, RejectedError
from casebridge.core.ports import Parts
from casebridge.core.record import Receipt
from casebridge.sources.base import ConnectedSource, Shelf
from casebridge.sources.ssp7.mail import compose
from casebridge.sources.ssp7.profile import read_profile
from casebridge.sources.ssp7.settings import Authentication, Channel, Ssp7Settings
from casebridge.sources.ssp7.task import read_task
from casebridge.sources.ssp7.web_service import TITLE, WorkflowService
from casebridge.transport.email import told_by_mail_server

log = logging.getLogger(__name__)

UPDATE_TEXT, AUTHOR, SOLUTION, CLOSED = "update_text", "update_author", "solution", "closed"
WRITABLE = (UPDATE_TEXT, AUTHOR, SOLUTION, CLOSED)
"""The case fields that incoming templates may fill. They are what SSP7 can be told, not what it shows."""

Details = Mapping[str, dict[str, str]]


class Ssp7Source(ConnectedSource[Ssp7Settings]):
    """SSP7 behind one connection."""

    name = "ssp7"

    def __init__(self, settings: Ssp7Settings, session: requests.Session | None = None) -> None:
        super().__init__(settings, session)
        self._profile = read_profile(settings.profile)
        self._service = WorkflowService(settings, self._profile, self.session)

    def check(self) -> str:
        """Reads the WSDL; where a hash is to be proved, also asks for a task that does not exist.

        A server that gives its WSDL to this user and to nobody without a login has accepted the user. A hash can only
        be tried in a message: who is not let in is not told that the task does not exist.
        """
        settings = self.settings
        if settings.channel is Channel.EMAIL:
            return f"{TITLE} is told by e-mail to {settings.email_to}; whether that arrives, nothing can prove"
        logs_in = settings.authentication in (Authentication.BASIC, Authentication.NTLM)
        # Before anything else: NTLM lets in a connection, not a request.
        admitted = logs_in and self._service.admits()
        if missing := self._service.unmapped():
            raise NotConfigured(
                f'{TITLE}: the WSDL has no part for {", ".join(missing)}; name them in "parts" of the profile'
            )
        read = f"the WSDL of {TITLE} has the three methods and a part for every value"
        hashed = bool(settings.message_hash.get_secret_value())
        if not hashed and not logs_in:
            return f"{read}; the connection asks for no credentials"
        if admitted and not hashed:
            return f"{read}; the credentials are accepted"
        task = self._profile.unused_task
        if not task:
            return f"{read}; the credentials were not tried, because the profile names no unused_task"
        try:
            self._service.call("acknowledge", {"task": task, "external_reference": "casebridge"})
        except NotFound:
            return f"{read}; the credentials are accepted"
        except RefusedByTarget as error:
            return f"{read}; whether the credentials are accepted cannot be told: {error}"
        return f"{read}; it took an acknowledgement for a task that should not exist: set unused_task in the profile"

    def read(self, reference: str) -> Case:
        """The case as the newest event told it: SSP7 itself cannot be asked.

        Raises:
            NotFound: No event has told of it.
            NotConfigured: There is no database to look in.
        """
        return read_task(
            reference,
            self._details(reference),
            reference_name=self.settings.reference,
            page=self.settings.task_page,
            timezone=self.settings.timezone,
        )

    def remember(self, reference: str, told: Mapping[str, str], *, event: str, position: int) -> None:
        """The case is as the event tells it; an older event changes nothing."""
        if not self._known.put(reference, {"told": dict(told), "event": event}, position=position):
            log.info("A later event has told of case %s already", reference)

    def write(self, reference: str, changes: CaseChanges) -> None:
        """Tells SSP7 of a solution, and that the task is closed.

        Raises:
            RejectedError: There is an update text among it: nobody could tell afterwards whether it arrived.
            CasebridgeError: As `write_in_parts` says.
        """
        if not is_empty(changes.fields.get(UPDATE_TEXT)):
            raise RejectedError(f"{TITLE} is told an update text only by an action, which remembers that it was")
        details, news = self._news(reference, changes, told=False)
        if news:
            self._reassign(self._task(reference, details), news)
        self._written(reference, details, news)

    def write_in_parts(self, reference: str, changes: CaseChanges, parts: Parts, *, told: bool) -> bool:
        """Tells SSP7 an update text, a solution, and that the task is closed; each once.

        Raises:
            RejectedError: SSP7 cannot be told such a thing, or refused.
            NeedsPerson: An update text may have arrived, and only a person can tell.
            CasebridgeError: There was no clear answer.
        """
        details, news = self._news(reference, changes, told=told)
        task = self._task(reference, details)
        if text := news.get(UPDATE_TEXT):
            author = _text(changes.fields.get(AUTHOR))
            parts.write("case update text", "task", lambda: self._update(task, text, author))
        if SOLUTION in news or CLOSED in news:
            # Reporting the same solution or the same end twice leaves the task as once.
            parts.write("case solution", "task", lambda: self._reassign(task, news), repeatable=True)
        self._written(reference, details, news)
        return self.settings.channel is Channel.SOAP

    def transition(self, reference: str, name: str) -> None:
        """SSP7 has no transitions.

        Raises:
            NotConfigured: Always.
        """
        raise NotConfigured(f"{TITLE} has no transitions: a task is reported solved or closed by an incoming template")

    def attach(self, reference: str, name: str, content: bytes | Path) -> None:
        """No public source shows a call that attaches a file.

        Raises:
            NotConfigured: Always.
        """
        raise NotConfigured(f"{TITLE} offers no known call that attaches a file to a task")

    def store_reference(self, reference: str, name: str, record_id: str) -> None:
        """Makes the record the external reference number of the task; does nothing for other References.

        Raises:
            RejectedError: SSP7 refused.
            CasebridgeError: There was no clear answer.
        """
        if name != self.settings.reference:
            log.info('Reference "%s" is not the one that %s shows (%s)', name, TITLE, self.settings.reference)
            return
        self._check_enabled()
        details = self._details(reference)
        task = self._task(reference, details)
        if self.settings.channel is Channel.EMAIL:
            self._send(task, external_reference=record_id)
        else:
            self._service.call("acknowledge", {"task": task, "external_reference": record_id})
        self._known.add(reference, {"acknowledged": record_id})

    @property
    def _known(self) -> Shelf:
        if self.shelf is None:
            raise NotConfigured(
                f"what {TITLE} told of its tasks is in casebridge's own database, which is not set here"
            )
        return self.shelf

    def _details(self, reference: str) -> Details:
        details = self._known.details(reference)
        if details is None:
            raise NotFound(f"no event of {TITLE} has told of task {reference}")
        return details

    def _news(self, reference: str, changes: CaseChanges, *, told: bool) -> tuple[Details, dict[str, str]]:
        """What is known of the task, and those of the changes that it has not been told."""
        if wrong := sorted({*changes.fields, *changes.dates} - set(WRITABLE)):
            raise RejectedError(
                f"{TITLE} cannot be told {', '.join(wrong)}: an incoming template may fill {', '.join(WRITABLE)}"
            )
        self._check_enabled()
        details = self._details(reference)
        written = details.get("written", {})
        wanted = {name: _text(changes.fields.get(name)) for name in (UPDATE_TEXT, SOLUTION)}
        wanted[CLOSED] = "yes" if _yes(changes.fields.get(CLOSED)) else ""
        return details, {name: text for name, text in wanted.items() if text and (told or written.get(name) != text)}

    def _written(self, reference: str, details: Details, news: dict[str, str]) -> None:
        if news:
            self._known.add(reference, {"written": {**details.get("written", {}), **news}})
        else:
            log.info("Case %s has been told all of it already", reference)

    def _check_enabled(self) -> None:
        if not self.enabled:
            raise NotConfigured(f"{TITLE} is disabled in its settings; enable it and run this again")

    def _task(self, reference: str, details: Details) -> str:
        return details.get("told", {}).get(self._profile.task_key) or reference

    def _update(self, task: str, text: str, author: str) -> Receipt:
        if self.settings.channel is Channel.EMAIL:
            return self._send(task, text=f"{author}: {text}" if author else text)
        self._service.call("update", {"task": task, "text": text, "author": author})
        return Receipt("")

    def _reassign(self, task: str, news: Mapping[str, str]) -> Receipt:
        statuses, solution, closed = self._profile.statuses, news.get(SOLUTION, ""), CLOSED in news
        if self.settings.channel is Channel.EMAIL:
            formats = self._profile.mail
            return self._send(task, text=solution, mark=formats.closed if closed else formats.solution)
        status = statuses.closed if closed else statuses.solved
        try:
            self._service.call("reassign", {"task": task, "solution": solution, "status": status})
        except RefusedByTarget as error:
            if not (closed and re.search(self._profile.faults.closed_task, str(error))):
                raise
            log.info("The task is closed already")
        return Receipt("")

    def _send(self, task: str, *, external_reference: str = "", text: str = "", mark: str = "") -> Receipt:
        if self.send_email is None:
            raise NotConfigured(f"{TITLE}: e-mail is sent by tasks of Airflow only")
        subject, body = compose(
            self._profile.mail, task=task, external_reference=external_reference, text=text, mark=mark
        )
        with told_by_mail_server(TITLE):
            self.send_email(self.settings.email_to, subject, body)
        return Receipt("", unconfirmed=True)


def connect(settings: Ssp7Settings, session: requests.Session | None = None) -> Ssp7Source:
    """The case source behind these settings."""
    return Ssp7Source(settings, session)


def _text(value: Value) -> str:
    return "" if is_empty(value) else str(value).strip()


def _yes(value: Value) -> bool:
    try:
        return False if is_empty(value) else to_boolean(value)
    except ConversionError:
        raise RejectedError(f'{TITLE}: "closed" must be yes or no; give the row of the template a map') from None
