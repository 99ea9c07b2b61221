"""What senders tell that nobody can be asked for later, and cases that are known only by what was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column(
        "inbox",
        sa.Column(
            "position",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="place among those of its subject",
        ),
    )
    op.add_column(
        "inbox",
        sa.Column(
            "content",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="holds case values, until it is handled",
        ),
    )
    op.create_table(
        "told_cases",
        sa.Column("case_source", sa.Text(), nullable=False),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="holds case values"),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False, comment="of the event that told it"),
        sa.Column("told_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("case_source", "case_reference", name=op.f("pk_told_cases")),
    )


def downgrade() -> None:
    op.drop_table("told_cases")
    op.drop_column("inbox", "content")
    op.drop_column("inbox", "position")
