"""Writing, reading and checking the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, select
from sqlalchemy.orm import Session

from waspada.audit.chain import GENESIS, chain_key, keyed_hash, row_hash, seal
from waspada.audit.types import AuditEntry, Detail, Verification
from waspada.settings import Settings
from waspada.store.tables import AuditRow
from waspada.store.turns import take_turns

_LOCK = 0x57415350  # "WASP": one writer of the chain at a time, held to the end of the transaction
_BATCH = 1000
#: What the chain covers, and what links it: rows of these columns cost a third of whole ones.
CHAINED = (
    AuditRow.id,
    AuditRow.at,
    AuditRow.actor,
    AuditRow.action,
    AuditRow.object,
    AuditRow.purpose,
    AuditRow.detail,
    AuditRow.previous,
    AuditRow.hash,
)
#: Every answer writes a row: what writes it is made once.
_HEAD = select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
_INSERT = insert(AuditRow)
_ACTOR_CHARACTERS, _OBJECT_CHARACTERS, _PURPOSE_CHARACTERS = 80, 200, 200


class AuditLog:
    """The log of one installation. Cheap; holds the key and nothing else."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def append(
        self,
        session: Session,
        *,
        actor: str,
        action: str,
        object: str,
        purpose: str = "",
        detail: Detail | None = None,
        now: datetime,
    ) -> AuditEntry:
        """Adds one row in the transaction of `session`, which must be a writing one (`Store.write`).

        SQLite has one writer at a time by itself; on PostgreSQL an advisory lock makes writers queue, so that the chain
        never forks. Control characters and lone surrogates in the texts are dropped and long texts cut.
        """
        session.flush()
        connection = session.connection()
        take_turns(session, _LOCK)
        previous = connection.execute(_HEAD).scalar() or GENESIS
        values: dict[str, Any] = {
            "at": now,
            "actor": _plain(actor, _ACTOR_CHARACTERS),
            "action": str(action),
            "purpose": _plain(purpose, _PURPOSE_CHARACTERS),
            "detail": dict(detail or {}),
        }
        object_ = _plain(object, _OBJECT_CHARACTERS)
        hash_ = row_hash(self._key, previous, object_=object_, **values)
        values |= {"object": object_, "previous": previous, "hash": hash_}
        id_ = connection.execute(_INSERT, values).inserted_primary_key[0]  # type: ignore[index]
        return AuditEntry(id=id_, **values)

    def verify(self, session: Session) -> Verification:
        """Walks the whole chain, oldest row first, and stops at the first row that does not fit."""
        rows, previous = 0, GENESIS
        query = select(*CHAINED).order_by(AuditRow.id).execution_options(yield_per=_BATCH)
        with closing(session.execute(query)) as found:  # a cursor left half-read would stay open on PostgreSQL
            for row in found:
                if row.previous != previous or row.hash != self._hash_of(row):
                    return Verification(rows=rows, broken_id=row.id, head=previous)
                rows, previous = rows + 1, row.hash
        return Verification(rows=rows, broken_id=None, head=previous)

    def entries(
        self,
        session: Session,
        *,
        before_id: int | None = None,
        limit: int = 50,
        actor: str | None = None,
        action: str | None = None,
        object: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[AuditEntry]:
        """Rows, newest first; `before_id` continues a page. The others narrow it, by equality and by time: no part of a
        name or of an object is searched for."""
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(AuditRow.id < before_id)
        which = _which(actor, action, object, since, until)
        return [_entry(row) for row in session.scalars(query.where(*which))]

    def count(
        self,
        session: Session,
        *,
        up_to_id: int,
        actor: str | None = None,
        action: str | None = None,
        object: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> int:
        """How many rows up to one fit."""
        which = _which(actor, action, object, since, until)
        query = select(func.count()).select_from(AuditRow).where(AuditRow.id <= up_to_id, *which)
        return session.scalar(query) or 0

    def after(
        self,
        session: Session,
        after_id: int,
        *,
        up_to_id: int,
        limit: int,
        actor: str | None = None,
        action: str | None = None,
        object: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[AuditEntry]:
        """Rows after one and up to another, oldest first: a batch of an export."""
        which = _which(actor, action, object, since, until)
        query = select(AuditRow).where(AuditRow.id > after_id, AuditRow.id <= up_to_id, *which)
        return [_entry(row) for row in session.scalars(query.order_by(AuditRow.id).limit(limit))]

    def fits(self, row: AuditRow | Row[*tuple[Any, ...]]) -> bool:
        """Whether the hash of a row is that of what stands in it."""
        return row.hash == self._hash_of(row)

    def seal(self, *, at: datetime, row_id: int, rows: int, head: str) -> str:
        """What makes a checkpoint this installation's own (waspada.audit.checkpoints)."""
        return seal(self._key, at=at, row_id=row_id, rows=rows, head=head)

    def keyed_hash(self, text: str) -> str:
        """Stands for a text (a search word) that must not be in the log itself."""
        return keyed_hash(self._key, text)

    def _hash_of(self, row: AuditRow | Row[*tuple[Any, ...]]) -> str:
        return row_hash(
            self._key,
            row.previous,
            at=row.at,
            actor=row.actor,
            action=row.action,
            object_=row.object,
            purpose=row.purpose,
            detail=row.detail,
        )


def audit_log(settings: Settings) -> AuditLog:
    """The log of the installation that the settings name."""
    return AuditLog(chain_key(settings.secret_key))


def _which(
    actor: str | None, action: str | None, object_: str | None, since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    equal = ((AuditRow.actor, actor), (AuditRow.action, action), (AuditRow.object, object_))
    found = [column == value for column, value in equal if value is not None]
    if since is not None:
        found.append(AuditRow.at >= since)
    if until is not None:
        found.append(AuditRow.at < until)
    return found


def _plain(value: str, limit: int) -> str:
    return (value if value.isprintable() else "".join(_printable(value)))[:limit]


def _printable(value: str) -> Iterator[str]:
    for character in value:
        if character.isprintable():
            yield character


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=row.at,
        actor=row.actor,
        action=row.action,
        object=row.object,
        purpose=row.purpose,
        detail=row.detail,
        previous=row.previous,
        hash=row.hash,
    )
