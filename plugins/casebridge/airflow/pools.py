"""A pool per system: how many calls it gets at a time."""

from __future__ import annotations

from casebridge.connectors import registry

SLOTS = 16


def pool_name(system: str) -> str:
    """The pool of a system."""
    return f"casebridge_{system}"


def pools(slots: int = SLOTS) -> dict[str, dict[str, object]]:
    """The pools of all systems, as `airflow pools import` reads them."""
    return {
        pool_name(name): {
            "slots": slots,
            "description": f"Calls to {manifest.title} at a time",
            "include_deferred": False,
        }
        for name, manifest in registry.manifests().items()
    }
