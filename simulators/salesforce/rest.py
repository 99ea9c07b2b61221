"""What passes between the REST API and its resources, and which resource an address is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from simulators.exchange import LargeBody, VendorRequest
from simulators.salesforce.errors import HTTP_STATUS, Refusal
from simulators.salesforce.org import Writer

if TYPE_CHECKING:
    from simulators.salesforce.simulator import SalesforceSimulator


@dataclass(frozen=True)
class Asked:
    """One request to the REST API, or one of those within a composite.

    Attributes:
        parts: The path after the version, split at its slashes.
        version: As in the path, such as ``v66.0``.
        headers: By names in small letters.
        body: The JSON that was sent; None: nothing was.
        user: The id of who asks.
        http: The HTTP request; None within a composite.
    """

    simulator: SalesforceSimulator
    method: str
    parts: tuple[str, ...]
    version: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    user: str
    http: VendorRequest | None = None

    def writer(self, *, may_set_audit_fields: bool = True) -> Writer:
        """Who writes, and how the headers say."""
        rules = dict(
            part.strip().lower().partition("=")[::2]
            for part in self.headers.get("sforce-duplicate-rule-header", "").split(";")
        )
        return Writer(
            self.user,
            auto_assign=self.headers.get("sforce-auto-assign", "true").strip().lower() != "false",
            allow_duplicates=rules.get("allowsave") == "true",
            may_set_audit_fields=may_set_audit_fields,
        )

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            Refusal: JSON_PARSER_ERROR.
        """
        if not isinstance(self.body, dict):
            raise Refusal("JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body.")
        return self.body


@dataclass(frozen=True)
class Reply:
    """One answer. ``body`` is JSON; None: none. ``code`` is the vendor's error code, where it is one."""

    status: int
    body: Any = None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    large_body: LargeBody | None = None
    content_type: str = "application/json;charset=UTF-8"


Resource = Callable[[Asked], Reply]


def refused(refusal: Refusal, statuses: Mapping[str, int], *, wrote: bool) -> Reply:
    """The answer to a refusal: a list of errors, with the status that goes with the code."""
    status = statuses.get(refusal.code, HTTP_STATUS.get(refusal.code, 400))
    error = refusal.as_dml_error() if wrote else refusal.as_error()
    return Reply(status, [error], refusal.code)


def json_body(raw: bytes) -> Any:
    """The JSON of a body; None where there is no body.

    Raises:
        Refusal: JSON_PARSER_ERROR.
    """
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        place = f"[line:{getattr(error, 'lineno', 1)}, column:{getattr(error, 'colno', 1)}]"
        raise Refusal("JSON_PARSER_ERROR", f"Unexpected character at {place}") from None


def query_of(text: str) -> dict[str, str]:
    """The parameters of an address, by name."""
    return dict(parse_qsl(text, keep_blank_values=True))


def wrong_method(method: str) -> Refusal:
    """The vendor's answer to a method that a resource does not take."""
    return Refusal("METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed.")
