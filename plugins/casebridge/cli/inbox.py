"""`casebridge inbox`: takes what other systems push, and shows what has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casebridge.cli.screen import AsJson, show_json, show_table
from casebridge.installation import Installation

if TYPE_CHECKING:
    from casebridge.settings import Settings
    from casebridge.store.inbox import Entry

app = typer.Typer(help="What other systems push.", no_args_is_help=True)

Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many.")]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 8090,
) -> None:
    """Take messages until asked to stop. Secrets and limits come from CASEBRIDGE_INBOX_* variables."""
    from casebridge.store.inbox import Inbox
    from casebridge.web.app import create_app
    from casebridge.web.server import listen, serve
    from casebridge.web.settings import read_inbox_settings

    settings = read_inbox_settings()
    installation = Installation()
    web = create_app(Inbox(installation.database), settings, nudge=_nudge(installation.settings))
    serve(web, listen(host, port), proxies=settings.proxies, ready=_say_ready)


@app.command(name="list")
def list_entries(limit: Limit = 50, as_json: AsJson = False) -> None:
    """Show the newest entries first."""
    from casebridge.store.inbox import Inbox

    entries = Inbox(Installation().database).latest(limit)
    if as_json:
        show_json([_flat(entry) for entry in entries])
        return
    rows = [
        [
            str(entry.id),
            f"{entry.received_at:%Y-%m-%d %H:%M:%S}",
            entry.arrival.system,
            entry.arrival.event,
            entry.arrival.subject,
            entry.state.value,
            str(entry.tries),
            entry.reason,
        ]
        for entry in entries
    ]
    columns = ["No.", "Received (UTC)", "System", "Event", "Subject", "State", "Tries", "Reason"]
    show_table("Inbox", columns, rows, empty="The inbox is empty.")


@app.command()
def again(
    entries: Annotated[list[int], typer.Argument(help="The numbers of the entries, as `casebridge inbox list` shows.")],
) -> None:
    """Have entries that failed handled once more: after a setting was corrected, say."""
    from casebridge.store.inbox import Inbox

    installation = Installation()
    taken = Inbox(installation.database).again(entries)
    if nudge := _nudge(installation.settings):
        nudge()
    typer.echo(f"{len(taken)} of {len(entries)} entries are handled again.")
    if left := sorted(set(entries) - set(taken)):
        typer.echo(f"Not failed, or not there: {', '.join(map(str, left))}.", err=True)
        raise typer.Exit(1)


def _nudge(settings: Settings) -> Callable[[], object] | None:
    """Starts the DAG that handles the inbox; without a user of Airflow, only its schedule does."""
    if not settings.airflow_user:
        return None
    from casebridge.cli.airflow_client import AirflowClient

    client = AirflowClient.of(settings)
    return lambda: client.trigger_run("inbox", run_id=f"inbox~{time.time_ns()}")


def _flat(entry: Entry) -> dict[str, Any]:
    details = asdict(entry)
    arrival = details.pop("arrival")
    # What came with it holds case values: a terminal's history is no place for them.
    return {"id": details.pop("id"), **arrival, "content": arrival["content"] is not None, **details}


def _say_ready(url: str) -> None:
    # Plain, in one line, at once: programs wait for it.
    typer.echo(f"inbox ready at {url}")
