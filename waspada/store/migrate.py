"""Bringing a database to the tables of this version, with Alembic. Migrations go up and down."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from waspada.errors import StoreError

log = logging.getLogger("waspada.store")

_MIGRATIONS = Path(__file__).parent / "migrations"
#: Any number that no other program locks by: "waspada" on a telephone's keys.
_LOCK = 9277232


def upgrade(engine: Engine, revision: str = "head", before: Callable[[], None] = lambda: None) -> None:
    """Migrates up to `revision`; does nothing, and takes no lock, when it is already there.

    `before` runs first where there are tables already; what it raises leaves them as they are.

    Raises StoreError when the database was made by a newer version of the program.
    """
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    scripts = _scripts()
    if current == scripts.get_current_head() and revision == "head":
        return
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(
            f"The database is of a newer version of Waspada (revision {current}).",
            hint="Install that version.",
        )
    if current is not None:
        before()
        target = scripts.get_current_head() if revision == "head" else revision
        log.warning("Migrating the database from %s to %s; this may take minutes.", current, target)
    with _exclusive(engine) as connection:
        command.upgrade(_config(connection), revision)


def head() -> str:
    """The revision that this version of the program works on."""
    found = _scripts().get_current_head()
    assert found is not None  # noqa: S101 (the migrations ship with the package)
    return found


def knows(revision: str) -> bool:
    """Whether this version of the program can migrate a database of this revision."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def downgrade(engine: Engine, revision: str) -> None:
    with _exclusive(engine) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def _exclusive(engine: Engine) -> Iterator[Connection]:
    """A connection that migrates alone: of two processes that open a fresh database, one waits for the other.

    The transaction is ours and begins here: in one of its own Alembic would commit after each migration, and let the
    other process in between.
    """
    with engine.connect().execution_options(waspada_write=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # SQLite locks the whole database as the transaction begins
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        yield connection


@cache
def _scripts() -> ScriptDirectory:
    """The migrations of this version, read once: they do not change while it runs."""
    return ScriptDirectory.from_config(_config(None))


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
