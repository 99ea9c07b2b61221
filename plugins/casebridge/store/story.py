"""The story of an action, line by line."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from casebridge.store.tables import events


def tell(connection: Connection, action_id: str, kind: str, text: str, *, attempt: int = 0, who: str = "") -> None:
    """Adds a line to an action's story, in the caller's transaction. The text holds no case values."""
    connection.execute(events.insert().values(action_id=action_id, kind=kind, text=text, attempt=attempt, who=who))
