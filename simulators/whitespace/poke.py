"""The WorksheetPoke: how Whitespace tells another system that a worksheet has changed.

As public receivers show it: SOAP 1.1, an empty header, no WS-Security, the body element in a namespace of its
own and its children in none.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_WEB = "https://www.jadu.net/hubis/webservices"
_TIMEOUT_S = 10


@dataclass(frozen=True)
class Poke:
    """What one poke says. The secret is not shown on the admin side."""

    secret: str
    worksheet_id: int
    reference: str
    status: str
    completed: datetime | None

    def message(self) -> bytes:
        """The poke on the wire."""
        envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"soapenv": _SOAP, "web": _WEB})
        etree.SubElement(envelope, f"{{{_SOAP}}}Header")
        poke = etree.SubElement(etree.SubElement(envelope, f"{{{_SOAP}}}Body"), f"{{{_WEB}}}WorksheetPoke")
        children = {
            "secret": self.secret,
            "worksheetId": str(self.worksheet_id),
            "worksheetReference": self.reference,
            "status": self.status,
            "completedDate": self.completed.isoformat(timespec="seconds") if self.completed else "",
        }
        for name, text in children.items():
            etree.SubElement(poke, name).text = text
        return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")

    def shown(self, url: str) -> dict[str, Any]:
        """What the admin side shows."""
        return {
            "url": url,
            "worksheet_id": self.worksheet_id,
            "worksheet_reference": self.reference,
            "status": self.status,
            "completed_date": self.completed.isoformat(timespec="seconds") if self.completed else "",
        }


async def send(url: str, poke: Poke) -> dict[str, Any]:
    """The poke has been posted; what came back is returned: status and body, or the error.

    It is posted from a thread: the receiver may ask this simulator about the worksheet before it answers.
    """
    return {**poke.shown(url), **await asyncio.to_thread(_post, url, poke.message())}


def _post(url: str, message: bytes) -> dict[str, Any]:
    import urllib.error
    import urllib.request

    request = urllib.request.Request(url, message, {"Content-Type": "text/xml"}, method="POST")  # noqa: S310
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=_TIMEOUT_S) as answer:
            return {"http_status": answer.status, "body": answer.read().decode("utf-8", "replace")}
    except urllib.error.HTTPError as error:
        return {"http_status": error.code, "body": error.read().decode("utf-8", "replace")}
    except (OSError, ValueError) as error:
        return {"http_status": None, "error": str(error)}
