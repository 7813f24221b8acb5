"""Checking the chain from the last checkpoint on, so that it stays quick however long the log is.

A checkpoint says that the chain was whole up to a row, under a seal that needs the key of the chain. Going on from it
shows rows that were changed or added behind it, a log cut short before it, and rows deleted anywhere before it (they
are counted). A row changed before it is shown by the walk through everything (`whole`), and so is a checkpoint that
was tampered with. Whoever holds the key and the database could make both anew: the heads that are written off the
machine (`waspada.jobs.checkpoint`) show that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from waspada.audit.chain import GENESIS
from waspada.audit.service import CHAINED, AuditLog
from waspada.store import Store
from waspada.store.tables import AuditCheckpointRow, AuditRow

#: So many rows are looked at in one request of the console; more takes another press of the button.
STEP_ROWS = 20_000
_BATCH = 1000


class Break(StrEnum):
    """What is wrong with a log."""

    ROW = "row"  # a row does not follow from the one before
    CUT = "cut"  # a row that was there is missing at the end
    MISSING = "missing"  # rows before the checkpoint are missing
    CHANGED = "changed"  # the row of the checkpoint says something else
    CHECKPOINT = "checkpoint"  # a checkpoint was tampered with


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chain was whole up to `row_id`: `rows` rows, the last one's hash is `head`."""

    id: int
    at: datetime
    actor: str
    row_id: int
    rows: int
    head: str

    def as_line(self) -> str:
        """One line of a file of heads, or of a mail."""
        fields = {"at": self.at.isoformat(), "row_id": self.row_id, "rows": self.rows, "head": self.head}
        return json.dumps(fields, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Checked:
    """How a check ended: `rows` are known to be whole, `left` were not looked at yet, `head` is the last good hash.

    `broken` says what is wrong and `broken_id` at which row (of a checkpoint: its id).
    """

    rows: int
    head: str
    left: int = 0
    broken: Break | None = None
    broken_id: int | None = None

    @property
    def ok(self) -> bool:
        return self.broken is None


def newest(session: Session) -> Checkpoint | None:
    row = session.scalar(select(AuditCheckpointRow).order_by(AuditCheckpointRow.id.desc()).limit(1))
    return None if row is None else _checkpoint(row)


def go_on(store: Store, log: AuditLog, *, actor: str, now: datetime, limit: int = STEP_ROWS) -> Checked:
    """Checks what was added since the newest checkpoint, at most `limit` rows, and writes the next one.

    Rows are read without a lock: what is appended meanwhile is left for the next time. A broken log gets no checkpoint.
    """
    with store.read() as session:
        found, row_id = _walk_on(session, log, limit)
    if found.ok and row_id:
        seal = log.seal(at=now, row_id=row_id, rows=found.rows, head=found.head)
        row = {"at": now, "actor": actor, "row_id": row_id, "rows": found.rows, "head": found.head, "seal": seal}
        store.retrying(lambda session: session.add(AuditCheckpointRow(**row)))
    return found


def _walk_on(session: Session, log: AuditLog, limit: int) -> tuple[Checked, int]:
    """How far the chain is whole, and the row at which the look at it ended."""
    last = session.scalar(select(AuditCheckpointRow).order_by(AuditCheckpointRow.id.desc()).limit(1))
    rows, head, row_id = 0, GENESIS, 0
    if last is not None:
        broken = _wrong_with(session, log, last)
        if broken is not None:
            return broken, 0
        rows, head, row_id = last.rows, last.head, last.row_id
    query = select(*CHAINED).where(AuditRow.id > row_id).order_by(AuditRow.id).limit(limit)
    with closing(session.execute(query.execution_options(yield_per=_BATCH))) as found:
        for each in found:
            if each.previous != head or not log.fits(each):
                return Checked(rows, head, broken=Break.ROW, broken_id=each.id), 0
            rows, head, row_id = rows + 1, each.hash, each.id
    left = session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.id > row_id)) or 0
    return Checked(rows, head, left), row_id


def whole(session: Session, log: AuditLog) -> Checked:
    """Walks the whole chain, and looks at every checkpoint."""
    found = log.verify(session)
    if found.broken_id is not None:
        return Checked(found.rows, found.head, broken=Break.ROW, broken_id=found.broken_id)
    for row in session.scalars(select(AuditCheckpointRow).order_by(AuditCheckpointRow.id)):
        broken = _wrong_with(session, log, row)
        if broken is not None:
            return broken
    return Checked(found.rows, found.head)


def against_heads(session: Session, lines: Iterable[str]) -> Checked:
    """Compares the log with heads that were kept elsewhere, one a line (`Checkpoint.as_line`); needs no key.

    Raises ValueError for a line that is none.
    """
    rows, head = 0, GENESIS
    for number, line in enumerate((line for line in lines if line.strip()), start=1):
        kept = _head_in(line, number)
        broken = _differs(session, kept["row_id"], kept["rows"], kept["head"])
        if broken is not None:
            return Checked(rows, head, broken=broken, broken_id=kept["row_id"])
        rows, head = kept["rows"], kept["head"]
    return Checked(rows, head)


def _wrong_with(session: Session, log: AuditLog, row: AuditCheckpointRow) -> Checked | None:
    if row.seal != log.seal(at=row.at, row_id=row.row_id, rows=row.rows, head=row.head):
        return Checked(0, GENESIS, broken=Break.CHECKPOINT, broken_id=row.id)
    broken = _differs(session, row.row_id, row.rows, row.head)
    if broken is not None:
        return Checked(0, GENESIS, broken=broken, broken_id=row.row_id)
    last = session.get_one(AuditRow, row.row_id)
    return None if log.fits(last) else Checked(0, GENESIS, broken=Break.CHANGED, broken_id=row.row_id)


def _differs(session: Session, row_id: int, rows: int, head: str) -> Break | None:
    """Whether the log does not hold so many rows up to this one with this hash."""
    stands = session.scalar(select(AuditRow.hash).where(AuditRow.id == row_id))
    if stands is None:
        newest_id = session.scalar(select(func.max(AuditRow.id))) or 0
        return Break.CUT if newest_id < row_id else Break.MISSING
    if stands != head:
        return Break.CHANGED
    count = session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.id <= row_id))
    return None if count == rows else Break.MISSING


def _head_in(line: str, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
        return {"row_id": int(found["row_id"]), "rows": int(found["rows"]), "head": str(found["head"])}
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"line {number} is no head of the log") from None


def _checkpoint(row: AuditCheckpointRow) -> Checkpoint:
    return Checkpoint(row.id, row.at, row.actor, row.row_id, row.rows, row.head)
