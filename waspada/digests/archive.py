"""The archive: every kept digest, by region, kind and day, and by words for those who may search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from waspada.alerts.exits import Masked
from waspada.alerts.items import under
from waspada.digests.jsonable import content_of
from waspada.digests.repository import inside
from waspada.digests.types import Content, KeptLine, Kind
from waspada.search.query import fits
from waspada.search.types import Query
from waspada.store.tables import DigestRow

#: So many digests, the newest of those that fit otherwise, are looked through for words.
LOOKED_THROUGH = 2_000
_BATCH = 100


@dataclass(frozen=True, slots=True)
class ArchiveFilter:
    """What the archive is narrowed to; days are those of the digests' own zones, both included."""

    region: str | None = None
    kind: Kind | None = None
    first: date | None = None
    last: date | None = None


def search(
    session: Session,
    wanted: ArchiveFilter,
    *,
    within: str | None = None,
    query: Query | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> Sequence[KeptLine]:
    """Kept digests, the newest first. With a query, of the newest `LOOKED_THROUGH` those that have its words."""
    rows = _fitting(wanted, within, before_id)
    if query is None:
        return [_line(row, content_of(row.content)) for row in session.scalars(rows.limit(limit))]
    found: list[KeptLine] = []
    for row in session.scalars(rows.limit(LOOKED_THROUGH).execution_options(yield_per=_BATCH)):
        content = content_of(row.content)
        if fits(query, Masked(words_of(content), ())):
            found.append(_line(row, content))
            if len(found) == limit:
                break
    return found


def words_of(content: Content) -> str:
    """All that a digest says, for looking for words in it."""
    told = [content.title, content.scope, *content.notices, content.opening, content.closing]
    for section in content.sections:
        told.append(section.title)
        told += [f"{one.headline}\n{one.quote}\n{one.claim}\n{one.where}\n{one.outlets}" for one in section.entries]
        told += [line.text for line in section.lines]
    return "\n".join(told)


def _fitting(wanted: ArchiveFilter, within: str | None, before_id: int | None) -> Select[DigestRow]:
    query = select(DigestRow).where(DigestRow.content != "", *inside(within)).order_by(DigestRow.id.desc())
    if wanted.region is not None:
        query = query.where(under(DigestRow.region, wanted.region))
    if wanted.kind is not None:
        query = query.where(DigestRow.kind == wanted.kind.value)
    if wanted.first is not None:
        query = query.where(DigestRow.day >= wanted.first.isoformat())
    if wanted.last is not None:
        query = query.where(DigestRow.day <= wanted.last.isoformat())
    return query if before_id is None else query.where(DigestRow.id < before_id)


def _line(row: DigestRow, content: Content) -> KeptLine:
    return KeptLine(
        id=row.id,
        kind=Kind(row.kind),
        region=row.region,
        wanted=content.wanted,
        day=date.fromisoformat(row.day),
        at=row.at,
        title=content.title,
        choice=content.choice,
        entries=len(content.entries),
        erased_at=row.erased_at,
    )
