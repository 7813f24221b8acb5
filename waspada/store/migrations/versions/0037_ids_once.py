"""Ids of subscriptions and webhooks are given once: links, keys of messages and the audit log name them"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

#: The table, the one whose rows go with its rows, and how other tables name one of it.
_TABLES = (("subscriptions", "subscription_sends", "subscription/"), ("webhooks", "webhook_attempts", "webhook/"))


def upgrade() -> None:
    """PostgreSQL gives no id twice; SQLite does, the highest one, unless the table is made with AUTOINCREMENT."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, below, name in _TABLES:
        # To drop the table deletes its rows, and those below go with them.
        op.execute(f"CREATE TEMP TABLE kept_below AS SELECT * FROM {below}")  # noqa: S608 (names of this file)
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass
        op.execute(f"INSERT INTO {below} SELECT * FROM kept_below")  # noqa: S608
        op.execute("DROP TABLE kept_below")
        _go_on_after(table, name)


def _go_on_after(table: str, name: str) -> None:
    """Also after the ids of rows that were purged, as far as something still names them."""
    bind = op.get_bind()
    highest = bind.scalar(sa.text(f"SELECT max(id) FROM {table}")) or 0  # noqa: S608
    for other, column in (("deliveries", "about"), ("audit", "object")):
        number = f"CAST(substr({column}, {len(name) + 1}) AS INTEGER)"
        found = sa.text(f"SELECT max({number}) FROM {other} WHERE {column} LIKE '{name}%'")  # noqa: S608
        highest = max(highest, bind.scalar(found) or 0)
    bind.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table})
    bind.execute(
        sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), {"name": table, "seq": highest}
    )


def downgrade() -> None:
    """The tables stay as they are: the version before works on them."""
