"""Making a backup of the embedded database while it is in use.

SQLite's online backup copies one moment of the database in one step; with a write-ahead log nobody waits for it. The
copy is checked, packed with a manifest and given its name last: what has the name of a backup is whole.
"""

from __future__ import annotations

import errno
import fcntl
import gzip
import hashlib
import hmac
import io
import os
import re
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from waspada import __version__
from waspada.audit.chain import GENESIS
from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction
from waspada.backups import erasures
from waspada.backups.types import FORMAT, Made, Manifest
from waspada.clock import utc_now
from waspada.errors import AlreadyRunningError, InputError, StoreError, StoreFullError
from waspada.models.service import store_of
from waspada.settings import Settings
from waspada.store import Store, open_store

MANIFEST, DATABASE, KEY = "manifest.json", "waspada.db", "secret.key"
ERASURES = "erasures.jsonl"
#: The store of models, below the data folder and in a backup.
MODELS = "models"
NAME = re.compile(r"waspada-\d{8}T\d{6}Z\.tar\.gz")
_LOCK = ".waspada-backup.lock"
_LEVEL = 3  # gzip: four fifths of the best in a fifth of the time
COUNTED = ("items", "item_versions", "stories", "alerts", "alert_events", "sources", "users", "audit", "deliveries")


def folder_of(settings: Settings, to: Path | None = None) -> Path:
    return (to or settings.backup_dir or settings.data_dir / "backups").expanduser().resolve()


def backups_in(folder: Path) -> list[Path]:
    """The backups in a folder, the newest first."""
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if NAME.fullmatch(path.name)), reverse=True)


def make(
    settings: Settings,
    *,
    to: Path | None = None,
    keep: int | None = None,
    with_key: bool = False,
    actor: str,
    now: datetime | None = None,
) -> Made:
    """Writes a backup and removes those beyond `keep`, after it stands.

    Raises InputError for PostgreSQL (with the line that does it there), StoreFullError when the disk is full,
    AlreadyRunningError while another one is made there. What was begun is removed.
    """
    if not settings.is_embedded:
        raise InputError("The database is PostgreSQL, which has its own tool.", hint=f"Run: {pg_dump_line(settings)}")
    at = (now or utc_now()).astimezone(UTC)
    folder = folder_of(settings, to)
    file = folder / f"waspada-{at:%Y%m%dT%H%M%SZ}.tar.gz"
    copy, draft = folder / f".{file.name}.db.part", folder / f".{file.name}.part"
    with _failing_well(), _alone(folder):
        _sweep(folder)
        if file.exists():
            raise InputError(f"There is a backup {file} already.", hint="One a second is enough.")
        store = open_store(settings)
        try:
            manifest = _copied(store, settings, copy, at, with_key=with_key)
            _pack(draft, copy, manifest, settings, with_key=with_key)
            draft.replace(file)
            _sync(folder)
            with store.read() as session:
                erasures.write(folder / ERASURES, erasures.listed(session))
            store.retrying(lambda session: _note(session, settings, file, manifest, actor, at))
        finally:
            store.close()
            for left in (copy, draft, Path(f"{copy}-journal")):
                left.unlink(missing_ok=True)
        removed = tuple(backups_in(folder)[keep or settings.backup_keep :])
        for old in removed:
            old.unlink()
    return Made(file, manifest, removed)


def pg_dump_line(settings: Settings) -> str:
    """The command that backs a PostgreSQL database up; the password stays where it is."""
    url = make_url(settings.url)
    shown = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    name = f"waspada-{utc_now():%Y%m%d}.dump"
    return f'pg_dump --format=custom --file={name} "{shown.render_as_string()}"; keep {settings.data_dir / KEY} with it'


def key_mark(secret_key: bytes) -> str:
    """Tells a secret key from another one."""
    return hmac.digest(secret_key, b"waspada/backup/key", hashlib.sha256).hex()[:32]


def sha256_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _copied(store: Store, settings: Settings, copy: Path, at: datetime, *, with_key: bool) -> Manifest:
    """Copies the database as it is now, checks the copy, and says what it is."""
    with store.engine.connect() as connection, closing(sqlite3.connect(copy)) as target:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)  # noqa: S101 (an embedded database)
        # In one step: one in parts begins anew with every write of somebody else.
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        problem = target.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise StoreError(
                f"The database is damaged: {problem}.",
                hint="Keep the backups that you have; `waspada doctor` says more.",
            )
        revision = target.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        counts = {name: target.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in COUNTED}  # noqa: S608
        head = target.execute("SELECT hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    return Manifest(
        format=FORMAT,
        version=__version__,
        revision=revision,
        made_at=at,
        sha256=sha256_of(copy),
        size_bytes=copy.stat().st_size,
        key=key_mark(settings.secret_key),
        holds_key=with_key,
        audit_head=head[0] if head else GENESIS,
        counts=counts,
        models={path: sha256_of(settings.data_dir / path) for path in _model_files(settings)},
    )


def _model_files(settings: Settings) -> list[str]:
    """The files of the models that were made here, below the data folder. A model's folder appears whole and never
    changes; what a training is at work on is left out."""
    folders = store_of(settings).glob("*/config.json")
    return [
        f"{MODELS}/{config.parent.name}/{file.name}"
        for config in sorted(folders)
        if config.parent.suffix not in (".work", ".fresh")
        for file in sorted(config.parent.iterdir())
        if file.is_file()
    ]


def _pack(draft: Path, copy: Path, manifest: Manifest, settings: Settings, *, with_key: bool) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with (
            gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=_LEVEL, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            _add(tar, MANIFEST, manifest.as_json(), manifest.made_at)
            if with_key:
                _add(tar, KEY, settings.secret_key.hex().encode(), manifest.made_at)
            for name in (DATABASE, *manifest.models):
                file = copy if name == DATABASE else settings.data_dir / name
                info = tarfile.TarInfo(name)
                info.size, info.mode, info.mtime = file.stat().st_size, 0o600, int(manifest.made_at.timestamp())
                with file.open("rb") as stream:
                    tar.addfile(info, stream)
        raw.flush()
        os.fsync(raw.fileno())


def _add(tar: tarfile.TarFile, name: str, data: bytes, at: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(data), 0o600, int(at.timestamp())
    tar.addfile(info, io.BytesIO(data))


def _note(session: Session, settings: Settings, file: Path, manifest: Manifest, actor: str, at: datetime) -> None:
    audit_log(settings).append(
        session,
        actor=actor,
        action=AuditAction.BACKUP_MADE,
        object=f"backup/{file.name}",
        detail={"sha256": manifest.sha256, "bytes": manifest.size_bytes, "holds_key": manifest.holds_key},
        now=at,
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunningError(
                f"Another backup is written to {folder} now.", hint="Wait for it to end."
            ) from None
        yield


def _sweep(folder: Path) -> None:
    """What a killed backup left."""
    for left in folder.glob(".waspada-*.part*"):
        left.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _failing_well() -> Iterator[None]:
    """Errors of the disk as errors of the product."""
    try:
        yield
    except OSError as error:
        raise _of_disk(error) from None
    except sqlite3.Error as error:
        if "full" in str(error):
            raise StoreFullError("The disk of the backup is full; nothing was left there.") from None
        raise StoreError(f"The backup cannot be written: {error}.", hint="Look at its disk.") from None


def _of_disk(error: OSError) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StoreFullError("The disk of the backup is full; nothing was left there.")
    return StoreError(f"The backup cannot be written: {error.strerror}.", hint="Look at its folder and its rights.")
