"""WorkflowService.asmx: one posted message, read when it arrives and acted on when it is answered."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from hmac import compare_digest
from typing import TYPE_CHECKING

from simulators.exchange import Answer, VendorRequest, html
from simulators.gateway import log_unexpected
from simulators.soap.envelope import Envelope, NotSoap
from simulators.soap.fault import SoapFault, SoapVersion
from simulators.ssp7.errors import Refusal
from simulators.ssp7.ticketing import Ticketing
from simulators.ssp7.tickets import Task

if TYPE_CHECKING:
    from simulators.ssp7.simulator import Ssp7Simulator

ACKNOWLEDGEMENT = "ProcessInstanceTaskExternalAcknowledgement"
REASSIGNMENT = "ProcessInstanceTaskExternalReassignment"
UPDATE_MESSAGE = "ProcessInstanceTaskExternalUpdateMessage"


class WorkflowCall:
    """One call. ``reference``: the task as the request names it, or else the external reference."""

    def __init__(self, simulator: Ssp7Simulator, request: VendorRequest) -> None:
        self.operation: str | None = None
        self.reference: str | None = None
        self._simulator = simulator
        self._request = request
        self._profile = simulator.profile
        self._envelope: Envelope | None = None
        self._given: dict[str, str] = {}
        self._refused: Answer | None = None
        try:
            self._open(request)
        except NotSoap as error:
            text = f"The content type '{error}' was not the expected type 'text/xml; charset=utf-8'."
            self._refused = html(415, "Unsupported Media Type", text.replace("<", "&lt;"))
        except SoapFault as fault:
            self._refused = fault.answer(self._version)
        except Exception:
            self._refused = self._unexpected()

    def _open(self, request: VendorRequest) -> None:
        self._envelope, self.operation = self._profile.face.open(request)
        if self._envelope.action is None and self._simulator.ticketing.settings.soap_action_required:
            if self._envelope.version is SoapVersion.V12:
                # The words of ASP.NET for SOAP 1.2.
                raise SoapFault("Client", "Unable to handle request without a valid action parameter.")
            raise SoapFault("Client", "Server did not recognize the value of HTTP Header SOAPAction: .")
        self._given = self._profile.read(self._envelope, self.operation)
        self.reference = self._given.get("task") or self._given.get("external_reference")

    @property
    def _version(self) -> SoapVersion:
        return self._envelope.version if self._envelope else SoapVersion.V11

    def answer(self) -> Answer:
        """Look at who asks, act, answer."""
        if (unwelcome := refused_at_the_door(self._simulator, self._request)) is not None:
            return unwelcome
        if self._refused is not None or self.operation is None:
            return self._refused or self._unexpected()
        try:
            self._check_hash()
            self._act(self.operation)
            return self._profile.face.reply(self._version, self.operation, self._profile.success, "OK")
        except Refusal as refusal:
            return self._refusal(refusal.kind, refusal.detail)
        except Exception:
            return self._unexpected()

    def _check_hash(self) -> None:
        simulator = self._simulator
        if simulator.ticketing.settings.authentication != "hash":
            return
        if not _same(self._given.get("hash", ""), simulator.credentials["hash"]):
            raise Refusal("wrong_hash")

    def _act(self, operation: str) -> None:
        desk, given = self._simulator.ticketing, self._given
        if operation == ACKNOWLEDGEMENT:
            task = self._task(desk, by_reference=False)
            desk.acknowledge(task, self._needed("external_reference"))
        elif operation == UPDATE_MESSAGE:
            task = self._task(desk)
            desk.external_update(task, self._needed("text"), given.get("author", ""), given.get("written_at", ""))
        else:
            task = self._task(desk)
            desk.reassign(task, given.get("status", ""), given.get("solution", ""), given.get("group", ""))

    def _needed(self, name: str) -> str:
        if name not in self._given:
            raise Refusal("missing_value", self._part(name))
        return self._given[name]

    def _task(self, desk: Ticketing, *, by_reference: bool = True) -> Task:
        """The task, by its own id or number; else by the external reference, where the operation looks for that."""
        if (name := self._given.get("task")) is not None:
            found = desk.task_named(name, desk.settings.task_key)
            if found is None:
                raise Refusal("unknown_task", name)
            return found
        if not by_reference or (reference := self._given.get("external_reference")) is None:
            raise Refusal("missing_value", self._part("task"))
        having = [task for task in desk.tasks.values() if task.external_reference == reference]
        if len(having) != 1:
            raise Refusal("ambiguous_reference" if having else "unknown_task", reference)
        return having[0]

    def _part(self, meaning: str) -> str:
        return next(name for name, means in self._profile.parts.items() if means == meaning)

    def _refusal(self, kind: str, detail: str = "") -> Answer:
        entry = self._simulator.ticketing.settings.errors[kind]
        text = entry.text.replace("{detail}", detail)
        if entry.style == "fault" or self.operation is None:
            return SoapFault(entry.code, text).answer(self._version)
        return self._profile.face.reply(self._version, self.operation, self._profile.refused(text), kind)

    def wrong_credentials(self) -> Answer:
        """What wrong credentials give, in the way that they are asked for."""
        mode = self._simulator.ticketing.settings.authentication
        if mode in ("hash", "anonymous"):
            return self._refusal("wrong_hash")
        return _login_page(self._request) if mode == "login_page" else _unauthorised(mode)

    def business_error(self, code: int | str, description: str) -> Answer:
        """A fault where the code is one of a fault, else a result with that text (or false)."""
        if code in ("Client", "Server") or self.operation is None:
            return SoapFault(str(code) if code in ("Client", "Server") else "Server", description).answer(self._version)
        return self._profile.face.reply(self._version, self.operation, self._profile.refused(description), str(code))

    def _unexpected(self) -> Answer:
        log_unexpected(f"ssp7 {self.operation}")
        return SoapFault("Server", "Server was unable to process request.").answer(self._version)


def refused_at_the_door(simulator: Ssp7Simulator, request: VendorRequest) -> Answer | None:
    """What IIS answers before anything of SSP sees the request; None: it may pass."""
    mode = simulator.ticketing.settings.authentication
    if mode == "login_page":
        return _login_page(request)
    if mode == "windows" or (mode == "basic" and not _knows_password(simulator, request)):
        return _unauthorised(mode)
    return None


def _knows_password(simulator: Ssp7Simulator, request: VendorRequest) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, password = b64decode(given, validate=True).decode().partition(":")
    except (Error, ValueError):
        return False
    accepted = simulator.credentials
    right = _same(name, accepted["username"]) & _same(password, accepted["password"])
    return scheme.lower() == "basic" and right


def _unauthorised(mode: str) -> Answer:
    challenge = 'Basic realm="ssp7"' if mode == "basic" else "Negotiate, NTLM"
    text = "Access is denied due to invalid credentials."
    return html(401, "401 - Unauthorized", text, **{"WWW-Authenticate": challenge})


def _login_page(request: VendorRequest) -> Answer:
    to = f"/Login.aspx?ReturnUrl={request.path}"
    return html(302, "Object moved", f'Object moved to <a href="{to}">here</a>.', Location=to)


def _same(given: str, accepted: str) -> bool:
    return compare_digest(given.encode("utf-8", "replace"), accepted.encode())
