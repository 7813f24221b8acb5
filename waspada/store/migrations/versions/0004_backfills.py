"""Filling in the past of a source, and what is read of its listing"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backfills",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=80), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("started_at", waspada.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", waspada.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_backfills_source_id_sources"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfills")),
        sa.UniqueConstraint(
            "source_id", "first_day", "last_day", name=op.f("uq_backfills_source_id_first_day_last_day")
        ),
    )
    op.add_column("pages", sa.Column("backfill_id", sa.Integer(), nullable=True))
    op.add_column("sources", sa.Column("listing_selector", sa.Text(), nullable=True))
    op.create_index("ix_pages_backfill", "pages", ["backfill_id", "state"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_pages_backfill", table_name="pages")
    op.drop_column("sources", "listing_selector")
    op.drop_column("pages", "backfill_id")
    op.drop_table("backfills")
