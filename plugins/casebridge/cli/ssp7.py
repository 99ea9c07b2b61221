"""`casebridge ssp7 kit`: what an SSP7 administrator pastes so that SSP7 and casebridge know each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casebridge.cli.screen import SCREEN
from casebridge.web.settings import read_inbox_settings
from casebridge.web.ssp7_kit import kit

app = typer.Typer(help="SSP7 ticketing.", no_args_is_help=True)


@app.callback()
def ssp7() -> None:
    """SSP7 ticketing."""


@app.command(name="kit")
def write_kit(
    out: Annotated[Path, typer.Option(help="Folder that the texts go into.")],
    inbox: Annotated[
        str, typer.Option(help="Address of the inbox as SSP7 reaches it.")
    ] = "https://casebridge.example.org",
) -> None:
    """Write XSLT In and XSLT Out, Input Json, the settings of groups and processes, and a self-test.

    Names of app fields are those of the inbox's profile. The secret is not written: paste it yourself.
    """
    files = kit(read_inbox_settings().profile.ssp7, inbox.rstrip("/"))
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_text(text, "utf-8")
        SCREEN.print(f"written: {out / name}", markup=False, soft_wrap=True)
