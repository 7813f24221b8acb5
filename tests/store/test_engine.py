"""The store as an engine: times, keys, journal, locks, a full disk."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from tests.rows import NOW, add_item, add_source
from waspada.errors import SettingsError, StoreBusyError, StoreError, StoreFullError
from waspada.settings import load_settings
from waspada.store import Store, engine, open_store, open_url
from waspada.store.tables import AuditRow, ItemRow, ItemVersionRow, RejectRow, SourceRow, TagRow


def test_naive_time_is_refused_at_the_door(store: Store) -> None:
    with store.read() as session:
        session.add(RejectRow(at=datetime(2024, 11, 27, 8, 0), stage="tag", object="x", problem="y"))
        with pytest.raises(StatementError, match="naive time"):
            session.flush()


def test_time_comes_back_as_the_same_moment_in_utc(store: Store) -> None:
    wita = datetime(2024, 11, 27, 7, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=8)))
    with store.write() as session:
        session.add(RejectRow(at=wita, stage="tag", object="x", problem="y"))
    with store.read() as session:
        read = session.scalars(select(RejectRow.at)).one()
        after = session.scalars(select(RejectRow.id).where(RejectRow.at >= wita)).all()
        before = session.scalars(select(RejectRow.id).where(RejectRow.at < wita)).all()
    assert read == wita
    assert read.tzinfo is UTC
    assert (len(after), len(before)) == (1, 0)


def test_embedding_keeps_its_direction(store: Store) -> None:
    vector = np.random.default_rng(7).normal(size=384).astype(np.float32)
    vector /= np.linalg.norm(vector)
    with store.write() as session:
        item = add_item(session, embedding=vector)
    with store.read() as session:
        read = session.scalars(select(TagRow.embedding).where(TagRow.item_id == item)).one()
    assert read.dtype == np.float32
    assert float(read @ vector) == pytest.approx(1.0, abs=1e-3)


def test_foreign_keys_are_on(store: Store) -> None:
    with pytest.raises(IntegrityError), store.write() as session:
        session.add(ItemVersionRow(item_id=999, version=1, title="", text="", sha256="", seen_at=NOW))


def test_removing_an_item_removes_what_belongs_to_it(store: Store) -> None:
    with store.write() as session:
        item = add_item(session)
    with store.write() as session:
        session.execute(delete(ItemRow).where(ItemRow.id == item))
    with store.read() as session:
        for table in (ItemVersionRow, TagRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_sqlite_writes_ahead_so_that_readers_never_wait(tmp_path: Path) -> None:
    store = open_store(load_settings(data_dir=tmp_path / "data"))
    with store.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
    store.close()


def test_reader_works_while_another_writes(store: Store, another_store: Callable[[], Store]) -> None:
    with store.write() as writer:
        add_source(writer)
        with another_store().read() as reader:
            assert reader.scalar(select(func.count()).select_from(SourceRow)) == 0


def test_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def work() -> None:
        with store.write() as session:
            add_item(session)
            raise RuntimeError("killed half-way")

    with pytest.raises(RuntimeError, match="killed half-way"):
        work()
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(ItemRow)) == 0


@pytest.mark.parametrize("statement", ["update", "delete", "truncate", "replace"])
def test_audit_refuses_every_change(store: Store, statement: str) -> None:
    with store.write() as session:
        session.add(_audit("1" * 64))
    changes = {
        "update": update(AuditRow).values(actor="nobody"),
        "delete": delete(AuditRow),
        "truncate": delete(AuditRow) if store.is_sqlite else text("TRUNCATE audit"),
        "replace": insert(AuditRow).prefix_with("OR REPLACE").values(id=1, **_columns("2" * 64))
        if store.is_sqlite
        else update(AuditRow).values(hash="2" * 64),
    }
    with pytest.raises((DBAPIError, StoreError), match="append-only"), store.write() as session:
        session.execute(changes[statement])
    with store.read() as session:
        assert session.scalars(select(AuditRow.hash)).all() == ["1" * 64]
        assert session.scalars(select(AuditRow.actor)).all() == ["liaison"]


def test_audit_takes_more_rows(store: Store) -> None:
    with store.write() as session:
        session.add_all([_audit("1" * 64), _audit("2" * 64)])
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditRow)) == 2


class TestLockedDatabase:
    """A writer that meets a lock waits its time, says so plainly, and succeeds once the lock is gone."""

    def test_says_who_to_ask_after_its_time(self, store: Store, another_store: Callable[[], Store]) -> None:
        other = another_store()
        _wait_briefly_for_locks(other)
        with store.write() as holder:
            _lock(holder)
            with (
                pytest.raises(StoreBusyError, match=r"locked by another process.*Try again"),
                other.write() as session,
            ):
                _lock(session)

    def test_retry_succeeds_once_the_lock_goes(self, store: Store, another_store: Callable[[], Store]) -> None:
        other = another_store()
        _wait_briefly_for_locks(other)
        locked, tries = threading.Event(), []

        def hold() -> None:
            with store.write() as session:
                _lock(session)
                locked.set()
                time.sleep(0.8)

        def work(session: Session) -> str:
            tries.append(time.monotonic())
            _lock(session)
            add_source(session)
            return "done"

        holder = threading.Thread(target=hold)
        holder.start()
        assert locked.wait(5)
        started = time.monotonic()
        assert other.retrying(work, pause_seconds=0.1) == "done"
        assert time.monotonic() - started > 0.4
        holder.join()
        with store.read() as session:
            assert session.scalar(select(func.count()).select_from(SourceRow)) == 1

    def test_gives_up_after_the_attempts_it_was_given(self, store: Store, another_store: Callable[[], Store]) -> None:
        other = another_store()
        _wait_briefly_for_locks(other)
        with store.write() as holder:
            _lock(holder)
            with pytest.raises(StoreBusyError):
                other.retrying(_lock, attempts=2, pause_seconds=0.01)


class TestFullDisk:
    """A full disk is an error of the product, and nothing is half-written."""

    def test_on_a_database_that_may_not_grow(self, tmp_path: Path) -> None:
        store = open_url(f"sqlite:///{tmp_path / 'full.db'}")
        with store.write() as session:
            pages = session.scalar(text("PRAGMA page_count")) or 0
            session.execute(text(f"PRAGMA max_page_count = {pages + 10}"))
            add_source(session)
        self._fill_and_check(store)
        with store.write() as session:
            session.execute(text("PRAGMA max_page_count = 1000000"))
        _write_much(store, "after")
        store.close()

    @pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0, reason="not run: mounting a small disk needs root"
    )
    def test_on_a_real_small_disk(self, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        if os.system(f"mount -t tmpfs -o size=4m tmpfs {disk} 2>/dev/null") != 0:  # noqa: S605
            pytest.skip("not run: this machine may not mount a small disk")
        try:
            store = open_url(f"sqlite:///{disk / 'small.db'}")
            with store.write() as session:
                add_source(session)
            self._fill_and_check(store)
            store.close()
        finally:
            os.system(f"umount {disk}")  # noqa: S605

    def _fill_and_check(self, store: Store) -> None:
        def fill() -> None:
            for number in range(100):
                _write_much(store, str(number))

        with pytest.raises(StoreFullError, match=r"full.*nothing was half-written"):
            fill()
        with store.read() as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            versions = session.scalar(select(func.count()).select_from(ItemVersionRow))
            items = session.scalar(select(func.count()).select_from(ItemRow))
        assert items == versions


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root@localhost/x", "'mysql' is not supported"),
        ("nothing at all", "cannot be read"),
        ("oracle://x/y", "'oracle' is not supported"),
    ],
)
def test_unknown_database_is_a_settings_error(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        open_url(url)


def test_server_that_is_not_there_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        open_url(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}")


def _lock(session: Session) -> None:
    """SQLite locks as a writer begins; PostgreSQL has to be asked."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE sources IN ACCESS EXCLUSIVE MODE"))


