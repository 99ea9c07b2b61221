"""Integrations: how each stands, its settings, and pausing it. Saving connects first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, RedirectResponse

from casebridge.connectors import registry
from casebridge.console import settings_form
from casebridge.console.airflow_port import AirflowRefused, Pool
from casebridge.console.desk import At, Desk, FilledIn
from casebridge.console.findings import last_reconciliations
from casebridge.console.pause import Pause, pause, pause_of, resume
from casebridge.console.screen import title_of
from casebridge.core.errors import CasebridgeError
from casebridge.sources import registry as sources
from casebridge.steps.prove import behind, default_connection, prove
from casebridge.store.figures import Standing
from casebridge.store.operator_acts import OperatorAct

router = APIRouter()


@dataclass(frozen=True)
class Integration:
    """A target system or case source, as the page shows it.

    Attributes:
        name: Its name.
        title: What people call it.
        target: Whether it is a target system.
        connection: The name of its Airflow connection.
        enabled: Whether it may act; None when there is no connection, or it cannot be read.
        note: What is wrong with the settings, or "".
        standing: How its actions stand; of a target system.
        pool: Its pool in Airflow; of a target system.
        paused: That it is paused, or None.
        checked: The last check of its connection, or None.
        findings: How many findings of reconciliation are open.
    """

    name: str
    title: str
    target: bool
    connection: str
    enabled: bool | None
    note: str = ""
    standing: Standing = field(default_factory=Standing)
    pool: Pool | None = None
    paused: Pause | None = None
    checked: OperatorAct | None = None
    findings: int = 0


@router.get("/integrations")
def show(desk: At) -> HTMLResponse:
    """All integrations that the viewer may look at."""
    systems = desk.viewer.systems
    standing = desk.installation.figures.standing(systems, datetime.now(UTC) - timedelta(days=1))
    found = [_integration(desk, name, standing.get(name)) for name in sorted(systems)]
    found += [_integration(desk, name) for name in sorted(sources.connected())]
    return desk.page("integrations.html", found=found)


@router.get("/integrations/{name}")
def one(desk: At, name: str, done: str = "") -> HTMLResponse:
    """One integration with its settings."""
    return _page(desk, name, done=done)


@router.post("/integrations/{name}/settings", response_model=None)
def save(desk: At, name: str, filled_in: FilledIn) -> HTMLResponse | RedirectResponse:
    """Saves settings after they were proved to work; what fails is not saved, and the page says why."""
    _known(desk, name)
    desk.viewer.must_configure(name)
    before = _values(desk, name)
    given: dict[str, Any] = {}
    try:
        given = settings_form.read(name, filled_in, before)
        told = prove(name, given, where=default_connection(name))
    except CasebridgeError as error:
        return _page(desk, name, refused=_nothing_saved(error), values=given or dict(filled_in), status=422)
    return _save(desk, name, before, given, told)


@router.post("/integrations/{name}/{switch}", response_model=None)
def act(desk: At, name: str, switch: str) -> HTMLResponse | RedirectResponse:
    """Enables, disables, checks, pauses or resumes an integration."""
    _known(desk, name)
    match switch:
        case "enable" | "disable":
            return _enable(desk, name, switch == "enable")
        case "check":
            return _check(desk, name)
        case "pause" | "resume" if name in desk.viewer.systems:
            return _pause(desk, name, switch)
    raise HTTPException(404, "There is no such page.")


def _enable(desk: Desk, name: str, enabled: bool) -> HTMLResponse | RedirectResponse:
    desk.viewer.must_configure(name)
    before = _values(desk, name)
    given = {**before, "enabled": enabled}
    try:
        told = prove(name, given, where=default_connection(name))
    except CasebridgeError as error:
        return _page(desk, name, refused=_nothing_saved(error), status=422)
    return _save(desk, name, before, given, told)


def _save(desk: Desk, name: str, before: dict[str, Any], given: dict[str, Any], told: str) -> RedirectResponse:
    desk.viewer.airflow.save_connection(default_connection(name), name, settings_form.connection_fields(given))
    changed = ", ".join(settings_form.changed(name, before, given)) or "nothing"
    desk.installation.operator_acts.to_system(name, "saved", f"changed: {changed}", who=desk.viewer.name)
    return desk.go("integrations", name, done=f"Saved. {told}")


def _check(desk: Desk, name: str) -> RedirectResponse:
    if name in desk.viewer.systems:
        desk.viewer.must_act_on(name)
    else:
        desk.viewer.must_configure(name)
    connection = default_connection(name)
    try:
        kind, told = "works", behind(name, desk.installation.connection(connection), where=connection).check()
    except CasebridgeError as error:
        kind, told = "fails", str(error)
    desk.installation.operator_acts.to_system(name, kind, told, who=desk.viewer.name)
    return desk.go("integrations", name, done=told)


def _pause(desk: Desk, name: str, switch: str) -> RedirectResponse:
    desk.viewer.must_pause(name)
    if switch == "pause":
        pause(desk.viewer.airflow, name, desk.viewer.name)
        done = "Paused: its actions wait, lose nothing and spend no try."
    else:
        resume(desk.viewer.airflow, name)
        done = "It goes on."
    desk.installation.operator_acts.to_system(name, switch, done, who=desk.viewer.name)
    return desk.go("integrations", name, done=done)


def _page(
    desk: Desk,
    name: str,
    *,
    done: str = "",
    refused: str = "",
    values: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HTMLResponse:
    _known(desk, name)
    standing = None
    if name in desk.viewer.systems:
        day_ago = datetime.now(UTC) - timedelta(days=1)
        standing = desk.installation.figures.standing(frozenset({name}), day_ago)[name]
    held = _values(desk, name)
    shown = {**held, **values} if values is not None else held
    configures = name in desk.viewer.configures
    return desk.page(
        "integration.html",
        status=status,
        one=_integration(desk, name, standing),
        inputs=settings_form.inputs(name, shown) if configures else [],
        configures=configures,
        pauses=name in desk.viewer.pauses,
        checks=configures or name in desk.viewer.acts_on,
        done=done,
        refused=refused,
        deeds=desk.installation.operator_acts.latest(name),
        reconciliations=last_reconciliations(desk, name),
    )


def _integration(desk: Desk, name: str, standing: Standing | None = None) -> Integration:
    target = name in registry.manifests()
    connection = default_connection(name)
    enabled, note = None, ""
    try:
        values = desk.installation.connection(connection)
        read = registry.settings if target else sources.settings
        enabled = read(name, values, where=connection).enabled
    except CasebridgeError as error:
        note = str(error)
    pool = _pool(desk, name) if target else None
    acts = desk.installation.operator_acts
    checks = sorted(
        (check for kind in ("works", "fails") for check in acts.latest(name, kind=kind, limit=1)),
        key=lambda check: check.at,
    )
    return Integration(
        name=name,
        title=title_of(name),
        target=target,
        connection=connection,
        enabled=enabled,
        note=note,
        standing=standing or Standing(),
        pool=pool,
        paused=pause_of(pool),
        checked=checks[-1] if checks else None,
        findings=desk.installation.findings.open(frozenset({name})).get(name, 0) if target else 0,
    )


def _pool(desk: Desk, name: str) -> Pool | None:
    try:
        return desk.viewer.airflow.pool(name)
    except AirflowRefused:  # who may not look at pools sees the rest all the same
        return None


def _values(desk: Desk, name: str) -> dict[str, Any]:
    try:
        return desk.installation.connection(default_connection(name))
    except CasebridgeError:
        return {}


def _known(desk: Desk, name: str) -> None:
    if name in registry.manifests():
        desk.viewer.must_look_at(name)
    elif name not in sources.connected():
        raise HTTPException(404, "There is no such integration.")


def _nothing_saved(error: CasebridgeError) -> str:
    text = str(error)
    return text if text.startswith("nothing was saved") else f"nothing was saved: {text}"
