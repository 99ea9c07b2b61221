"""Payloads that fit the sample data of the simulator, and a connector for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.core.message import Attachment, Author, Message
from casebridge.core.payload import Payload
from tests.connectors.wire import reply

MANIFEST = registry.manifest("salesforce")
CREATE = MANIFEST.action("create_case")
AGENT = "agent.demo@example.com"
CUSTOMER_USER = "witiop.customer@example.org"
START = datetime(2024, 5, 1, 10, 0, 1, tzinfo=UTC)


def said(
    number: int, text: str = "ciao", *, by: Author = Author.CUSTOMER, files: Sequence[Attachment] = (), seconds: int = 0
) -> Message:
    """A message of the customer's, or of the agent's."""
    agent = by is Author.AGENT
    return Message(
        id=f"wamid.{number}",
        author=by,
        sent_at=START + timedelta(seconds=seconds or number),
        text=text,
        author_name="" if agent else "Maria C.",
        author_email=AGENT if agent else "",
        attachments=tuple(files),
    )


def conversation(
    *messages: Message, number: str = "+393331234567", conversation_id: str = "1793", **fields: str
) -> Payload:
    """What is sent for a conversation; a field that is "" is left out."""
    given = {
        "conversation_id": conversation_id,
        "contact_phone": number,
        "contact_name": "Maria C.",
        "owner_email": AGENT,
        "origin": "WhatsApp",
        **fields,
    }
    return Payload(fields={name: value for name, value in given.items() if value}, messages=messages)


def connector(
    host: str = "https://sf.example", session: requests.Session | None = None, **settings: Any
) -> ConnectorBase[Any]:
    """A connector with credentials of the simulator's shape."""
    values = {
        "host": host,
        "login": "witiop.api@example.org",
        "password": "demo-password",
        "security_token": "demo-security-token",
        "consumer_key": "demo-consumer-key",
        "consumer_secret": "demo-consumer-secret",
        **settings,
    }
    return registry.connector("salesforce", values, where="salesforce_default", session=session)


def answered(body: Any, status: int = 200, **headers: str) -> requests.Response:
    """An answer in JSON."""
    return reply(json.dumps(body), status, Content_Type="application/json", **headers)


def refused(code: str, message: str = "because", status: int = 400, **more: Any) -> requests.Response:
    """A refusal as the REST API tells it."""
    return answered([{"message": message, "errorCode": code, "fields": [], **more}], status)


def rows(*records: dict[str, Any]) -> requests.Response:
    """The answer to a query."""
    return answered({"totalSize": len(records), "done": True, "records": list(records)})


TOKEN = {"access_token": "00D!token", "instance_url": "https://acme.my.salesforce.com", "token_type": "Bearer"}
