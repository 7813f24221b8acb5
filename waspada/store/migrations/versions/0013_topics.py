"""Topics of a region's own, the items they tag, what persons say of that, and what is learned from it"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = waspada.store.types.UtcDateTime(timezone=True)
_VECTOR = waspada.store.types.Vector()


def upgrade() -> None:
    op.create_table(
        "topics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("examples", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("floor", sa.Float(), nullable=True),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=True),
        sa.Column("vectors", _VECTOR, nullable=True),
        sa.Column("fitted_on", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("off_at", _MOMENT, nullable=True),
        sa.Column("off_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
    )
    op.create_table(
        "topic_tags",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _of_topic("topic_tags"),
        _of_item("topic_tags"),
        sa.PrimaryKeyConstraint("topic_id", "item_id", name=op.f("pk_topic_tags")),
    )
    op.create_table(
        "topic_labels",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("fits", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        _of_topic("topic_labels"),
        _of_item("topic_labels"),
        sa.PrimaryKeyConstraint("topic_id", "item_id", name=op.f("pk_topic_labels")),
    )
    op.create_table(
        "topic_heads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("weights", _VECTOR, nullable=False),
        sa.Column("bias", sa.Float(), nullable=False),
        sa.Column("cut", sa.Float(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        _of_topic("topic_heads"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_heads")),
        sa.UniqueConstraint("topic_id", "version", name=op.f("uq_topic_heads_topic_id_version")),
    )
    op.create_table(
        "topic_queue",
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        _of_item("topic_queue"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_topic_queue")),
    )
    for table, name in _INDEXED:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])
    op.create_index("ix_topic_queue_order", "topic_queue", ["again", "item_id"])


_INDEXED = (("topic_tags", "item_id"), ("topic_labels", "item_id"), ("topic_heads", "topic_id"))


def _of_topic(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_topic_id_topics")
    return sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=name, ondelete="CASCADE")


def _of_item(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_item_id_items")
    return sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("topic_queue", "topic_heads", "topic_labels", "topic_tags", "topics"):
        op.drop_table(table)
