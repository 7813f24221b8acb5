"""Notices, silences, which alert speaks for another, and alerts of the nightly exercise"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = waspada.store.types.UtcDateTime(timezone=True)
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("alerts", sa.Column("exercise", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "notices",
        sa.Column("id", whole, nullable=False),
        sa.Column("alert_id", whole, nullable=False),
        sa.Column("desk", sa.String(length=13), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("ready_at", moment, nullable=True),
        sa.Column("held_at", moment, nullable=True),
        sa.Column("held_reason", sa.String(length=10), nullable=True),
        sa.Column("held_by", sa.String(length=60), nullable=False),
        sa.Column("dropped_at", moment, nullable=True),
        sa.Column("drop_reason", sa.String(length=15), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_notices_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("alert_id", "desk", "number", name=op.f("uq_notices_alert_id_desk_number")),
    )
    op.create_index("ix_notices_desk", "notices", ["desk", "id"], unique=False)
    op.create_index("ix_notices_ready", "notices", ["desk", "ready_at", "dropped_at"], unique=False)
    op.create_table(
        "silences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=13), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=True),
        sa.Column("until", moment, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
    )
    op.create_index("ix_silences_until", "silences", ["until"], unique=False)
    op.create_table(
        "alert_parents",
        sa.Column("alert_id", whole, nullable=False),
        sa.Column("parent_id", whole, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_parents_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["alerts.id"], name=op.f("fk_alert_parents_parent_id_alerts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert_parents")),
    )
    op.create_index("ix_alert_parents_parent_id", "alert_parents", ["parent_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_alert_parents_parent_id", table_name="alert_parents")
    op.drop_table("alert_parents")
    op.drop_index("ix_silences_until", table_name="silences")
    op.drop_table("silences")
    op.drop_index("ix_notices_ready", table_name="notices")
    op.drop_index("ix_notices_desk", table_name="notices")
    op.drop_table("notices")
    op.drop_column("alerts", "exercise")
