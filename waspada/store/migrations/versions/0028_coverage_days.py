"""How well each region could be heard, day by day; alerts by the time they were opened"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coverage_days",
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("deaf_hours", sa.Integer(), nullable=False),
        sa.Column("looked_at", waspada.store.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sources_heard", sa.Integer(), nullable=False),
        sa.Column("sources_total", sa.Integer(), nullable=False),
        sa.Column("covered", sa.Integer(), nullable=False),
        sa.Column("thin", sa.Integer(), nullable=False),
        sa.Column("silent", sa.Integer(), nullable=False),
        sa.Column("unserved", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", "day", name=op.f("pk_coverage_days")),
    )
    op.create_index(op.f("ix_coverage_days_day"), "coverage_days", ["day"])
    op.create_index("ix_alerts_opened", "alerts", ["opened_at"])


def downgrade() -> None:
    op.drop_index("ix_alerts_opened", table_name="alerts")
    op.drop_index(op.f("ix_coverage_days_day"), table_name="coverage_days")
    op.drop_table("coverage_days")
