"""The calls of the API: which path makes which, what it reads, what it does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote

import httpx

from simulators.exchange import VendorRequest
from simulators.service_provider.desk import CUSTOMER, Desk
from simulators.service_provider.errors import Refusal
from simulators.service_provider.tickets import CLOSED, IN_PROGRESS, NEW, PRIORITIES, SOLVED, TEXTS, Ticket

ROOT = "/api/v1/"
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LARGEST_PAGE = 100
_MUST = "This field is required."


@dataclass(frozen=True)
class Result:
    """What a call gives: one ticket, or a body as it is."""

    status: int
    ticket: Ticket | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


Act = Callable[[Desk, str, VendorRequest], Result]


@dataclass(frozen=True)
class Route:
    """What a path and method ask for. Without an operation: nothing; ``methods`` are those that the path knows."""

    operation: str | None = None
    act: Act | None = None
    number: str = ""
    methods: tuple[str, ...] = ()


def create_ticket(desk: Desk, number: str, request: VendorRequest) -> Result:
    """A new ticket. ``reference`` and ``title`` must be there."""
    given = _object(request)
    errors: dict[str, list[str]] = {}
    checked = _checked(given, errors, also=("reference", "callback_url"))
    for name in ("reference", "title"):
        if not checked.get(name) and name not in errors:
            errors[name] = [_MUST]
    if errors:
        raise Refusal("validation", errors=errors)
    return Result(201, desk.create(checked))


def read_ticket(desk: Desk, number: str, request: VendorRequest) -> Result:
    """One ticket with all its updates."""
    return Result(200, desk.ticket(number))


def change_ticket(desk: Desk, number: str, request: VendorRequest) -> Result:
    """The fields named are set; the reference cannot be changed."""
    ticket, given = desk.ticket(number), _object(request)
    errors: dict[str, list[str]] = {}
    checked = _checked(given, errors)
    if "title" in checked and not checked["title"]:
        errors["title"] = [_MUST]
    if errors:
        raise Refusal("validation", errors=errors)
    desk.change(ticket, checked)
    return Result(200, ticket)


def search_tickets(desk: Desk, number: str, request: VendorRequest) -> Result:
    """The tickets with a reference, a status, both or neither; oldest first, in pages."""
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if unknown := [name for name in query if name not in ("reference", "status", "page", "per_page")]:
        raise Refusal("bad_query", f"There is no parameter {unknown[0]}.")
    status = query.get("status")
    if status not in (None, NEW, IN_PROGRESS, SOLVED, CLOSED):
        raise Refusal("bad_query", f"There is no status {status}.")
    page = _whole(query, "page", 1)
    size = min(_whole(query, "per_page", desk.settings.page_size), _LARGEST_PAGE)
    found = desk.search(query.get("reference"), status)
    rows = [one.shown() for one in found[(page - 1) * size : page * size]]
    return Result(200, body={"total": len(found), "page": page, "per_page": size, "tickets": rows})


def add_update(desk: Desk, number: str, request: VendorRequest) -> Result:
    """A ``text`` is added; if wanted with its ``author``."""
    ticket, (text, author) = desk.ticket(number), _texts(request, "text", required=True)
    desk.update(ticket, text, author, CUSTOMER)
    return Result(201, ticket)


def decline_solution(desk: Desk, number: str, request: VendorRequest) -> Result:
    """The solution is declined, for a ``reason``."""
    ticket, (reason, author) = desk.ticket(number), _texts(request, "reason", required=True)
    desk.decline(ticket, reason, author)
    return Result(200, ticket)


def close_ticket(desk: Desk, number: str, request: VendorRequest) -> Result:
    """The ticket is closed; if wanted with a ``note``."""
    ticket, (note, author) = desk.ticket(number), _texts(request, "note", required=False)
    desk.close(ticket, note, author, CUSTOMER)
    return Result(200, ticket)


_NUMBER = "(?P<number>[^/]+)"
_ROUTES: tuple[tuple[re.Pattern[str], dict[str, Act]], ...] = (
    (re.compile("tickets"), {"GET": search_tickets, "POST": create_ticket}),
    (re.compile(f"tickets/{_NUMBER}"), {"GET": read_ticket, "PATCH": change_ticket}),
    (re.compile(f"tickets/{_NUMBER}/updates"), {"POST": add_update}),
    (re.compile(f"tickets/{_NUMBER}/decline"), {"POST": decline_solution}),
    (re.compile(f"tickets/{_NUMBER}/close"), {"POST": close_ticket}),
)
OPERATIONS = tuple(act.__name__ for _, methods in _ROUTES for act in methods.values())


def route(method: str, path: str) -> Route:
    """What a request under the API's path asks for."""
    for pattern, methods in _ROUTES:
        if found := pattern.fullmatch(path):
            known = tuple(methods)
            act = methods.get(method)
            number = unquote(found.groupdict().get("number", ""))
            return Route(act.__name__ if act else None, act, number, known)
    return Route()


