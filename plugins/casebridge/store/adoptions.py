"""A record that no Reference holds is adopted: a person says that it belongs to a case."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from casebridge.core.errors import Conflict
from casebridge.core.outcome import State
from casebridge.core.record import Receipt
from casebridge.store.action import Action
from casebridge.store.claim import store_confirmation
from casebridge.store.database import Database
from casebridge.store.story import tell
from casebridge.store.tables import actions, references


def adopt_record(
    database: Database, like: Action, *, record_id: str, reference: str, record_url: str, who: str
) -> Action:
    """The case of an action holds a record in a Reference, by an action of its own that sent nothing.

    Args:
        database: casebridge's own database.
        like: An action of the case that makes such records; its template and connection are taken over.
        record_id: The target's id of the record.
        reference: The Reference.
        record_url: Address of the record's page, or "".
        who: The person.

    Raises:
        Conflict: A Reference holds the record already.
    """
    with database.begin() as connection:
        # Two persons who adopt one record at once must not both succeed.
        lock = sa.func.hashtextextended(f"casebridge.record.{like.system}.{like.record}.{record_id}", 0)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
        taken = connection.execute(
            sa.select(references.c.case_reference).where(
                references.c.system == like.system,
                references.c.record == like.record,
                references.c.record_id == record_id,
            )
        ).scalar()
        if taken is not None:
            raise Conflict(f"{like.record} {record_id} is in a Reference of case {taken} already")
        new = uuid.uuid4().hex
        row = connection.execute(
            actions.insert()
            .values(
                id=new,
                key=f"adopted:{like.system}:{like.record}:{record_id}:{new}",
                system=like.system,
                action_type=like.action_type,
                record=like.record,
                connection=like.connection,
                case_source=like.case_source,
                case_reference=like.case_reference,
                template=like.template,
                template_digest=like.template_digest,
                reference=reference,
                external_reference=like.external_reference,
                case_url=like.case_url,
                state=State.PLANNED,
            )
            .returning(actions)
        ).mappings()
        action = store_confirmation(
            connection,
            Action.from_row(row.one()),
            receipt=Receipt(record_id, url=record_url),
            fence=None,
            reason=f"{like.record} {record_id} adopted by a person",
        )
        tell(connection, new, "adopted", f"{like.record} {record_id} was adopted", who=who)
        return action
