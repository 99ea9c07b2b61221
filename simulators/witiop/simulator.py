"""The WitiOp simulator: a desk for messages with three faces, and the webhooks that it sends."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote

from simulators.courier import Courier, Delivery, Message
from simulators.exchange import Answer, Call, VendorRequest, html
from simulators.fields import BadField, Fields
from simulators.gateway import log_unexpected
from simulators.simulator import Action, Simulator
from simulators.witiop import chatwoot_face, twilio_face, witiop_face
from simulators.witiop.conversations import Conversation, Desk, NotPossible
from simulators.witiop.settings import Settings

_ROUTES = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "list_conversations": r"/api/conversations",
        "read_conversation": r"/api/conversations/(?P<id>\d+)",
        "media": r"/media/(?P<file>m\d+)(?:/.*)?",
        "chatwoot_conversation": r"/chatwoot/api/v1/accounts/1/conversations/(?P<id>\d+)",
        "chatwoot_messages": r"/chatwoot/api/v1/accounts/1/conversations/(?P<id>\d+)/messages",
        "chatwoot_agents": r"/chatwoot/api/v1/accounts/1/agents",
        "twilio_conversation": r"/twilio/v1/Conversations/(?P<sid>CH[0-9a-f]{32})",
        "twilio_messages": r"/twilio/v1/Conversations/(?P<sid>CH[0-9a-f]{32})/Messages",
        "twilio_participants": r"/twilio/v1/Conversations/(?P<sid>CH[0-9a-f]{32})/Participants",
        "twilio_media": r"/twilio/v1/Services/(?P<service>IS[0-9a-f]{32})/Media/(?P<media>ME[0-9a-f]{32})",
    }.items()
}
_PREFIXES = ("/api/", "/media/", "/chatwoot/", "/twilio/")


@dataclass(frozen=True)
class Told:
    """What a webhook tells: made when it happened, signed when it is sent."""

    face: str
    url: str
    body: bytes
    conversation: Conversation


class WitiopSimulator(Simulator):
    """Holds conversations and tells of them when they are closed."""

    name = "witiop"
    endpoints: ClassVar[Mapping[str, str]] = {
        "conversations": "/api/conversations",
        "media": "/media/{id}",
        "chatwoot": "/chatwoot/api/v1/accounts/1",
        "twilio": "/twilio/v1",
    }
    default_credentials: ClassVar[Mapping[str, str]] = {
        "api_token": "demo-api-token",
        "webhook_secret": "demo-webhook-secret",
        "chatwoot_access_token": "demo-chatwoot-token",
        "chatwoot_webhook_secret": "demo-chatwoot-secret",
        "twilio_account_sid": twilio_face.sid("AC", "desk"),
        "twilio_auth_token": "demo-twilio-token",
    }

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(self.clock)
        self.switches = Settings()
        self.courier = Courier(self.clock, lambda: self.switches.delivery, self._compose)
        self._told: dict[int, Told] = {}

    def call(self, request: VendorRequest) -> Call | None:
        """Everything under the faces' paths is a call."""
        return WitiopCall(self, request) if request.path.startswith(_PREFIXES) else None

    def document(self, request: VendorRequest) -> Answer:
        """There are no pages."""
        return html(404, "Not Found", "This address is not known.")

    def reset_records(self) -> None:
        """Sample data and default switches."""
        self.courier.clear()
        self._told.clear()
        self.desk.reset()
        self.switches = Settings()

    def samples(self) -> dict[str, list[str]]:
        """Ids that exist; the first of each kind belong together."""
        conversations = list(self.desk.conversations.values())
        return {
            "conversation": [str(one.id) for one in conversations],
            "number": [one.number for one in conversations],
            "agent_email": list(self.desk.agents),
            "attachment": list(self.desk.attachments),
            "twilio_conversation": [twilio_face.sid("CH", one.id) for one in conversations],
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """All conversations with their messages, and every delivery."""
        return {
            "conversations": [one.shown() for one in self.desk.conversations.values()],
            "agents": [dict(vars(one)) for one in self.desk.agents.values()],
            "deliveries": [one.shown() for one in self.courier.deliveries],
        }

    def settings(self) -> dict[str, Any]:
        """The switches in force."""
        return self.switches.shown()

    def change_settings(self, fields: Fields) -> None:
        """The switches named are set."""
        self.switches = self.switches.changed(fields)

    # what people do

    def actions(self) -> Mapping[str, Action]:
        """What customers and agents do, and what becomes of webhooks."""
        return {
            "open": self._open,
            "message": self._message,
            "close": self._close,
            "reopen": self._reopen,
            "redeliver": self._redeliver,
            "settle": self._settle,
        }

    def _open(self, fields: Fields) -> dict[str, Any]:
        customer = fields.group("customer")
        if customer is None:
            raise BadField('Field "customer" is missing.')
        given = {
            "id": fields.integer("id", None, minimum=1),
            "customer": {"number": customer.text("number"), "name": customer.text("name", None)},
            "agent": fields.text("agent", "agent.demo@example.com"),
            "opened_at": fields.moment("opened_at") if "opened_at" in fields else None,
            "channel": fields.text("channel", None),
        }
        customer.end()
        messages = fields.value("messages", [])
        fields.end()
        if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
            raise BadField('Field "messages" must be a list of objects.')
        said = [_said(Fields(one, "messages.")) for one in messages]
        try:
            conversation = self.desk.open(given)
        except NotPossible as error:
            raise BadField(str(error)) from None
        for one in said:
            self.desk.say(conversation.id, one)
        return conversation.shown()

    def _message(self, fields: Fields) -> dict[str, Any]:
        number = fields.integer("conversation")
        said = _said(fields)
        try:
            self.desk.say(number, said)
            return self.desk.find(number).shown()
        except NotPossible as error:
            raise BadField(str(error)) from None

    async def _close(self, fields: Fields) -> dict[str, Any]:
        number, profile = fields.integer("conversation"), fields.value("profile", {})
        wait = fields.flag("wait", True)
        fields.end()
        if not isinstance(profile, dict):
            raise BadField('Field "profile" must be an object.')
        try:
            conversation = self.desk.close(number, profile)
        except NotPossible as error:
            raise BadField(str(error)) from None
        return await self._tell(conversation, wait=wait)

    async def _reopen(self, fields: Fields) -> dict[str, Any]:
        number, wait = fields.integer("conversation"), fields.flag("wait", True)
        fields.end()
        try:
            conversation = self.desk.reopen(number)
        except NotPossible as error:
            raise BadField(str(error)) from None
        return await self._tell(conversation, wait=wait)

    async def _tell(self, conversation: Conversation, *, wait: bool) -> dict[str, Any]:
        switches, made = self.switches, []
        reopened_untold = conversation.closed_at is None and (switches.face == "witiop" or not switches.tells_reopened)
        if switches.webhook_url is not None and not reopened_untold:
            delivery = Delivery(len(self.courier.deliveries) + 1, str(conversation.id))
            body = self._body(conversation)
            self._told[delivery.id] = Told(switches.face, switches.webhook_url, body, conversation)
            self.courier.accept(delivery)
            made.append(delivery)
        if wait:
            await self.courier.settle()
        return {"conversation": conversation.shown(), "deliveries": [one.shown() for one in made]}

    def _body(self, conversation: Conversation) -> bytes:
        account = self.credentials["twilio_account_sid"]
        match self.switches.face:
            case "chatwoot":
                return chatwoot_face.payload(conversation, self.base_url)
            case "twilio":
                return twilio_face.form_payload(conversation, account)
            case "twilio_events":
                return twilio_face.event_payload(conversation, account)
        return witiop_face.payload(conversation, self.base_url)

    def _compose(self, delivery: Delivery) -> Message:
        told, now, accepted = self._told[delivery.id], self.clock.now(), self.credentials
        match told.face:
            case "chatwoot":
                secret = accepted["chatwoot_webhook_secret"]
                return Message(told.url, chatwoot_face.headers(secret, told.body, now, told.conversation), told.body)
            case "twilio":
                headers = twilio_face.signed_form(accepted["twilio_auth_token"], told.url, told.body)
                return Message(told.url, headers, told.body)
            case "twilio_events":
                url, headers = twilio_face.signed_event(accepted["twilio_auth_token"], told.url, told.body)
                return Message(url, headers, told.body)
        return Message(told.url, witiop_face.headers(accepted["webhook_secret"], told.body, now), told.body)

    async def _redeliver(self, fields: Fields) -> dict[str, Any]:
        chosen = self.courier.chosen(fields)
        await self.courier.send_again(chosen)
        return {"deliveries": [one.shown() for one in chosen]}

    async def _settle(self, fields: Fields) -> dict[str, bool]:
        fields.end()
        await self.courier.settle()
        return {"settled": True}


def _said(fields: Fields) -> dict[str, Any]:
    """What an admin call says of a message."""
    said: dict[str, Any] = {
        "from": fields.text("from", "customer"),
        "text": fields.text("text", ""),
        "sent_at": fields.moment("sent_at") if "sent_at" in fields else None,
        "private": fields.flag("private", False),
    }
    files = fields.value("attachments", [])
    fields.end()
    if not isinstance(files, list) or not all(isinstance(one, dict) for one in files):
        raise BadField('Field "attachments" must be a list of objects.')
    said["attachments"] = []
    for one in files:
        file = Fields(one, "attachments.")
        said["attachments"].append(
            {
                "name": file.text("name"),
                "mime": file.text("mime", "application/octet-stream"),
                "size": file.integer("size", 1024, minimum=0),
            }
        )
        file.end()
    return said


class WitiopCall:
    """One request to a face of the desk."""

    def __init__(self, simulator: WitiopSimulator, request: VendorRequest) -> None:
        self._simulator = simulator
        self._request = request
        self._query = dict(parse_qsl(request.query))
        self._operation: str | None = None
        self._names: dict[str, str] = {}
        for name, pattern in _ROUTES.items():
            if match := pattern.fullmatch(request.path):
                self._operation, self._names = name, match.groupdict()

    @property
    def operation(self) -> str | None:
        """The name of the call; None where the path is no call."""
        return self._operation

    @property
    def reference(self) -> str | None:
        """The id of the conversation or file in the path."""
        return next(iter(self._names.values()), None)

    def answer(self) -> Answer:
        """Look at the credentials, answer."""
        try:
            if not self._allowed():
                return self.wrong_credentials()
            if self._operation is None:
                return self._refusal(404, "not_found", "There is no such resource.")
            if self._request.method not in ("GET", "HEAD"):
                return self._refusal(405, "method_not_allowed", "Only GET is possible here.")
            return self._read()
        except NotPossible as error:
            return self._refusal(404, "not_found", str(error))
        except Exception:
            log_unexpected(f"witiop {self.operation}")
            return self._refusal(500, "error", "Internal server error.")

    def _allowed(self) -> bool:
        accepted, path, headers = self._simulator.credentials, self._request.path, self._request.headers
        if path.startswith("/chatwoot/"):
            return _same(headers.get("api_access_token", ""), accepted["chatwoot_access_token"])
        if path.startswith("/twilio/"):
            wanted = f"{accepted['twilio_account_sid']}:{accepted['twilio_auth_token']}"
            return _same(_basic(headers.get("authorization", "")), wanted)
        if path.startswith("/media/") and not self._simulator.switches.media_needs_token:
            return True
        kind, _, token = headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and _same(token.strip(), accepted["api_token"])

    def _read(self) -> Answer:
        desk, base = self._simulator.desk, self._request.base_url
        account = self._simulator.credentials["twilio_account_sid"]
        match self._operation:
            case "list_conversations":
                return self._list()
            case "read_conversation":
                return _json(200, witiop_face.conversation_of(desk.find(int(self._names["id"])), base))
            case "media":
                return self._media(self._names["file"])
            case "chatwoot_conversation":
                return _json(200, chatwoot_face.conversation_of(desk.find(int(self._names["id"])), base))
            case "chatwoot_messages":
                before = self._whole_number("before", None)
                return _json(200, chatwoot_face.messages(desk.find(int(self._names["id"])), base, before))
            case "chatwoot_agents":
                return _json(200, chatwoot_face.agents(list(desk.agents.values())))
            case "twilio_conversation":
                found = twilio_face.conversation_of(self._by_sid(), account)
                links = {name: f"{base}{self._request.path}/{name.title()}" for name in ("messages", "participants")}
                return _json(200, {**found, "url": base + self._request.path, "links": links})
            case "twilio_messages":
                rows = twilio_face.messages(self._by_sid(), account)
                if self._query.get("Order") == "desc":
                    rows.reverse()
                return self._twilio_page("messages", rows)
            case "twilio_participants":
                return self._twilio_page("participants", twilio_face.participants(self._by_sid(), account))
        return self._twilio_media(base)

    def _list(self) -> Answer:
        simulator = self._simulator
        status, since = self._query.get("status"), self._query.get("closed_after")
        try:
            after = datetime.fromisoformat(since) if since else None
            if after is not None and after.tzinfo is None:
                raise ValueError
        except ValueError:
            return self._refusal(400, "bad_request", "closed_after must be a date and time with its offset.")
        found = [
            one
            for one in simulator.desk.conversations.values()
            if status in (None, one.status) and (after is None or (one.closed_at is not None and one.closed_at > after))
        ]
        size, page = simulator.switches.page_size, max(1, self._whole_number("page", 1) or 1)
        rows = [
            witiop_face.conversation_of(one, self._request.base_url) for one in found[(page - 1) * size : page * size]
        ]
        return _json(200, {"total": len(found), "page": page, "conversations": rows})

    def _whole_number(self, name: str, default: int | None) -> int | None:
        text = self._query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else default

    def _by_sid(self) -> Conversation:
        for one in self._simulator.desk.conversations.values():
            if twilio_face.sid("CH", one.id) == self._names["sid"]:
                return one
        raise NotPossible(f"The requested resource {self._request.path} was not found")

    def _twilio_page(self, key: str, rows: list[dict[str, Any]]) -> Answer:
        size = min(100, max(1, self._whole_number("PageSize", self._simulator.switches.page_size) or 1))
        number = self._whole_number("Page", 0) or 0
        return _json(200, twilio_face.page(key, rows, number, size, self._request.base_url + self._request.path))

    def _twilio_media(self, base: str) -> Answer:
        for one in self._simulator.desk.attachments.values():
            if twilio_face.media_sid(one.id) == self._names["media"] and self._names["service"] == twilio_face.SERVICE:
                direct = f"{base}/media/{one.id}/{quote(one.name)}"
                about = {"sid": self._names["media"], "service_sid": twilio_face.SERVICE, "size": one.size}
                more = {"content_type": one.mime, "filename": one.name, "links": {"content_direct_temporary": direct}}
                return _json(200, about | more)
        raise NotPossible(f"The requested resource {self._request.path} was not found")

    def _media(self, key: str) -> Answer:
        file = self._simulator.desk.attachments.get(key)
        if file is None:
            raise NotPossible(f"There is no file {key}.")
        return Answer(200, b"", file.mime, large_body=file.body())

    def _refusal(self, status: int, code: str, message: str) -> Answer:
        """In the manner of the face that was asked."""
        if self._request.path.startswith("/twilio/"):
            number = 20000 + status
            more = f"https://www.twilio.com/docs/errors/{number}"
            return _json(status, {"code": number, "message": message, "more_info": more, "status": status}, code)
        return _json(status, {"error": message}, code)

    def wrong_credentials(self) -> Answer:
        """What wrong credentials give."""
        if self._request.path.startswith("/twilio/"):
            more = "https://www.twilio.com/docs/errors/20003"
            body = {"code": 20003, "message": "Authenticate", "more_info": more, "status": 401}
            return _json(401, body, "unauthorized")
        if self._request.path.startswith("/chatwoot/"):
            return _json(401, {"error": "Invalid Access Token"}, "unauthorized")
        return _json(401, {"error": "The token is not valid."}, "unauthorized")

    def business_error(self, code: int | str, description: str) -> Answer:
        """A refusal with that text; the code is the HTTP status where it can be one, else 422."""
        status = code if isinstance(code, int) and 400 <= code <= 599 else 422
        return self._refusal(status, str(code), description)


def _same(given: str, accepted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), accepted.encode())


def _basic(header: str) -> str:
    kind, _, coded = header.partition(" ")
    try:
        return base64.b64decode(coded, validate=True).decode() if kind.lower() == "basic" else ""
    except (binascii.Error, ValueError):
        return ""


def _json(status: int, body: Any, code: str | None = None) -> Answer:
    return Answer(status, json.dumps(body).encode(), "application/json", code)
