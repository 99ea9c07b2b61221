"""The parts of an action that makes several writes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "action_parts",
        sa.Column("action_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="which write of the action"),
        sa.Column("record", sa.Text(), nullable=False, comment="kind of record that it writes"),
        sa.Column("state", sa.Text(), nullable=False, comment="sent or confirmed"),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("record_url", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("there_before", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name=op.f("fk_action_parts_action_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("action_id", "name", name=op.f("pk_action_parts")),
    )
    op.create_index("ix_action_parts_record", "action_parts", ["record", "record_id"])


def downgrade() -> None:
    op.drop_index("ix_action_parts_record", table_name="action_parts")
    op.drop_table("action_parts")
