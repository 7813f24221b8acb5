"""Opening the database: SQLite (embedded) or PostgreSQL (a team), behind one face.

`Store.read()` and `Store.write()` give a session in one transaction. On SQLite a writer takes its lock at once
(`BEGIN IMMEDIATE`), so that two writers queue up for `busy_timeout_seconds` instead of failing half-way.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidatePoolError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from waspada.errors import MissingExtraError, SettingsError, StoreBusyError, StoreError, StoreFullError
from waspada.jobs.lock import refuse_while_held
from waspada.settings import Settings, prepare_data_dir
from waspada.store.migrate import upgrade

T = TypeVar("T")
_WRITE = "waspada_write"
_READS_ONLY = {"postgresql_readonly": True}
_RESTS_SINCE = "waspada_rests_since"
#: A server that went away within this time costs the requests that come first; asking costs every one a round trip.
_ASKED_AFTER_SECONDS = 1.0
#: SQLite maps 2 GiB at most; a map takes addresses, not memory. The cache is what a connection may fill.
_MAPPED_BYTES, _CACHE_KIBIBYTES = 2**31 - 2**16, 16 * 1024
_BUSY_CODES = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available
_FULL_CODES = {"53100"}  # disk_full


class Store:
    """One database. Cheap to make; hold one a process."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads. Raises StoreError and its children."""
        with _translated(), Session(self.engine) as session:
            if self.is_sqlite:
                yield session
                return
            connection = session.connection(execution_options=_READS_ONLY).connection
            yield session
            # psycopg forgets what it prepared at a rollback, by which SQLAlchemy ends what was not committed.
            connection.commit()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that is committed as a whole or not at all. Raises StoreError and its children."""
        with _translated(), Session(self.engine) as session:
            session.connection(execution_options={_WRITE: True})
            yield session
            session.commit()

    def retrying(self, work: Callable[[Session], T], *, attempts: int = 5, pause_seconds: float = 0.2) -> T:
        """Runs `work` in a write transaction, again after a lock, with a growing pause; `work` must be idempotent."""
        for attempt in range(1, attempts + 1):
            try:
                with self.write() as session:
                    return work(session)
            except StoreBusyError:
                if attempt == attempts:
                    raise
                time.sleep(pause_seconds * 2**attempt)
        raise AssertionError("unreachable")

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        self.engine.dispose()


def open_store(settings: Settings) -> Store:
    """Opens (and where needed creates and migrates) the store that the settings name.

    Raises AlreadyRunningError instead of migrating what a running service works on.
    """
    if settings.is_embedded:
        prepare_data_dir(settings)
    return open_url(
        settings.url,
        busy_timeout_seconds=settings.busy_timeout_seconds,
        before_migrating=partial(refuse_while_held, settings.data_dir),
    )


def open_url(
    url: str, *, busy_timeout_seconds: float = 15.0, before_migrating: Callable[[], None] = lambda: None
) -> Store:
    """The same for a SQLAlchemy URL; `sqlite://` is a store in memory, for one process."""
    engine = _engine(url, busy_timeout_seconds)
    try:
        with _translated():
            upgrade(engine, before=before_migrating)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)


def _engine(url: str, busy_timeout_seconds: float) -> Engine:
    try:
        name = make_url(url).get_backend_name()
        if name == "sqlite":
            return _sqlite(url, busy_timeout_seconds)
        if name == "postgresql":
            return _postgresql(url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsError(f"The database URL cannot be read: {error}.", hint="See docs/settings.md.") from None
    except ModuleNotFoundError:
        raise MissingExtraError(
            "PostgreSQL needs the psycopg driver.", hint="Install it with: pip install 'waspada[postgres]'"
        ) from None
    raise SettingsError(f"The database kind {name!r} is not supported.", hint="Use SQLite or PostgreSQL.")


def _postgresql(url: str) -> Engine:
    """A connection that lay idle is asked whether it still lives before it is used; one in use need not be.

    The one used last goes first, so that of a busy service's connections none lies long enough to be asked each time.
    """
    engine = create_engine(url, pool_use_lifo=True)

    @event.listens_for(engine, "checkin")
    def _rest(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        since = record.info.get(_RESTS_SINCE)
        if since is None or time.monotonic() - since < _ASKED_AFTER_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    return engine


def _sqlite(url: str, busy_timeout_seconds: float) -> Engine:
    in_memory = make_url(url).database in (None, "", ":memory:")
    options: dict[str, Any] = {"connect_args": {"timeout": busy_timeout_seconds, "check_same_thread": False}}
    # The connection used last has the warmest cache: whoever comes next takes that one.
    options |= {"poolclass": StaticPool} if in_memory else {"pool_use_lifo": True}
    engine = create_engine(url, **options)

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy, not the driver, says BEGIN
        cursor = connection.cursor()
        if not in_memory:
            cursor.execute("PRAGMA journal_mode=WAL")
            # What another connection commits empties a connection's own cache; what is mapped needs none.
            cursor.execute(f"PRAGMA mmap_size={_MAPPED_BYTES}")
            cursor.execute(f"PRAGMA cache_size=-{_CACHE_KIBIBYTES}")
        cursor.execute("PRAGMA synchronous=NORMAL")  # safe against a killed process in WAL mode
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # a destroyed pseudonym key must not stay in a free page
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _store_error(error) from error


def _store_error(error: DBAPIError) -> Exception:
    """The error of our tree for one of the driver's; programming mistakes stay what they are."""
    text, code = str(error.orig), getattr(error.orig, "sqlstate", None)
    if "locked" in text or "busy" in text or code in _BUSY_CODES:
        return StoreBusyError("The database is locked by another process.")
    if "disk is full" in text or "disk I/O error" in text or code in _FULL_CODES:
        return StoreFullError("The disk that holds the database is full or fails.")
    if isinstance(error, OperationalError) or type(error.orig) is sqlite3.DatabaseError:  # the latter: no or bad file
        return StoreError(
            f"The database cannot be used: {text.strip()}.", hint="Run `waspada doctor` to see what is wrong."
        )
    return error
