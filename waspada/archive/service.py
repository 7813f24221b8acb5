"""Keeping raw pages, reading them back, and sweeping the folder.

The row of a page is written with its item in one transaction, the file before it: a killed collector leaves at most a
file that no row knows, which the next purge removes. An archive that cannot be written never costs an item.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from waspada.archive import policy, repository
from waspada.archive.files import ArchiveFiles
from waspada.archive.types import ArchivedPage, CheckReport, FileState, KeptBody, RawPage, StoredFile
from waspada.errors import NotFoundError, StoreError
from waspada.items.repository import reject
from waspada.settings import Settings
from waspada.store import Store

FOLDER = "archive"
#: Under this name what the archive could not do is kept aside, in `rejects`.
STAGE = "archive"
_SWEPT_AT_ONCE = 500
#: How long a full archive is believed to be full: counting reads every row, and a purge makes room elsewhere.
_FULL_FOR_SECONDS = 60.0


class Archive:
    """The archive of one data folder. Hold one a process. `clock` gives seconds that never go back."""

    def __init__(
        self, folder: Path, keep_for: timedelta, max_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.files = ArchiveFiles(folder)
        self.keep_for = keep_for
        self.max_bytes = max_bytes
        self._clock = clock
        self._total_bytes: int | None = None
        self._counted_at = 0.0

    def keep(self, store: Store, raw: RawPage) -> KeptBody | str:
        """Stores the body, or says why it could not. The row is still to be written: `repository.note_page`."""
        try:
            if not self._has_room(store, len(raw.body)):
                return f"the archive is full ({self.max_bytes:,} bytes); raise WASPADA_ARCHIVE_MAX_BYTES"
            kept = self.files.write(raw.body)
        except OSError as error:
            return f"the page could not be archived: {error.strerror or error}"
        self._total_bytes = (self._total_bytes or 0) + kept.stored_bytes
        return kept

    def read(self, store: Store, page: ArchivedPage, now: datetime) -> bytes:
        """The body of an archived page.

        Raises NotFoundError when its file is gone. A file that does not hold what was stored is kept aside, listed
        among the rejects and raises StoreError: nothing false is ever shown as evidence.
        """
        loaded = self.files.load(page.sha256, page.body_bytes)
        if loaded.state is FileState.WHOLE:
            return loaded.body
        where = f"The archived page {page.id} of {page.page_url}"
        if loaded.state is FileState.MISSING:
            raise NotFoundError(f"{where} has no file any more.", hint="`waspada archive check` lists all such pages.")
        self._report_damage(store, page, now)
        raise StoreError(
            f"{where} does not hold what was stored: its file was changed or is damaged.",
            hint=f"It was moved to {self.files.folder / 'aside'}; check the disk.",
        )

    def check(self, store: Store, now: datetime) -> CheckReport:
        """Reads every archived page back. Damaged files are kept aside and listed among the rejects."""
        report = CheckReport()
        with store.read() as session:
            report.stored_bytes = repository.total_bytes(session)
            pages = list(repository.everything(session))
        for page in pages:
            state = self.files.load(page.sha256, page.body_bytes).state
            if state is FileState.WHOLE:
                report.whole += 1
            elif state is FileState.MISSING:
                report.missing.append(page)
            else:
                report.damaged.append(page)
                self._report_damage(store, page, now)
        return report

    def sweep(self, store: Store, now: datetime) -> int:
        """Removes files that nothing needs any more; returns how many."""
        removed = 0
        for files in _chunks(self.files.stored()):
            with store.read() as session:
                known = repository.known_contents(session, {file.sha256 for file in files if file.sha256})
            for file in files:
                if policy.is_left_over(file, file.sha256 in known, now, self.keep_for):
                    removed += self.files.remove(file)
        self._total_bytes = None
        return removed

    def _has_room(self, store: Store, body_bytes: int) -> bool:
        """A body seldom takes more room than it has bytes; where it would not fit, an old count is made anew."""
        total = self._total_bytes
        is_old = self._clock() - self._counted_at >= _FULL_FOR_SECONDS
        if total is None or (is_old and total + body_bytes > self.max_bytes):
            with store.read() as session:
                total = self._total_bytes = repository.total_bytes(session)
            self._counted_at = self._clock()
        return total + body_bytes <= self.max_bytes

    def _report_damage(self, store: Store, page: ArchivedPage, now: datetime) -> None:
        problem = f"the archived page {page.id} does not hold what was stored ({page.sha256})"
        store.retrying(lambda session: reject(session, STAGE, f"item {page.item_id}", problem, now))
        try:
            self.files.set_aside(page.sha256)
        except FileNotFoundError:
            return  # another page of the same content was looked at before
        except OSError as error:
            raise StoreError(f"The damaged archive file {page.sha256} cannot be moved: {error.strerror}.") from None


def archive_of(settings: Settings) -> Archive:
    """The archive of the data folder, whether or not new pages are kept in it."""
    return Archive(settings.data_dir / FOLDER, timedelta(days=settings.archive_days), settings.archive_max_bytes)


def _chunks(files: Iterable[StoredFile]) -> Iterator[list[StoredFile]]:
    rest = iter(files)
    while chunk := list(islice(rest, _SWEPT_AT_ONCE)):
        yield chunk
