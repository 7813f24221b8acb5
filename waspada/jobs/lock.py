"""One collector and one worker a data folder: a lock that dies with its process, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waspada.errors import AlreadyRunningError

LOCK_FILE = "waspada.lock"


@contextmanager
def data_dir_lock(
    data_dir: Path, *, hint: str = "Stop it first, or name another folder with --data."
) -> Iterator[None]:
    """Holds the data folder. Raises AlreadyRunningError with the pid of who holds it and what to do.

    The operating system drops the lock with the process, so that a crash never leaves a stale one behind.
    """
    with (data_dir / LOCK_FILE).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            raise AlreadyRunningError(
                f"Waspada already runs on the data folder {data_dir} (pid {pid}).",
                hint=hint,
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def refuse_while_held(data_dir: Path) -> None:
    """Raises AlreadyRunningError while another process holds the data folder: it may be an older version that works
    on the tables as they are."""
    pid = holder(data_dir)
    if pid is not None and pid != os.getpid():
        raise AlreadyRunningError(
            f"The database in {data_dir} is of an older version of Waspada, and a service works on it (pid {pid}).",
            hint='Stop it, back up the database, and try again: see "Upgrading" in docs/settings.md.',
        )


def holder(data_dir: Path) -> int | None:
    """The pid of the process that holds the data folder, or None."""
    try:
        with (data_dir / LOCK_FILE).open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return int(file.read().strip() or 0) or None
    except (OSError, ValueError):
        pass
    return None
