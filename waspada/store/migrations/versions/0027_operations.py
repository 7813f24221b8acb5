"""Processes and their beats, webhooks and the tries to reach them, what was erased"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types
from waspada.store import erasure_triggers

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = waspada.store.types.UtcDateTime(timezone=True)
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "processes",
        sa.Column("id", whole, nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("host", sa.String(length=16), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("beat_at", moment, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
        sa.UniqueConstraint("role", "host", "pid", name=op.f("uq_processes_role_host_pid")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=13), nullable=True),
        sa.Column("label", sa.String(length=20), nullable=True),
        sa.Column("min_level", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=True),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("internal_reason", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("paused_at", moment, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("since_at", moment, nullable=False),
        sa.Column("seen_event_id", whole, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", moment, nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("id", whole, nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", whole, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_attempts_webhook_id_webhooks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
    )
    op.create_index("ix_webhook_attempts_webhook", "webhook_attempts", ["webhook_id", "id"])
    op.create_index("ix_webhook_attempts_at", "webhook_attempts", ["at"])
    op.create_table(
        "erased_items",
        sa.Column("id", whole, nullable=False),
        sa.Column("url_key", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erased_items")),
    )
    op.create_index("ix_erased_items_at", "erased_items", ["at"])
    erasure_triggers.create(op)


def downgrade() -> None:
    erasure_triggers.drop(op)
    op.drop_index("ix_erased_items_at", table_name="erased_items")
    op.drop_table("erased_items")
    op.drop_index("ix_webhook_attempts_at", table_name="webhook_attempts")
    op.drop_index("ix_webhook_attempts_webhook", table_name="webhook_attempts")
    op.drop_table("webhook_attempts")
    op.drop_table("webhooks")
    op.drop_table("processes")
