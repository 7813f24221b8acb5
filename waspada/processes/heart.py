"""Signs of life: a thread of every long-lived process writes one row every 15 seconds.

The thread beats for the process, `touch` says that its work went on: a process whose main loop hangs beats and is told
apart. A database that is locked or gone costs beats and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread
from typing import Any

from sqlalchemy.orm import Session

from waspada import __version__
from waspada.clock import utc_now
from waspada.errors import StoreError
from waspada.processes import repository
from waspada.processes.policy import BEAT_EVERY
from waspada.processes.types import ProcessRole
from waspada.settings import Settings
from waspada.store import Store

log = logging.getLogger("waspada.processes")


def host_key(installation: bytes) -> str:
    """Stands for this machine's name, which may name a person or an office."""
    return hmac.digest(installation, b"host:" + socket.gethostname().encode(), hashlib.sha256).hex()[:12]


class Heart:
    """The beats of one process. `detail` is said with each of them: names of parts, no content."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        role: ProcessRole,
        *,
        clock: Callable[[], datetime] = utc_now,
        **detail: Any,
    ) -> None:
        self._store, self._role, self._clock, self._detail = store, role, clock, detail
        self._host, self._pid, self._started_at = host_key(settings.secret_key), os.getpid(), clock()
        self._touched_at: datetime | None = None
        self._stop = Event()

    def touch(self) -> None:
        """The work went on."""
        self._touched_at = self._clock()

    def say(self, **detail: Any) -> None:
        """What every beat from now on says, beside what it said before or in its place."""
        self._detail = {**self._detail, **detail}

    def beat(self) -> None:
        """Writes one sign of life, and takes away those of the dead whose place this process took. Raises StoreError.

        One attempt only: the next beat comes soon.
        """
        self._store.retrying(self._write, attempts=1)

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Beats until stopped; the target of a thread."""
        while True:
            try:
                self.beat()
            except StoreError as error:
                log.warning("no sign of life was written: %s", error)
            if self._stop.wait(BEAT_EVERY.total_seconds()):
                return

    def _write(self, session: Session) -> None:
        dead = [pid for pid in repository.pids(session, self._role, self._host) if not _lives(pid)]
        if dead:
            repository.forget(session, self._role, self._host, dead)
        detail = dict(self._detail)
        if self._touched_at is not None:
            detail["touched_at"] = self._touched_at.isoformat()
        repository.beat(
            session,
            self._role.value,
            self._host,
            self._pid,
            started_at=self._started_at,
            now=self._clock(),
            version=__version__,
            detail=detail,
        )


@contextmanager
def beating(store: Store, settings: Settings, role: ProcessRole, **detail: Any) -> Iterator[Heart]:
    """A heart that beats meanwhile. Its last beat stays: a process that was stopped is silent afterwards."""
    heart = Heart(store, settings, role, **detail)
    thread = Thread(target=heart.run, name="heart", daemon=True)
    thread.start()
    try:
        yield heart
    finally:
        heart.stop()
        thread.join(5)


def _lives(pid: int) -> bool:
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
