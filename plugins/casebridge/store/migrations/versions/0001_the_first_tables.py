"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:

    op.create_table(
        "local_cases",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="holds case values"),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_local_cases")),
    )
    op.create_table(
        "template_versions",
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the text"),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_template_versions")),
    )
    op.create_table(
        "actions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="idempotency key: DAG id and run id"),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("action_type", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False, comment="kind of record that it writes or reads"),
        sa.Column("connection", sa.Text(), server_default="", nullable=False),
        sa.Column("case_source", sa.Text(), nullable=False),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("template_digest", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column(
            "payload",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="holds case values",
        ),
        sa.Column("payload_digest", sa.Text(), nullable=True),
        sa.Column("external_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("record_url", sa.Text(), server_default="", nullable=False),
        sa.Column("case_url", sa.Text(), server_default="", nullable=False),
        sa.Column("incoming", sa.Text(), server_default="none", nullable=False),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False, comment="rises with every claim"),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "maybe_sent", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="look before sending"
        ),
        sa.Column(
            "looks", sa.Integer(), server_default="0", nullable=False, comment="looks without a find since the send"
        ),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dag_id", sa.Text(), server_default="", nullable=False),
        sa.Column("run_id", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_digest"], ["template_versions.digest"], name=op.f("fk_actions_template_digest")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
        sa.UniqueConstraint("key", name=op.f("uq_actions_key")),
    )
    op.create_index("ix_actions_case", "actions", ["case_source", "case_reference"], unique=False)
    op.create_index("ix_actions_created", "actions", ["created_at"], unique=False)
    op.create_index("ix_actions_record", "actions", ["system", "record", "record_id"], unique=False)
    op.create_index("ix_actions_run", "actions", ["dag_id", "run_id"], unique=False)
    op.create_index("ix_actions_state_created", "actions", ["state", "created_at"], unique=False)
    op.create_table(
        "action_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("action_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="a sentence without case values"),
        sa.Column("who", sa.Text(), server_default="", nullable=False, comment="the person who decided, if one did"),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name=op.f("fk_action_events_action_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_events")),
    )
    op.create_index(op.f("ix_action_events_action_id"), "action_events", ["action_id"], unique=False)
    op.create_table(
        "case_references",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_source", sa.Text(), nullable=False),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False, comment="kind of record"),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("action_id", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name=op.f("fk_case_references_action_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_references")),
        sa.UniqueConstraint("action_id", name=op.f("uq_case_references_action_id")),
    )
    op.create_index(
        "ix_case_references_case", "case_references", ["case_source", "case_reference", "name"], unique=False
    )
    op.create_index("ix_case_references_record", "case_references", ["system", "record", "record_id"], unique=False)


def downgrade() -> None:

    op.drop_index("ix_case_references_record", table_name="case_references")
    op.drop_index("ix_case_references_case", table_name="case_references")
    op.drop_table("case_references")
    op.drop_index(op.f("ix_action_events_action_id"), table_name="action_events")
    op.drop_table("action_events")
    op.drop_index("ix_actions_state_created", table_name="actions")
    op.drop_index("ix_actions_run", table_name="actions")
    op.drop_index("ix_actions_record", table_name="actions")
    op.drop_index("ix_actions_created", table_name="actions")
    op.drop_index("ix_actions_case", table_name="actions")
    op.drop_table("actions")
    op.drop_table("template_versions")
    op.drop_table("local_cases")
