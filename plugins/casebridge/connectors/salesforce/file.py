"""Files of messages: fetched piece by piece from where they are, and known again in Salesforce."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import urlsplit

import requests
from simple_salesforce.format import format_soql

from casebridge.connectors.salesforce.org import Org, Row
from casebridge.connectors.salesforce.settings import SalesforceSettings
from casebridge.core.message import Attachment

MOST_BYTES = 2 * 1024**3
"""What an upload as multipart may carry (REST API Developer Guide, Insert or Update Blob Data)."""
_PIECE = 256 * 1024


class FileUnavailable(Exception):
    """A file could not be fetched. The text holds no address."""


@dataclass(frozen=True)
class Fetched:
    """A file on this machine's disk, for as long as it is needed.

    Attributes:
        content: Its bytes.
        checksum: MD5 in hex, as Salesforce computes it of a ContentVersion.
    """

    content: BinaryIO = field(repr=False)
    checksum: str


def mark(attachment: Attachment) -> str:
    """What a ContentVersion's Description says, by which the file of a message is known again."""
    return f"Attachment {attachment.id}"


@contextmanager
def fetched(attachment: Attachment, settings: SalesforceSettings, session: requests.Session) -> Iterator[Fetched]:
    """The file, never as a whole in memory.

    Raises:
        FileUnavailable: It is gone, cannot be reached, is empty or too large, or is at a host that is not allowed.
    """
    with tempfile.TemporaryFile() as content:
        digest = hashlib.md5(usedforsecurity=False)
        size = 0
        for piece in _pieces(attachment, settings, session):
            digest.update(piece)
            content.write(piece)
            size += len(piece)
            if size > MOST_BYTES:
                raise FileUnavailable("it is larger than 2 GB")
        if not size:
            raise FileUnavailable("it is empty")
        if attachment.size is not None and size != attachment.size:
            raise FileUnavailable("not all of it came")
        content.seek(0)
        yield Fetched(content, digest.hexdigest())


def _pieces(attachment: Attachment, settings: SalesforceSettings, session: requests.Session) -> Iterator[bytes]:
    host = urlsplit(attachment.url)
    allowed = settings.attachments_from
    if host.scheme not in ("http", "https") or not host.hostname:
        raise FileUnavailable("it has no address")
    if allowed and not {host.hostname, host.netloc} & set(allowed):
        raise FileUnavailable("its host is none of the connection's hosts of files")
    secret = settings.attachments_authorization.get_secret_value()
    headers = {"Authorization": secret} if secret and allowed else {}
    try:
        answer = session.get(
            attachment.url, headers=headers, stream=True, timeout=settings.timeouts, proxies=settings.proxies or None
        )
        with answer:
            if not answer.ok:
                raise FileUnavailable(f"its host answered HTTP {answer.status_code}")
            yield from answer.iter_content(_PIECE)
    except requests.exceptions.RequestException as error:
        raise FileUnavailable(f"its host gave no answer ({type(error).__name__})") from None


class CaseFiles:
    """The files that a Case has.

    Args:
        org: The org.
        case_id: The Case.
    """

    def __init__(self, org: Org, case_id: str) -> None:
        self._org = org
        self._case_id = case_id
        self._rows: Sequence[Row] | None = None

    def find(self, attachment: Attachment, checksum: str = "") -> str:
        """The id of the ContentVersion that holds a file; "" when none does."""
        if self._rows is None:
            self._rows = self._read()
        marked = mark(attachment)
        return next((str(row["Id"]) for row in self._rows if _is(row, marked, attachment.name, checksum)), "")

    def look_again(self) -> None:
        """What was read is out of date."""
        self._rows = None

    def _read(self) -> list[Row]:
        # The links must be asked for alone: they are no part of a semi-join.
        links = self._org.query(
            format_soql("SELECT ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = {}", self._case_id)
        )
        documents = sorted({str(row["ContentDocumentId"]) for row in links})
        found: list[Row] = []
        for start in range(0, len(documents), 100):
            some = documents[start : start + 100]
            query = (
                "SELECT Id, PathOnClient, Description, Checksum FROM ContentVersion "
                "WHERE IsLatest = true AND ContentDocumentId IN {}"
            )
            found += self._org.query(format_soql(query, some))
        return found


def _is(row: Mapping[str, object], marked: str, name: str, checksum: str) -> bool:
    if row.get("Description") == marked:
        return True
    return bool(checksum) and (row.get("Checksum"), row.get("PathOnClient")) == (checksum, name)
