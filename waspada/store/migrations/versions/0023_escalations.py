"""Institutions outside the team, permissions for some of them, reports to them, and CAP messages"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = waspada.store.types.UtcDateTime(timezone=True)
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "recipients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("region", sa.String(length=13), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", moment, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.Column("changed_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipients")),
        sa.UniqueConstraint("address", "region", name=op.f("uq_recipients_address_region")),
    )
    op.create_index("ix_recipients_region", "recipients", ["region"])
    op.create_table(
        "recipient_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=13), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", moment, nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipients.id"], name=op.f("fk_recipient_grants_recipient_id_recipients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient_grants")),
    )
    op.create_index("ix_recipient_grants_recipient_id", "recipient_grants", ["recipient_id"])
    op.create_table(
        "escalations",
        sa.Column("id", whole, nullable=False),
        sa.Column("alert_id", whole, nullable=False),
        sa.Column("alert_revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("desk", sa.String(length=13), nullable=True),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("bodies", sa.JSON(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("corrects_id", whole, nullable=True),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_escalations_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["escalations.id"], name=op.f("fk_escalations_corrects_id_escalations"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
    )
    op.create_index("ix_escalations_alert_id", "escalations", ["alert_id"])
    op.create_index("ix_escalations_corrects_id", "escalations", ["corrects_id"])
    op.create_index("ix_escalations_state", "escalations", ["state", "id"])
    op.create_index("ix_escalations_desk", "escalations", ["desk", "alert_id"])
    op.create_table(
        "escalation_recipients",
        sa.Column("escalation_id", whole, nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("sent_at", moment, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["escalation_id"],
            ["escalations.id"],
            name=op.f("fk_escalation_recipients_escalation_id_escalations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipients.id"], name=op.f("fk_escalation_recipients_recipient_id_recipients")
        ),
        sa.PrimaryKeyConstraint("escalation_id", "recipient_id", name=op.f("pk_escalation_recipients")),
    )
    op.create_index("ix_escalation_recipients_sent_at", "escalation_recipients", ["sent_at"])
    op.create_table(
        "cap_messages",
        sa.Column("id", whole, nullable=False),
        sa.Column("identifier", sa.String(length=160), nullable=False),
        sa.Column("alert_id", whole, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("msg_type", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("sent_at", moment, nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("xml", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_cap_messages_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_messages")),
        sa.UniqueConstraint("identifier", name=op.f("uq_cap_messages_identifier")),
        sa.UniqueConstraint("alert_id", "number", name=op.f("uq_cap_messages_alert_id_number")),
    )
    op.create_index("ix_cap_messages_sent", "cap_messages", ["sent_at", "id"])


def downgrade() -> None:
    op.drop_table("cap_messages")
    op.drop_table("escalation_recipients")
    op.drop_table("escalations")
    op.drop_table("recipient_grants")
    op.drop_table("recipients")
