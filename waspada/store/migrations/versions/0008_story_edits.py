"""Merges and splits of stories that can be undone, and the headlines that a story had"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("stories", sa.Column("to_repair", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("stories", sa.Column("merged_into", _KEY, nullable=True))
    op.create_index("ix_stories_repair", "stories", ["to_repair", "last_item_at"], unique=False)
    op.create_index("ix_stories_merged_into", "stories", ["merged_into"], unique=False)
    op.create_table(
        "story_edits",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("at", waspada.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("binding", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("story_id", _KEY, nullable=False),
        sa.Column("into_id", _KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.Column("undoes", _KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["into_id"], ["stories.id"], name=op.f("fk_story_edits_into_id_stories"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_edits_story_id_stories"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["undoes"], ["story_edits.id"], name=op.f("fk_story_edits_undoes_story_edits"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_edits")),
        sa.UniqueConstraint("undoes", name=op.f("uq_story_edits_undoes")),
    )
    op.create_index(op.f("ix_story_edits_into_id"), "story_edits", ["into_id"], unique=False)
    op.create_index(op.f("ix_story_edits_story_id"), "story_edits", ["story_id"], unique=False)
    op.create_table(
        "story_edit_items",
        sa.Column("edit_id", _KEY, nullable=False),
        sa.Column("item_id", _KEY, nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("likeness", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edit_id"], ["story_edits.id"], name=op.f("fk_story_edit_items_edit_id_story_edits"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_story_edit_items_item_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edit_id", "item_id", name=op.f("pk_story_edit_items")),
    )
    op.create_index(op.f("ix_story_edit_items_item_id"), "story_edit_items", ["item_id"], unique=False)
    op.create_table(
        "story_headlines",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("story_id", _KEY, nullable=False),
        sa.Column("at", waspada.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("item_id", _KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_story_headlines_item_id_items"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_headlines_story_id_stories"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_headlines")),
    )
    op.create_index(op.f("ix_story_headlines_item_id"), "story_headlines", ["item_id"], unique=False)
    op.create_index(op.f("ix_story_headlines_story_id"), "story_headlines", ["story_id"], unique=False)


def downgrade() -> None:
    op.drop_table("story_headlines")
    op.drop_table("story_edit_items")
    op.drop_table("story_edits")
    op.drop_index("ix_stories_merged_into", table_name="stories")
    op.drop_index("ix_stories_repair", table_name="stories")
    op.drop_column("stories", "merged_into")
    op.drop_column("stories", "to_repair")
