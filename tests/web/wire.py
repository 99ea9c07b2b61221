"""HTTP by hand, for what no decent client sends."""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from urllib.parse import urlsplit


def exchange(url: str, path: str, headers: Iterable[tuple[str, str]], body: bytes = b"") -> tuple[int, bytes]:
    """Status and body of the answer to a POST with exactly these headers and bytes."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.putrequest("POST", path)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
