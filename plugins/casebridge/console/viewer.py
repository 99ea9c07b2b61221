"""Who is looking, and what they may see and do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import HTTPException

if TYPE_CHECKING:
    from casebridge.console.airflow_port import Airflow


@dataclass(frozen=True)
class Viewer:
    """A user of Airflow, as far as the console needs to know.

    Attributes:
        name: The user's name, which stands beside what they do.
        systems: The target systems whose actions they may look at.
        acts_on: Those whose actions they may start and decide; who may, also sees the values of cases in them.
        configures: The target systems and case sources whose settings they may change.
        pauses: The target systems whose pool they may change.
        airflow: Airflow, as this user.
    """

    name: str
    systems: frozenset[str]
    acts_on: frozenset[str]
    configures: frozenset[str]
    pauses: frozenset[str]
    airflow: Airflow = field(repr=False)

    def sees_values(self, system: str) -> bool:
        """Whether they may see the values of cases in the actions of a system."""
        return system in self.acts_on

    def must_look_at(self, system: str) -> None:
        """Refuses who may not look at a system.

        Raises:
            HTTPException: 403.
        """
        _must(system in self.systems, f"You may not look at the actions of {system}.")

    def must_act_on(self, system: str) -> None:
        """Refuses who may not start or decide actions of a system.

        Raises:
            HTTPException: 403.
        """
        _must(system in self.acts_on, f"You may look at the actions of {system}, but not start or decide them.")

    def must_configure(self, name: str) -> None:
        """Refuses who may not change the settings of a system or case source.

        Raises:
            HTTPException: 403.
        """
        _must(name in self.configures, f"You may not change the connection of {name}.")

    def must_pause(self, system: str) -> None:
        """Refuses who may not pause a system.

        Raises:
            HTTPException: 403.
        """
        _must(system in self.pauses, f"You may not change the pool of {system}.")


def _must(allowed: bool, reason: str) -> None:
    if not allowed:
        raise HTTPException(403, reason)
