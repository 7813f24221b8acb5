"""Writes down what is erased, in the database itself: whoever removes an item or empties its text cannot forget it.

A backup that is older than an erasure would bring the words back; `waspada restore` reads this list and erases again
(waspada.backups). It holds the key of an address (a hash) and a time. Used by the migration, as `append_only` is.
"""

from __future__ import annotations

from waspada.store.append_only import Operations

# Times as SQLAlchemy writes them: with microseconds on SQLite, which keeps them as text.
_SQLITE_CREATE = (
    "CREATE TRIGGER items_erased AFTER DELETE ON items BEGIN "
    "INSERT INTO erased_items (url_key, what, at) "
    "VALUES (OLD.url_key, 'item', strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'); END",
    "CREATE TRIGGER item_texts_erased AFTER UPDATE OF text ON item_versions "
    "WHEN NEW.text = '' AND OLD.text <> '' BEGIN "
    "INSERT INTO erased_items (url_key, what, at) "
    "SELECT url_key, 'text', strftime('%Y-%m-%d %H:%M:%f', 'now') || '000' FROM items WHERE id = NEW.item_id; END",
)
_SQLITE_DROP = ("DROP TRIGGER IF EXISTS items_erased", "DROP TRIGGER IF EXISTS item_texts_erased")

_POSTGRESQL_CREATE = (
    "CREATE FUNCTION note_erased_item() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO erased_items (url_key, what, at) VALUES (OLD.url_key, 'item', clock_timestamp()); RETURN NULL; END $$",
    "CREATE TRIGGER items_erased AFTER DELETE ON items FOR EACH ROW EXECUTE FUNCTION note_erased_item()",
    "CREATE FUNCTION note_erased_text() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO erased_items (url_key, what, at) "
    "SELECT url_key, 'text', clock_timestamp() FROM items WHERE id = NEW.item_id; RETURN NULL; END $$",
    "CREATE TRIGGER item_texts_erased AFTER UPDATE OF text ON item_versions FOR EACH ROW "
    "WHEN (NEW.text = '' AND OLD.text <> '') EXECUTE FUNCTION note_erased_text()",
)
_POSTGRESQL_DROP = (
    "DROP TRIGGER IF EXISTS items_erased ON items",
    "DROP FUNCTION IF EXISTS note_erased_item()",
    "DROP TRIGGER IF EXISTS item_texts_erased ON item_versions",
    "DROP FUNCTION IF EXISTS note_erased_text()",
)


def create(op: Operations) -> None:
    """Adds the triggers of the dialect that `op` is bound to."""
    _run(op, _SQLITE_CREATE, _POSTGRESQL_CREATE)


def drop(op: Operations) -> None:
    """Takes the triggers away again, for a migration down."""
    _run(op, _SQLITE_DROP, _POSTGRESQL_DROP)


def _run(op: Operations, sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    connection = op.get_bind()
    for statement in sqlite if connection.dialect.name == "sqlite" else postgresql:
        connection.exec_driver_sql(statement.replace("%", "%%") if connection.dialect.name != "sqlite" else statement)
