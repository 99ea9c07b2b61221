"""A scene: one action of the demonstration and how it has to end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from casebridge.core.outcome import State
from casebridge.store.action import Action


@dataclass(frozen=True)
class Scene:
    """One action and how it has to end.

    Attributes:
        letter: Its place in the story.
        title: What it shows.
        dag: The DAG that it runs.
        case: The case reference number.
        template: The mapping template.
        turn: Scenes of one turn run side by side, after all of the turn before.
        fault: What the target does to it, as the simulator's admin side takes it.
        state: How it has to end.
        tries: How many tries it has to take; None where that is left to chance.
        problems: How many problems it has to have.
    """

    letter: str
    title: str
    dag: str
    case: str
    template: str
    turn: int = 1
    fault: dict[str, Any] = field(default_factory=dict)
    state: State = State.CONFIRMED
    tries: int | None = 1
    problems: int = 0

    @property
    def run_id(self) -> str:
        """The DAG run's id."""
        return f"{self.case}~{self.template}~{self.letter}"

    @property
    def system(self) -> str:
        """The target system."""
        return self.dag.partition("__")[0]

    def wrong(self, action: Action) -> str:
        """What went otherwise than it had to, or ""."""
        as_told = (action.state, len(action.problems)) == (self.state, self.problems)
        if as_told and self.tries in (None, max(action.tries, 1)):
            return ""
        return f"({self.letter}) is {action.state} after {action.tries} tries with {len(action.problems)} problems"
