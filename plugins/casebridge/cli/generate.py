"""`casebridge schema`, `docs`, `pools`: what is generated from the manifests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from casebridge.airflow.pools import pools as pool_list
from casebridge.cli.screen import SCREEN, show_json
from casebridge.connectors import registry
from casebridge.core.manual import describe_connector
from casebridge.core.schema import template_schema
from casebridge.settings import PROJECT

SCHEMA_NAME = "template.schema.json"


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("schema")(schema)
    app.command("docs")(docs)
    app.command("pools")(pools)


def schema(
    folder: Annotated[Path, typer.Option(help="Where the schemas go.")] = PROJECT / "include" / "mappings",
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when one is out of date.")] = False,
) -> None:
    """Write the JSON Schema of each system's templates, so that an editor completes and checks them."""
    files = {
        folder / name / SCHEMA_NAME: json.dumps(template_schema(manifest), indent=2, ensure_ascii=False) + "\n"
        for name, manifest in registry.manifests().items()
    }
    _write(files, check=check)


def docs(
    folder: Annotated[Path, typer.Option(help="Where the pages go.")] = PROJECT / "docs" / "connectors",
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when one is out of date.")] = False,
) -> None:
    """Write the page of each connector."""
    files = {}
    for name, manifest in registry.manifests().items():
        fields = registry.settings_class(name).model_fields
        settings = [(key, field.title or key, field.description or "") for key, field in fields.items()]
        files[folder / f"{name}.md"] = describe_connector(manifest, settings)
    _write(files, check=check)


def pools(
    slots: Annotated[int, typer.Option(help="How many calls a system gets at a time.", min=1)] = 16,
    but: Annotated[
        Path | None, typer.Option(help="Leave out those in this file, which `airflow pools export` wrote.")
    ] = None,
) -> None:
    """Print the pool of each system, as `airflow pools import` reads it."""
    if but and not but.is_file():
        raise typer.BadParameter(f"there is no file {but}")
    there = json.loads(but.read_text("utf-8")) if but else {}
    show_json({name: pool for name, pool in pool_list(slots).items() if name not in there})


def _write(files: dict[Path, str], *, check: bool) -> None:
    stale = [path for path, text in files.items() if not path.is_file() or path.read_text("utf-8") != text]
    for path in stale:
        SCREEN.print(f"{'out of date' if check else 'written'}: {path}", markup=False, soft_wrap=True)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], "utf-8")
    raise typer.Exit(1 if check and stale else 0)
