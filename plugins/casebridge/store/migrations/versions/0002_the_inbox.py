"""The inbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "case_states",
        sa.Column("case_source", sa.Text(), nullable=False),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False, comment="as it was last seen"),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("case_source", "case_reference", name=op.f("pk_case_states")),
    )
    op.create_table(
        "cursors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cursors")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("system", sa.Text(), nullable=False, comment="who pushed it"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the same key is the same thing, told twice"),
        sa.Column("subject", sa.Text(), nullable=False, comment="handled in order per subject"),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
    )
    op.create_index("ix_inbox_pending", "inbox", ["id"], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_index("ix_inbox_subject", "inbox", ["system", "subject", "id"], unique=False)
    op.create_index("uq_inbox_system_key", "inbox", ["system", "key"], unique=True)
    op.add_column(
        "actions", sa.Column("rule", sa.Text(), server_default="", nullable=False, comment="the rule that asked for it")
    )
    op.add_column(
        "actions",
        sa.Column(
            "followed_up_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the rule's follow-up steps were done",
        ),
    )
    op.create_index(
        "ix_actions_follow_up",
        "actions",
        ["id"],
        unique=False,
        postgresql_where=sa.text("rule <> '' AND followed_up_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_actions_follow_up", table_name="actions", postgresql_where=sa.text("rule <> '' AND followed_up_at IS NULL")
    )
    op.drop_column("actions", "followed_up_at")
    op.drop_column("actions", "rule")
    op.drop_index("uq_inbox_system_key", table_name="inbox")
    op.drop_index("ix_inbox_subject", table_name="inbox")
    op.drop_index("ix_inbox_pending", table_name="inbox", postgresql_where=sa.text("state = 'pending'"))
    op.drop_table("inbox")
    op.drop_table("cursors")
    op.drop_table("case_states")
