"""What people did by hand, and when: to a system, or to an action whose story then tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from casebridge.store.database import Database
from casebridge.store.story import tell
from casebridge.store.tables import operator_acts


@dataclass(frozen=True)
class OperatorAct:
    """One thing that somebody did to a system. Times are in UTC."""

    at: datetime
    who: str
    kind: str
    subject: str
    text: str


class OperatorActs:
    """Writes and reads what people did.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def to_action(self, action_id: str, kind: str, text: str, *, who: str) -> None:
        """Adds a line to an action's story. The text holds no case values."""
        with self._database.begin() as connection:
            tell(connection, action_id, kind, text, who=who)

    def to_system(self, subject: str, kind: str, text: str, *, who: str) -> None:
        """Notes what somebody did to a system or case source. The text holds no secrets and no case values."""
        with self._database.begin() as connection:
            connection.execute(operator_acts.insert().values(who=who, kind=kind, subject=subject, text=text))

    def latest(self, subject: str, *, kind: str = "", limit: int = 20) -> list[OperatorAct]:
        """What was done to a system, the newest first; of one kind if one is named."""
        columns = [operator_acts.c[name] for name in ("at", "who", "kind", "subject", "text")]
        query = sa.select(*columns).where(operator_acts.c.subject == subject)
        if kind:
            query = query.where(operator_acts.c.kind == kind)
        query = query.order_by(operator_acts.c.id.desc()).limit(limit)
        with self._database.connect() as connection:
            return [OperatorAct(**row) for row in connection.execute(query).mappings()]
