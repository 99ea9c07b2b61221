"""The Whitespace simulator: two faces of one PowerSuite on one port."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from simulators.exchange import Answer, Call, VendorRequest, html
from simulators.fields import Fields
from simulators.gateway import log_unexpected
from simulators.simulator import Action, Simulator
from simulators.soap.envelope import Envelope, NotSoap
from simulators.soap.face import SoapFace
from simulators.soap.fault import SoapFault, SoapVersion
from simulators.soap.schema import Reading
from simulators.soap.security import read_username_token
from simulators.whitespace import crew
from simulators.whitespace.errors import Refusal
from simulators.whitespace.inputs import Input
from simulators.whitespace.operations import OPERATIONS
from simulators.whitespace.powersuite import PowerSuite

_WSDL = Path(__file__).parent / "wsdl"
#: The members that carry the caller's own reference, in any operation.
_REFERENCES = ("WorksheetReference", "WorksheetRef")
#: The wrapper's name is in no source, so any is taken (ASSUMED).
_ANY_WRAPPER = ("AddWorksheetNotes",)
#: It answers without credentials (ASSUMED): "it may not prove the credentials".
_OPEN_TO_ALL = ("HelloWorld",)


class WhitespaceSimulator(Simulator):
    """Tells the vendor's truth as protocols and public clients show it."""

    name = "whitespace"
    # The path of the WCF face is ASSUMED: no source shows it.
    endpoints: ClassVar[Mapping[str, str]] = {"asmx": "/PowerSuiteDomesticWebService.asmx", "wcf": "/WSAPIService.svc"}
    default_credentials: ClassVar[Mapping[str, str]] = {"username": "WSAPI_DEMO", "password": "demo-password"}

    def __init__(self) -> None:
        super().__init__()
        self.suite = PowerSuite(self.clock)
        both = (SoapVersion.V11, SoapVersion.V12)
        asmx = SoapFace(self.endpoints["asmx"], _WSDL / "asmx.wsdl", both, "soap")
        wcf = SoapFace(self.endpoints["wcf"], _WSDL / "wcf.wsdl", (SoapVersion.V11,), "s")
        # IIS does not mind the case of a path.
        self._faces = {face.path.lower(): face for face in (asmx, wcf)}

    def call(self, request: VendorRequest) -> Call | None:
        """A POST to one of the faces is a call."""
        face = self._faces.get(request.path.lower())
        if face is None or request.method != "POST":
            return None
        return WhitespaceCall(self, face, request)

    def document(self, request: VendorRequest) -> Answer:
        """A WSDL, a help page, or what IIS says."""
        face = self._faces.get(request.path.lower())
        if face is None:
            return html(404, "Not Found", "The resource cannot be found.")
        return face.document(request)

    def reset_records(self) -> None:
        """Sample data and default switches."""
        self.suite.reset()

    def samples(self) -> dict[str, list[str]]:
        """Ids that exist; the first of each kind belong together."""
        council, today = self.suite.council, self.suite.worksheets.local_now().date()
        services = [service for service in council.services.values() if service.worksheets and not service.commercial]
        return {
            "uprn": [site.uprn for site in council.sites],
            "account_site_id": [str(site.account_site_id) for site in council.sites],
            "site_id": [str(site.site_id) for site in council.sites],
            "usrn": [street.usrn for street in council.streets.values()],
            "postcode": [street.postcode for street in council.streets.values()],
            "service_id": [str(service.id) for service in services],
            "service_item_id": _unique(item for service in services for item in service.items),
            "service_property_id": _unique(row for service in services for row in service.properties),
            "ad_hoc_round_instance_id": crew.next_free_slots(self.suite, today),
            "site_service_id": [str(service_id) for service_id in council.site_services],
            "workflow_event_name": list(council.events),
            "worksheet_id": [str(sheet.id) for sheet in self.suite.worksheets],
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """The worksheets, the pokes sent, and the containers of the sites."""
        return {
            "worksheets": [sheet.shown() for sheet in self.suite.worksheets],
            "pokes": list(self.suite.pokes),
            "site_services": [one.shown() for one in self.suite.council.site_services.values()],
        }

    def settings(self) -> dict[str, Any]:
        """The switches in force."""
        return self.suite.settings.shown()

    def change_settings(self, fields: Fields) -> None:
        """The switches named are set."""
        self.suite.settings = self.suite.settings.changed(fields)

    def actions(self) -> Mapping[str, Action]:
        """What the council's own people can do: complete a worksheet, poke again."""
        return {
            "complete": lambda fields: crew.complete(self.suite, fields),
            "poke": lambda fields: crew.poke_again(self.suite, fields),
        }


def _unique(ids: Any) -> list[str]:
    return [str(one) for one in dict.fromkeys(ids)]


class WhitespaceCall:
    """One posted message. It is read when it arrives and acted on when it is answered."""

    def __init__(self, simulator: WhitespaceSimulator, face: SoapFace, request: VendorRequest) -> None:
        self.operation: str | None = None
        self.reference: str | None = None
        self._simulator = simulator
        self._face = face
        self._envelope: Envelope | None = None
        self._given = Input({})
        self._refused: Answer | None = None
        try:
            self._open(request)
        except NotSoap as error:
            text = f"Cannot process the message because the content type '{error}' was not the expected type."
            self._refused = html(415, "Unsupported Media Type", text.replace("<", "&lt;"))
        except SoapFault as fault:
            self._refused = fault.answer()
        except Exception:
            self._refused = self._unexpected()

    def _open(self, request: VendorRequest) -> None:
        self._envelope, self.operation = self._face.open(request)
        settings = self._simulator.suite.settings
        given = self._face.read(
            self._envelope,
            self.operation,
            Reading(settings.strict_order, settings.strict_namespaces),
            any_wrapper=self.operation in _ANY_WRAPPER,
        )
        self._given = Input(given)
        self.reference = next((text for name in _REFERENCES if (text := self._given.text(name))), None)

    @property
    def _version(self) -> SoapVersion:
        return self._envelope.version if self._envelope else SoapVersion.V11

    def answer(self) -> Answer:
        """Check the credentials, act, answer."""
        if self._refused is not None or self._envelope is None or self.operation is None:
            return self._refused or self._unexpected()
        try:
            self._authenticate(self._envelope)
            return self._act(self.operation)
        except SoapFault as fault:
            return fault.answer(self._version)
        except Exception:
            return self._unexpected()

    def _authenticate(self, envelope: Envelope) -> None:
        """That these are the faults is ASSUMED: it is what WCF does unless told otherwise."""
        if self.operation in _OPEN_TO_ALL:
            return
        token = read_username_token(envelope)
        if token is None:
            raise SoapFault("wsse:InvalidSecurity", "An error occurred when verifying security for the message.")
        expected = self._simulator.credentials
        right = (token.username, token.password) == (expected["username"], expected["password"])
        if not right or token.digest:
            raise _failed_authentication()
        self._simulator.suite.user = token.username

    def _act(self, operation: str) -> Answer:
        if operation == "HelloWorld":
            return self._face.reply(self._version, operation, "Hello World", "0")
        try:
            result = OPERATIONS[operation](self._simulator.suite, self._given)
        except Refusal as refusal:
            entry = self._simulator.suite.settings.error_codes[refusal.kind]
            return self.business_error(entry.code, entry.description.replace("{detail}", refusal.detail))
        success = self._simulator.suite.settings.error_codes["success"]
        status = {"ErrorCode": success.code, "ErrorDescription": success.description, "SuccessFlag": True}
        return self._face.reply(self._version, operation, status | result, str(success.code))

    def business_error(self, code: int | str, description: str) -> Answer:
        """A result with that code: HTTP 200, as every business error."""
        if self.operation is None:
            return self._refused or self._unexpected()
        status = {"ErrorCode": code, "ErrorDescription": description, "SuccessFlag": False}
        return self._face.reply(self._version, self.operation, status, str(code))

    def wrong_credentials(self) -> Answer:
        """The fault that wrong credentials give."""
        return _failed_authentication().answer(self._version)

    def _unexpected(self) -> Answer:
        log_unexpected(f"whitespace {self.operation}")
        return SoapFault("Server", "Server was unable to process request.").answer(self._version)


def _failed_authentication() -> SoapFault:
    return SoapFault("wsse:FailedAuthentication", "The security token could not be authenticated or authorized")
