"""Bringing a backup back: checked, migrated and erased again aside, then put in place in one step.

Killed at any moment before that step, the desk has its old database; after it, the new one. The old one is kept aside.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from waspada.audit.chain import chain_key
from waspada.audit.service import AuditLog
from waspada.audit.types import AuditAction, Scalar
from waspada.backups import erasures
from waspada.backups.making import DATABASE, ERASURES, KEY, MANIFEST, MODELS, key_mark
from waspada.backups.types import Erasure, Manifest, Restored
from waspada.errors import InputError, StoreError, StoreFullError
from waspada.jobs.lock import data_dir_lock
from waspada.models.service import store_of
from waspada.settings import Settings, prepare_data_dir
from waspada.store import open_url
from waspada.store.migrate import head, knows

_MAX_MANIFEST_BYTES = 1024 * 1024
_CHUNK = 1024 * 1024
#: A clock that was set a little, and a copy that took a while.
_MARGIN = timedelta(minutes=5)
ASIDE = "before-restore-"


def restore(
    file: Path, settings: Settings, *, actor: str, now: datetime, more_erasures: Sequence[Path] = ()
) -> Restored:
    """Puts the database of a backup in the place of the desk's own.

    Raises AlreadyRunningError while a service holds the data folder, InputError for what is no whole backup, for one of
    a newer version, and where the secret key at hand is not the one it was written with; StoreFullError and StoreError
    from the disk. What was begun is removed, and the desk's own database stays.
    """
    if not settings.is_embedded:
        raise InputError("The database is PostgreSQL.", hint="Use pg_restore, then `waspada erasures repeat`.")
    prepare_data_dir(settings)
    draft = settings.data_dir / ".restore.part"
    hint = "Stop it first: a restore puts another database in its place."
    with data_dir_lock(settings.data_dir, hint=hint), _swept(draft):
        manifest, backup_key = _unpacked(file, draft)
        key, is_new = _fitting_key(settings, manifest, backup_key)
        models = _models_of(draft)
        known, unread = _lists(file, settings, more_erasures)
        items, texts = _made_ready(draft, manifest, key, known, actor=actor, now=now, file=file)
        _put_models(models, settings)
        aside = _put_in_place(settings, draft, now, key if is_new else None)
    return Restored(manifest, aside, items, texts, manifest.revision != head(), unread)


@dataclass(slots=True)
class _Contents:
    """What was met in a backup so far; `digests` are SHA-256 of what was written, by name."""

    manifest: Manifest | None = None
    key: bytes | None = None
    digests: dict[str, str] = field(default_factory=dict)


def _unpacked(file: Path, draft: Path) -> tuple[Manifest, bytes | None]:
    """The manifest and the key in a backup; its database is written to `draft`, its models beside it, and all are
    compared with their checksums."""
    found = _Contents()
    try:
        with gzip.open(file, "rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            for member in tar:
                _take(member, tar.extractfile(member) if member.isreg() else None, found, draft, file.name)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError):
        raise InputError(f"{file.name} is no whole backup.", hint="Take another one; this file is damaged.") from None
    except FileNotFoundError:
        raise InputError(f"There is no file {file}.") from None
    manifest = found.manifest
    if manifest is None or DATABASE not in found.digests:
        raise InputError(f"{file.name} is no whole backup.", hint="Take another one; this file is damaged.")
    for name, digest in {DATABASE: manifest.sha256, **manifest.models}.items():
        if found.digests.get(name) != digest:
            what = "The database" if name == DATABASE else f"The file {name}"
            raise InputError(
                f"{what} in {file.name} is not the one that was backed up: its checksum is another one.",
                hint="Take another backup; this file is damaged or was changed.",
            )
    return manifest, found.key


def _take(member: tarfile.TarInfo, stream: IO[bytes] | None, found: _Contents, draft: Path, backup: str) -> None:
    manifest = found.manifest
    models: Mapping[str, str] = manifest.models if manifest is not None else {}
    if stream is None or member.name not in (MANIFEST, KEY, DATABASE, *models):
        raise InputError(f"{backup} holds {member.name!r}, which is no part of a backup.")
    if member.name in (DATABASE, *models):
        if manifest is None:
            raise InputError(f"{backup} has no manifest before its database.")
        _check_version(manifest)
        target = draft if member.name == DATABASE else _model_file(draft, member.name)
        found.digests[member.name] = _written(stream, target)
        return
    if member.size > _MAX_MANIFEST_BYTES:
        raise InputError(f"{backup} is no backup of Waspada.")
    data = stream.read()
    if member.name == MANIFEST:
        found.manifest = Manifest.read(data)
    else:
        found.key = bytes.fromhex(data.decode("ascii"))


def _written(stream: IO[bytes], target: Path) -> str:
    """Writes a member of the backup to a file; returns its hex SHA-256."""
    digest = hashlib.sha256()
    with target.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _models_of(draft: Path) -> Path:
    """Where the models of a backup are written before they are put in place."""
    return draft.with_name(f"{draft.name}.{MODELS}")


def _model_file(draft: Path, name: str) -> Path:
    """Where a file of a model is written. Raises InputError for a name that leads elsewhere."""
    parts = name.split("/")
    if len(parts) != 3 or parts[0] != MODELS or any(part in ("", ".", "..") or "\\" in part for part in parts):
        raise InputError(f"The backup holds {name!r}, which is no part of a backup.")
    folder = _models_of(draft) / parts[1]
    folder.mkdir(parents=True, exist_ok=True)
    return folder / parts[2]


def _put_models(models: Path, settings: Settings) -> None:
    """Puts the models in place that are not there; a name is never used twice, so what is there is the same."""
    for folder in sorted(models.iterdir()) if models.is_dir() else ():
        target = store_of(settings) / folder.name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(target)


def _check_version(manifest: Manifest) -> None:
    if not knows(manifest.revision):
        raise InputError(
            f"The backup is of a newer version of Waspada ({manifest.version}, revision {manifest.revision}).",
            hint="Install that version.",
        )


def _fitting_key(settings: Settings, manifest: Manifest, backup_key: bytes | None) -> tuple[bytes, bool]:
    """The key that the backup was written with, and whether it comes out of the backup."""
    own = settings.data_dir / KEY
    if own.exists() and key_mark(settings.secret_key) == manifest.key:
        return settings.secret_key, False
    if backup_key is not None and key_mark(backup_key) == manifest.key:
        return backup_key, True
    raise InputError(
        "The secret key of this desk is not the one that the backup was written with, and the backup does not hold it.",
        hint=f"Put that key at {own} and try again; without it the audit log cannot be checked.",
    )


def _lists(file: Path, settings: Settings, more: Sequence[Path]) -> tuple[list[Erasure], tuple[Path, ...]]:
    """Every list of erasures that can be had (of the desk's database, of databases put aside, beside the backup), and
    the databases whose list cannot be read."""
    found: list[Erasure] = []
    unread: list[Path] = []
    aside = [folder / DATABASE for folder in sorted(settings.data_dir.glob(f"{ASIDE}*"))]
    for database in (settings.data_dir / DATABASE, *aside):
        try:
            found += erasures.of_file(database)
        except sqlite3.Error:
            unread.append(database)
    beside = file.resolve().parent / ERASURES
    for path in (*((beside,) if beside.exists() else ()), *more):
        found += erasures.read(path)
    return found, tuple(unread)


def _made_ready(
    draft: Path,
    manifest: Manifest,
    key: bytes,
    known: Sequence[Erasure],
    *,
    actor: str,
    now: datetime,
    file: Path,
) -> tuple[int, int]:
    """Migrates the copy, erases in it what was erased since, and checks the chain of its audit log."""
    store = open_url(f"sqlite:///{draft}")
    try:
        log = AuditLog(chain_key(key))
        with store.read() as session:
            found = log.verify(session)
        if not found.ok:
            raise InputError(
                f"The audit log in {file.name} breaks at row {found.broken_id}.", hint="Somebody changed it: keep it."
            )
        since = manifest.made_at - _MARGIN
        with store.write() as session:
            items, texts = erasures.repeat(session, [one for one in known if one.at >= since])
            detail: dict[str, Scalar | list[str] | list[int]] = {
                "made_at": manifest.made_at.isoformat(),
                "items": items,
                "texts": texts,
            }
            log.append(
                session, actor=actor, action=AuditAction.BACKUP_RESTORED, object=f"backup/{file.name}", detail=detail,
                now=now,
            )  # fmt: skip
    finally:
        store.close()
    _one_file(draft)
    return items, texts


def _one_file(database: Path) -> None:
    """Writes the log beside a database into it."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    with database.open("rb") as stream:
        os.fsync(stream.fileno())


def _put_in_place(settings: Settings, draft: Path, now: datetime, key: bytes | None) -> Path | None:
    """The old database is linked aside, the new one takes its name in one step."""
    current, aside = settings.data_dir / DATABASE, None
    if current.exists():
        aside = settings.data_dir / f"{ASIDE}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        aside.mkdir(mode=0o700)
        try:
            _one_file(current)
        except sqlite3.Error:  # broken: its log must not be taken for the new one's
            for ending in ("-wal", "-shm"):
                left = Path(f"{current}{ending}")
                if left.exists():
                    left.rename(aside / left.name)
        os.link(current, aside / DATABASE)
    for ending in ("-wal", "-shm"):
        Path(f"{current}{ending}").unlink(missing_ok=True)
    if key is not None:
        _replace_key(settings, key, aside)
    draft.replace(current)
    return aside


def _replace_key(settings: Settings, key: bytes, aside: Path | None) -> None:
    own, draft = settings.data_dir / KEY, settings.data_dir / f".{KEY}.part"
    if own.exists() and aside is not None:
        shutil.copy2(own, aside / KEY)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(key.hex())
        out.flush()
        os.fsync(out.fileno())
    draft.replace(own)


@contextmanager
def _swept(draft: Path) -> Iterator[None]:
    """Nothing of a restore that failed is left, and errors of the disk are errors of the product."""
    _sweep(draft)
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFullError("The disk of the data folder is full; the old database stays.") from None
        raise StoreError(f"The backup cannot be restored: {error.strerror}.", hint="Look at the disk.") from None
    except sqlite3.Error as error:
        raise StoreError(f"The database of the backup cannot be used: {error}.") from None
    finally:
        _sweep(draft)


def _sweep(draft: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{draft}{ending}").unlink(missing_ok=True)
    shutil.rmtree(_models_of(draft), ignore_errors=True)
