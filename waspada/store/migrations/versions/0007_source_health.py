"""What the last look at the sources found, and the newest entry that each of them listed"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_health",
        sa.Column("source_id", sa.String(length=80), nullable=False),
        sa.Column("at", waspada.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("alarm", sa.Boolean(), nullable=False),
        sa.Column("last_at", waspada.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("usual_gap_seconds", sa.Integer(), nullable=True),
        sa.Column("rings_at", waspada.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("items_7_days", sa.Integer(), nullable=False),
        sa.Column("items_28_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_source_health_source_id_sources"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_health")),
    )
    op.create_table(
        "source_mentions",
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("source_id", sa.String(length=80), nullable=False),
        sa.Column("items_7_days", sa.Integer(), nullable=False),
        sa.Column("items_28_days", sa.Integer(), nullable=False),
        sa.Column("last_at", waspada.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_source_mentions_source_id_sources"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code", "source_id", name=op.f("pk_source_mentions")),
    )
    op.add_column(
        "sources", sa.Column("newest_entry_at", waspada.store.types.UtcDateTime(timezone=True), nullable=True)
    )
    op.create_index("ix_items_heard", "items", ["found_at", "source_id", "published_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_items_heard", table_name="items")
    op.drop_column("sources", "newest_entry_at")
    op.drop_table("source_mentions")
    op.drop_table("source_health")
