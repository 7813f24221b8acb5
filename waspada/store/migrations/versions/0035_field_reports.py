"""Field reports with their steps, senders (sealed), citations and drafts; periodic reports of kecamatan"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = waspada.store.types.UtcDateTime(timezone=True)
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "field_reports",
        sa.Column("id", big, nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=13), nullable=False),
        sa.Column("place", sa.String(length=13), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("known", sa.String(length=10), nullable=False),
        sa.Column("item_id", big, nullable=True),
        sa.Column("happened_at", moment, nullable=False),
        sa.Column("sent_at", moment, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("closed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_field_reports_item_id_items"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_reports")),
        sa.UniqueConstraint("form_key", name=op.f("uq_field_reports_form_key")),
        sa.UniqueConstraint("item_id", name=op.f("uq_field_reports_item_id")),
    )
    op.create_index("ix_field_reports_region", "field_reports", ["region", "sent_at"])
    op.create_index("ix_field_reports_sent", "field_reports", ["sent_at"])
    op.create_index("ix_field_reports_state", "field_reports", ["state", "id"])
    op.create_index(op.f("ix_field_reports_closed_at"), "field_reports", ["closed_at"])
    op.create_table(
        "field_report_senders",
        sa.Column("report_id", big, nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["field_reports.id"],
            name=op.f("fk_field_report_senders_report_id_field_reports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_field_report_senders")),
    )
    op.create_table(
        "field_report_events",
        sa.Column("id", big, nullable=False),
        sa.Column("report_id", big, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=15), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("other_id", big, nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["field_reports.id"],
            name=op.f("fk_field_report_events_report_id_field_reports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_report_events")),
    )
    op.create_index(op.f("ix_field_report_events_report_id"), "field_report_events", ["report_id"])
    op.create_table(
        "field_report_citations",
        sa.Column("child_id", big, nullable=False),
        sa.Column("report_id", big, nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"],
            ["field_reports.id"],
            name=op.f("fk_field_report_citations_child_id_field_reports"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["field_reports.id"],
            name=op.f("fk_field_report_citations_report_id_field_reports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("child_id", name=op.f("pk_field_report_citations")),
    )
    op.create_index(op.f("ix_field_report_citations_report_id"), "field_report_citations", ["report_id"])
    op.create_table(
        "field_report_drafts",
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("form_key", name=op.f("pk_field_report_drafts")),
    )
    op.create_index(op.f("ix_field_report_drafts_owner"), "field_report_drafts", ["owner"])
    op.create_index(op.f("ix_field_report_drafts_changed_at"), "field_report_drafts", ["changed_at"])
    op.create_table(
        "periodic_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=13), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("is_nil", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_periodic_reports")),
        sa.UniqueConstraint(
            "region", "first_day", "last_day", name=op.f("uq_periodic_reports_region_first_day_last_day")
        ),
    )
    op.create_index("ix_periodic_reports_first_day", "periodic_reports", ["first_day"])


def downgrade() -> None:
    for table in (
        "periodic_reports",
        "field_report_drafts",
        "field_report_citations",
        "field_report_events",
        "field_report_senders",
        "field_reports",
    ):
        op.drop_table(table)
