"""The audit log cannot be changed in silence: not by the program, not by SQL, not by two writers at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from waspada.audit import AuditAction, AuditLog
from waspada.audit.chain import GENESIS, chain_key
from waspada.store import Store
from waspada.store.tables import AuditRow

NOW = datetime(2024, 11, 20, 3, 0, 0, 123456, tzinfo=UTC)
LOG = AuditLog(chain_key(b"k" * 32))


def write(store: Store, number: int = 1, log: AuditLog = LOG) -> None:
    for n in range(number):
        with store.write() as session:
            log.append(
                session,
                actor="liaison-1",
                action=AuditAction.ALERT_READ,
                object=f"alert/{n}",
                purpose="daily watch",
                detail={"items": [n, n + 1], "score": 62.25},
                now=NOW + timedelta(seconds=n),
            )


def verify(store: Store, log: AuditLog = LOG) -> tuple[int, int | None]:
    with store.read() as session:
        found = log.verify(session)
    return found.rows, found.broken_id


def tampered(store: Store, statement: str) -> None:
    """Changes the table as somebody with full rights on the database would: the triggers taken away first."""
    with store.write() as session:
        if store.is_sqlite:
            for name in ("update", "delete", "replace"):
                session.execute(text(f"DROP TRIGGER audit_no_{name}"))
        else:
            session.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        session.execute(text(statement))


def test_an_empty_log_is_whole(store: Store) -> None:
    with store.read() as session:
        found = LOG.verify(session)
    assert (found.ok, found.rows, found.head) == (True, 0, GENESIS)


def test_every_row_follows_from_the_one_before(store: Store) -> None:
    write(store, 5)
    with store.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        found = LOG.verify(session)
    assert [row.previous for row in rows] == [GENESIS, *(row.hash for row in rows[:-1])]
    assert (found.ok, found.rows, found.head) == (True, 5, rows[-1].hash)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET actor = 'somebody-else' WHERE object = 'alert/2'",
        "UPDATE audit SET purpose = '' WHERE object = 'alert/2'",
        "UPDATE audit SET detail = '{}' WHERE object = 'alert/2'",
        "UPDATE audit SET action = 'item.read' WHERE object = 'alert/2'",
        "DELETE FROM audit WHERE object = 'alert/2'",
    ],
)
def test_a_changed_or_missing_row_is_found(store: Store, change: str) -> None:
    write(store, 5)
    tampered(store, change)
    rows, broken = verify(store)
    assert rows == 2
    assert broken is not None


def test_a_chain_built_without_the_key_is_found(store: Store) -> None:
    write(store, 3, AuditLog(chain_key(b"x" * 32)))
    assert verify(store)[1] is not None


def test_the_head_shows_a_log_cut_short(store: Store) -> None:
    write(store, 4)
    with store.read() as session:
        before = LOG.verify(session).head
    tampered(store, "DELETE FROM audit WHERE object = 'alert/3'")
    with store.read() as session:
        after = LOG.verify(session)
    assert after.ok
    assert after.head != before


REFUSED = ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"]
REFUSED_BY = {
    "sqlite": [*REFUSED, "INSERT OR REPLACE INTO audit SELECT * FROM audit"],
    "postgresql": [*REFUSED, "TRUNCATE audit"],
}


def test_the_database_refuses_changes(store: Store, dialect: str) -> None:
    write(store, 2)
    for statement in REFUSED_BY[dialect]:
        with pytest.raises(DBAPIError, match="append-only"), store.write() as session:
            session.execute(text(statement))
    assert verify(store) == (2, None)


def test_writers_at_the_same_time_make_one_chain(store: Store, another_store: Callable[[], Store]) -> None:
    other = another_store()

    def work(number: int) -> None:
        chosen = store if number % 2 else other
        chosen.retrying(
            lambda session: LOG.append(session, actor=f"a{number}", action="item.read", object="item/1", now=NOW)
        )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(24)))
    assert verify(store) == (24, None)


def test_a_row_is_written_with_its_transaction_or_not_at_all(store: Store) -> None:
    def work(session: Session) -> None:
        LOG.append(session, actor="a", action="item.read", object="item/1", now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.retrying(work)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditRow)) == 0


def test_odd_text_is_made_plain_and_stays_verifiable(store: Store) -> None:
    with store.write() as session:
        entry = LOG.append(
            session, actor="a\x00b", action="item.read", object="item/\ud800" + "9" * 500, purpose="x\n\u202ey", now=NOW
        )
    assert entry.actor == "ab"
    assert entry.object.startswith("item/9")
    assert len(entry.object) == 200
    assert entry.purpose == "xy"
    assert verify(store) == (1, None)


def test_the_zone_of_the_clock_does_not_matter(store: Store) -> None:
    with store.write() as session:
        LOG.append(session, actor="a", action="x", object="y", now=NOW.astimezone(timezone(timedelta(hours=8))))
    assert verify(store) == (1, None)


def test_entries_are_newest_first_and_narrowed(store: Store) -> None:
    write(store, 4)
    with store.read() as session:
        newest = LOG.entries(session, limit=2)
        assert [entry.object for entry in newest] == ["alert/3", "alert/2"]
        assert [e.object for e in LOG.entries(session, before_id=newest[-1].id)] == ["alert/1", "alert/0"]
        assert [e.object for e in LOG.entries(session, object="alert/1", actor="liaison-1")] == ["alert/1"]
        assert not LOG.entries(session, action="item.read")


def test_a_keyed_hash_hides_the_text_and_is_stable() -> None:
    assert LOG.keyed_hash("Banjarmasin") == LOG.keyed_hash("Banjarmasin")
    assert LOG.keyed_hash("Banjarmasin") != AuditLog(b"other").keyed_hash("Banjarmasin")
    assert "anjar" not in LOG.keyed_hash("Banjarmasin")
