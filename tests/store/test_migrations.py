"""The migrations: up, down and up again; no difference to the tables; two processes at once; a newer database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text

from waspada.errors import StoreError
from waspada.search.index import is_word_index
from waspada.store import Store, open_url
from waspada.store.migrate import downgrade, upgrade
from waspada.store.tables import Base


def test_every_table_is_made_by_the_migrations(store: Store) -> None:
    made = {name for name in inspect(store.engine).get_table_names() if not is_word_index(name)}
    assert made - {"alembic_version"} == set(Base.metadata.tables)


def test_migrated_database_does_not_differ_from_the_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": lambda name, *_: not is_word_index(name or "")}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_go_down_and_up_again(empty_url: str) -> None:
    store = open_url(empty_url)
    before = _schema(store.engine)
    downgrade(store.engine, "base")
    assert set(inspect(store.engine).get_table_names()) <= {"alembic_version"}
    assert _leftovers(store.engine) == []
    upgrade(store.engine)
    assert _schema(store.engine) == before
    store.close()


def test_upgrade_of_a_current_database_changes_nothing_and_takes_no_lock(store: Store, store_url: str) -> None:
    with store.write():
        open_url(store_url, busy_timeout_seconds=0.1).close()


def test_database_of_a_newer_version_is_refused_and_left_alone(store: Store, store_url: str) -> None:
    with store.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = _schema(store.engine)
    with pytest.raises(StoreError, match=r"newer version of Waspada \(revision 9999\).*Install that version"):
        open_url(store_url)
    assert _schema(store.engine) == before


def test_two_processes_may_open_a_fresh_database_at_once(empty_url: str) -> None:
    program = (
        "import sys; from waspada.store import open_url\n"
        "sys.stdout.write('ready'); sys.stdout.flush(); sys.stdin.readline()\n"
        "open_url(sys.argv[1]).close()"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, empty_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.read(5) == b"ready"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    engine = create_engine(empty_url)
    assert set(Base.metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_sqlite_file_of_something_else_is_an_error_of_the_product(tmp_path: Path) -> None:
    path = tmp_path / "waspada.db"
    path.write_bytes(b"this is not a database, but it is long enough to look like one " * 40)
    with pytest.raises(StoreError, match="waspada doctor"):
        open_url(f"sqlite:///{path}")


def _schema(engine: Engine) -> dict[str, object]:
    found = inspect(engine)
    return {
        table: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)],
            found.get_pk_constraint(table)["constrained_columns"],
            sorted(str(index["name"]) for index in found.get_indexes(table)),
            sorted(str(key["name"]) for key in found.get_foreign_keys(table)),
            _triggers(engine, table),
        )
        for table in sorted(found.get_table_names())
    }


def _triggers(engine: Engine, table: str) -> list[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = CAST(:table AS regclass)"
    )
    with engine.connect() as connection:
        return sorted(connection.scalars(text(query), {"table": table}))


def _leftovers(engine: Engine) -> list[str]:
    """What a migration down must not leave: triggers and functions."""
    query = (
        "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
        if engine.dialect.name == "sqlite"
        else "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    )
    with engine.connect() as connection:
        return list(connection.scalars(text(query)))
