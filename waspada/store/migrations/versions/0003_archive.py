"""Addresses of one article, and the archive of raw pages"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types
from waspada.items.addresses import article_key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BATCH = 1000


def upgrade() -> None:
    op.add_column("items", sa.Column("article_key", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_items_article_key"), "items", ["article_key"])
    op.create_index(op.f("ix_item_versions_sha256"), "item_versions", ["sha256"])
    with op.batch_alter_table("pages") as pages:
        pages.add_column(sa.Column("article_key", sa.String(length=64), nullable=True))
        pages.add_column(sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        pages.create_foreign_key(op.f("fk_pages_item_id_items"), "items", ["item_id"], ["id"], ondelete="SET NULL")
        pages.create_index(op.f("ix_pages_article_key"), ["article_key"])
        pages.create_index(op.f("ix_pages_item_id"), ["item_id"])
    op.create_table(
        "archived_pages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("url_key", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("fetched_at", waspada.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("body_bytes", sa.Integer(), nullable=False),
        sa.Column("stored_bytes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_archived_pages_item_id_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archived_pages")),
        sa.UniqueConstraint("url_key", "sha256", name=op.f("uq_archived_pages_url_key_sha256")),
    )
    for column in ("sha256", "item_id", "fetched_at"):
        op.create_index(op.f(f"ix_archived_pages_{column}"), "archived_pages", [column])
    _fill()


def _fill() -> None:
    """What was collected before is known at its other addresses too. Posts have no other address."""
    items = _table("items", "id", "url", "url_key", "kind", "article_key")
    pages = _table("pages", "id", "url", "url_key", "source_id", "article_key", "item_id")
    sources = _table("sources", "id", "kind", "role")
    is_article = items.c.kind == "article"
    made = sa.select(items.c.id).where(items.c.url_key == pages.c.url_key, is_article).scalar_subquery()
    op.execute(pages.update().values(item_id=made))
    _fill_keys(items, is_article)
    posts = sa.select(sources.c.id).where(sa.or_(sources.c.role == "post", sources.c.kind == "mastodon-rss"))
    _fill_keys(pages, pages.c.source_id.not_in(posts))


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


def _fill_keys(table: sa.TableClause, which: sa.ColumnElement[bool]) -> None:
    connection, last = op.get_bind(), 0
    keyed = table.update().where(table.c.id == sa.bindparam("row")).values(article_key=sa.bindparam("key"))
    rows = sa.select(table.c.id, table.c.url).where(which).order_by(table.c.id).limit(_BATCH)
    while batch := connection.execute(rows.where(table.c.id > last)).all():
        connection.execute(keyed, [{"row": row.id, "key": article_key(row.url)} for row in batch])
        last = batch[-1].id


def downgrade() -> None:
    op.drop_table("archived_pages")
    with op.batch_alter_table("pages") as pages:
        pages.drop_index(op.f("ix_pages_item_id"))
        pages.drop_index(op.f("ix_pages_article_key"))
        pages.drop_constraint(op.f("fk_pages_item_id_items"), type_="foreignkey")
        pages.drop_column("item_id")
        pages.drop_column("article_key")
    op.drop_index(op.f("ix_item_versions_sha256"), "item_versions")
    op.drop_index(op.f("ix_items_article_key"), "items")
    # Not by batch: SQLite would make the table anew, and dropping the old one takes every version and tag with it.
    op.execute("ALTER TABLE items DROP COLUMN article_key")
