"""The archive folder: one compressed file for each content, there as a whole or not at all.

archive/ab/abcdef....gz     a body, named by the SHA-256 of what it holds
archive/ab/.abcdef....tmp   a draft; a killed writer leaves one behind, the purge removes it
archive/aside/abcdef....1a2b    files that did not hold what their name says
"""

from __future__ import annotations

import gzip
import hashlib
import os
import secrets
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from waspada.archive.policy import file_name, sha256_of, sha256_of_aside
from waspada.archive.types import FileState, KeptBody, Loaded, StoredFile

_LEVEL = 6
_ASIDE = "aside"


class ArchiveFiles:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, body: bytes) -> KeptBody:
        """Stores a body, once for each content. A file that does not hold what its name says is kept aside and written
        anew. Raises OSError when the disk is full or the folder cannot be written; nothing is half-written then.
        """
        sha256 = hashlib.sha256(body).hexdigest()
        path = self.folder / file_name(sha256)
        state = self.load(sha256, len(body)).state
        if state is FileState.DAMAGED:
            self.set_aside(sha256)
        if state is not FileState.WHOLE or not _is_young_again(path):
            _write_whole(path, gzip.compress(body, _LEVEL, mtime=0))
        return KeptBody(sha256, len(body), path.stat().st_size)

    def load(self, sha256: str, body_bytes: int) -> Loaded:
        """Reads a body back; no more than `body_bytes` and one are unpacked, whatever the file says it holds."""
        try:
            with gzip.open(self.folder / file_name(sha256), "rb") as file:
                body = file.read(body_bytes + 1)
        except FileNotFoundError:
            return Loaded(FileState.MISSING)
        except (OSError, EOFError, zlib.error):
            return Loaded(FileState.DAMAGED)
        if len(body) != body_bytes or hashlib.sha256(body).hexdigest() != sha256:
            return Loaded(FileState.DAMAGED)
        return Loaded(FileState.WHOLE, body)

    def set_aside(self, sha256: str) -> Path:
        """Moves a damaged file out of the way, where a person can look at it. Raises OSError."""
        aside = self.folder / _ASIDE / f"{sha256}.{secrets.token_hex(4)}"
        aside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / file_name(sha256)).replace(aside)
        return aside

    def stored(self) -> Iterator[StoredFile]:
        """Every file that lies in the folder; what is none of ours is passed over."""
        for room in _entries(self.folder):
            if room.is_dir(follow_symlinks=False):
                yield from _files_of(room)

    def remove(self, file: StoredFile) -> bool:
        """False where it cannot be removed now, or was written again since it was seen; the next purge tries again."""
        path = Path(file.path)
        try:
            if _changed_at(path.stat(follow_symlinks=False)) != file.changed_at:
                return False
            path.unlink()
        except OSError:
            return False
        return True


def _files_of(room: os.DirEntry[str]) -> Iterator[StoredFile]:
    for entry in _entries(Path(room.path)):
        is_aside = room.name == _ASIDE
        sha256 = sha256_of_aside(entry.name) if is_aside else sha256_of(entry.name)
        is_draft = entry.name.startswith(".") and entry.name.endswith(".tmp")
        if sha256 is None and not is_draft and not is_aside:
            continue
        with suppress(OSError):
            yield StoredFile(entry.path, sha256, is_draft, is_aside, _changed_at(entry.stat(follow_symlinks=False)))


def _changed_at(state: os.stat_result) -> datetime:
    return datetime.fromtimestamp(state.st_mtime, UTC)


def _is_young_again(path: Path) -> bool:
    """A purge in another process must not take the file for left over; False where it did so just now."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:  # not there yet, or not for us: nothing to sweep
        return []


def _write_whole(path: Path, data: bytes) -> None:
    """The file appears as a whole: written beside its place, forced to the disk, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.stem}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
