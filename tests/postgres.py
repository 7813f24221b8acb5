"""A PostgreSQL server of the test session's own: made with initdb, started with pg_ctl, gone at the end.

Both programs refuse root, so a session that runs as root hands them to another account. The server listens on a unix
socket in its own folder only, and gives up durability (fsync off): nothing of it is kept.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

_OTHER_ACCOUNTS = ("postgres", "nobody")
_USER = "waspada"
_MEMORY_DISK = Path("/dev/shm")  # noqa: S108 (a folder of mkdtemp's is made in it)
_ROOM_BYTES = 1024**3
_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=60",
    "autovacuum=off",
    "listen_addresses=",
)


class PostgresMissingError(Exception):
    """Why no server can be started here, in one sentence."""


@dataclass
class PostgresServer:
    """A running server. Databases are made from a template, so that each test starts from an untouched one."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{_USER}@/{database}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """The name of a fresh database."""
        name = f"db{next(self._numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, database: str) -> None:
        self._run("DROP DATABASE {} WITH (FORCE)", database)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(host=str(self.folder), user=_USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Starts a server and stops it at the end.

    Raises PostgresMissingError where there is nothing to start, RuntimeError with the programs' words where it fails.
    """
    programs, account = _programs(), _account()
    folder = Path(tempfile.mkdtemp(prefix="wpg-", dir=_memory_disk()))  # short: a socket's path may have 107 bytes
    try:
        if account is not None:
            shutil.chown(folder, account)
        data, log = folder / "data", folder / "log"
        locale = ("--encoding=UTF8", "--no-locale", "--auth=trust", "--no-sync")
        _call([programs / "initdb", "-D", data, f"--username={_USER}", *locale], account, folder)
        options = " ".join(f"-c {option}" for option in (*_FAST, f"unix_socket_directories={folder}"))
        _call([programs / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start"], account, folder)
        try:
            yield PostgresServer(folder)
        finally:
            _call([programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], account, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory_disk() -> str | None:
    """A disk in memory with room enough, where there is one: making a database then takes 20 ms, not 350."""
    if _MEMORY_DISK.is_dir() and shutil.disk_usage(_MEMORY_DISK).free > _ROOM_BYTES:
        return str(_MEMORY_DISK)
    return None


def _programs() -> Path:
    """The folder of initdb and pg_ctl: on the PATH, else the newest that Debian installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(installed, key=lambda path: int(path.parent.name.split(".")[0]), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise PostgresMissingError("initdb and pg_ctl are neither on the PATH nor under /usr/lib/postgresql")


def _account() -> str | None:
    """The account that runs the server, or None for the one that runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in _OTHER_ACCOUNTS:
        if name in known:
            return name
    raise PostgresMissingError("PostgreSQL refuses root, and there is no account 'postgres' or 'nobody' to run it")


def _call(command: list[str | Path], account: str | None, folder: Path) -> None:
    """Runs a program as the account. Its output goes to a file: a server would hold a pipe open for ever."""
    output = folder / "output"
    group = pwd.getpwnam(account).pw_gid if account else None
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(folder)}
    with output.open("ab") as file:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd=folder,
            env=environment,
            user=account,
            group=group,
            extra_groups=[] if account else None,
            timeout=60,
            check=False,
        )
    if done.returncode != 0:
        said = [path.read_text(errors="replace")[-2000:] for path in (output, folder / "log") if path.exists()]
        raise RuntimeError(f"{Path(command[0]).name} failed with {done.returncode}: {' '.join(said)}")
