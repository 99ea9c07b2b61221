"""Pages for people, so that a link to a case leads somewhere. CXM asks people to log in first; this does not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from simulators.exchange import Answer, VendorRequest
from simulators.jadu_cxm.case_system import CaseSystem
from simulators.jadu_cxm.cases import Case
from simulators.jadu_cxm.values import read, stamp

_STYLE = "body{font:16px sans-serif;max-width:50rem;margin:2rem auto}td,th{text-align:left;padding:.2rem .8rem}"
_CASE = re.compile(r"/q/case/([^/]+)/timeline/?")


def page(system: CaseSystem, request: VendorRequest) -> Answer:
    """The page at that path."""
    if request.method not in ("GET", "HEAD"):
        return _html(405, "Method not allowed", "", {"Allow": "GET, HEAD"})
    if request.path in ("/", "/q", "/q/", "/q/cases"):
        return _html(200, "Cases", _list(system))
    match = _CASE.fullmatch(request.path)
    case = system.cases.get(match.group(1)) if match else None
    if case is None:
        return _html(404, "Page not found", "<p>There is no such page.</p>")
    return _html(200, f"Case {case.reference}", _case(system, case))


def _list(system: CaseSystem) -> str:
    return _table(
        f'<a href="/q/case/{case.reference}/timeline">{case.reference}</a>'
        f"</td><td>{escape(case.type.title)}</td><td>{escape(case.status_title)}"
        for case in system.cases.values()
    )


def _case(system: CaseSystem, case: Case) -> str:
    """Its details, its timeline; every text of a case is escaped."""

    def line(name: str, value: object) -> str:
        return f"<b>{escape(name)}</b></td><td>{escape(str(value))}"

    details = [line("Type", case.type.title), line("Status", case.status_title)]
    if case.address:
        address = system.addresses[case.address]
        details.append(line("Address", f"{address.line1}, {address.town}, {address.postcode}"))
    for definition in case.type.fields.values():
        if (value := case.values.get(definition.name)) is not None:
            shown = definition.choices.get(value, value) if definition.choices else read(value, system.settings)
            details.append(line(definition.label, shown))
    timeline = [
        f"{stamp(one.occurred_at, system.settings)}</td><td>{escape(one.event)} {escape(one.transition or '')}</td>"
        f"<td>{escape(one.user or 'service API')}"
        for one in case.timeline
    ]
    notes = [f"{escape(note.text)}</td><td>{escape(note.by or 'service API')}" for note in case.notes]
    files = [f"{escape(one.name)}</td><td>{len(one.content)} bytes" for one in case.attachments]
    parts = {"Timeline": timeline, "Notes": notes, "Attachments": files}
    return _table(details) + "".join(f"<h2>{title}</h2>{_table(rows)}" for title, rows in parts.items() if rows)


def _table(rows: Iterable[str]) -> str:
    return "<table>" + "".join(f"<tr><td>{row}</td></tr>" for row in rows) + "</table>"


def _html(status: int, title: str, content: str, headers: dict[str, str] | None = None) -> Answer:
    text = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{content}</body></html>\n"
    )
    return Answer(status, text.encode("utf-8", "replace"), "text/html; charset=utf-8", headers=headers or {})