def reference_of(desk: Desk, asked: Route, request: VendorRequest) -> str | None:
    """The caller's own reference: in the body of a create, in the query of a search, else that of the ticket."""
    if asked.number:
        ticket = desk.tickets.get(asked.number)
        return ticket.reference if ticket else None
    if asked.operation == "search_tickets":
        return dict(parse_qsl(request.query)).get("reference")
    try:
        given = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    found = given.get("reference") if isinstance(given, dict) else None
    return found if isinstance(found, str) else None


def _object(request: VendorRequest) -> dict[str, Any]:
    content = Message()
    content["Content-Type"] = request.headers.get("content-type", "")
    if content.get_content_type() != "application/json":
        raise Refusal("bad_media_type")
    try:
        given = json.loads(request.body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal("bad_body", f"The body is not JSON: {error}.") from None
    if not isinstance(given, dict):
        raise Refusal("bad_body", "The body must be a JSON object.")
    return given


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _checked(given: Mapping[str, Any], errors: dict[str, list[str]], also: tuple[str, ...] = ()) -> dict[str, Any]:
    """The values to store. What is wrong with others is in the errors then."""
    limits = TEXTS | ({"reference": 100} if "reference" in also else {})
    checked: dict[str, Any] = {}
    for name, value in given.items():
        if name in limits:
            if problem := _wrong_text(value, limits[name]):
                errors[name] = [problem]
        elif name == "priority":
            if value not in PRIORITIES:
                errors[name] = [f"This field must be one of {', '.join(PRIORITIES)}."]
        elif name == "callback_url" and name in also:
            if value is not None and not _web(value):
                errors[name] = ["This field must be an http or https address."]
        else:
            errors[name] = ["There is no such field."]
        checked[name] = value
    return checked


def _wrong_text(value: Any, longest: int) -> str | None:
    if not isinstance(value, str) or _NOT_TEXT.search(value):
        return "This field must be text."
    return f"This field may have at most {longest} characters." if len(value) > longest else None


def _web(value: Any) -> bool:
    try:
        url = httpx.URL(value)
    except (httpx.InvalidURL, TypeError):
        return False
    return url.scheme in ("http", "https") and bool(url.host)


def _texts(request: VendorRequest, name: str, *, required: bool) -> tuple[str, str]:
    """The text of that name and its author."""
    given = _object(request) if required or request.body.strip() else {}
    errors: dict[str, list[str]] = {}
    for key, value in given.items():
        if key not in (name, "author"):
            errors[key] = ["There is no such field."]
        elif problem := _wrong_text(value, TEXTS["description"]):
            errors[key] = [problem]
    if required and not given.get(name) and name not in errors:
        errors[name] = [_MUST]
    if errors:
        raise Refusal("validation", errors=errors)
    return given.get(name, ""), given.get("author", "")


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < 1:
        raise Refusal("bad_query", f"The parameter {name} must be a whole number of at least 1.")
    return int(text)
