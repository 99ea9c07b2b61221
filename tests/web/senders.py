"""What Jadu CXM and Whitespace send, as their descriptions have it; not made with the code that reads it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

JADU_SECRET = "jadu-secret-of-the-tests"
WHITESPACE_SECRET = "whitespace-secret-of-the-tests"
PERSONAL = "resident@example.org"


def moment(*, minutes: float = 0) -> str:
    """A time near now, as Jadu CXM writes it: with an offset without a colon."""
    return f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S+0000}"


def event(reference: str = "EMA001330", **parts: Any) -> dict[str, Any]:
    """The payload of a webhook."""
    case = {"reference": reference, "type": "contact", "status": {"title": "Open"}}
    payload = {"event": "case.transitioned", "version": 1, "case": case, "transition": "close-case"}
    payload |= {"from_status": "open", "user": PERSONAL, "occurred_at": moment()}
    return {name: value for name, value in (payload | parts).items() if value is not None}


def signed(body: bytes, secret: str = JADU_SECRET) -> dict[str, str]:
    """The headers of a webhook."""
    code = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Webhook-Signature": f"sha256={code}"}


def webhook(payload: Any = None) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a webhook."""
    body = json.dumps(event() if payload is None else payload).encode()
    return body, signed(body)


POKE = {
    "secret": WHITESPACE_SECRET,
    "worksheetId": "242259",
    "worksheetReference": "CASE-1001",
    "status": "Not Out",
    "completedDate": "2026-07-04T11:34:00",
}
XML = {"Content-Type": "text/xml; charset=utf-8"}


def poke(*, prefix: str = "", **children: str | None) -> bytes:
    """A WorksheetPoke: SOAP 1.1, the children in no namespace, or with a prefix in one."""
    given = {name: text for name, text in (POKE | children).items() if text is not None}
    inner = "".join(f"<{prefix}{name}>{text}</{prefix}{name}>" for name, text in given.items())
    return f"""<?xml version="1.0" encoding="utf-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:web="https://www.jadu.net/hubis/webservices"><soapenv:Header/>
  <soapenv:Body><web:WorksheetPoke>{inner}</web:WorksheetPoke></soapenv:Body>
</soapenv:Envelope>""".encode()
