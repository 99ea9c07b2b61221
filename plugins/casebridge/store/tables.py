"""The tables. A change here goes with a migration; a test compares the two."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

Moment = sa.DateTime(timezone=True)

WORDS = (
    "to_tsvector('simple'::regconfig, reason)"
    " || jsonb_to_tsvector('simple'::regconfig, problems, '[\"string\"]'::jsonb)"
)
"""The words of an action's reason and of its problems, as the integration log is searched."""

template_versions = sa.Table(
    "template_versions",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True, comment="SHA-256 of the text"),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("first_used_at", Moment, nullable=False, server_default=sa.func.now()),
)

actions = sa.Table(
    "actions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="idempotency key: DAG id and run id"),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("action_type", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False, comment="kind of record that it writes or reads"),
    sa.Column("connection", sa.Text, nullable=False, server_default=""),
    sa.Column("case_source", sa.Text, nullable=False),
    sa.Column("case_reference", sa.Text, nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("template_digest", sa.Text, sa.ForeignKey("template_versions.digest")),
    sa.Column("reference", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("problems", JSONB, nullable=False, server_default="[]"),
    sa.Column("payload", JSONB(none_as_null=True), comment="holds case values"),
    sa.Column("payload_digest", sa.Text),
    sa.Column("external_reference", sa.Text, nullable=False, server_default=""),
    sa.Column("record_id", sa.Text),
    sa.Column("record_url", sa.Text, nullable=False, server_default=""),
    sa.Column("case_url", sa.Text, nullable=False, server_default=""),
    sa.Column("incoming", sa.Text, nullable=False, server_default="none"),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0", comment="rises with every claim"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("maybe_sent", sa.Boolean, nullable=False, server_default=sa.false(), comment="look before sending"),
    sa.Column("looks", sa.Integer, nullable=False, server_default="0", comment="looks without a find since the send"),
    sa.Column("first_sent_at", Moment),
    sa.Column("sent_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("dag_id", sa.Text, nullable=False, server_default=""),
    sa.Column("run_id", sa.Text, nullable=False, server_default=""),
    sa.Column("rule", sa.Text, nullable=False, server_default="", comment="the rule that asked for it"),
    sa.Column("followed_up_at", Moment, comment="when the rule's follow-up steps were done"),
    sa.Column("created_at", Moment, nullable=False, server_default=sa.func.now()),
    sa.Column("updated_at", Moment, nullable=False, server_default=sa.func.now()),
    sa.Index("ix_actions_case", "case_source", "case_reference"),
    sa.Index("ix_actions_record", "system", "record", "record_id"),
    sa.Index("ix_actions_state_created", "state", "created_at"),
    # Enough for the charts of the console, without a look at the rows.
    sa.Index("ix_actions_created", "created_at", "id", postgresql_include=["system", "state", "ended_at"]),
    # What the integration log is searched by, each in the order in which it is shown.
    sa.Index("ix_actions_case_created", "case_reference", "created_at"),
    sa.Index("ix_actions_system_state", "system", "state", "created_at"),
    sa.Index("ix_actions_type", "system", "action_type", "created_at"),
    sa.Index("ix_actions_template", "template", "created_at"),
    sa.Index("ix_actions_record_id", "record_id", postgresql_where=sa.text("record_id IS NOT NULL")),
    sa.Index("ix_actions_words", sa.text(f"({WORDS})"), postgresql_using="gin"),
    sa.Index("ix_actions_run", "dag_id", "run_id"),
    sa.Index("ix_actions_follow_up", "id", postgresql_where=sa.text("rule <> '' AND followed_up_at IS NULL")),
)

events = sa.Table(
    "action_events",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("action_id", sa.Text, sa.ForeignKey("actions.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False, comment="a sentence without case values"),
    sa.Column("who", sa.Text, nullable=False, server_default="", comment="the person who decided, if one did"),
)

action_parts = sa.Table(
    "action_parts",
    metadata,
    sa.Column("action_id", sa.Text, sa.ForeignKey("actions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True, comment="which write of the action"),
    sa.Column("record", sa.Text, nullable=False, comment="kind of record that it writes"),
    sa.Column("state", sa.Text, nullable=False, comment="sent or confirmed"),
    sa.Column("record_id", sa.Text),
    sa.Column("record_url", sa.Text, nullable=False, server_default=""),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    sa.Column("there_before", JSONB, nullable=False, server_default="[]"),
    sa.Column("first_sent_at", Moment, nullable=False),
    sa.Column("sent_at", Moment, nullable=False),
    sa.Column("confirmed_at", Moment),
    sa.Index("ix_action_parts_record", "record", "record_id"),
)

references = sa.Table(
    "case_references",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("case_source", sa.Text, nullable=False),
    sa.Column("case_reference", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False, comment="kind of record"),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("action_id", sa.Text, sa.ForeignKey("actions.id"), nullable=False, unique=True),
    sa.Column("stored_at", Moment, nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Index("ix_case_references_case", "case_source", "case_reference", "name"),
    sa.Index("ix_case_references_record", "system", "record", "record_id"),
)

local_cases = sa.Table(
    "local_cases",
    metadata,
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("details", JSONB, nullable=False, comment="holds case values"),
    sa.Column("updated_at", Moment, nullable=False, server_default=sa.func.now()),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("system", sa.Text, nullable=False, comment="who pushed it"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, comment="the same key is the same thing, told twice"),
    sa.Column("subject", sa.Text, nullable=False, comment="handled in order per subject"),
    sa.Column("event", sa.Text, nullable=False, server_default=""),
    sa.Column("details", JSONB, nullable=False, server_default="{}"),
    sa.Column(
        "position", sa.BigInteger, nullable=False, server_default="0", comment="place among those of its subject"
    ),
    sa.Column("content", JSONB(none_as_null=True), comment="holds case values, until it is handled"),
    sa.Column("state", sa.Text, nullable=False, server_default="pending"),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("received_at", Moment, nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("handled_at", Moment),
    sa.Index("uq_inbox_system_key", "system", "key", unique=True),
    sa.Index("ix_inbox_pending", "id", postgresql_where=sa.text("state = 'pending'")),
    sa.Index("ix_inbox_subject", "system", "subject", "id"),
)

case_states = sa.Table(
    "case_states",
    metadata,
    sa.Column("case_source", sa.Text, primary_key=True),
    sa.Column("case_reference", sa.Text, primary_key=True),
    sa.Column("status", sa.Text, nullable=False, comment="as it was last seen"),
    sa.Column("seen_at", Moment, nullable=False, server_default=sa.func.now()),
)

told_cases = sa.Table(
    "told_cases",
    metadata,
    sa.Column("case_source", sa.Text, primary_key=True),
    sa.Column("case_reference", sa.Text, primary_key=True),
    sa.Column("details", JSONB, nullable=False, comment="holds case values"),
    sa.Column("position", sa.BigInteger, nullable=False, server_default="0", comment="of the event that told it"),
    sa.Column("told_at", Moment, nullable=False, server_default=sa.func.now()),
)

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.Text, nullable=False),
    sa.Column("moved_at", Moment, nullable=False, server_default=sa.func.now()),
)

operator_acts = sa.Table(
    "operator_acts",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("at", Moment, nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, comment="the system or case source that it is about"),
    sa.Column("text", sa.Text, nullable=False, comment="a sentence without secrets and case values"),
    sa.Index("ix_operator_acts_subject", "subject", "id"),
)

reconciliations = sa.Table(
    "reconciliations",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False, comment="kind of record"),
    sa.Column("state", sa.Text, nullable=False, server_default="listing", comment="listing, comparing or done"),
    sa.Column("since", Moment, nullable=False),
    sa.Column("until", Moment, nullable=False),
    sa.Column("position", sa.Text, nullable=False, server_default="", comment="how far the target was listed"),
    sa.Column("listed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("counts", JSONB, nullable=False, server_default="{}", comment="how many of each class"),
    sa.Column("mended", JSONB, nullable=False, server_default="{}", comment="how many were put right, by class"),
    sa.Column("report", sa.Text, nullable=False, server_default=""),
    sa.Column("dag_id", sa.Text, nullable=False, server_default="", comment="the run that worked on it last"),
    sa.Column("run_id", sa.Text, nullable=False, server_default=""),
    sa.Column("started_at", Moment, nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("ended_at", Moment),
    sa.Index("ix_reconciliations_kind", "system", "record", "id"),
    sa.Index("ix_reconciliations_run", "dag_id", "run_id"),
)

listed_records = sa.Table(
    "listed_records",
    metadata,
    sa.Column("system", sa.Text, primary_key=True),
    sa.Column("record", sa.Text, primary_key=True),
    sa.Column("record_id", sa.Text, primary_key=True),
    sa.Column("external_reference", sa.Text, nullable=False, server_default=""),
    sa.Column("closed", sa.Boolean),
    sa.Column("changed_at", Moment),
    sa.Column("version", sa.Text, nullable=False, comment="digest of its values, or else when it was changed"),
    sa.Column("applied_version", sa.Text, comment="the one whose data was brought back last"),
    sa.Column("seen_in", sa.BigInteger, nullable=False, comment="the reconciliation that listed it last"),
    sa.Index("ix_listed_records_seen_in", "seen_in"),
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("record", sa.Text, nullable=False, comment="kind of record"),
    sa.Column("drift", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False, server_default=""),
    sa.Column("action_id", sa.Text, nullable=False, server_default=""),
    sa.Column("case_source", sa.Text, nullable=False, server_default=""),
    sa.Column("case_reference", sa.Text, nullable=False, server_default=""),
    sa.Column("reference", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    sa.Column("reason", sa.Text, nullable=False, server_default="", comment="of the person who decided"),
    sa.Column("who", sa.Text, nullable=False, server_default=""),
    sa.Column("found_at", Moment, nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("seen_in", sa.BigInteger, nullable=False, comment="the reconciliation that saw it last"),
    sa.Column("ended_at", Moment),
    sa.Index("uq_findings_subject", "system", "record", "drift", "record_id", "action_id", unique=True),
    sa.Index("ix_findings_open", "id", postgresql_where=sa.text("state = 'open'")),
    sa.Index("ix_findings_case", "case_source", "case_reference"),
)
