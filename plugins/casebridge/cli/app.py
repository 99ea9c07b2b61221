"""The commands put together, and what their exit codes mean.

0  done
1  problems were found, or the action was refused
2  the command or a setting is wrong
3  something could not be reached: try again later
4  in doubt: a person must decide
"""

from __future__ import annotations

import json
import sys

import typer

from casebridge.cli import (
    actions,
    cases,
    connections,
    database,
    findings,
    forget,
    generate,
    inbox,
    lint,
    profile,
    reconcile,
    resolve,
    ssp7,
)
from casebridge.cli.screen import ERRORS, PLAIN
from casebridge.core.errors import (
    CasebridgeError,
    InDoubtError,
    InvalidMapping,
    InvalidTemplate,
    NeedsPerson,
    RefusedByTarget,
    TransientError,
)

REFUSED, WRONG, UNREACHABLE, IN_DOUBT = 1, 2, 3, 4

app = typer.Typer(
    name="casebridge",
    help="Carries work from cases to the systems where it is done, and the answer back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
lint.register(app)
actions.register(app)
resolve.register(app)
generate.register(app)
profile.register(app)
app.add_typer(cases.app, name="cases")
app.add_typer(connections.app, name="connections")
app.add_typer(database.app, name="db")
app.add_typer(inbox.app, name="inbox")
app.add_typer(findings.app, name="findings")
app.add_typer(ssp7.app, name="ssp7")
forget.register(app)
reconcile.register(app)


def main() -> None:
    """Runs the command line; an error of casebridge becomes a sentence and an exit code."""
    try:
        app()
    except CasebridgeError as error:
        if "--json" in sys.argv:
            PLAIN.print(json.dumps({"error": type(error).__name__, "message": str(error)}), soft_wrap=True)
        ERRORS.print(f"[bold red]{type(error).__name__}[/]", end=": ")
        ERRORS.print(str(error), markup=False, soft_wrap=True)
        sys.exit(exit_code(error))
    except BrokenPipeError:
        sys.exit(0)  # the reader, such as `head`, has seen enough


def exit_code(error: CasebridgeError) -> int:
    """The exit code of an error."""
    if isinstance(error, InDoubtError | NeedsPerson):
        return IN_DOUBT
    if isinstance(error, TransientError):
        return UNREACHABLE
    if isinstance(error, InvalidMapping | InvalidTemplate | RefusedByTarget):
        return REFUSED
    return WRONG
