"""The command line. It runs the same steps as the DAGs; `casebridge --help` lists it."""

from casebridge.cli.app import main

__all__ = ["main"]
