"""The ledger: what was planned, sent, confirmed, refused, in doubt. One row per integration action.

The create protocol lives in the order of its commits. An intent is committed before the call, so a process that dies
during the call leaves a trace; the Reference and the confirmation are one transaction; and a process may write only
while it holds the newest claim on its action, so two runs of one task make one record.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from casebridge.core.errors import Conflict, Fenced, NotFound
from casebridge.core.outcome import ENDED, Incoming, State
from casebridge.core.payload import Payload
from casebridge.core.problem import Problem
from casebridge.core.record import Receipt
from casebridge.core.template import MappingTemplate
from casebridge.store.action import Action, ActionRequest
from casebridge.store.claim import Claim, hold, store_confirmation
from casebridge.store.database import Database
from casebridge.store.parts import Part, parts_of
from casebridge.store.references import Reference
from casebridge.store.story import tell
from casebridge.store.tables import actions, template_versions


class Ledger:
    """Reads and writes actions.

    Args:
        database: casebridge's own database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, request: ActionRequest) -> Action:
        """The action of a request: the row that its key has already, or a new one.

        Raises:
            Conflict: The key belongs to a request for something else.
        """
        values = {
            "id": uuid.uuid4().hex,
            "key": request.key,
            "system": request.system,
            "action_type": request.action_type,
            "record": request.record,
            "case_source": request.case_source,
            "case_reference": request.case_reference,
            "template": request.template,
            "connection": request.connection,
            "dag_id": request.dag_id,
            "run_id": request.run_id,
            "rule": request.rule,
            "state": State.PLANNED,
        }
        with self._database.begin() as connection:
            connection.execute(insert(actions).values(values).on_conflict_do_nothing(index_elements=["key"]))
            row = connection.execute(sa.select(actions).where(actions.c.key == request.key)).mappings().one()
        action = Action.from_row(row)
        asked = (request.system, request.action_type, request.case_source, request.case_reference, request.template)
        held = (action.system, action.action_type, action.case_source, action.case_reference, action.template)
        if asked != held:
            raise Conflict(
                f'the request key "{request.key}" was used before for another action '
                f"({action.template} on case {action.case_reference}); use a new key"
            )
        return action

    def plan(
        self, action: Action, *, template: MappingTemplate, payload: Payload, external_reference: str, case_url: str
    ) -> Action:
        """Stores what will be sent, and the template that it was made with.

        Raises:
            Conflict: The action has been sent or has ended meanwhile: what was sent must stay known.
        """
        with self._database.begin() as connection:
            self._keep_template(connection, template)
            return self._replan(
                connection,
                action.id,
                state=State.PLANNED,
                reason="",
                problems=[],
                template_digest=template.digest,
                reference=template.reference,
                payload=payload.as_json(),
                payload_digest=payload.digest,
                external_reference=external_reference,
                case_url=case_url,
                ended_at=None,
            )

    def refuse_plan(
        self, action: Action, *, reason: str, problems: Sequence[Problem] = (), template: MappingTemplate | None = None
    ) -> Action:
        """Stores that the action was refused before anything was sent, and every problem."""
        with self._database.begin() as connection:
            if template is not None:
                self._keep_template(connection, template)
            refused = self._replan(
                connection,
                action.id,
                state=State.REFUSED,
                reason=reason,
                problems=[problem.as_json() for problem in problems],
                template_digest=template.digest if template else None,
                reference=template.reference if template else "",
                payload=None,
                payload_digest=None,
                ended_at=sa.func.now(),
            )
            tell(connection, action.id, "refused", reason, attempt=action.tries)
            return refused

    def delayed(self, action: Action, reason: str) -> None:
        """Stores why an action could not be planned yet."""
        with self._database.begin() as connection:
            connection.execute(
                actions.update().where(actions.c.id == action.id).values(reason=reason, updated_at=sa.func.now())
            )
            tell(connection, action.id, "will_retry", reason)

    @contextmanager
    def claim(self, action_id: str, *, attempt: int) -> Iterator[Claim]:
        """Holds an action, so that nobody else works on it.

        The hold is a lock of the database session: when the process dies, it is free again at once.

        Args:
            action_id: The action.
            attempt: Airflow's try number, from 1.

        Raises:
            Fenced: Another process holds it now.
            NotFound: There is no such action.
        """
        with self._database.connect() as connection:
            lock = hold(action_id)
            if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(lock))).scalar():
                raise Fenced("another run is at work on this action right now", retry_after=5)
            try:
                row = (
                    connection.execute(
                        actions.update()
                        .where(actions.c.id == action_id)
                        .values(fence=actions.c.fence + 1, tries=sa.func.greatest(actions.c.tries, attempt))
                        .returning(actions)
                    )
                    .mappings()
                    .one_or_none()
                )
                connection.commit()
                if row is None:
                    raise NotFound(f"the ledger has no action {action_id}")
                yield Claim(connection, Action.from_row(row), attempt)
            finally:
                if not connection.invalidated:
                    connection.rollback()
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(lock)))
                    connection.commit()

    def incoming_done(self, action_id: str, outcome: Incoming, *, reason: str, problems: Sequence[Problem]) -> None:
        """Stores what became of the incoming mappings."""
        with self._database.begin() as connection:
            values: dict[str, Any] = {"incoming": outcome, "updated_at": sa.func.now()}
            if problems or reason:
                values |= {"problems": [problem.as_json() for problem in problems], "reason": reason}
            connection.execute(actions.update().where(actions.c.id == action_id).values(values))
            tell(connection, action_id, f"incoming_{outcome}", reason or "the case was updated")

    def open_update(self, request: ActionRequest, *, key: str, reference: Reference) -> Action:
        """The action of an update that was received for the record in a Reference; confirmed from the start."""
        values = {
            "id": uuid.uuid4().hex,
            "key": key,
            "system": request.system,
            "action_type": request.action_type,
            "record": request.record,
            "connection": request.connection,
            "case_source": reference.case_source,
            "case_reference": reference.case_reference,
            "template": request.template,
            "reference": reference.name,
            "record_id": reference.record_id,
            "state": State.CONFIRMED,
            "dag_id": request.dag_id,
            "run_id": request.run_id,
            "ended_at": sa.func.now(),
        }
        with self._database.begin() as connection:
            connection.execute(insert(actions).values(values).on_conflict_do_nothing(index_elements=["key"]))
            return Action.from_row(connection.execute(sa.select(actions).where(actions.c.key == key)).mappings().one())

    def settle(self, dag_id: str, run_id: str) -> list[Action]:
        """The actions of a run that has ended; one that its process left open is closed as what it must be.

        An update of a record that several cases hold has several; every other run has one.

        A process that was killed in its last try cannot write its own end: what was possibly sent needs a person,
        what was certainly not sent has failed.
        """
        open_states = [state for state in State if state not in ENDED]
        mine = (actions.c.dag_id == dag_id) & (actions.c.run_id == run_id)
        with self._database.begin() as connection:
            connection.execute(
                actions.update()
                .where(mine, actions.c.state.in_(open_states))
                .values(
                    state=sa.case((actions.c.maybe_sent, State.NEEDS_PERSON), else_=State.FAILED),
                    reason=sa.case(
                        (actions.c.reason != "", actions.c.reason), else_="the task ended without saying why"
                    ),
                    ended_at=sa.func.now(),
                    updated_at=sa.func.now(),
                )
            )
            rows = connection.execute(sa.select(actions).where(mine).order_by(actions.c.created_at)).mappings()
            return [Action.from_row(row) for row in rows]

    def has_open_action(self, system: str, record: str, external_reference: str) -> bool:
        """Whether an action with our reference on the record may still be confirmed."""
        ended = [State.REFUSED, State.FAILED, State.CLOSED]
        query = sa.select(sa.literal(1)).where(
            actions.c.system == system,
            actions.c.record == record,
            actions.c.record_id.is_(None),
            sa.or_(actions.c.external_reference == external_reference, actions.c.case_reference == external_reference),
            actions.c.state.not_in(ended),
        )
        with self._database.connect() as connection:
            return connection.execute(query.limit(1)).scalar() is not None

    def acted_since(self, request: ActionRequest, since: datetime) -> Action | None:
        """The newest action of the same rule and template on the same case since a moment, if there is one."""
        query = (
            sa.select(actions)
            .where(
                actions.c.rule == request.rule,
                actions.c.system == request.system,
                actions.c.template == request.template,
                actions.c.case_source == request.case_source,
                actions.c.case_reference == request.case_reference,
                actions.c.created_at >= since,
            )
            .order_by(sa.case((actions.c.key == request.key, 0), else_=1), actions.c.created_at.desc())
            .limit(1)
        )
        with self._database.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return Action.from_row(row) if row else None

    def unfinished(self, case_source: str, case_reference: str, *, but: str) -> Action | None:
        """The oldest action of a rule on a case that the next event of the case must wait for, if there is one.

        Something may still be sent for it, or a person must decide, or its record is not known yet.

        Args:
            case_source: The case source.
            case_reference: The case.
            but: How the run ids end of those that do not count.
        """
        sent = (actions.c.state == State.UNCONFIRMED) & actions.c.record_id.is_(None)
        waiting = [State.PLANNED, State.INTENT, State.IN_DOUBT, State.NEEDS_PERSON]
        query = (
            sa.select(actions)
            .where(
                actions.c.case_source == case_source,
                actions.c.case_reference == case_reference,
                actions.c.rule != "",
                sa.or_(actions.c.state.in_(waiting), sent),
                ~actions.c.run_id.endswith(but, autoescape=True),
            )
            .order_by(actions.c.created_at)
            .limit(1)
        )
        return self._one(query)

    def confirm_create(self, system: str, record: str, external_reference: str, record_id: str) -> Action | None:
        """An event shows the record of a create that was sent without an answer: it is confirmed; None if none was."""
        sent = (
            actions.c.system == system,
            actions.c.record == record,
            actions.c.external_reference == external_reference,
            actions.c.record_id.is_(None),
        )
        return self._confirm_sent(*sent, record_id=record_id, reason=f"{record} {record_id}, as an event shows")

    def confirm_update(self, case_source: str, case_reference: str, reason: str) -> Action | None:
        """An event shows that an update reached a case without an answer: the oldest is confirmed; None if none was."""
        sent = (
            actions.c.case_source == case_source,
            actions.c.case_reference == case_reference,
            actions.c.template == "",
        )
        return self._confirm_sent(*sent, reason=reason)

    def _confirm_sent(
        self, *conditions: sa.ColumnElement[bool], reason: str, record_id: str | None = None
    ) -> Action | None:
        query = sa.select(actions).where(actions.c.state == State.UNCONFIRMED, *conditions)
        with self._database.begin() as connection:
            locked = query.order_by(actions.c.created_at).limit(1).with_for_update()
            row = connection.execute(locked).mappings().one_or_none()
            if row is None:
                return None
            action = Action.from_row(row)
            receipt = Receipt(record_id or action.record_id or "", url=action.record_url)
            confirmed = store_confirmation(connection, action, receipt=receipt, fence=None, reason=reason)
            tell(connection, action.id, "confirmed", reason)
            return confirmed

    def _one(self, query: sa.Select[Any]) -> Action | None:
        with self._database.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return Action.from_row(row) if row else None

    def to_follow_up(self, limit: int) -> list[Action]:
        """The actions of rules that have ended and whose follow-up steps were not done, oldest first."""
        ended = [State.CONFIRMED, State.REFUSED, State.FAILED, State.CLOSED]
        query = (
            sa.select(actions)
            .where(actions.c.rule != "", actions.c.followed_up_at.is_(None), actions.c.state.in_(ended))
            .order_by(actions.c.created_at)
            .limit(limit)
        )
        with self._database.connect() as connection:
            return [Action.from_row(row) for row in connection.execute(query).mappings()]

    def followed_up(self, action: Action, text: str) -> None:
        """The follow-up steps of an action were done."""
        with self._database.begin() as connection:
            connection.execute(actions.update().where(actions.c.id == action.id).values(followed_up_at=sa.func.now()))
            tell(connection, action.id, "followed_up", text)

    def of_run(self, dag_id: str, run_id: str) -> Action | None:
        """The action of a DAG run, or None."""
        query = sa.select(actions).where(actions.c.dag_id == dag_id, actions.c.run_id == run_id).limit(1)
        with self._database.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return Action.from_row(row) if row else None

    def actions_of_run(self, dag_id: str, run_id: str) -> list[Action]:
        """The actions of a DAG run; an update of a record that several cases hold has several."""
        query = sa.select(actions).where(actions.c.dag_id == dag_id, actions.c.run_id == run_id)
        with self._database.connect() as connection:
            rows = connection.execute(query.order_by(actions.c.created_at, actions.c.id)).mappings()
            return [Action.from_row(row) for row in rows]

    def of_ids(self, action_ids: Sequence[str], systems: Collection[str]) -> list[Action]:
        """Those of these actions that are of these systems, the newest first."""
        query = sa.select(actions).where(actions.c.id.in_(action_ids), actions.c.system.in_(systems))
        with self._database.connect() as connection:
            rows = connection.execute(query.order_by(actions.c.created_at.desc(), actions.c.id)).mappings()
            return [Action.from_row(row) for row in rows]

    def planned(self, dag_id: str, run_id: str) -> Action:
        """The action of a DAG run.

        Raises:
            NotFound: Nothing was planned for that run.
        """
        action = self.of_run(dag_id, run_id)
        if action is None:
            raise NotFound("nothing is planned for this run; clear its first task and run it again")
        return action

    def action(self, action_id: str) -> Action:
        """The action with that id, or whose id begins so.

        Raises:
            NotFound: There is none, or more than one begins so.
        """
        prefix = actions.c.id.startswith(action_id, autoescape=True)
        with self._database.connect() as connection:
            rows = connection.execute(sa.select(actions).where(prefix).limit(2)).mappings().all()
        if len(rows) != 1:
            raise NotFound(f"{'no' if not rows else 'more than one'} action has an id that begins with {action_id}")
        return Action.from_row(rows[0])

    def parts(self, action_id: str) -> list[Part]:
        """The parts of an action that makes several writes, in the order in which they were sent."""
        with self._database.connect() as connection:
            return list(parts_of(connection, action_id).values())

    def is_awaited(self, system: str, case_source: str, case_reference: str, templates: Sequence[str]) -> bool:
        """Whether an action with one of the templates may still bring its record to a case."""
        query = sa.select(sa.literal(1)).where(
            actions.c.system == system,
            actions.c.case_source == case_source,
            actions.c.case_reference == case_reference,
            actions.c.template.in_(templates),
            actions.c.state.not_in([State.CONFIRMED, State.REFUSED, State.FAILED, State.CLOSED]),
        )
        with self._database.connect() as connection:
            return connection.execute(query.limit(1)).scalar() is not None

    def template_text(self, digest: str) -> str:
        """The text of a template as it was when an action used it.

        Raises:
            NotFound: No action ever used that version.
        """
        query = sa.select(template_versions.c.text).where(template_versions.c.digest == digest)
        with self._database.connect() as connection:
            text = connection.execute(query).scalar()
        if text is None:
            raise NotFound(f"no action was ever planned with the template version {digest[:12]}")
        return str(text)

    def recent_send(self, action: Action, *, field: str, value: str, since: datetime) -> Action | None:
        """The newest other action on the same case that sent the same value in a field since a moment, if any."""
        query = (
            sa.select(actions)
            .where(
                actions.c.system == action.system,
                actions.c.action_type == action.action_type,
                actions.c.case_source == action.case_source,
                actions.c.case_reference == action.case_reference,
                actions.c.state == State.CONFIRMED,
                actions.c.sent_at >= since,
                actions.c.id != action.id,
                actions.c.payload["fields"][field].astext == value,
            )
            .order_by(actions.c.sent_at.desc())
            .limit(1)
        )
        with self._database.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return Action.from_row(row) if row else None

    def _keep_template(self, connection: Connection, template: MappingTemplate) -> None:
        connection.execute(
            insert(template_versions)
            .values(digest=template.digest, system=template.system, template=template.id, text=template.text)
            .on_conflict_do_nothing()
        )

    def _replan(self, connection: Connection, action_id: str, **values: Any) -> Action:
        row = (
            connection.execute(
                actions.update()
                .where(
                    actions.c.id == action_id,
                    ~actions.c.maybe_sent,
                    actions.c.state.in_([State.PLANNED, State.REFUSED, State.FAILED]),
                )
                .values(**values, updated_at=sa.func.now())
                .returning(actions)
            )
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise Conflict("the action has been sent or has ended meanwhile; what was sent stays as it is")
        return Action.from_row(row)
