"""Channels of accounts, hours of duty, and the calls that are sent by them"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = waspada.store.types.UtcDateTime(timezone=True)
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=True),
        sa.Column("code_sent_at", moment, nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("verified_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_contacts_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("user_id", "channel", "digest", name=op.f("uq_contacts_user_id_channel_digest")),
    )
    op.create_table(
        "duty_shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("desk", sa.String(length=13), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_duty_shifts_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shifts")),
    )
    op.create_index("ix_duty_shifts_desk", "duty_shifts", ["desk", "ends_at"])
    op.create_index("ix_duty_shifts_user_id", "duty_shifts", ["user_id"])
    op.create_table(
        "calls",
        sa.Column("id", whole, nullable=False),
        sa.Column("chain_id", whole, nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("desk", sa.String(length=13), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("ready_at", moment, nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("sent_at", moment, nullable=True),
        sa.Column("failed_at", moment, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("held_at", moment, nullable=True),
        sa.Column("acknowledged_at", moment, nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("escalated_at", moment, nullable=True),
        sa.Column("escalated_to", whole, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("end_reason", sa.String(length=15), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_calls_user_id_users"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    still_open = sa.text("ended_at IS NULL")
    op.create_index("ix_calls_open", "calls", ["chain_id", "id"], sqlite_where=still_open, postgresql_where=still_open)
    op.create_index("ix_calls_chain_id", "calls", ["chain_id"])
    op.create_index("ix_calls_desk", "calls", ["desk", "id"])
    op.create_index("ix_calls_made_at", "calls", ["made_at"])
    op.create_index("ix_calls_user_id", "calls", ["user_id"])
    op.create_table(
        "call_notices",
        sa.Column("call_id", whole, nullable=False),
        sa.Column("alert_id", whole, nullable=False),
        sa.Column("notice_id", whole, nullable=True),
        sa.Column("was_new", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_call_notices_call_id_calls"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_call_notices_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_call_notices_notice_id_notices"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("call_id", "alert_id", name=op.f("pk_call_notices")),
    )
    op.create_index("ix_call_notices_alert_id", "call_notices", ["alert_id"])
    op.create_index("ix_call_notices_notice_id", "call_notices", ["notice_id"])


def downgrade() -> None:
    op.drop_table("call_notices")
    op.drop_table("calls")
    op.drop_table("duty_shifts")
    op.drop_table("contacts")
