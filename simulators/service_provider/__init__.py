"""An external service desk: a ticket system with a REST API and signed webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.simulator import Simulator


def create() -> Simulator:
    """The service desk of an invented service provider, with its sample tickets."""
    from simulators.service_provider.simulator import ServiceProviderSimulator

    return ServiceProviderSimulator()
