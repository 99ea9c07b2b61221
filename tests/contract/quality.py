"""The rules of quality: what a connector's `quality.yaml` says of each, and which tests prove those that are done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from casebridge.connectors import registry
from casebridge.settings import PROJECT

CONNECTORS = PROJECT / "plugins" / "casebridge" / "connectors"
RULES = (
    "mandatory_mappings_refused",
    "errors_translated",
    "retry_limit",
    "in_doubt_look_up",
    "clear_is_safe",
    "nothing_personal_in_logs",
    "connection_check_proves_credentials",
    "assumed_facts_overridable",
    "golden_wire_files",
    "live_template_check",
    "incoming_updates",
    "record_page",
)

PROVED: dict[str, list[str]] = {}
"""The names of the tests that prove a rule."""


def quality(system: str) -> dict[str, Any]:
    """What a connector says of each rule; nothing as long as it has no such file."""
    path = CONNECTORS / system / "quality.yaml"
    read: dict[str, Any] = yaml.safe_load(path.read_text("utf-8")) if path.is_file() else {}
    return read


def systems_with(rule: str) -> list[str]:
    """The systems that say the rule is done."""
    return [system for system in registry.manifests() if quality(system).get(rule) == "done"]


def proves(rule: str) -> Callable[[Any], Any]:
    """A test of a `system` that says the rule is done."""
    return _proof(rule, pytest.mark.parametrize("system", systems_with(rule)))


def proves_of_actions(rule: str) -> Callable[[Any], Any]:
    """A test of each outgoing `action` of a `system` that says the rule is done."""
    actions = [(system, one.name) for system in systems_with(rule) for one in registry.manifest(system).outgoing]
    return _proof(rule, pytest.mark.parametrize(("system", "action"), actions))


def _proof(rule: str, parametrized: pytest.MarkDecorator) -> Callable[[Any], Any]:
    assert rule in RULES

    def mark(test: Any) -> Any:
        PROVED.setdefault(rule, []).append(test.__name__)
        return parametrized(test)

    return mark
