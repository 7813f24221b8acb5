"""SQL of the monthly report: who was heard, what the model in use read, what persons answered; and the reports kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from waspada.drift.types import ModelReport
from waspada.errors import NotFoundError
from waspada.items.standing import embedded_by
from waspada.labels import repository as labels
from waspada.labels.types import Label, Queue, Role
from waspada.sources.types import OWN_ROLES
from waspada.store.tables import ItemRow, ItemVersionRow, LabelRow, ModelReportRow, SourceRow, StoryItemRow, TagRow
from waspada.store.upsert import insert_into
from waspada.taxonomy import EMBEDDING_DIM, embedding_of

Ints = NDArray[np.int64]
Span = tuple[datetime, datetime]
#: SQLite allows 32,766 variables a statement.
_CHUNK = 500
_AT_ONCE = 10_000
_report = TypeAdapter(ModelReport)


@dataclass(frozen=True, slots=True)
class Stream:
    """n items: their ids, the number of their source, the place of their span, and their story (their own number below
    zero where they have none)."""

    ids: Ints
    source: Ints
    span: Ints
    story: Ints

    def take(self, which: NDArray[Any]) -> Stream:
        return Stream(self.ids[which], self.source[which], self.span[which], self.story[which])


def stream(session: Session, spans: Sequence[Span]) -> Stream:
    """The items of spans that follow one another, by when they were published (else found). Exercises are no news."""
    at = func.coalesce(ItemRow.published_at, ItemRow.found_at)
    query = (
        select(ItemRow.id, ItemRow.source_id, at, StoryItemRow.story_id)
        .outerjoin(StoryItemRow, StoryItemRow.item_id == ItemRow.id)
        .where(*_within((spans[0][0], spans[-1][1])))
        .order_by(ItemRow.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    numbers: dict[str, int] = {}
    ends = [end for _, end in spans]
    parts = [np.zeros((0, 4), np.int64)]
    for rows in session.execute(query).partitions():
        found = [
            (
                id_,
                numbers.setdefault(source, len(numbers)),
                next(place for place, end in enumerate(ends) if when < end),
                -id_ if story is None else story,
            )
            for id_, source, when, story in rows
        ]
        parts.append(np.array(found, dtype=np.int64))
    whole = np.concatenate(parts)
    return Stream(whole[:, 0], whole[:, 1], whole[:, 2], whole[:, 3])


def heard_before(session: Session, end: datetime) -> bool:
    """Whether anything at all was found before this."""
    return session.scalar(select(ItemRow.id).where(ItemRow.found_at < end).limit(1)) is not None


def count_read(session: Session, model: str, span: Span) -> int:
    """Items of the span of which this model has read the current text."""
    query = select(func.count()).select_from(ItemRow).join(TagRow, _current()).where(TagRow.model == model)
    return session.scalar(query.where(*_within(span))) or 0


def tags_of(session: Session, model: str, ids: Sequence[int]) -> Iterator[tuple[int, Mapping[str, Any], int]]:
    """(item, labels, alert level) as this model read the current text."""
    query = select(TagRow.item_id, TagRow.labels, TagRow.alert_level).join(ItemRow, _current())
    for chunk in _chunks(ids):
        rows = session.execute(query.where(TagRow.model == model, TagRow.item_id.in_(chunk)))
        yield from ((id_, found, level) for id_, found, level in rows)


def texts_of(session: Session, ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    """(item, title and text) of those whose text is still there."""
    query = select(ItemRow.id, ItemVersionRow.title, ItemVersionRow.text).join(
        ItemVersionRow, (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == ItemRow.version)
    )
    for chunk in _chunks(ids):
        for id_, title, text in session.execute(query.where(ItemRow.id.in_(chunk), ItemVersionRow.text != "")):
            yield id_, f"{title}\n{text}"


def embeddings_of(session: Session, model: str, ids: Sequence[int]) -> tuple[dict[int, NDArray[np.float32]], int]:
    """Embeddings of the encoder of this model, and how many are damaged: of another size, not finite, or nothing."""
    query = select(TagRow.item_id, TagRow.embedding).join(ItemRow, _current()).where(embedded_by(embedding_of(model)))
    found: dict[int, NDArray[np.float32]] = {}
    damaged: set[int] = set()
    for chunk in _chunks(ids):
        for id_, vector in session.execute(query.where(TagRow.item_id.in_(chunk))):
            if vector.size == EMBEDDING_DIM and np.isfinite(vector).all() and vector.any():
                found[id_] = vector
            else:
                damaged.add(id_)
    return found, len(damaged - found.keys())


def drawn_by_lot(session: Session, span: Span) -> list[int]:
    """Items of the random queue with an answer of an account that was given in the span and stands."""
    query = (
        select(LabelRow.item_id)
        .distinct()
        .where(LabelRow.queue == Queue.RANDOM, LabelRow.role != Role.IMPORT, *_given_in(span))
    )
    return sorted(session.scalars(query))


def answers(session: Session, items: Sequence[int], before: datetime) -> dict[int, list[Label]]:
    """The answers of accounts for these items that stand and were given before this."""
    found: dict[int, list[Label]] = {}
    for one in labels.standing(session, items):
        if one.role is not Role.IMPORT and one.at < before:
            found.setdefault(one.item_id, []).append(one)
    return found


def answered(session: Session, span: Span) -> tuple[list[int], dict[Queue, int]]:
    """Items with an answer of an account that was given in the span and stands, and such answers by queue."""
    rows = session.execute(
        select(LabelRow.item_id, LabelRow.queue, func.count())
        .where(LabelRow.role != Role.IMPORT, *_given_in(span))
        .group_by(LabelRow.item_id, LabelRow.queue)
    ).all()
    counts: dict[Queue, int] = {}
    for _, queue, count in rows:
        counts[Queue(queue)] = counts.get(Queue(queue), 0) + count
    return sorted({item for item, _, _ in rows}), dict(sorted(counts.items()))


def probabilities(session: Session, model: str, versions: Mapping[int, int]) -> dict[int, TagRow]:
    """What this model said of these versions (item -> version)."""
    found: dict[int, TagRow] = {}
    for chunk in _chunks(list(versions)):
        for row in session.scalars(select(TagRow).where(TagRow.model == model, TagRow.item_id.in_(chunk))):
            if row.version == versions[row.item_id]:
                found[row.item_id] = row
    return found


def as_json(report: ModelReport) -> dict[str, Any]:
    """A report as it is kept and given out."""
    found: dict[str, Any] = _report.dump_python(report, mode="json")
    return found


def save(session: Session, report: ModelReport) -> None:
    """Keeps a report; one of the same month gives way."""
    values = {"model": report.model, "document": as_json(report), "at": report.made_at}
    row = insert_into(session, ModelReportRow).values(month=report.month, **values)
    session.execute(row.on_conflict_do_update(index_elements=["month"], set_=values))


def has(session: Session, month: str) -> bool:
    return session.get(ModelReportRow, month) is not None


def get(session: Session, month: str) -> ModelReport:
    """Raises NotFoundError."""
    row = session.get(ModelReportRow, month)
    if row is None:
        raise NotFoundError(
            f"There is no report of {month}.", hint=f"`waspada models report --month {month}` makes one."
        )
    return _report.validate_python(row.document)


def reports(session: Session) -> list[ModelReport]:
    """All reports, the newest month first."""
    rows = session.scalars(select(ModelReportRow).order_by(ModelReportRow.month.desc()))
    return [_report.validate_python(row.document) for row in rows]


def _within(span: Span) -> list[ColumnElement[bool]]:
    """Conditions on `ItemRow`. Nothing is found before it is published, which lets the index on `found_at` help."""
    at = func.coalesce(ItemRow.published_at, ItemRow.found_at)
    own = select(SourceRow.id).where(SourceRow.role.in_(OWN_ROLES))
    return [ItemRow.found_at >= span[0], at >= span[0], at < span[1], ItemRow.source_id.not_in(own)]


def _current() -> ColumnElement[bool]:
    return (TagRow.item_id == ItemRow.id) & (TagRow.version == ItemRow.version)


def _given_in(span: Span) -> list[ColumnElement[bool]]:
    return [LabelRow.standing.is_(True), LabelRow.at >= span[0], LabelRow.at < span[1]]


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
