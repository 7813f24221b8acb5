"""Who gets digests, what each was sent, and messages that are sent in bulk"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = waspada.store.types.UtcDateTime(timezone=True)
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("deliveries", sa.Column("bulk", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("deliveries", sa.Column("tried_at", moment, nullable=True))
    op.add_column("deliveries", sa.Column("handed_at", moment, nullable=True))
    tried = sa.text("tried_at IS NOT NULL")
    op.create_index(
        "ix_deliveries_tried", "deliveries", ["channel", "tried_at"], sqlite_where=tried, postgresql_where=tried
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=13), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("min_level", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("zone", sa.String(length=4), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("opt_in_at", moment, nullable=True),
        sa.Column("confirmed_at", moment, nullable=True),
        sa.Column("paused_until", moment, nullable=True),
        sa.Column("next_due_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("end_reason", sa.String(length=15), nullable=False),
        sa.Column("address_version", sa.Integer(), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("bounced_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    live = sa.text("confirmed_at IS NOT NULL AND ended_at IS NULL")
    op.create_index("ix_subscriptions_due", "subscriptions", ["next_due_at"], sqlite_where=live, postgresql_where=live)
    op.create_index("ix_subscriptions_digest", "subscriptions", ["digest"])
    op.create_index("ix_subscriptions_region", "subscriptions", ["region"])
    op.create_table(
        "subscription_sends",
        sa.Column("id", whole, nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("digest_id", whole, nullable=True),
        sa.Column("delivery_id", whole, nullable=True),
        sa.Column("skipped", sa.String(length=15), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_subscription_sends_subscription_id_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_sends")),
        sa.UniqueConstraint("subscription_id", "occasion", name=op.f("uq_subscription_sends_subscription_id_occasion")),
    )
    for column in ("at", "digest_id", "delivery_id"):
        op.create_index(f"ix_subscription_sends_{column}", "subscription_sends", [column])


def downgrade() -> None:
    op.drop_table("subscription_sends")
    op.drop_table("subscriptions")
    op.drop_index("ix_deliveries_tried", table_name="deliveries")
    for column in ("handed_at", "tried_at", "bulk"):
        op.drop_column("deliveries", column)
