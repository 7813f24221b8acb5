"""Drafts of field reports share no key with reports nor with each other; periodic reports say that they were erased

Drafts of before go: their rows led from one report of an account to the next.
"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
_MOMENT = waspada.store.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.drop_table("field_report_drafts")
    op.create_table(
        "field_report_drafts",
        sa.Column("draft_key", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("draft_key", name=op.f("pk_field_report_drafts")),
    )
    op.create_index(op.f("ix_field_report_drafts_changed_at"), "field_report_drafts", ["changed_at"])
    op.add_column("periodic_reports", sa.Column("erased_at", _MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("periodic_reports", "erased_at")
    op.drop_table("field_report_drafts")
    op.create_table(
        "field_report_drafts",
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("form_key", name=op.f("pk_field_report_drafts")),
    )
    op.create_index(op.f("ix_field_report_drafts_owner"), "field_report_drafts", ["owner"])
    op.create_index(op.f("ix_field_report_drafts_changed_at"), "field_report_drafts", ["changed_at"])
