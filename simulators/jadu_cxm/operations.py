"""The calls of the service API: which path makes which, and what it does."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from simulators.exchange import VendorRequest
from simulators.jadu_cxm import values
from simulators.jadu_cxm.case_system import CaseSystem
from simulators.jadu_cxm.cases import Case
from simulators.jadu_cxm.errors import Refusal
from simulators.jadu_cxm.form_data import NotMultipart, read_form
from simulators.jadu_cxm.people import PERSON_FIELDS

# A surrogate alone can come as an escape in JSON; PHP's json_decode refuses it, and no answer could carry it.
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Asked:
    """What a call has to go by.

    Attributes:
        names: The parts of the path, by name.
        query: The parts of the query; the last of each name.
        user: Who has signed in; None: only the API's key is known.
    """

    names: dict[str, str]
    query: dict[str, str]
    request: VendorRequest
    user: str | None


Operation = Callable[[CaseSystem, Asked], Any]


def read_case(system: CaseSystem, asked: Asked) -> dict[str, Any]:
    """A case with the values that the API's role may see."""
    case = system.case(asked.names["reference"])
    extras = {
        "type": case.type.name,
        "created_at": values.stamp(case.created_at, system.settings),
        "updated_at": values.stamp(case.updated_at, system.settings),
        "person": system.persons[case.person].shown() if case.person else None,
        "address": system.addresses[case.address].shown() if case.address else None,
    }
    return {
        "reference": case.reference,
        "status": {"title": case.status_title},
        **{name: value for name, value in extras.items() if name in system.settings.read_extras},
        "values": _read_values(system, case),
    }


def create_case(system: CaseSystem, asked: Asked) -> dict[str, Any]:
    """A new case of the type in the path."""
    kind = system.case_type(asked.names["case_type"])
    case = system.create(kind, json_object(asked.request.body), asked.user)
    return {"reference": case.reference, "status": {"title": case.status_title}}


def edit_case(system: CaseSystem, asked: Asked) -> dict[str, Any]:
    """The fields named are set."""
    case = system.case(asked.names["reference"])
    system.edit(case, json_object(asked.request.body), asked.user)
    return {"reference": case.reference}


def transition_case(system: CaseSystem, asked: Asked) -> dict[str, Any]:
    """A transition is applied; a body is not looked at."""
    case = system.case(asked.names["reference"])
    system.transition(case, asked.names["transition"], asked.user)
    return {"reference": case.reference, "status": {"title": case.status_title}}


def attach_file(system: CaseSystem, asked: Asked) -> dict[str, Any]:
    """A file, described by the part ``json``, is on the case."""
    case = system.case(asked.names["reference"])
    try:
        parts = read_form(asked.request.headers.get("content-type", ""), asked.request.body)
    except NotMultipart as error:
        raise Refusal("bad_body", str(error)) from None
    missing = [name for name in ("json", "file") if name not in parts]
    if missing:
        raise Refusal("validation", errors={name: ["This value should not be blank."] for name in missing})
    described = json_object(parts["json"].content)
    texts = {name: described.get(name) for name in ("name", "type", "description")}
    errors = {name: ["This value should be text."] for name, text in texts.items() if not isinstance(text, str | None)}
    if not texts["name"]:
        errors.setdefault("name", ["This value should not be blank."])
    if errors:
        raise Refusal("validation", errors=errors)
    file = parts["file"]
    about = {**texts, "filename": file.filename or texts["name"], "content_type": file.content_type}
    made = system.attach(case, about, file.content, asked.user)
    return {"id": made.id, "name": made.name, "type": made.type, "description": made.description}


def add_note(system: CaseSystem, asked: Asked) -> dict[str, Any]:
    """A note is on the case. That there is such a call is ASSUMED: the setting ``notes`` takes it away."""
    if not system.settings.notes:
        raise Refusal("unknown_call")
    case = system.case(asked.names["reference"])
    text = json_object(asked.request.body).get("note")
    if not isinstance(text, str) or not text.strip():
        raise Refusal("validation", errors={"note": ["This value should not be blank."]})
    made = system.note(case, text, asked.user)
    return {"id": made.id, "created_at": values.stamp(made.created_at, system.settings)}


