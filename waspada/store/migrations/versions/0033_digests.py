"""Digests that are kept: what they say, of which alerts, what of them was corrected, in which layout and texts"""

import sqlalchemy as sa
from alembic import op

from waspada.store.tables.base import BigKey
from waspada.store.types import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest_layouts",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("pdf", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_digest_layouts")),
    )
    op.create_table(
        "digest_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_templates")),
        sa.UniqueConstraint("kind", "language", "version", name=op.f("uq_digest_templates_kind_language_version")),
    )
    op.create_table(
        "digests",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("region", sa.String(length=13), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("kept_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("layout", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("html_sha256", sa.String(length=64), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("erased_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["layout"], ["digest_layouts.sha256"], name=op.f("fk_digests_layout_digest_layouts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("sha256", name=op.f("uq_digests_sha256")),
    )
    op.create_index("ix_digests_day", "digests", ["day", "id"], unique=False)
    op.create_index("ix_digests_key", "digests", ["key", "at"], unique=False)
    op.create_index(op.f("ix_digests_kept_at"), "digests", ["kept_at"], unique=False)
    op.create_index("ix_digests_region", "digests", ["region", "id"], unique=False)
    op.create_table(
        "digest_corrections",
        sa.Column("digest_id", BigKey, nullable=False),
        sa.Column("alert_id", BigKey, nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("correction_id", BigKey, nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["digests.id"],
            name=op.f("fk_digest_corrections_correction_id_digests"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digests.id"], name=op.f("fk_digest_corrections_digest_id_digests"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest_id", "alert_id", "why", name=op.f("pk_digest_corrections")),
    )
    op.create_index(op.f("ix_digest_corrections_correction_id"), "digest_corrections", ["correction_id"], unique=False)
    op.create_table(
        "digest_entries",
        sa.Column("digest_id", BigKey, nullable=False),
        sa.Column("alert_id", BigKey, nullable=False),
        sa.Column("part", sa.String(length=12), nullable=False),
        sa.Column("erased_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digests.id"], name=op.f("fk_digest_entries_digest_id_digests"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest_id", "alert_id", name=op.f("pk_digest_entries")),
    )
    op.create_index(op.f("ix_digest_entries_alert_id"), "digest_entries", ["alert_id"], unique=False)
    op.create_index(op.f("ix_digest_entries_erased_at"), "digest_entries", ["erased_at"], unique=False)


def downgrade() -> None:
    op.drop_table("digest_entries")
    op.drop_table("digest_corrections")
    op.drop_table("digests")
    op.drop_table("digest_templates")
    op.drop_table("digest_layouts")