def _wait_briefly_for_locks(store: Store) -> None:
    if store.is_sqlite:
        return
    store.engine.dispose()

    @event.listens_for(store.engine, "connect")
    def _limit(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("SET lock_timeout = '200ms'")
        connection.commit()  # type: ignore[attr-defined]


def _write_much(store: Store, number: str) -> None:
    with store.write() as session:
        for part in range(3):
            add_item(session, url=f"https://kabar.example/{number}/{part}", text="panjang sekali " * 3_000)


def _columns(digest: str) -> dict[str, object]:
    return {
        "at": NOW,
        "actor": "liaison",
        "action": "read",
        "object": "item 1",
        "purpose": "",
        "detail": {},
        "previous": "0" * 64,
        "hash": digest,
    }


def _audit(digest: str) -> AuditRow:
    return AuditRow(**_columns(digest))


def test_a_connection_that_died_at_rest_is_replaced(
    store: Store, another_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL went away and came back: whoever comes next does not notice."""
    if store.is_sqlite:
        with store.read() as session:
            assert session.execute(text("PRAGMA mmap_size")).scalar() == engine._MAPPED_BYTES
            assert session.execute(text("PRAGMA cache_size")).scalar() == -engine._CACHE_KIBIBYTES
        return
    monkeypatch.setattr(engine, "_ASKED_AFTER_SECONDS", 0.0)
    with store.read() as session:
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar()
    with another_store().write() as session:
        assert session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid}).scalar()
    with store.read() as session:
        assert session.execute(text("SELECT pg_backend_pid()")).scalar() != pid


def test_the_connection_used_last_goes_first(store: Store) -> None:
    with store.read() as first, store.read() as second:
        connections = [one.connection().connection.driver_connection for one in (first, second)]
    with store.read() as session:
        assert session.connection().connection.driver_connection is connections[0]


def test_what_is_added_while_reading_is_never_kept(store: Store) -> None:
    refused = nullcontext() if store.is_sqlite else pytest.raises(DBAPIError, match="read-only")
    with refused, store.read() as session:
        add_source(session)
        session.flush()
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(SourceRow)) == 0


def test_what_was_read_often_stays_prepared(store: Store) -> None:
    """psycopg forgets what it prepared at a rollback, and PostgreSQL then plans every statement anew."""
    if store.is_sqlite:
        return
    for _ in range(10):
        with store.read() as session:
            session.execute(select(SourceRow.id)).all()
    with store.read() as session:
        prepared = session.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
    assert any("FROM sources" in statement for statement in prepared)