def list_cases(system: CaseSystem, asked: Asked) -> dict[str, Any]:
    """One page of a saved filter; past the end it is empty."""
    found = system.filters.get(asked.names["filter"])
    if found is None:
        raise Refusal("unknown_filter", asked.names["filter"])
    page = _page(asked.query.get("page", "1"))
    cases = found.listing(system.cases.values())
    size = system.settings.page_size
    here = cases[(page - 1) * size : page * size]
    items = [_summary(system, case) for case in here]
    return {"total": len(cases), "num_items": len(items), "items": items}


def find_user(system: CaseSystem, asked: Asked) -> dict[str, Any]:
    """The person of a user, by e-mail address."""
    return {"person": {"reference": system.person_of(asked.names["email"]).reference}}


#: Method, path below the API's own, name, what it does. ``sign_in`` is done where credentials are looked at.
_ROUTES: tuple[tuple[str, str, str, Operation | None], ...] = (
    ("POST", r"sign-in", "sign_in", None),
    ("GET", r"case/(?P<reference>[^/]+)", "read_case", read_case),
    ("PATCH", r"case/(?P<reference>[^/]+)/edit", "edit_case", edit_case),
    ("POST", r"case/(?P<reference>[^/]+)/transition/(?P<transition>[^/]+)", "transition_case", transition_case),
    ("POST", r"case/(?P<reference>[^/]+)/attach", "attach_file", attach_file),
    ("POST", r"case/(?P<reference>[^/]+)/note", "add_note", add_note),
    ("POST", r"(?P<case_type>[^/]+)/case/create", "create_case", create_case),
    ("GET", r"filters/(?P<filter>[^/]+)/summaries", "list_cases", list_cases),
    ("GET", r"user/(?P<email>[^/]+)", "find_user", find_user),
)


@dataclass(frozen=True)
class Route:
    """What a path means: a call, or the methods that would be one."""

    operation: str | None
    act: Operation | None
    names: dict[str, str]
    methods: tuple[str, ...] = ()


def route(method: str, path: str) -> Route:
    """What that method on that path means. A HEAD is a GET whose answer has no body."""
    methods = []
    for wanted, pattern, operation, act in _ROUTES:
        if (match := re.fullmatch(pattern, path, re.DOTALL)) is None:
            continue
        if wanted == ("GET" if method == "HEAD" else method):
            return Route(operation, act, match.groupdict())
        methods.append(wanted)
    return Route(None, None, {}, tuple(methods))


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body, whatever its content type says (FACT); an empty body is an empty object.

    Raises:
        Refusal: It is something else.
    """
    try:
        text = body.decode("utf-8")
        given = json.loads(text, parse_constant=_no_number, parse_float=_float) if text.strip() else {}
        whole = not _SURROGATE.search(json.dumps(given, ensure_ascii=False))
    except (ValueError, RecursionError):
        raise Refusal("bad_body", "The body is not valid JSON.") from None
    if not whole:
        raise Refusal("bad_body", "The body is not valid JSON.")
    if not isinstance(given, dict):
        raise Refusal("bad_body", "The body must be a JSON object.")
    return given


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _float(text: str) -> float:
    if math.isinf(number := float(text)):
        raise ValueError(text)
    return number


def _page(text: str) -> int:
    page = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
    if page < 1:
        raise Refusal("bad_page")
    return page


def _summary(system: CaseSystem, case: Case) -> dict[str, Any]:
    extras = {"type": case.type.name} if "type" in system.settings.read_extras else {}
    return {
        "reference": case.reference,
        **extras,
        "status": {"title": case.status_title},
        "created_at": values.stamp(case.created_at, system.settings),
        "updated_at": values.stamp(case.updated_at, system.settings),
    }


def _read_values(system: CaseSystem, case: Case) -> dict[str, Any]:
    person = system.persons[case.person].shown() if case.person else {}
    shown = {}
    for definition in case.type.fields.values():
        if not definition.visible:
            continue
        value = case.values.get(definition.name)
        if value is None and definition.name in PERSON_FIELDS:
            value = person.get(PERSON_FIELDS[definition.name])
        if value is not None or system.settings.empty_values != "omit":
            shown[definition.read_as] = values.read(value, system.settings)
    return shown
