"""Saved views of the alert list, and an index of the words of items for searches

The index keeps itself in step, whoever writes: on SQLite by triggers on `item_versions` (a batch alter of that table
would lose them), on PostgreSQL by a generated column. Every version is indexed; a search takes the current one.
"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

#: Item and version in one number, as `waspada.search.index` reads it.
_ADD = """
    INSERT INTO item_words (rowid, title, text) VALUES (new.item_id * 65536 + new.version, new.title, new.text);
"""
_REMOVE = """
    INSERT INTO item_words (item_words, rowid, title, text)
    VALUES ('delete', old.item_id * 65536 + old.version, old.title, old.text);
"""
_TRIGGERS = {
    "item_words_added": f"AFTER INSERT ON item_versions BEGIN {_ADD} END",
    "item_words_removed": f"AFTER DELETE ON item_versions BEGIN {_REMOVE} END",
    "item_words_changed": f"AFTER UPDATE OF item_id, version, title, text ON item_versions BEGIN {_REMOVE} {_ADD} END",
}
#: Signs become spaces first: PostgreSQL's parser would read "30.000", "a/b" and addresses as words of their own kind.
_SIGNS = "[!-/:-@[-`{-~‘’“”–—…]"
_WORDS = " || ".join(
    f"setweight(to_tsvector('simple', regexp_replace({field}, '{_SIGNS}', ' ', 'g')), '{weight}')"
    for field, weight in (("title", "A"), ("text", "B"))
)


def upgrade() -> None:
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("region", sa.String(length=13), nullable=True),
        sa.Column("label", sa.String(length=20), nullable=True),
        sa.Column("min_level", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=5), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("mine", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", waspada.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_saved_views_topic_id_topics"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_saved_views_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("user_id", "title", name=op.f("uq_saved_views_user_id_title")),
    )
    op.create_index("ix_saved_views_shared", "saved_views", ["shared"])
    op.create_index("ix_saved_views_topic", "saved_views", ["topic_id"])
    op.create_table(
        "view_looks",
        sa.Column("view_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", whole, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_view_looks_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_views.id"], name=op.f("fk_view_looks_view_id_saved_views"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("view_id", "user_id", name=op.f("pk_view_looks")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE item_versions ADD COLUMN words tsvector GENERATED ALWAYS AS ({_WORDS}) STORED")
        op.execute("CREATE INDEX ix_item_versions_words ON item_versions USING gin (words)")
        return
    op.execute(
        "CREATE VIRTUAL TABLE item_words USING fts5(title, text, content='', tokenize='unicode61 remove_diacritics 2')"
    )
    for name, what in _TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {what}")
    op.execute(
        "INSERT INTO item_words (rowid, title, text) SELECT item_id * 65536 + version, title, text FROM item_versions"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_item_versions_words")
        op.execute("ALTER TABLE item_versions DROP COLUMN words")
    else:
        for name in _TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE item_words")
    op.drop_table("view_looks")
    op.drop_index("ix_saved_views_topic", table_name="saved_views")
    op.drop_index("ix_saved_views_shared", table_name="saved_views")
    op.drop_table("saved_views")
