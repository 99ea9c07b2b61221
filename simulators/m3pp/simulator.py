"""The M3PP simulator: an ASMX-like SOAP service by the names of a profile."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from simulators.exchange import Answer, Call, VendorRequest, html
from simulators.fields import Fields
from simulators.gateway import log_unexpected
from simulators.m3pp import officers
from simulators.m3pp.errors import Refusal, ServiceFault
from simulators.m3pp.inputs import Input
from simulators.m3pp.m3 import M3
from simulators.m3pp.operations import OPERATIONS
from simulators.m3pp.profile import chosen
from simulators.m3pp.settings import Settings
from simulators.m3pp.wsdl import written
from simulators.simulator import Action, Simulator
from simulators.soap.envelope import Envelope, NotSoap
from simulators.soap.face import SoapFace
from simulators.soap.fault import SoapFault, SoapVersion
from simulators.soap.schema import Reading, read
from simulators.soap.security import read_username_token


class M3ppSimulator(Simulator):
    """Tells what the ASSUMED contract says: nobody could confirm the wire of M3PP."""

    name = "m3pp"
    # At the start: the path of the profile in force is in info().
    endpoints: ClassVar[Mapping[str, str]] = {"soap": chosen(Settings().profile).path}
    default_credentials: ClassVar[Mapping[str, str]] = {"username": "M3PP_DEMO", "password": "demo-password"}

    def __init__(self) -> None:
        super().__init__()
        self.m3 = M3(self.clock)
        self.face = self._served()

    def _served(self) -> SoapFace:
        profile = self.m3.profile
        return SoapFace(profile.path, written(profile), (SoapVersion.V11,), "soap")

    def info(self) -> dict[str, Any]:
        """What a stranger needs for a valid call, with the address of the profile in force."""
        return super().info() | {"endpoints": {"soap": self.face.path}}

    def _here(self, request: VendorRequest) -> bool:
        # IIS does not mind the case of a path.
        return request.path.lower() == self.face.path.lower()

    def call(self, request: VendorRequest) -> Call | None:
        """A POST to the service is a call."""
        return M3ppCall(self, request) if self._here(request) and request.method == "POST" else None

    def document(self, request: VendorRequest) -> Answer:
        """The WSDL, a help page, or what IIS says."""
        if not self._here(request):
            return html(404, "Not Found", "The resource cannot be found.")
        return self.face.document(request)

    def reset_records(self) -> None:
        """Sample data, default switches and profile."""
        self.m3.reset()
        self.face = self._served()

    def samples(self) -> dict[str, list[str]]:
        """Ids that exist; the first of each kind belong together."""
        council, assets = self.m3.council, list(self.m3.assets)
        tasks = council.tasks
        return {
            "uprn": [site.uprn for site in council.sites.values() if site.uprn],
            "site_key": list(council.sites),
            "department_code": _unique(task.department for task in tasks),
            "application_code": _unique(task.application for task in tasks),
            "task_group_code": _unique(task.task_group for task in tasks),
            "task_code": _unique(task.task for task in tasks),
            "worksheet_field": list(council.worksheet_fields),
            "section_code": list(council.sections),
            "asset_type_code": list(council.asset_types),
            "attribute_code": _unique(code for kind in council.asset_types.values() for code in kind.attributes),
            "attribute_value": _unique(value for asset in assets for value in asset.attributes.values()),
            "asset_key": [asset.key for asset in assets],
            "asset_ukey": [asset.ukey for asset in assets],
            "worksheet_reference": [sheet.reference for sheet in self.m3.worksheets],
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """The worksheets and the assets."""
        return {
            "worksheets": [sheet.shown() for sheet in self.m3.worksheets],
            "assets": [asset.shown() for asset in self.m3.assets],
        }

    def settings(self) -> dict[str, Any]:
        """The switches in force."""
        return self.m3.settings.shown()

    def change_settings(self, fields: Fields) -> None:
        """The switches named are set; with another profile, the service has other names at once."""
        self.m3.switch(self.m3.settings.changed(fields))
        self.face = self._served()

    def actions(self) -> Mapping[str, Action]:
        """What the council's own people do in M3."""
        return {
            "change_worksheet": lambda fields: officers.change_worksheet(self.m3, fields),
            "change_asset": lambda fields: officers.change_asset(self.m3, fields),
            "delete_worksheet": lambda fields: officers.delete_worksheet(self.m3, fields),
            "delete_asset": lambda fields: officers.delete_asset(self.m3, fields),
        }


def _unique(values: Any) -> list[str]:
    return list(dict.fromkeys(values))


