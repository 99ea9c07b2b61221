"""`casebridge cases`: the local case source."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casebridge.cli.screen import SCREEN, AsJson, show_json
from casebridge.installation import Installation
from casebridge.sources.local import read_cases

app = typer.Typer(help="Cases of the local case source.", no_args_is_help=True)


@app.command()
def load(
    files: Annotated[list[Path], typer.Argument(help="YAML files that hold lists of cases.", exists=True)],
    as_json: AsJson = False,
) -> None:
    """Load cases from files, over those with the same reference."""
    cases = [case for file in files for case in read_cases(file)]  # all are read before one is stored
    count = Installation().local_cases.put(cases)
    if as_json:
        show_json({"loaded": count})
    else:
        SCREEN.print(f"{count} cases loaded.")


@app.command()
def show(
    reference: Annotated[str, typer.Argument(help="Case reference number.")],
    as_json: AsJson = False,
) -> None:
    """Show a case. It prints personal data: mind who is looking."""
    installation = Installation()
    case = installation.source("local").read(reference)
    details = {
        "reference": case.reference,
        "type": case.type,
        "status": case.status,
        "fields": dict(case.fields),
        "dates": dict(case.dates),
        "person": dict(case.person),
        "address": dict(case.address),
    }
    if as_json:
        show_json(details)
        return
    for part, values in details.items():
        if isinstance(values, dict):
            for name, value in values.items():
                SCREEN.print(f"{part}.{name}: {value}", markup=False, soft_wrap=True)
        else:
            SCREEN.print(f"{part}: {values}", markup=False)
