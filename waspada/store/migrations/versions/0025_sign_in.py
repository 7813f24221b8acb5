"""Passwords, TOTP, logins of a directory, failures at the door; areas of tokens, how a session was opened"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = waspada.store.types.UtcDateTime(timezone=True)
    op.add_column("tokens", sa.Column("areas", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("tokens", sa.Column("how", sa.String(length=10), nullable=True))
    op.add_column("tokens", sa.Column("browser", sa.String(length=40), nullable=True))
    op.create_table(
        "credentials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("confirmed_at", moment, nullable=True),
        sa.Column("last_used_step", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_credentials_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
    )
    op.create_index(op.f("ix_credentials_user_id"), "credentials", ["user_id"])
    one_each = sa.text("kind <> 'recovery'")
    op.create_index(
        "uq_credentials_one_each",
        "credentials",
        ["user_id", "kind"],
        unique=True,
        sqlite_where=one_each,
        postgresql_where=one_each,
    )
    op.create_table(
        "external_logins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("claim", sa.String(length=255), nullable=True),
        sa.Column("by_groups", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("bound_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_external_logins_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_logins")),
        sa.UniqueConstraint("user_id", name=op.f("uq_external_logins_user_id")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_external_logins_issuer_subject")),
        sa.UniqueConstraint("issuer", "claim", name=op.f("uq_external_logins_issuer_claim")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(op.f("ix_sign_in_failures_last_at"), "sign_in_failures", ["last_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_sign_in_failures_last_at"), table_name="sign_in_failures")
    op.drop_table("sign_in_failures")
    op.drop_table("external_logins")
    op.drop_index("uq_credentials_one_each", table_name="credentials")
    op.drop_index(op.f("ix_credentials_user_id"), table_name="credentials")
    op.drop_table("credentials")
    op.drop_column("tokens", "browser")
    op.drop_column("tokens", "how")
    op.drop_column("tokens", "areas")
