"""A listener: the scheduler imports what tasks need before it forks the processes that run them.

Each task runs in a fork of its own. What the parent has imported is there at once and in memory once; what it has not
is imported by every task anew, which costs more than all that the task does (docs/adr/0008).
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module

from airflow.listeners import hookimpl

log = logging.getLogger(__name__)

MODULES = (
    "casebridge.airflow.factory",
    "casebridge.sources.local",
    "casebridge.steps.apply",
    "casebridge.steps.call",
    "casebridge.steps.plan",
    "casebridge.steps.receive",
    "casebridge.store.ledger",
    # Imported where they are first used; every connector and every case source is added to these.
    "psycopg2",
    "zeep",
    "zeep.cache",
    "zeep.wsdl.bindings",
    # Airflow's own, for the templates of operators: not in the scheduler either.
    "jinja2.ext",
)


@hookimpl
def on_starting(component: object) -> None:
    """Preloads in a scheduler, and nowhere else.

    Airflow calls this in each of its components before the component knows its own kind, and in every task.
    A task has the command line of its scheduler, so that alone would not tell them apart.
    """
    if type(component).__name__ == "Job" and "scheduler" in sys.argv[1:2]:
        preload()


def preload() -> None:
    """Imports what tasks import, and reads the templates that every reading of a DAG file reads.

    What fails here is left to the task, whose log then says why.
    """
    from casebridge.connectors import registry
    from casebridge.installation import Installation
    from casebridge.sources import registry as sources

    connectors = (f"casebridge.connectors.{system}.connector" for system in registry.manifests())
    connected = (f"casebridge.sources.{name}.source" for name in sources.connected())
    for name in (*MODULES, *connectors, *connected):
        try:
            import_module(name)
        except Exception as error:
            log.warning("%s was not preloaded: %s: %s", name, type(error).__name__, error)
    for system in registry.manifests():
        registry.manifest(system)
        Installation().catalogue.valid(system)
