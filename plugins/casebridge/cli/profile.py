"""`casebridge profile`: fits what is assumed about a system to the WSDL that its users have."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from casebridge.cli.screen import SCREEN, AsJson, show_json, show_table
from casebridge.connectors import registry
from casebridge.core.errors import NotConfigured

_COLUMNS = ("Operation of ours", "In the WSDL", "Recognised by", "Elements known", "To fill in")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("profile")(profile)


def profile(
    system: Annotated[str, typer.Argument(help="The target system.")],
    from_wsdl: Annotated[str, typer.Option("--from-wsdl", help="A WSDL: a file or an address.")],
    out: Annotated[Path | None, typer.Option(help="Where the overrides go, as JSON for the connection.")] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="What is known: our name=its name in the WSDL, of an operation or an element."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare what is assumed about a system with a real WSDL, and write what a connection has to override.

    It exits with 1 while something is left to fill in.
    """
    title = registry.manifest(system).title
    module = f"casebridge.connectors.{system}.from_wsdl"
    if find_spec(module) is None:
        raise NotConfigured(f"{title} has no profile that a WSDL could fill")
    fit = import_module(module).fit(from_wsdl, dict(_pair(text) for text in name or ()))
    text = json.dumps(fit.overrides, indent=2, ensure_ascii=False) + "\n"
    left = text.count('"?"')
    if out is not None:
        out.write_text(text, "utf-8")
    if as_json:
        show_json({"profile": fit.overrides, "left_to_fill_in": left, "remarks": fit.remarks})
    else:
        show_table(f"{title} and the WSDL", _COLUMNS, fit.lines, empty="It has no operations.")
        for remark in fit.remarks:
            SCREEN.print(remark, markup=False, soft_wrap=True)
        SCREEN.print(_next_step(left, out), markup=False, soft_wrap=True)
    raise typer.Exit(1 if left else 0)


def _next_step(left: int, out: Path | None) -> str:
    written = f"Written to {out}. " if out else ""
    if not left:
        return f"{written}Every element is known: put it into the connection as its setting profile, and check that."
    where = f'in {out}, "?" with one of our names, or "" for one that is not needed' if out else "by a file with --out"
    return f"{written}{left} elements are left: fill in {where}; or say it with --name ours=theirs and run this again."


def _pair(text: str) -> tuple[str, str]:
    ours, separator, theirs = text.partition("=")
    if not (separator and ours.strip() and theirs.strip()):
        raise NotConfigured(f'"{text}" is not a name; write subject_uprn=PropertyNumber')
    return ours.strip(), theirs.strip()
