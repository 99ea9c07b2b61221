"""What the console searches by, and what people do to a system."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WORDS = (
    "to_tsvector('simple'::regconfig, reason)"
    " || jsonb_to_tsvector('simple'::regconfig, problems, '[\"string\"]'::jsonb)"
)


def upgrade() -> None:
    op.create_table(
        "operator_acts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, comment="the system or case source that it is about"),
        sa.Column("text", sa.Text(), nullable=False, comment="a sentence without secrets and case values"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_acts")),
    )
    op.create_index("ix_operator_acts_subject", "operator_acts", ["subject", "id"])
    op.drop_index("ix_actions_created", "actions")
    op.create_index(
        "ix_actions_created", "actions", ["created_at", "id"], postgresql_include=["system", "state", "ended_at"]
    )
    op.create_index("ix_actions_case_created", "actions", ["case_reference", "created_at"])
    op.create_index("ix_actions_system_state", "actions", ["system", "state", "created_at"])
    op.create_index("ix_actions_type", "actions", ["system", "action_type", "created_at"])
    op.create_index("ix_actions_template", "actions", ["template", "created_at"])
    op.create_index("ix_actions_record_id", "actions", ["record_id"], postgresql_where=sa.text("record_id IS NOT NULL"))
    op.create_index("ix_actions_words", "actions", [sa.text(f"({WORDS})")], postgresql_using="gin")


def downgrade() -> None:
    for name in ("words", "record_id", "template", "type", "system_state", "case_created", "created"):
        op.drop_index(f"ix_actions_{name}", "actions")
    op.create_index("ix_actions_created", "actions", ["created_at"])
    op.drop_table("operator_acts")
