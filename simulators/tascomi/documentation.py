"""The page that each site has of its own resources: tables, columns, PostgreSQL types (FACT that there is one)."""

from __future__ import annotations

from html import escape

from simulators.exchange import Answer
from simulators.tascomi.settings import Settings
from simulators.tascomi.tables import TABLES, Table

_STYLE = "body{font:16px sans-serif;max-width:50rem;margin:2rem auto}td,th{text-align:left;padding:.2rem .8rem}"


def page(settings: Settings) -> Answer:
    """The page with the names on the wire."""
    parts = "".join(_table(table) for name in TABLES if (table := settings.table(name)))
    text = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>REST API documentation</title>'
        f"<style>{_STYLE}</style></head><body><h1>REST API documentation</h1>{parts}</body></html>\n"
    )
    return Answer(200, text.encode(), "text/html; charset=utf-8")


def _table(table: Table) -> str:
    rows = "".join(
        f"<tr><td>{escape(column.name)}</td><td>{column.type}</td><td>{_note(column.to, column.required)}</td></tr>"
        for column in table.columns.values()
    )
    return f'<h2 id="{table.name}">{table.name}</h2><table>{rows}</table>'


def _note(to: str | None, required: bool) -> str:
    notes = [f"id in {to}"] if to else []
    return ", ".join([*notes, "required"] if required else notes)
