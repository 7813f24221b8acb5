"""What all tests share: an empty store on both databases, and the folder of third-party data."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings
from sqlalchemy import URL, Dialect, event, make_url
from sqlalchemy.pool import QueuePool

from tests.empty import put_empty_store
from tests.patience import until
from tests.postgres import PostgresMissingError, PostgresServer, running_server
from waspada.cli.common import results
from waspada.store import Store, open_url

# How hard properties are searched; `--hypothesis-profile=full` searches ten times as hard.
settings.register_profile("desk", deadline=None, max_examples=50)
settings.register_profile("full", deadline=None, max_examples=500)
settings.load_profile("desk")

#: Columns of a terminal in which no cell of a table is cut.
WIDE = 400
REPOSITORY = Path(__file__).resolve().parents[1]
DIALECTS = ("sqlite", "postgresql")
#: Folders of tests of what reaches the database through the repositories of others.
ABOVE = frozenset({"api", "e2e"})


def not_run(reason: str) -> NoReturn:
    """Skips and says why; where CI=true nothing may be left out, so there it fails."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"not run: {reason} (CI must run it)")
    pytest.skip(f"not run: {reason}")


class SharedStores:
    """One engine for all tests of a database: it keeps the statements that it compiled, which a new one does anew.

    Each test has a database of its own; the engine is led there as it connects.
    """

    def __init__(self) -> None:
        self._stores: dict[str, Store] = {}
        self._url: dict[str, URL] = {}

    def at(self, url: str) -> Store:
        parts = make_url(url)
        kind = parts.get_backend_name()
        self._url[kind] = parts
        if kind not in self._stores:
            self._stores[kind] = open_url(url)
            event.listen(self._stores[kind].engine, "do_connect", self._lead)
            self._stores[kind].close()
        return self._stores[kind]

    def _lead(self, dialect: Dialect, _record: object, given: list[Any], named: dict[str, Any]) -> None:
        there, more = dialect.create_connect_args(self._url[dialect.name])
        given[:] = there
        named.update({key: value for key, value in more.items() if key not in ("timeout", "check_same_thread")})


@pytest.fixture
def wide_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of commands are written as on a wide terminal, whatever runs the tests."""
    monkeypatch.setattr(results, "width", WIDE)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's own PostgreSQL server."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server())
        except PostgresMissingError as error:
            not_run(f"no PostgreSQL for the tests: {error}")
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """A migrated, empty database that others are copied from."""
    name = postgres.create()
    open_url(postgres.url(name)).close()
    return name


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Runs a test on both databases; above the nouns on one of them, on the other in `make test-full`."""
    return str(request.param)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever speaks SQL is tested on both databases each time. What stands above a noun's repository is tested on
    one, by the hash of the test's name half of it on either."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        own = callspec.params.get("dialect") if callspec else None
        if own and item.path.relative_to(REPOSITORY / "tests").parts[0] in ABOVE and own != _drawn(item):
            item.add_marker(pytest.mark.full)


def _drawn(item: pytest.Item) -> str:
    return DIALECTS[zlib.crc32(item.nodeid.partition("[")[0].encode()) % len(DIALECTS)]


@pytest.fixture
def store_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty store of this test alone."""
    if dialect == "sqlite":
        yield f"sqlite:///{put_empty_store(tmp_path / 'data')}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def store(store_url: str, shared_stores: SharedStores) -> Iterator[Store]:
    """An empty store, once on SQLite (a file, as in real life) and once on PostgreSQL.

    In the end every connection must have come back: whoever still looks is waited for, whoever keeps one fails.
    """
    opened = shared_stores.at(store_url)
    yield opened
    pool = opened.engine.pool
    assert isinstance(pool, QueuePool)
    until(lambda: pool.checkedout() == 0, "the return of every connection")
    opened.close()


@pytest.fixture(scope="session")
def shared_stores() -> SharedStores:
    return SharedStores()


@pytest.fixture
def empty_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def another_store(store_url: str) -> Iterator[Callable[[], Store]]:
    """Opens the same store again, as another process would."""
    opened: list[Store] = []

    def open_again() -> Store:
        opened.append(open_url(store_url, busy_timeout_seconds=0.2))
        return opened[-1]

    yield open_again
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of third-party data (WASPADA_DATA, else beside the repository). It is no part of the repository."""
    named = os.environ.get("WASPADA_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"not run: the third-party data folder {folder} is not there (name it in WASPADA_DATA)")
    return folder
