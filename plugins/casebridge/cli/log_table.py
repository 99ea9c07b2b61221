"""The integration log as a table, for wide screens and for narrow ones."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from casebridge.core.outcome import MEANING, State
from casebridge.store.action import Action

WIDE = 140

_COLOURS = {
    State.CONFIRMED: "green",
    State.UNCONFIRMED: "yellow",
    State.REFUSED: "red",
    State.FAILED: "red",
    State.NEEDS_PERSON: "bold magenta",
    State.IN_DOUBT: "magenta",
}
_SHORT = ("Case", "Action", "Template", "State", "Tries", "Reference")


def show_log(entries: Sequence[tuple[str, Action]], console: Console, *, title: str = "Integration log") -> None:
    """Prints actions, each under a label.

    Args:
        entries: A label, such as the beginning of the action's id, and the action.
        console: Where to print; below 140 columns the reasons stand under the table.
        title: What stands above the table.
    """
    if not entries:
        console.print("The integration log has no such action.")
        return
    wide = console.width >= WIDE
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("")
    for column in _SHORT:
        table.add_column(column, overflow="fold")
    if wide:
        table.add_column("Reason", overflow="fold", ratio=3)
        table.add_column("Where to look", overflow="fold", ratio=2)
    for label, action in entries:
        state = Text(MEANING[action.state], style=_COLOURS.get(action.state, ""))
        cells: list[str | Text] = [action.case_reference, action.action_type, action.template]
        cells += [state, str(max(action.tries, 1))]
        cells.append(f"{action.reference} = {action.record_id}" if action.record_id else action.reference)
        if wide:
            cells += [action.reason, where_to_look(action)]
        # Text, so that a bracket in a message is a bracket and no markup.
        table.add_row(label, *(cell if isinstance(cell, Text) else Text(cell) for cell in cells))
    console.print(table)
    if not wide:
        for label, action in entries:
            console.print(f"{label}  {action.reason}", markup=False, soft_wrap=True)
            console.print(f"{' ' * len(label)}  {where_to_look(action)}", markup=False, soft_wrap=True)


def where_to_look(action: Action) -> str:
    """The DAG run in Airflow; outside of Airflow the action's id."""
    return f"{action.dag_id} / {action.run_id}" if action.dag_id else action.id
