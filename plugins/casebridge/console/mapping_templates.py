"""Mapping templates: listed, read, checked, tried on a real case, and built with a form."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException
from fastapi.responses import HTMLResponse

from casebridge.connectors import registry
from casebridge.connectors.base import ConnectorBase
from casebridge.console.desk import At, Desk, FilledIn
from casebridge.console.template_form import FEWEST_ROWS, FormRow, TemplateForm
from casebridge.core.errors import CasebridgeError
from casebridge.core.lint import Finding, lint_catalogue
from casebridge.core.manifest import Manifest
from casebridge.core.problem import Problem
from casebridge.core.template import MappingTemplate, SourceKind
from casebridge.core.template_reader import inspect_template
from casebridge.installation import SOURCES
from casebridge.steps.prove import behind, default_connection
from casebridge.steps.side_by_side import Forecast, forecast

router = APIRouter()


@router.get("/templates")
def show(desk: At) -> HTMLResponse:
    """All templates, and what is wrong with them."""
    found = [one for one in _lint(desk) if one.path.parent.name in desk.viewer.systems]
    return desk.page("templates.html", found=found)


@router.get("/templates/build")
def blank(desk: At, system: str = "", type: str = "", like: str = "") -> HTMLResponse:
    """The form, empty or filled in with a template that is there."""
    manifest = _manifest(desk, system or min(desk.viewer.systems))
    form = TemplateForm(type=type)
    if like:
        form = TemplateForm.of_template(desk.installation.catalogue.template(manifest.name, like))
    return _builder(desk, manifest, form)


@router.post("/templates/build")
def build(
    desk: At, filled_in: FilledIn, system: Annotated[str, Form()], more: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """The YAML of what was filled in, and what is wrong with it; nothing is stored."""
    manifest, form = _manifest(desk, system), TemplateForm.of(filled_in)
    if more or form.type not in manifest.actions:
        rows = (*form.rows, *[FormRow()] * (2 if form.rows else FEWEST_ROWS))
        return _builder(desk, manifest, TemplateForm(form.name, form.type, form.reference, form.description, rows))
    text = form.yaml(manifest.actions[form.type])
    _, problems = inspect_template(text, template_id="new", manifest=manifest)
    return _builder(desk, manifest, form, text=text, problems=problems)


@router.get("/templates/{system}/{template_id}")
def read(desk: At, system: str, template_id: str) -> HTMLResponse:
    """One template."""
    return _template(desk, system, template_id)


@router.post("/templates/{system}/{template_id}/live")
def live(desk: At, system: str, template_id: str) -> HTMLResponse:
    """What the target itself says against the template: services, items, compulsory properties."""
    desk.viewer.must_look_at(system)
    desk.viewer.must_act_on(system)
    template = desk.installation.catalogue.template(system, template_id)
    try:
        problems, note = list(_connector(desk, system).check_template(template)), ""
    except CasebridgeError as error:
        problems, note = [], f"The target could not be asked: {error}"
    return _template(desk, system, template_id, live=problems, live_note=note or "The target was asked.")


@router.get("/templates/{system}/{template_id}/preview")
def preview(
    desk: At, system: str, template_id: str, case: str = "", source: str = SOURCES[0], ask: bool = False
) -> HTMLResponse:
    """What the template makes of a real case, beside what the target holds now; nothing is written."""
    desk.viewer.must_look_at(system)
    template = desk.installation.catalogue.template(system, template_id)
    if not template.action.outgoing:
        raise HTTPException(404, "An incoming template is previewed by reading the record again.")
    seen, note = _forecast(desk, template, case.strip(), source, ask) if case.strip() else (None, "")
    return desk.page(
        "preview.html",
        template=template,
        case=case,
        source=source,
        sources=SOURCES,
        ask=ask,
        seen=seen,
        note=note,
        sees=desk.viewer.sees_values(system),
    )


def _forecast(desk: Desk, template: MappingTemplate, case: str, source: str, ask: bool) -> tuple[Forecast | None, str]:
    connector: ConnectorBase[Any] | None = None
    note = ""
    if ask and desk.viewer.sees_values(template.system):
        try:
            connector = _connector(desk, template.system)
        except CasebridgeError as error:
            note = str(error)
    try:
        seen = forecast(
            template,
            case,
            source=desk.installation.source(source),
            references=desk.installation.references,
            timezone=desk.timezone(template.system),
            connector=connector,
        )
    except CasebridgeError as error:
        return None, str(error)
    return seen, note or seen.present_note


def _template(
    desk: Desk, system: str, template_id: str, *, live: list[Problem] | None = None, live_note: str = ""
) -> HTMLResponse:
    manifest = _manifest(desk, system)
    found = next((one for one in _lint(desk) if (one.path.parent.name, one.path.stem) == (system, template_id)), None)
    if found is None:
        raise HTTPException(404, "There is no such template.")
    text = found.path.read_text("utf-8", errors="replace")
    problems = [*found.problems, *(live or [])]
    lines = [
        (number, line, [problem for problem in problems if problem.line == number])
        for number, line in enumerate(text.splitlines(), 1)
    ]
    return desk.page(
        "template.html",
        manifest=manifest,
        template_id=template_id,
        template=found.template,
        problems=problems,
        lines=lines,
        live=live,
        live_note=live_note,
        acts=system in desk.viewer.acts_on,
    )


def _builder(
    desk: Desk,
    manifest: Manifest,
    form: TemplateForm,
    *,
    text: str = "",
    problems: list[Problem] | None = None,
) -> HTMLResponse:
    kind = manifest.actions.get(form.type)
    case_types = desk.installation.case_types()
    details = {
        SourceKind.CASE_FIELD: sorted({name for one in case_types for name in one.fields}),
        SourceKind.CASE_DATE: sorted({name for one in case_types for name in one.dates}),
        SourceKind.PERSON: sorted({name for one in case_types for name in one.person}),
        SourceKind.ADDRESS: sorted({name for one in case_types for name in one.address}),
    }
    sources = list(SourceKind) if kind is None or kind.outgoing else [SourceKind.CASE_FIELD, SourceKind.CASE_DATE]
    return desk.page(
        "build.html",
        manifest=manifest,
        systems=sorted(desk.viewer.systems),
        form=form,
        kind=kind,
        kinds=manifest.actions,
        sources=sources,
        details=details,
        text=text,
        problems=problems or [],
    )


def _lint(desk: Desk) -> list[Finding]:
    return lint_catalogue(desk.installation.catalogue, desk.installation.case_types())


def _manifest(desk: Desk, system: str) -> Manifest:
    desk.viewer.must_look_at(system)
    return registry.manifest(system)


def _connector(desk: Desk, system: str) -> ConnectorBase[Any]:
    name = default_connection(system)
    target = behind(system, desk.installation.connection(name), where=name)
    if not isinstance(target, ConnectorBase):
        raise HTTPException(404, "There is no such target system.")
    return target
