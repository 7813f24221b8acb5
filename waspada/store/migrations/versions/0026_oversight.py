"""Stops of the collection, checkpoints of the audit log, requests from outside, erasures; the log's own indexes"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types
from waspada.store import append_only

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_AUDIT = {
    "ix_audit_at": ["at"],
    "ix_audit_actor": ["actor", "id"],
    "ix_audit_action": ["action", "id"],
    "ix_audit_object": ["object", "id"],
}


def upgrade() -> None:
    moment = waspada.store.types.UtcDateTime(timezone=True)
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "collection_stops",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.String(length=80), nullable=True),
        sa.Column("region", sa.String(length=13), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lifted_at", moment, nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_collection_stops_source_id_sources"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_stops")),
    )
    op.create_index("ix_collection_stops_at", "collection_stops", ["at"])
    in_force = sa.text("lifted_at IS NULL")
    op.create_index(
        "ix_collection_stops_in_force", "collection_stops", ["id"], sqlite_where=in_force, postgresql_where=in_force
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("id", whole, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("row_id", whole, nullable=False),
        sa.Column("rows", whole, nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_checkpoints")),
    )
    append_only.refuse_update(op, "audit_checkpoints")
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=13), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("effects", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_at", "corrections", ["at"])
    op.create_index("ix_corrections_state", "corrections", ["state", "due_at"])
    op.create_table(
        "erasures",
        sa.Column("id", whole, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("correction_id", sa.Integer(), nullable=True),
        sa.Column("alert_id", whole, nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["corrections.id"], name=op.f("fk_erasures_correction_id_corrections"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_erasures_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )  # fmt: skip
    op.create_index("ix_erasures_at", "erasures", ["at"])
    op.create_index("ix_erasures_alert_id", "erasures", ["alert_id"])
    for name, columns in _AUDIT.items():
        op.create_index(name, "audit", columns)


def downgrade() -> None:
    for name in _AUDIT:
        op.drop_index(name, table_name="audit")
    op.drop_index("ix_erasures_alert_id", table_name="erasures")
    op.drop_index("ix_erasures_at", table_name="erasures")
    op.drop_table("erasures")
    op.drop_index("ix_corrections_state", table_name="corrections")
    op.drop_index("ix_corrections_at", table_name="corrections")
    op.drop_table("corrections")
    append_only.allow_update(op, "audit_checkpoints")
    op.drop_table("audit_checkpoints")
    op.drop_index("ix_collection_stops_in_force", table_name="collection_stops")
    op.drop_index("ix_collection_stops_at", table_name="collection_stops")
    op.drop_table("collection_stops")
