"""`casebridge db`: the schema of casebridge's own database."""

from __future__ import annotations

import typer

from casebridge.cli.screen import SCREEN, AsJson, show_json
from casebridge.installation import Installation

app = typer.Typer(help="casebridge's own database.", no_args_is_help=True)


@app.command()
def upgrade(as_json: AsJson = False) -> None:
    """Bring the schema to the newest version. Safe to run at any time, from several places."""
    from casebridge.store import schema

    version = schema.upgrade(Installation().database)
    if as_json:
        show_json({"version": version})
    else:
        SCREEN.print(f"The database has schema version {version}.")


@app.command()
def version(as_json: AsJson = False) -> None:
    """Say which version the schema has, and which is the newest. Exit code 1 when they differ."""
    from casebridge.store import schema

    current, newest = schema.current(Installation().database), schema.newest()
    if as_json:
        show_json({"version": current, "newest": newest})
    else:
        SCREEN.print(f"The database has schema version {current or 'none'}; the newest is {newest}.")
    raise typer.Exit(0 if current == newest else 1)
