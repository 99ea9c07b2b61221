"""What the council's own people do to a worksheet, called from the admin side: complete it, tell others."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from simulators.fields import BadField, Fields
from simulators.whitespace.errors import Refusal
from simulators.whitespace.local_time import parse_local
from simulators.whitespace.poke import Poke, send
from simulators.whitespace.powersuite import PowerSuite
from simulators.whitespace.settings import poke_url
from simulators.whitespace.worksheets import STATUS_IDS, Worksheet

CREW = "Crew"


async def complete(suite: PowerSuite, fields: Fields) -> dict[str, Any]:
    """The worksheet is done: outcome property, status, completed date and history are set, and a poke is sent.

    Fields: ``worksheet_id``; and if wanted ``outcome`` (goes into the service's outcome property), ``status``
    (default Complete), ``completed`` (UK wall time, default now), ``note``, ``poke_url`` and ``secret`` (default:
    as in the settings; a null ``poke_url`` sends none).
    """
    sheet = _worksheet(suite, fields)
    outcome = fields.text("outcome", None)
    status = fields.choice("status", STATUS_IDS, "Complete")
    completed = _wall_time(fields)
    note = fields.text("note", None)
    url, secret = poke_url(fields, suite.settings.poke_url), fields.text("secret", suite.settings.secret)
    fields.end()

    if outcome is not None:
        outcome_property = suite.council.service(sheet.service_id).outcome
        if outcome_property is not None:
            sheet.set_property(outcome_property, outcome)
    if status == "Open":
        sheet.status = status
    else:
        suite.worksheets.close(sheet, status, completed)
    if note is not None:
        suite.worksheets.note(sheet, note, CREW)
    suite.worksheets.record(sheet, status, outcome or status, status, CREW)
    sent = await _poke(suite, sheet, outcome or status, url, secret) if url else None
    return {"worksheet": sheet.shown(), "poke": sent}


async def poke_again(suite: PowerSuite, fields: Fields) -> dict[str, Any]:
    """A poke is sent as it is or with another status, as often as called: late, twice or out of order."""
    sheet = _worksheet(suite, fields)
    status = fields.text("status", sheet.status)
    url, secret = poke_url(fields, suite.settings.poke_url), fields.text("secret", suite.settings.secret)
    fields.end()
    if not url:
        raise BadField('Field "poke_url" is missing, here and in the settings.')
    return {"poke": await _poke(suite, sheet, status, url, secret)}


async def _poke(suite: PowerSuite, sheet: Worksheet, status: str, url: str, secret: str) -> dict[str, Any]:
    completed = sheet.members.get("WorksheetCompletedDate")
    sent = await send(url, Poke(secret, sheet.id, sheet.reference, status, completed))
    suite.pokes.append(sent)
    return sent


def _worksheet(suite: PowerSuite, fields: Fields) -> Worksheet:
    given = fields.value("worksheet_id")
    try:
        return suite.worksheets.get(int(given))
    except (Refusal, TypeError, ValueError, OverflowError):
        raise BadField(
            f'Field "worksheet_id" must be the id of a worksheet; there is no {str(given)[:40]!r}.'
        ) from None


def _wall_time(fields: Fields) -> datetime | None:
    text = fields.text("completed", None)
    moment = parse_local(text) if text is not None else None
    if text is not None and moment is None:
        raise BadField('Field "completed" must be UK wall time, such as 2026-01-02T06:46:12.')
    return moment


def next_free_slots(suite: PowerSuite, today: date) -> list[str]:
    """The next three days of each series that still have room, as ids."""
    found = []
    for series in suite.council.slots:
        days = series.days(today, today + timedelta(days=10 * series.every_days))
        free = [str(slot_id) for slot_id, _ in days if suite.worksheets.booked(slot_id) < series.capacity]
        found += free[:3]
    return found