class M3ppCall:
    """One posted message. It is read when it arrives and acted on when it is answered.

    ``operation`` is the contract's name, whatever the profile calls it. ``reference`` is the caller's own reference:
    of a create, the worksheet field that the setting ``reference_field`` names, or else the first; of any other
    call, what it asks for.
    """

    def __init__(self, simulator: M3ppSimulator, request: VendorRequest) -> None:
        self.operation: str | None = None
        self.reference: str | None = None
        self._m3 = simulator.m3
        self._face = simulator.face
        self._profile = simulator.m3.profile
        self._accepted = simulator.credentials
        self._authorization = request.headers.get("authorization", "")
        self._envelope: Envelope | None = None
        self._given: dict[str, Any] = {}
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
        self._envelope, wire_name = self._face.open(request)
        contract = self._face.contract
        self.operation = self._profile.contract_name(wire_name)
        reading = Reading(self._m3.settings.strict_order, self._m3.settings.strict_namespaces)
        values = read(self._envelope.body, contract.request(wire_name).type, reading, contract.target)
        self._given = self._profile.operations[self.operation].request.from_wire(values or {})
        self.reference = self._reference()

    def _reference(self) -> str | None:
        fields: dict[str, str | None] = {row.get("Name"): row.get("Value") for row in self._given.get("Fields") or []}
        if fields:
            first = next(iter(fields.values()))
            return fields.get(self._m3.settings.reference_field, first)
        keys = self._given.get("AssetKeys")
        if keys:
            return ",".join(key or "" for key in keys)
        names = ("WorksheetReference", "FieldValue", "AssetKey", "UPRN", "AssetUKey", "SiteKey")
        return next((self._given[name] for name in names if self._given.get(name)), None)

    def answer(self) -> Answer:
        """Check the credentials, act, answer."""
        if self._refused is not None or self._envelope is None or self.operation is None:
            return self._refused or self._unexpected()
        try:
            if not self._authentic(self._envelope):
                return self.wrong_credentials()
            return self._act(self.operation)
        except Exception:
            return self._unexpected()

    def _authentic(self, envelope: Envelope) -> bool:
        auth = self._m3.settings.auth
        accepted = (self._accepted["username"], self._accepted["password"])
        token = read_username_token(envelope) if auth != "basic" else None
        if token is not None:
            return not token.digest and (token.username, token.password) == accepted
        return auth != "username_token" and _basic(self._authorization) == accepted

    def _act(self, operation: str) -> Answer:
        request = self._profile.operations[operation].request
        try:
            payload = OPERATIONS[operation](self._m3, Input(self._given, request))
        except Refusal as refusal:
            entry = self._m3.settings.error_codes[refusal.kind]
            if entry.fault:
                return self._fault(entry.code, refusal.message)
            return self._result(entry.code, refusal.message, refusal.payload)
        return self._result(None, None, payload)

    def _result(self, code: str | None, message: str | None, payload: dict[str, Any]) -> Answer:
        """A result: HTTP 200, also for every refusal."""
        operation = self._profile.operations[self.operation or ""]
        status = {"Success": code is None, "ErrorCode": code or "", "ErrorMessage": message or ""}
        result = operation.result.to_wire(status | payload)
        return self._face.reply(SoapVersion.V11, operation.name, result, code or "")

    def _fault(self, code: str, message: str) -> Answer:
        return ServiceFault(self._profile, code, message).answer()

    def business_error(self, code: int | str, description: str) -> Answer:
        """A result with that code, or a fault where the table says so of it."""
        table = self._m3.settings.error_codes.values()
        if self.operation is None:
            return self._refused or self._unexpected()
        if any(entry.fault for entry in table if entry.code == str(code)):
            return self._fault(str(code), description)
        return self._result(str(code), description, {})

    def wrong_credentials(self) -> Answer:
        """What wrong credentials give."""
        code = self._m3.settings.error_codes["auth"].code
        text = "The user name or password is not valid."
        if self._m3.settings.unauthorised == "status_401":
            page = html(401, "Unauthorized", text, **{"WWW-Authenticate": 'Basic realm="M3PP"'})
            return Answer(page.status, page.body, page.content_type, code=code, headers=page.headers)
        return self._fault(code, text)

    def _unexpected(self) -> Answer:
        log_unexpected(f"m3pp {self.operation}")
        return self._fault(self._m3.settings.error_codes["system"].code, "The request could not be processed.")


def _basic(header: str) -> tuple[str, str] | None:
    """Who an Authorization header says the caller is; None where it is not of the Basic scheme."""
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    with suppress(ValueError):
        username, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        return (username, password) if colon else None
    return None
