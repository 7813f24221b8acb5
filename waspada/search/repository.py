"""SQL of searches: which items have the words, and to which alerts they belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, column, func, literal, literal_column, select, table, text
from sqlalchemy.orm import Session

from waspada.alerts.items import lies_within
from waspada.alerts.types import AlertState
from waspada.search.types import AlertLine, Query, Term
from waspada.sources.types import SourceRole
from waspada.store.tables import AlertRegionRow, AlertRow, ItemRow, ItemVersionRow, SourceRow, StoryItemRow
from waspada.taxonomy import ItemKind

#: So many of the newest items with the words are put in order where the best are asked for.
BEST_OF = 500
#: A word of the title counts so many times one of the text.
_TITLE_WEIGHT = 4.0
#: A row of SQLite's index is an item's number with its version in the lowest bits (migration 0019).
_VERSION_BITS = 16
_WORDS = table("item_words", column("rowid"))


def candidates(
    session: Session, query: Query, *, within: str | None = None, before_id: int | None = None, limit: int
) -> list[int]:
    """The newest items whose current version has the words, the newest found first; `before_id` goes on after a page.

    Public posts are among them only where their story reached an alert (design, rule 4), exercises never. What must
    not be there is not asked of the index: it knows the words behind masks (`query.fits`).
    """
    rows = session.execute(_readable(session, _having(session, query), within, before_id).limit(limit))
    return [row[0] for row in rows]


def best(session: Session, query: Query, *, within: str | None = None) -> list[int]:
    """Of the newest `BEST_OF` items with the words, those first in which they weigh most."""
    newest = _having(session, query).add_columns(_score(session, query).label("score"))
    rows = session.execute(_readable(session, newest, within, None).limit(BEST_OF)).all()
    return [row[0] for row in sorted(rows, key=lambda row: (-row[1], -row[0]))]


def stories_of(session: Session, item_ids: Sequence[int]) -> dict[int, int]:
    """Item -> its story."""
    rows = select(StoryItemRow.item_id, StoryItemRow.story_id).where(StoryItemRow.item_id.in_(item_ids))
    return {row[0]: row[1] for row in session.execute(rows)}


def alerts_of(session: Session, story_ids: Sequence[int], *, within: str | None) -> dict[int, AlertLine]:
    """Story -> its alert, where it has one in the reader's region."""
    rows = select(AlertRow).where(AlertRow.story_id.in_(story_ids))
    if within is not None:
        inside = select(AlertRegionRow.code).where(
            AlertRegionRow.alert_id == AlertRow.id, AlertRegionRow.code == within
        )
        rows = rows.where(inside.exists())
    return {
        row.story_id: AlertLine(row.id, row.headline, row.level, AlertState(row.state), row.last_item_at)
        for row in session.scalars(rows)
    }


def _having(session: Session, query: Query) -> Select[Any]:
    """The ids of the items whose current version has all words."""
    if _is_sqlite(session):
        item, version = _WORDS.c.rowid.op(">>")(_VERSION_BITS), _WORDS.c.rowid.op("&")((1 << _VERSION_BITS) - 1)
        current = (ItemRow.id == item) & (ItemRow.version == version)
        matches = literal_column("item_words").op("MATCH")(_match(query))
        return select(ItemRow.id).select_from(_WORDS).join(ItemRow, current).where(matches)
    current = (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == ItemRow.version)
    matches = literal_column("item_versions.words").op("@@")(_tsquery(query.terms))
    return select(ItemRow.id).join(ItemVersionRow, current).where(matches)


def _readable(session: Session, query: Select[Any], within: str | None, before_id: int | None) -> Select[Any]:
    """Without exercises, lone posts and what lies elsewhere; the newest first."""
    exercise = select(SourceRow.id).where(SourceRow.id == ItemRow.source_id, SourceRow.role == SourceRole.EXERCISE)
    alerted = (
        select(AlertRow.id)
        .join(StoryItemRow, StoryItemRow.story_id == AlertRow.story_id)
        .where(StoryItemRow.item_id == ItemRow.id)
    )
    query = query.where(~exercise.exists(), (ItemRow.kind != ItemKind.POST) | alerted.exists())
    if within is not None:
        query = query.where(lies_within(within))
    if not _is_sqlite(session):
        query = query.order_by(ItemRow.id.desc())
        return query if before_id is None else query.where(ItemRow.id < before_id)
    query = query.order_by(_WORDS.c.rowid.desc())  # the index is walked backwards, and nothing sorted
    return query if before_id is None else query.where(_WORDS.c.rowid < before_id << _VERSION_BITS)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _score(session: Session, query: Query) -> ColumnElement[float]:
    """The larger the better."""
    if _is_sqlite(session):
        return -func.bm25(literal_column("item_words"), _TITLE_WEIGHT, 1.0)
    weights: ColumnElement[object] = literal_column(f"'{{0.1, 0.1, {1 / _TITLE_WEIGHT}, 1}}'::real[]")
    return func.ts_rank(weights, literal_column("item_versions.words"), _tsquery(query.terms))


def _match(query: Query) -> str:
    """FTS5's language: every term is a string in quotes, so that nothing in it is an operator."""
    return " AND ".join(f'"{" ".join(term.words)}"' for term in query.terms)


def _tsquery(terms: Sequence[Term]) -> ColumnElement[object]:
    config = text("'simple'::regconfig")
    found: ColumnElement[object] = func.phraseto_tsquery(config, literal(" ".join(terms[0].words)))
    for term in terms[1:]:
        found = found.op("&&")(func.phraseto_tsquery(config, literal(" ".join(term.words))))
    return found
