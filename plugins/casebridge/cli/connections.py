"""`casebridge connections`: check them, and save settings that were proved to work."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.text import Text

from casebridge.cli.airflow_client import AirflowClient
from casebridge.cli.screen import SCREEN, AsJson, show_json, show_table
from casebridge.connectors import registry
from casebridge.core.errors import CasebridgeError, NotConfigured
from casebridge.installation import Installation
from casebridge.sources import registry as sources
from casebridge.steps.prove import default_connection, prove

app = typer.Typer(help="The connections to target systems and case sources.", no_args_is_help=True)


@app.command()
def check(
    systems: Annotated[
        list[str] | None, typer.Argument(help="Target systems and case sources; all if left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Call each system and say whether its connection works, credentials included."""
    from casebridge.airflow.connections import connector_of, source_of  # imports Airflow, which takes seconds

    results = []
    for system in systems or [*sorted(registry.manifests()), *sorted(sources.connected())]:
        name = default_connection(system)
        try:
            behind = source_of(system) if system in sources.connected() else connector_of(system)
            works, message = True, behind.check()
        except CasebridgeError as error:
            works, message = False, str(error)
        results.append({"system": system, "connection": name, "works": works, "message": message})
    if as_json:
        show_json(results)
    else:
        rows: list[tuple[str | Text, ...]] = [
            (
                str(one["system"]),
                str(one["connection"]),
                Text("works", style="green") if one["works"] else Text("fails", style="red"),
                str(one["message"]),
            )
            for one in results
        ]
        show_table("Connections", ("System", "Connection", "", "What was found"), rows, empty="No system is there.")
    raise typer.Exit(0 if all(one["works"] for one in results) else 3)


@app.command()
def save(
    system: Annotated[str, typer.Argument(help="The target system or case source.")],
    host: Annotated[str, typer.Option(help="Base URL.")] = "",
    login: Annotated[str, typer.Option(help="User name.")] = "",
    password: Annotated[
        str, typer.Option(envvar="CASEBRIDGE_CONNECTION_PASSWORD", help="Better in this variable than on the line.")
    ] = "",
    setting: Annotated[list[str] | None, typer.Option("--set", help="Another setting: name=value.")] = None,
    connection: Annotated[str, typer.Option(help="Its name; the system's default if left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Save the settings of a system. With the integration enabled they are tried first: what fails is not saved."""
    name = connection or default_connection(system)
    extra = dict(_pair(text) for text in setting or ())
    values: dict[str, Any] = {"host": host, "login": login, "password": password, **extra}
    message = prove(system, values, where=name)
    client = AirflowClient.of(Installation().settings)
    client.set_connection(name, system, host=host, login=login, password=password, extra=extra)
    if as_json:
        show_json({"connection": name, "saved": True, "message": message})
    else:
        SCREEN.print(f"Saved {name}. {message}", markup=False, soft_wrap=True)


def _pair(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator:
        raise NotConfigured(f'"{text}" is not a setting; write name=value')
    text = value.strip()
    if text.startswith(("{", "[")):
        try:
            return name.strip(), json.loads(text)
        except ValueError:
            raise NotConfigured(f'the value of "{name.strip()}" begins like JSON and is none') from None
    return name.strip(), {"true": True, "false": False}.get(text.lower(), text)
