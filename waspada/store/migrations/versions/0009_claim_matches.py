"""Matches of items with fact-checks, what persons say of them, and the thresholds learned from that"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types
from waspada.store import append_only

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = waspada.store.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("origin", sa.String(length=10), nullable=False, server_default="outlet"),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("added_at", _MOMENT, nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("looked_back", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("fact_checks", column)
    for name in ("seq", "looked_back"):
        op.create_index(op.f(f"ix_fact_checks_{name}"), "fact_checks", [name])
    op.create_table(
        "claim_matches",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("claim_id", sa.String(length=80), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        *_keys("claim_matches"),
        sa.UniqueConstraint("item_id", "claim_id", name=op.f("uq_claim_matches_item_id_claim_id")),
    )
    op.create_table(
        "claim_match_events",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("claim_id", sa.String(length=80), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("from_state", sa.String(length=10), nullable=True),
        sa.Column("to_state", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        *_keys("claim_match_events"),
    )
    op.create_table(
        "unmatched_items",
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_unmatched_items_item_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_unmatched_items")),
    )
    op.create_table(
        "claim_thresholds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("suggested_from", sa.Float(), nullable=False),
        sa.Column("confirmed_from", sa.Float(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_thresholds")),
    )
    for table, name in _INDEXED:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])
    op.create_index("ix_unmatched_items_order", "unmatched_items", ["again", "item_id"])
    append_only.refuse_update(op, "claim_match_events")


_INDEXED = (
    ("claim_matches", "claim_id"),
    ("claim_matches", "state"),
    ("claim_match_events", "item_id"),
    ("claim_match_events", "claim_id"),
    ("claim_thresholds", "model"),
)


def _keys(table: str) -> tuple[sa.schema.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f(f"fk_{table}_item_id_items"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["fact_checks.id"], name=op.f(f"fk_{table}_claim_id_fact_checks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    append_only.allow_update(op, "claim_match_events")
    for table in ("claim_thresholds", "unmatched_items", "claim_match_events", "claim_matches"):
        op.drop_table(table)
    for name in ("seq", "looked_back"):
        op.drop_index(op.f(f"ix_fact_checks_{name}"), "fact_checks")
    for name in ("looked_back", "seq", "added_at", "reason", "actor", "origin"):
        op.drop_column("fact_checks", name)
