"""Which revision of an alert an account has seen"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "alert_seen",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", whole, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", waspada.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_alert_seen_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_seen_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "alert_id", name=op.f("pk_alert_seen")),
    )
    op.create_index("ix_alert_seen_alert_id", "alert_seen", ["alert_id"])


def downgrade() -> None:
    op.drop_index("ix_alert_seen_alert_id", table_name="alert_seen")
    op.drop_table("alert_seen")
