"""What was erased, as a list that outlives the database, and erasing it once more.

The list holds keys of addresses (hashes) and times, no words and no addresses.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from waspada.backups.types import Erasure
from waspada.clock import utc_now
from waspada.digests.erasing import forget_items
from waspada.errors import InputError
from waspada.jobs.erase import PASSAGE, STRUCK, TEXT
from waspada.jobs.purge import empty_texts, remove_items
from waspada.reports.erasing import empty_periodic, periodic_standing
from waspada.store.tables import ErasedItemRow, ItemRow, ItemVersionRow, PageRow

_CHUNK = 500
_ITEM = "item"


def listed(session: Session, since: datetime | None = None) -> Iterator[Erasure]:
    """All that were noted, the oldest first."""
    query = select(ErasedItemRow.url_key, ErasedItemRow.what, ErasedItemRow.at).order_by(ErasedItemRow.id)
    if since is not None:
        query = query.where(ErasedItemRow.at >= since)
    for url_key, what, at in session.execute(query.execution_options(yield_per=1000)):
        yield Erasure(url_key, what, at)


def write(file: Path, found: Iterable[Erasure]) -> int:
    """Writes a list as JSONL, whole or not at all; returns how many."""
    draft, count = file.with_name(f".{file.name}.part"), 0
    try:
        with draft.open("w") as out:
            for one in found:
                out.write(json.dumps({"key": one.url_key, "what": one.what, "at": one.at.isoformat()}) + "\n")
                count += 1
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return count


def read(file: Path) -> list[Erasure]:
    """The list in a file. Raises InputError naming the line that is none: a list that is half read erases half."""
    found = []
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeError):
        raise InputError(f"The list of erasures {file} cannot be read.") from None
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            at = datetime.fromisoformat(row["at"])
            one = Erasure(str(row["key"]), str(row["what"]), at if at.tzinfo else at.replace(tzinfo=UTC))
        except (ValueError, KeyError, TypeError):
            raise InputError(
                f"Line {number} of {file} is no erasure.", hint="Use the file as it was written."
            ) from None
        found.append(one)
    return found


def of_file(database: Path) -> list[Erasure]:
    """The list in an embedded database that nobody works on; empty where there is no database, or one of an older
    version. Raises sqlite3.Error for a broken one."""
    if not database.exists():
        return []
    with closing(sqlite3.connect(database)) as connection:
        try:
            rows = connection.execute("SELECT url_key, what, at FROM erased_items").fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
    return [Erasure(key, what, datetime.fromisoformat(at).replace(tzinfo=UTC)) for key, what, at in rows]


def repeat(session: Session, found: Iterable[Erasure]) -> tuple[int, int]:
    """Erases once more; returns how many items were removed and texts emptied.

    Only what was there before it was erased: an item that was found again later is another find. An item of which a
    passage was taken goes as a whole where it still has the passage: nobody kept which one it was. So do the words of a
    periodic report.
    """
    latest: dict[tuple[str, str], datetime] = {}
    for one in found:
        key = (one.url_key, one.what)
        latest[key] = max(one.at, latest.get(key, one.at))
    items = _standing(session, {key: at for (key, what), at in latest.items() if what == _ITEM})
    for ids in _chunks(items):
        known = select(ItemRow.url_key).where(ItemRow.id.in_(ids))
        session.execute(
            update(PageRow).where(PageRow.url_key.in_(known)).values(url="", title="", title_key=None, summary="")
        )
        forget_items(session, ids, utc_now())
        remove_items(session, ids)
    passages = {key: at for (key, what), at in latest.items() if what == PASSAGE}
    whole = _standing(session, passages)
    whole = [id_ for ids in _chunks(whole) for id_ in _with_their_words(session, ids)]
    for ids in _chunks(whole):
        forget_items(session, ids, utc_now())
        remove_items(session, ids)
    emptied = {key: at for (key, what), at in latest.items() if what == TEXT}
    texts = _standing(session, emptied)
    for ids in _chunks(texts):
        empty_texts(session, ids)
    periodic = {*periodic_standing(session, emptied), *periodic_standing(session, passages, without=STRUCK)}
    for ids in _chunks(sorted(periodic)):
        empty_periodic(session, ids, utc_now())
    return len(items) + len(whole), len(texts) + len(periodic)


def _standing(session: Session, erased: dict[str, datetime]) -> list[int]:
    """Ids of the items with these keys that were found before they were erased."""
    found: list[int] = []
    keys = sorted(erased)
    for start in range(0, len(keys), _CHUNK):
        rows = session.execute(
            select(ItemRow.id, ItemRow.url_key, ItemRow.found_at).where(
                ItemRow.url_key.in_(keys[start : start + _CHUNK])
            )
        )
        found += [id_ for id_, key, found_at in rows if found_at <= erased[key]]
    return found


def _with_their_words(session: Session, ids: Sequence[int]) -> list[int]:
    """Those of which nothing was taken out yet."""
    struck = or_(
        ItemVersionRow.text.contains(STRUCK, autoescape=True), ItemVersionRow.title.contains(STRUCK, autoescape=True)
    )
    without = select(ItemVersionRow.item_id).where(ItemVersionRow.item_id.in_(ids), struck)
    return sorted(set(ids) - set(session.scalars(without)))


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
