"""The Salesforce simulator: log-in by OAuth and SOAP, the REST API, and the org behind them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import IO, Any, ClassVar

from simulators.exchange import Answer, Call, VendorRequest, html
from simulators.fields import BadField, Fields
from simulators.gateway import log_unexpected
from simulators.salesforce import composite, oauth, partner, record_collections, resources, soql, values
from simulators.salesforce.demo_key import key_pair
from simulators.salesforce.errors import HTTP_STATUS, Refusal, not_found
from simulators.salesforce.org import Org, Writer
from simulators.salesforce.rest import Asked, Reply, Resource, json_body, query_of, refused
from simulators.salesforce.schema import KINDS, Field
from simulators.salesforce.sessions import Sessions
from simulators.simulator import Action, Simulator

_DATA = "/services/data"
_OLDEST = 31
_RETIRED = 21
_VERSION = re.compile(r"v(\d{1,3})\.0")
_SEASONS = ("Winter", "Spring", "Summer")
_RESOURCES: Mapping[str, Resource] = {
    "": resources.root,
    "sobjects": resources.sobjects,
    "query": resources.query,
    "queryAll": resources.query,
    "search": resources.search,
    "parameterizedSearch": resources.parameterized_search,
    "limits": resources.limits,
}
_COMPOSITES: Mapping[str, Resource] = {
    "": composite.composite,
    "batch": composite.batch,
    "graph": composite.graph,
    "sobjects": record_collections.collection,
    "tree": record_collections.tree,
}
_VERBS = {"GET": "read", "POST": "create", "PATCH": "update", "DELETE": "delete"}


class SalesforceSimulator(Simulator):
    """Tells the vendor's truth as its documents and public clients show it."""

    name = "salesforce"
    endpoints: ClassVar[Mapping[str, str]] = {
        "token": oauth.ROOT + "token",
        "soap": partner.ROOT + "u/64.0",
        "rest": _DATA + "/v66.0",
    }
    default_credentials: ClassVar[Mapping[str, str]] = {
        "consumer_key": "demo-consumer-key",
        "consumer_secret": "demo-consumer-secret",
        "username": "witiop.api@example.org",
        "password": "demo-password",
        "security_token": "demo-security-token",
        **key_pair(),
    }
    #: FACT: 2 GB by multipart; here a quarter of that, so that a mistake fills no disk.
    max_body_bytes = 512 * 1024 * 1024

    def __init__(self) -> None:
        super().__init__()
        self.org = Org(self.clock)
        self.sessions = Sessions(self.org)
        self.cursors: dict[str, tuple[list[dict[str, Any]], int]] = {}

    def call(self, request: VendorRequest) -> Call | None:
        """Everything under /services/ and /id/ is a call."""
        return SalesforceCall(self, request) if request.path.startswith(("/services/", "/id/")) else None

    def document(self, request: VendorRequest) -> Answer:
        """There are no pages."""
        return html(404, "Not Found", "This address is not known.")

    def body_file(self, request: VendorRequest) -> IO[bytes]:
        """The body as a file, wherever it is held."""
        return request.large_body or BytesIO(request.body)

    def reply(self, asked: Asked) -> Reply:
        """What a resource answers, or why it refuses. What it does is done whole or not at all."""
        resource = _resource(asked)
        wrote = asked.method in ("POST", "PATCH", "DELETE") and asked.parts[0] == "sobjects"
        try:
            version = self.check_version(asked.version)
            if version is not None:
                raise version
            if resource is None:
                raise not_found()
            with self.org.whole_or_nothing():
                return resource(asked)
        except Refusal as refusal:
            return refused(refusal, self.org.settings.http_status, wrote=wrote)

    def check_version(self, text: str) -> Refusal | None:
        """Why an API version is refused; None where it is known. FACT: 21.0 to 30.0 are retired."""
        match = _VERSION.fullmatch(text)
        number = int(match[1]) if match else 0
        if _RETIRED <= number < _OLDEST:
            return Refusal("UNSUPPORTED_API_VERSION", f"The requested API version {number}.0 is retired")
        return None if _OLDEST <= number <= self.org.settings.latest_version else not_found()

    def versions(self) -> list[dict[str, str]]:
        """The API versions that are known. FACT: 66.0 is Spring '26."""
        found = []
        for number in range(_OLDEST, self.org.settings.latest_version + 1):
            years, season = divmod(number - 65, 3)
            label = f"{_SEASONS[season]} '{(26 + years) % 100:02d}"
            found.append({"label": label, "url": f"{_DATA}/v{number}.0", "version": f"{number}.0"})
        return found

    # the admin side

    def reset_records(self) -> None:
        """Sample data and default switches; nobody is logged in."""
        self.org.reset()
        self.sessions.clear()
        self.cursors.clear()

    def samples(self) -> dict[str, list[str]]:
        """Ids that exist; the first of each kind belong together."""
        held = {name: list(self.org.store.all(name)) for name in ("Contact", "Case", "User", "Account")}
        return {
            "contact": [one["Id"] for one in held["Contact"]],
            "phone": [one["MobilePhone"] for one in held["Contact"] if one["MobilePhone"]],
            "account": [one["Id"] for one in held["Account"]],
            "case": [one["Id"] for one in held["Case"]],
            "case_number": [one["CaseNumber"] for one in held["Case"]],
            "agent_email": [one["Email"] for one in held["User"] if one["Username"].startswith("agent.")],
            "customer_username": [one["Username"] for one in held["User"] if ".customer@" in one["Username"]],
            "external_id_field": ["Case.WitiOp_Conversation_Id__c", "Contact.WitiOp_Number__c"],
            "conversation": [
                one["WitiOp_Conversation_Id__c"] for one in held["Case"] if one["WitiOp_Conversation_Id__c"]
            ],
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """All records of every object, deleted ones too, and the sessions."""
        found = {
            name: [
                {field: values.write(value) for field, value in record.items()}
                for record in self.org.store.with_deleted(name)
            ]
            for name in self.org.schema.entities
        }
        return {**found, "sessions": self.sessions.shown()}

    def settings(self) -> dict[str, Any]:
        """The switches in force."""
        return self.org.settings.shown()

    def change_settings(self, fields: Fields) -> None:
        """The switches named are set."""
        self.org.change_settings(self.org.settings.changed(fields))

    def actions(self) -> Mapping[str, Action]:
        """What the org's administrator can do."""
        return {"revoke": self._revoke, "insert": self._insert, "update": self._update, "field": self._field}

    def _revoke(self, fields: Fields) -> dict[str, int]:
        fields.end()
        return {"revoked": self.sessions.revoke()}

    def _insert(self, fields: Fields) -> dict[str, str]:
        entity, given = self._named(fields), fields.value("fields")
        fields.end()
        user = self.org.user_of(self.default_credentials["username"]) or {"Id": ""}
        return self._done(
            lambda: self.org.insert(
                entity, given, Writer(user["Id"], auto_assign=False), resources.file_in(entity, given)
            )
        )

    def _update(self, fields: Fields) -> dict[str, str]:
        entity, key, given = self._named(fields), fields.text("id"), fields.value("fields")
        fields.end()
        user = self.org.user_of(self.default_credentials["username"]) or {"Id": ""}

        def update() -> str:
            record = self.org.record(entity, key)
            self.org.update(entity, record, given, Writer(user["Id"], auto_assign=False))
            return str(record["Id"])

        return self._done(update)

    def _named(self, fields: Fields) -> Any:
        name = fields.text("object")
        entity = self.org.schema.entity(name)
        if entity is None:
            raise BadField(f'Field "object" must be one of {", ".join(self.org.schema.entities)}.')
        return entity

    def _done(self, act: Any) -> dict[str, str]:
        try:
            return {"id": act()}
        except Refusal as refusal:
            raise BadField(f'Field "fields" is refused: {refusal}.') from None
        except AttributeError:
            raise BadField('Field "fields" must be an object.') from None

    def _field(self, fields: Fields) -> dict[str, Any]:
        """A custom field is added, as an administrator would in Setup."""
        entity, name = fields.choice("object", self.org.schema.entities), fields.text("name")
        kind = fields.choice(
            "kind", [one for one in KINDS if one not in ("id", "reference", "blob", "autonumber")], "text"
        )
        added = Field(
            name,
            kind,
            fields.integer("length", 255, minimum=1),
            unique=fields.flag("unique", False),
            external_id=fields.flag("external_id", False),
            default=False if kind == "boolean" else None,
        )
        fields.end()
        if not re.fullmatch(r"[A-Za-z]\w*__c", name, re.ASCII):
            raise BadField('Field "name" must end with __c.')
        self.org.add_field(entity, added)
        return {"object": entity, "name": name}


def _resource(asked: Asked) -> Resource | None:
    if asked.parts[0] == "composite":
        return _COMPOSITES.get(asked.parts[1] if len(asked.parts) > 1 else "")
    return _RESOURCES.get(asked.parts[0])


class SalesforceCall:
    """One request to Salesforce. It is read when it arrives and acted on when it is answered."""

    def __init__(self, simulator: SalesforceSimulator, request: VendorRequest) -> None:
        self._simulator = simulator
        self._request = request
        self._soap = partner.SoapCall(request) if request.path.startswith(partner.ROOT) else None
        self._headers = {name.lower(): value for name, value in request.headers.items()}
        rest = request.path.removeprefix(_DATA).strip("/") if request.path.startswith(_DATA) else ""
        self._version, _, path = rest.partition("/")
        self._parts = tuple(path.split("/"))
        self._body: Any = None
        self._body_refusal: Refusal | None = None
        if self._version and not self._headers.get("content-type", "").lower().startswith("multipart/"):
            try:
                self._body = json_body(simulator.body_file(request).read())
            except Refusal as refusal:
                self._body_refusal = refusal

    @property
    def operation(self) -> str | None:
        """token, revoke, userinfo, login, query, search, describe, composite, or such as ``create_Case``."""
        path, parts = self._request.path, self._parts
        if self._soap is not None:
            return self._soap.operation
        if path.startswith(oauth.ROOT):
            return path.removeprefix(oauth.ROOT) or None
        if path.startswith("/id/"):
            return "userinfo"
        if not self._version:
            return "versions"
        if parts[0] == "composite":
            return "_".join(("composite", *parts[1:2]))
        if parts[0] != "sobjects" or len(parts) == 1 or parts[-1] == "describe":
            return {"sobjects": "describe", "": "resources"}.get(parts[0], parts[0])
        verb = "upsert" if self._request.method == "PATCH" and len(parts) > 3 else _VERBS.get(self._request.method)
        return f"{verb}_{parts[1]}" if verb else None

    @property
    def reference(self) -> str | None:
        """The caller's own reference: a custom field that is written, sought or in the address; else the id there."""
        if self._parts[0] in ("query", "queryAll"):
            found = soql.external_values(query_of(self._request.query).get("q", ""))
            return found[0] if found else None
        if self._parts[0] == "sobjects" and len(self._parts) > 3 and self._parts[2].endswith("__c"):
            return "/".join(self._parts[3:])
        written = _custom_value(self._body)
        has_id = self._parts[0] == "sobjects" and len(self._parts) > 2 and self._parts[2] != "describe"
        return written or (self._parts[2] if has_id else None)

    def answer(self) -> Answer:
        """Log in, or look at the session, act, answer."""
        try:
            if self._soap is not None:
                return partner.answer(self._simulator, self._request, self._soap)
            if self._request.path == oauth.ROOT + "token":
                return oauth.token(self._simulator, self._request)
            if self._request.path == oauth.ROOT + "revoke":
                return oauth.revoke(self._simulator, self._request)
            if self._request.path == oauth.ROOT + "userinfo" or self._request.path.startswith("/id/"):
                return oauth.identity(self._simulator, self._request)
            return self._written(self._rest())
        except Exception:
            log_unexpected(f"salesforce {self.operation}")
            return self._written(
                Reply(500, [{"message": "An unexpected error occurred.", "errorCode": "UNKNOWN_EXCEPTION"}])
            )
        finally:
            self._simulator.org.store.forget_marks()

    def _rest(self) -> Reply:
        simulator = self._simulator
        if self._request.path.rstrip("/") == _DATA:
            return Reply(200, simulator.versions())
        statuses = simulator.org.settings.http_status
        if not self._request.path.startswith(_DATA + "/"):
            return refused(not_found(), statuses, wrote=False)
        kind, _, token = self._headers.get("authorization", "").partition(" ")
        try:
            if retired := simulator.check_version(self._version):
                raise retired
            session = simulator.sessions.use(token.strip() if kind.lower() in ("bearer", "oauth") else None)
            self._count()
            if self._body_refusal is not None:
                raise self._body_refusal
        except Refusal as refusal:
            return refused(refusal, statuses, wrote=False)
        override = query_of(self._request.query)
        method = (
            override.get("_HttpMethod", self._request.method)
            if self._request.method == "POST"
            else self._request.method
        )
        asked = Asked(
            simulator,
            method.upper(),
            self._parts,
            self._version,
            override,
            self._headers,
            self._body,
            session.user,
            self._request,
        )
        reply = simulator.reply(asked)
        made = simulator.org.settings
        usage = f"api-usage={made.requests_made}/{made.daily_requests}"
        return Reply(**{**vars(reply), "headers": {**reply.headers, "Sforce-Limit-Info": usage}})

    def _count(self) -> None:
        """The request counts, whatever comes of it.

        Raises:
            Refusal: REQUEST_LIMIT_EXCEEDED.
        """
        settings = self._simulator.org.settings
        if settings.requests_made >= settings.daily_requests:
            raise Refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self._simulator.org.settings = replace(settings, requests_made=settings.requests_made + 1)

    def _written(self, reply: Reply) -> Answer:
        body = b"" if reply.body is None else json.dumps(reply.body).encode()
        return Answer(reply.status, body, reply.content_type, reply.code, reply.headers, reply.large_body)

    def wrong_credentials(self) -> Answer:
        """What an expired session gives; for a log-in, what a wrong password gives."""
        if self._soap is not None:
            return self._soap.fault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
        if self._request.path.startswith(oauth.ROOT):
            return oauth.Denied("invalid_grant", "authentication failure").answer()
        return self.business_error("INVALID_SESSION_ID", "Session expired or invalid")

    def business_error(self, code: int | str, description: str) -> Answer:
        """A refusal with that code, such as UNABLE_TO_LOCK_ROW. A number is an HTTP status, of an unknown exception."""
        if self._soap is not None:
            return self._soap.fault(str(code), description)
        if self._request.path.startswith(oauth.ROOT):
            return oauth.Denied(str(code), description).answer()
        statuses = self._simulator.org.settings.http_status
        if isinstance(code, int):
            status, name = (code if 400 <= code <= 599 else 500), "UNKNOWN_EXCEPTION"
        else:
            status, name = statuses.get(code, HTTP_STATUS.get(code, 400)), code
        return self._written(Reply(status, [Refusal(name, description).as_error()], name))


def _custom_value(body: Any) -> str | None:
    """The first text or number that a custom field has anywhere in a JSON body."""
    waiting = [body]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, dict):
            own = [value for name, value in one.items() if name.endswith("__c") and isinstance(value, str | int)]
            if own:
                return str(own[0])
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return None
