"""Reconciliation: its runs, what the targets listed, and what was found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False, comment="kind of record"),
        sa.Column("state", sa.Text(), server_default="listing", nullable=False, comment="listing, comparing or done"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.Text(), server_default="", nullable=False, comment="how far the target was listed"),
        sa.Column("listed", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "counts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="how many of each class",
        ),
        sa.Column(
            "mended",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="how many were put right, by class",
        ),
        sa.Column("report", sa.Text(), server_default="", nullable=False),
        sa.Column("dag_id", sa.Text(), server_default="", nullable=False, comment="the run that worked on it last"),
        sa.Column("run_id", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
    )
    op.create_index("ix_reconciliations_kind", "reconciliations", ["system", "record", "id"], unique=False)
    op.create_index("ix_reconciliations_run", "reconciliations", ["dag_id", "run_id"], unique=False)
    op.create_table(
        "listed_records",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("external_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Text(), nullable=False, comment="digest of its values, or else when it was changed"),
        sa.Column("applied_version", sa.Text(), nullable=True, comment="the one whose data was brought back last"),
        sa.Column("seen_in", sa.BigInteger(), nullable=False, comment="the reconciliation that listed it last"),
        sa.PrimaryKeyConstraint("system", "record", "record_id", name=op.f("pk_listed_records")),
    )
    op.create_index("ix_listed_records_seen_in", "listed_records", ["seen_in"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False, comment="kind of record"),
        sa.Column("drift", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), server_default="", nullable=False),
        sa.Column("action_id", sa.Text(), server_default="", nullable=False),
        sa.Column("case_source", sa.Text(), server_default="", nullable=False),
        sa.Column("case_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False, comment="of the person who decided"),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("seen_in", sa.BigInteger(), nullable=False, comment="the reconciliation that saw it last"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_open", "findings", ["id"], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_findings_case", "findings", ["case_source", "case_reference"], unique=False)
    op.create_index(
        "uq_findings_subject",
        "findings",
        ["system", "record", "drift", "record_id", "action_id"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_table("findings")
    op.drop_table("listed_records")
    op.drop_table("reconciliations")
