"""Salesforce, as an API client meets it: log-in, REST, SOQL, SOSL, Composite and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.simulator import Simulator


def create() -> Simulator:
    """An org of an invented company, with its sample users and contacts."""
    from simulators.salesforce.simulator import SalesforceSimulator

    return SalesforceSimulator()
