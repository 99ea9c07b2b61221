"""Scenarios: what the tests over every connector must know of one system to run it against its simulator.

A system's scenario stands in `tests/connectors/<system>/scenario.py` as `SCENARIO`.
Cases and templates are the samples of the product itself, so that these are proved to fit the simulator too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from casebridge.connectors import registry
from casebridge.core.manifest import ActionType
from casebridge.settings import PROJECT
from casebridge.sources.local import read_cases

INCLUDE = PROJECT / "include"
HOW_TO_WRITE = (
    "write tests/connectors/{system}/scenario.py with a SCENARIO that names an example of each of its outgoing actions"
)


@dataclass(frozen=True)
class Example:
    """An outgoing action that the simulator carries out on its sample data.

    Attributes:
        action: The action type.
        template: A mapping template in `include/mappings/<system>/`, by its id.
        case: A sample case in `include/cases/`, by its reference.
        operation: What the simulator calls the request that writes; the first such request when it makes several.
        makes: How many records of each of the simulator's kinds it adds; `tickets.updates` are the rows in that member
            of all of a kind.
        after: The action whose example must be confirmed on the case before this one, when it uses a Reference.
        meanwhile: What somebody does in the target before it: a call of the simulator's admin side, and its fields,
            in which `{case}` is the reference of the case.
    """

    action: str
    template: str
    case: str
    operation: str
    makes: Mapping[str, int] = field(default_factory=dict)
    after: str = ""
    meanwhile: tuple[str, Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Scenario:
    """How a system's connector is run against its simulator.

    Attributes:
        system: The connector.
        simulator: The simulator, by the name that starts it.
        connection: Makes the settings of a connection from an address and from what `/_sim/info` says.
        examples: One for each outgoing action type.
        ids: The member of a simulator's record that holds the id which a Reference keeps, by kind of the simulator.
        refusal: The code of a refusal of the simulator's that says nothing else than no.
        unguarded: Switches of the simulator with which it takes doubles, where it would refuse them by itself.
        logins: How often refused credentials are met before the connector gives up: 2 where it logs in anew.
        passing: Kinds of the simulator's that a mere call changes, such as sessions.
    """

    system: str
    simulator: str
    connection: Callable[[str, Mapping[str, Any]], dict[str, Any]]
    examples: tuple[Example, ...]
    ids: Mapping[str, str] = field(default_factory=dict)
    refusal: int | str = 17
    unguarded: Mapping[str, Any] = field(default_factory=dict)
    logins: int = 1
    passing: tuple[str, ...] = ()

    def example(self, action: str) -> Example:
        """The example of an action type."""
        return next(one for one in self.examples if one.action == action)

    def kind(self, example: Example) -> ActionType:
        """What the manifest says of an example's action type."""
        return registry.manifest(self.system).action(example.action)


def scenario(system: str) -> Scenario:
    """The scenario of a system; a failure of the test says what to write where there is none."""
    name = f"tests.connectors.{system}.scenario"
    if find_spec(f"tests.connectors.{system}") is None or find_spec(name) is None:
        raise AssertionError(f"{system} has no scenario: {HOW_TO_WRITE.format(system=system)}")
    found: Scenario = import_module(name).SCENARIO
    return found


def examples() -> list[tuple[str, str]]:
    """System and action type of every outgoing action of every connector."""
    return [(system, action.name) for system, one in registry.manifests().items() for action in one.outgoing]


def sample_templates(system: str) -> dict[str, str]:
    """The texts of a system's sample templates by id."""
    return {path.stem: path.read_text("utf-8") for path in sorted((INCLUDE / "mappings" / system).glob("*.yaml"))}


@lru_cache(maxsize=1)
def sample_cases() -> dict[str, dict[str, Any]]:
    """The details of all sample cases by reference."""
    return dict(case for path in _sample_files() for case in read_cases(path))


def _sample_files() -> list[Path]:
    return sorted((INCLUDE / "cases").rglob("samples.yaml"))
