"""Makes the audit table append-only in the database itself: a trigger refuses UPDATE and DELETE on both dialects.

The hash chain (`waspada.audit`) shows a change; the trigger stops the honest mistake and the easy attack before it.
Used by the migration: `create(op)` after the table is made, `drop(op)` before it goes.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.engine import Connection

_TABLE = "audit"
_MESSAGE = "the audit log is append-only"


class Operations(Protocol):
    """What is needed of Alembic's `op`."""

    def get_bind(self) -> Connection: ...


def create(op: Operations) -> None:
    """Adds the triggers of the dialect that `op` is bound to."""
    _run(op, _SQLITE_CREATE, _POSTGRESQL_CREATE)


def drop(op: Operations) -> None:
    """Takes the triggers away again, for a migration down."""
    _run(op, _SQLITE_DROP, _POSTGRESQL_DROP)


def refuse_update(op: Operations, table: str) -> None:
    """Rows of this table may come and go (with what they belong to), but never change."""
    message = f"rows of {table} never change"
    _run(
        op,
        (f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END",),
        (
            f"CREATE FUNCTION {table}_no_update() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$",
            f"CREATE TRIGGER {table}_no_update_rows BEFORE UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_no_update()",
        ),
    )


def allow_update(op: Operations, table: str) -> None:
    """Takes the trigger away again, for a migration down."""
    _run(
        op,
        (f"DROP TRIGGER IF EXISTS {table}_no_update",),
        (f"DROP TRIGGER IF EXISTS {table}_no_update_rows ON {table}", f"DROP FUNCTION IF EXISTS {table}_no_update()"),
    )


def _run(op: Operations, sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    connection = op.get_bind()
    for statement in sqlite if connection.dialect.name == "sqlite" else postgresql:
        connection.exec_driver_sql(statement)


_SQLITE_CREATE = (
    f"CREATE TRIGGER {_TABLE}_no_update BEFORE UPDATE ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    f"CREATE TRIGGER {_TABLE}_no_delete BEFORE DELETE ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    # INSERT OR REPLACE deletes without firing the trigger above.
    f"CREATE TRIGGER {_TABLE}_no_replace BEFORE INSERT ON {_TABLE} "  # noqa: S608 (constants only)
    f"WHEN EXISTS (SELECT 1 FROM {_TABLE} WHERE id = NEW.id OR hash = NEW.hash) "
    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
)
_SQLITE_DROP = tuple(f"DROP TRIGGER IF EXISTS {_TABLE}_no_{name}" for name in ("update", "delete", "replace"))

_POSTGRESQL_CREATE = (
    f"CREATE FUNCTION {_TABLE}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$",
    f"CREATE TRIGGER {_TABLE}_append_only_rows BEFORE UPDATE OR DELETE ON {_TABLE} "
    f"FOR EACH ROW EXECUTE FUNCTION {_TABLE}_append_only()",
    f"CREATE TRIGGER {_TABLE}_append_only_table BEFORE TRUNCATE ON {_TABLE} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {_TABLE}_append_only()",
)
_POSTGRESQL_DROP = (
    f"DROP TRIGGER IF EXISTS {_TABLE}_append_only_rows ON {_TABLE}",
    f"DROP TRIGGER IF EXISTS {_TABLE}_append_only_table ON {_TABLE}",
    f"DROP FUNCTION IF EXISTS {_TABLE}_append_only()",
)
