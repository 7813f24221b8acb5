"""SQL about topics, the items that they tag, persons' answers and the heads learned from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, and_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

from waspada.alerts.items import lies_within, under
from waspada.errors import NotFoundError
from waspada.items.standing import embedded_by
from waspada.places import is_within
from waspada.store.asking import ask
from waspada.store.tables import (
    AlertRow,
    ItemRow,
    ItemVersionRow,
    PlaceRow,
    SourceRow,
    StoryItemRow,
    TagRow,
    TopicHeadRow,
    TopicLabelRow,
    TopicRow,
    TopicTagRow,
)
from waspada.taxonomy import EMBEDDING_DIM, ItemKind, ItemText, embedding_of
from waspada.topics import policy
from waspada.topics.types import (
    Answer,
    Figures,
    Found,
    Head,
    Rule,
    StoredHead,
    TagOrigin,
    Topic,
    TopicItem,
    TopicName,
)

Floats = NDArray[np.float32]

#: More topics than this are no watch but a classification of everything.
MAX_TOPICS = 100
#: Items of a topic's places are looked for among so many of the newest.
SEARCHED_ITEMS = 50_000
#: Topics of one alert that are shown.
_CHIPS = 6


# ------------------------------------------------------------------------------------------------------ the topics


def topics(session: Session, *, within: str | None = None, with_off: bool = False) -> list[Topic]:
    """The topics that touch the reader's region, by title."""
    query = select(TopicRow).order_by(func.lower(TopicRow.title), TopicRow.id)
    if not with_off:
        query = query.where(TopicRow.off_at.is_(None))
    return _views(session, [row for row in session.scalars(query) if _touches(row.places, within)])


def topic(session: Session, topic_id: int, *, within: str | None = None) -> Topic:
    """One topic. Raises NotFoundError, also when none of its places touches the reader's region."""
    check_readable(session, topic_id, within=within)
    return _views(session, [session.get_one(TopicRow, topic_id)])[0]


def check_readable(session: Session, topic_id: int, *, within: str | None = None) -> None:
    """Raises NotFoundError where there is no such topic, or none of its places touches the reader's region."""
    row = session.get(TopicRow, topic_id)
    if row is None or not _touches(row.places, within):
        raise NotFoundError(f"There is no topic {topic_id} in your area.", hint="See `waspada topics list`.")


def names(session: Session, *, within: str | None = None) -> list[TopicName]:
    """The topics that are on, to choose from."""
    return [TopicName(id_, title) for id_, title, places in ask(session, _NAMES) if _touches(places, within)]


_NAMES = (
    select(TopicRow.id, TopicRow.title, TopicRow.places)
    .where(TopicRow.off_at.is_(None))
    .order_by(func.lower(TopicRow.title), TopicRow.id)
)
_COUNTED = (
    select(StoryItemRow.story_id, TopicTagRow.topic_id, func.count().label("tagged"))
    .join(TopicTagRow, TopicTagRow.item_id == StoryItemRow.item_id)
    .where(StoryItemRow.story_id.in_(bindparam("stories", expanding=True)))
    .group_by(StoryItemRow.story_id, TopicTagRow.topic_id)
    .subquery()
)
_NAMES_OF_STORIES = (
    select(_COUNTED.c.story_id, TopicRow.id, TopicRow.title, TopicRow.places)
    .join(TopicRow, TopicRow.id == _COUNTED.c.topic_id)
    .where(TopicRow.off_at.is_(None))
    .order_by(_COUNTED.c.tagged.desc(), TopicRow.id)
)


def names_of_stories(
    session: Session, story_ids: Sequence[int], *, within: str | None = None
) -> dict[int, list[TopicName]]:
    """The topics that are on, touch the reader's region and tag an item of each story, those with most of its items
    first."""
    found: dict[int, list[TopicName]] = {id_: [] for id_ in story_ids}
    for story_id, topic_id, title, places in ask(session, _NAMES_OF_STORIES, {"stories": list(story_ids)}):
        if len(found[story_id]) < _CHIPS and _touches(places, within):
            found[story_id].append(TopicName(topic_id, title))
    return found


def tags_story_of_alert(topic_id: int) -> ColumnElement[bool]:
    """Whether a topic tags an item of an alert's story, as a condition on `AlertRow`."""
    tagged = (
        select(StoryItemRow.item_id)
        .join(TopicTagRow, TopicTagRow.item_id == StoryItemRow.item_id)
        .where(StoryItemRow.story_id == AlertRow.story_id, TopicTagRow.topic_id == topic_id)
    )
    return tagged.exists()


# ------------------------------------------------------------------------------------------- what the worker needs


def unprepared(session: Session, model: str, now: datetime) -> TopicRow | None:
    """A topic that is on and has no vectors of this model; one that made it fail is left alone for a while."""
    foreign = or_(TopicRow.model.is_(None), TopicRow.model != model)
    rested = or_(TopicRow.failed_at.is_(None), TopicRow.failed_at <= now - policy.TRY_AGAIN)
    query = select(TopicRow).where(TopicRow.off_at.is_(None), foreign, rested)
    return session.scalar(query.order_by(TopicRow.id).limit(1))


def looks_back(session: Session, *, done: bool = False) -> bool:
    """Whether a topic that is on waits to be compared with what is stored; `done` says that it is."""
    asked = (TopicRow.off_at.is_(None), TopicRow.looks_back)
    found = session.scalar(select(TopicRow.id).where(*asked).limit(1)) is not None
    if found and done:
        session.execute(update(TopicRow).where(*asked).values(looks_back=False))
    return found


def prepared(session: Session, model: str) -> list[TopicRow]:
    """The topics that are on and have vectors of this model."""
    query = select(TopicRow).where(TopicRow.off_at.is_(None), TopicRow.model == model)
    return list(session.scalars(query.order_by(TopicRow.id)))


def chosen(session: Session, model: str) -> Sequence[Row[int, int, datetime | None]]:
    """(id, sampled, chosen_at) of the topics that `prepared` gives, without vectors: a worker asks all the time."""
    query = select(TopicRow.id, TopicRow.sampled, TopicRow.chosen_at)
    return session.execute(query.where(TopicRow.off_at.is_(None), TopicRow.model == model).order_by(TopicRow.id)).all()


def rules(session: Session, model: str) -> list[Rule]:
    """What decides for each topic of this model."""
    rows = prepared(session, model)
    heads = _newest_heads(session, [row.id for row in rows], model)
    return [
        Rule(row.id, model, vectors_of(row), row.threshold, row.places, heads.get(row.id))
        for row in rows
        if row.threshold is not None
    ]


def vectors_of(row: TopicRow) -> Floats:
    """The unit vectors (n, dim) of a topic."""
    return policy.unit_rows(np.asarray(row.vectors, dtype=np.float32).reshape(-1, EMBEDDING_DIM))


def stored_count(session: Session, model: str, among: int) -> int:
    """How many of the newest `among` tags are of this model."""
    newest = select(embedded_by(model).label("own")).where(~TagRow.beside).order_by(TagRow.item_id.desc())
    among_them = newest.limit(among).subquery()
    return session.scalar(select(func.count()).select_from(among_them).where(among_them.c.own)) or 0


def sample(session: Session, model: str, limit: int, places: Sequence[str] = ()) -> tuple[list[int], Floats]:
    """Ids and unit vectors (n, dim) of the newest `limit` items with tags of this model; with places of those of them
    that a topic of these places looks at, among the newest SEARCHED_ITEMS."""
    newest = select(TagRow.item_id, TagRow.model, TagRow.embedding).where(~TagRow.beside)
    newest = newest.order_by(TagRow.item_id.desc(), TagRow.version)
    if places:
        recent = select(TagRow.item_id).order_by(TagRow.item_id.desc()).limit(SEARCHED_ITEMS).subquery()
        oldest = select(func.min(recent.c.item_id)).scalar_subquery()
        newest = newest.join(ItemRow, ItemRow.id == TagRow.item_id).where(TagRow.item_id >= oldest, _lies_in(places))
    rows = session.execute(newest.limit(limit))
    own = [row for row in rows if embedding_of(row[1]) == model and _is_whole(row[2])]
    found = {row[0]: row[2] for row in own}  # the newest version wins
    return list(found), _stack(list(found.values()))


def _lies_in(places: Sequence[str]) -> ColumnElement[bool]:
    """As `policy.lies_in` decides it of what `queue.items` reads: places that an item names, else its outlet's home."""
    named = select(PlaceRow.id).where(PlaceRow.item_id == ItemRow.id)
    inside = or_(*(under(PlaceRow.code, code) for code in places))
    home = select(SourceRow.id).where(
        SourceRow.id == ItemRow.source_id, or_(*(under(SourceRow.region, code) for code in places))
    )
    return or_(named.where(inside).exists(), and_(~named.exists(), home.exists()))


def keep_tags(
    session: Session, found: Mapping[int, Sequence[Found]], topic_ids: Collection[int], model: str, at: datetime
) -> None:
    """Writes what the machine found of some items for these topics. What a person answered stays."""
    asked = (TopicTagRow.item_id.in_(list(found)), TopicTagRow.topic_id.in_(topic_ids))
    stood = {(row.topic_id, row.item_id): row for row in session.scalars(select(TopicTagRow).where(*asked))}
    labels = select(TopicLabelRow.topic_id, TopicLabelRow.item_id).where(TopicLabelRow.item_id.in_(list(found)))
    answered = {(row[0], row[1]) for row in session.execute(labels)}
    kept = {(one.topic_id, item_id): one for item_id, each in sorted(found.items()) for one in each}
    for key, one in kept.items():
        if key in answered or one.topic_id not in topic_ids:
            continue
        row = stood.pop(key, None)
        if row is None:
            row = TopicTagRow(topic_id=key[0], item_id=key[1], at=at)
            session.add(row)
        row.score, row.how, row.model = one.score, one.how.value, model
    for key, row in stood.items():
        if key not in answered:
            session.delete(row)
    session.flush()


def still_on(session: Session, topic_ids: Iterable[int]) -> set[int]:
    """Those of the topics that are there and on, locked against being removed until the transaction ends."""
    query = select(TopicRow.id).where(TopicRow.id.in_(list(topic_ids)), TopicRow.off_at.is_(None))
    return set(session.scalars(query.order_by(TopicRow.id).with_for_update(read=True, key_share=True)))


# ------------------------------------------------------------------------------------------------ items and answers


def items_of(
    session: Session, topic_id: int, *, within: str | None = None, before_id: int | None = None, limit: int = 50
) -> list[TopicItem]:
    """The items of a topic and those that a person took out of it, the newest found first.

    Public posts stand there only where their story reached an alert (design, rule 4): a topic must not become a list of
    what single accounts said.
    """
    tagged = select(TopicTagRow.item_id).where(TopicTagRow.topic_id == topic_id)
    answered = select(TopicLabelRow.item_id).where(TopicLabelRow.topic_id == topic_id)
    query = (
        _with_answers(topic_id)
        .where(ItemRow.id.in_(tagged.union(answered)), _is_shown())
        .order_by(ItemRow.id.desc())
        .limit(limit)
    )
    if within is not None:
        query = query.where(lies_within(within))
    if before_id is not None:
        query = query.where(ItemRow.id < before_id)
    return [_item(row) for row in session.execute(query)]


def item_of(session: Session, topic_id: int, item_id: int) -> TopicItem:
    """How an item stands with a topic. Raises NotFoundError where there is no such item."""
    row = session.execute(_with_answers(topic_id).where(ItemRow.id == item_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no item {item_id}.", hint="It may have been removed.")
    return _item(row)


def set_tag(session: Session, topic_id: int, item_id: int, fits: bool, model: str, at: datetime) -> None:
    """Puts an item in a topic, or takes it out, by a person's word."""
    session.execute(delete(TopicTagRow).where(TopicTagRow.topic_id == topic_id, TopicTagRow.item_id == item_id))
    if fits:
        how = TagOrigin.PERSON.value
        session.add(TopicTagRow(topic_id=topic_id, item_id=item_id, score=1.0, how=how, model=model, at=at))
        session.flush()


def count_answers(session: Session, topic_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """The answers of each topic that has any: how many, how many say that the item belongs to it, and how many were
    given or changed since a head was last tried."""
    yes = func.sum(case((TopicLabelRow.fits, 1), else_=0))
    since = func.sum(case((or_(TopicRow.tried_at.is_(None), TopicLabelRow.at > TopicRow.tried_at), 1), else_=0))
    query = (
        select(TopicLabelRow.topic_id, func.count(), yes, since)
        .join(TopicRow, TopicRow.id == TopicLabelRow.topic_id)
        .where(TopicLabelRow.topic_id.in_(topic_ids))
        .group_by(TopicLabelRow.topic_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(query)}


def newest_answer(session: Session, topic_id: int) -> datetime | None:
    """When the newest answer was given, by the clock of the program that took it."""
    return session.scalar(select(func.max(TopicLabelRow.at)).where(TopicLabelRow.topic_id == topic_id))


def answers(session: Session, topic_id: int, model: str, limit: int) -> list[Answer]:
    """The newest answers with what this model said of their items, in the order of the items."""
    tagged = (TagRow.item_id == ItemRow.id) & (TagRow.version == ItemRow.version) & embedded_by(model)
    text = (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == ItemRow.version)
    newest = (
        select(TopicLabelRow.item_id, TopicLabelRow.fits, TagRow.embedding, ItemRow.kind, ItemVersionRow)
        .join(ItemRow, ItemRow.id == TopicLabelRow.item_id)
        .join(ItemVersionRow, text)
        .outerjoin(TagRow, tagged)
        .where(TopicLabelRow.topic_id == topic_id)
        .order_by(TopicLabelRow.at.desc(), TopicLabelRow.item_id)
        .limit(limit)
    )
    found = {
        id_: Answer(id_, fits, embedding, ItemText(str(id_), version.title, version.text, ItemKind(kind)))
        for id_, fits, embedding, kind, version in session.execute(newest)  # several heads: the embedding is one
    }
    return [found[id_] for id_ in sorted(found)]


# ------------------------------------------------------------------------------------------------------------ heads


def save_head(session: Session, topic_id: int, model: str, head: Head, figures: Figures, at: datetime) -> StoredHead:
    """Keeps a try as the next version; it is used where it is better than likeness."""
    newest = session.scalar(select(func.max(TopicHeadRow.version)).where(TopicHeadRow.topic_id == topic_id)) or 0
    row = TopicHeadRow(
        topic_id=topic_id,
        version=newest + 1,
        model=model,
        weights=head.weights,
        bias=head.bias,
        cut=head.cut,
        used=figures.head_is_better,
        figures=asdict(figures),
        at=at,
    )
    session.add(row)
    session.flush()
    return _head(row)


def heads(session: Session, topic_id: int) -> list[StoredHead]:
    """Every try, newest first."""
    query = select(TopicHeadRow).where(TopicHeadRow.topic_id == topic_id).order_by(TopicHeadRow.version.desc())
    return [_head(row) for row in session.scalars(query)]


def _newest_heads(session: Session, topic_ids: Sequence[int], model: str) -> dict[int, Head]:
    return {
        row.topic_id: Head(row.weights, row.bias, row.cut)
        for row in _newest(session, topic_ids)
        if row.used and row.model == model
    }


def _newest(session: Session, topic_ids: Sequence[int]) -> list[TopicHeadRow]:
    last = (
        select(TopicHeadRow.topic_id, func.max(TopicHeadRow.version).label("version"))
        .where(TopicHeadRow.topic_id.in_(topic_ids))
        .group_by(TopicHeadRow.topic_id)
        .subquery()
    )
    join = (TopicHeadRow.topic_id == last.c.topic_id) & (TopicHeadRow.version == last.c.version)
    return list(session.scalars(select(TopicHeadRow).join(last, join)))


# ---------------------------------------------------------------------------------------------------------- in here


def _views(session: Session, rows: Sequence[TopicRow]) -> list[Topic]:
    ids = [row.id for row in rows]
    tagged, answered = _counts(session, TopicTagRow.topic_id, ids), _counts(session, TopicLabelRow.topic_id, ids)
    versions = {row.topic_id: row for row in _newest(session, ids)}
    return [
        Topic(
            id=row.id,
            title=row.title,
            description=row.description,
            examples=row.examples,
            places=row.places,
            threshold=row.threshold,
            sampled=row.sampled,
            model=row.model,
            actor=row.actor,
            at=row.at,
            off_at=row.off_at,
            off_by=row.off_by,
            failed_at=row.failed_at,
            tagged=tagged.get(row.id, 0),
            answers=answered.get(row.id, 0),
            head=head.version if (head := versions.get(row.id)) and head.used and head.model == row.model else None,
        )
        for row in rows
    ]


def _counts(session: Session, column: InstrumentedAttribute[int], ids: Sequence[int]) -> dict[int, int]:
    query = select(column, func.count()).where(column.in_(ids)).group_by(column)
    return {id_: count for id_, count in session.execute(query)}  # noqa: C416 (a row is no tuple to the type checker)


def _touches(places: Sequence[str], within: str | None) -> bool:
    """A topic of a part of the region touches it, and so does one of a region around it."""
    return within is None or not places or any(is_within(code, within) or is_within(within, code) for code in places)


def _with_answers(topic_id: int) -> Any:
    tag = (TopicTagRow.item_id == ItemRow.id) & (TopicTagRow.topic_id == topic_id)
    label = (TopicLabelRow.item_id == ItemRow.id) & (TopicLabelRow.topic_id == topic_id)
    query: Any = (
        select(
            ItemRow.id,
            TopicTagRow.score,
            TopicTagRow.how,
            TopicLabelRow.fits,
            TopicLabelRow.revision,
            TopicLabelRow.actor,
        )
        .outerjoin(TopicTagRow, tag)
        .outerjoin(TopicLabelRow, label)
    )
    return query


def _item(row: Any) -> TopicItem:
    item_id, score, how, fits, revision, actor = row
    return TopicItem(item_id, score, TagOrigin(how) if how else None, fits, revision or 0, actor)


def _is_shown() -> ColumnElement[bool]:
    alerted = (
        select(AlertRow.id)
        .join(StoryItemRow, StoryItemRow.story_id == AlertRow.story_id)
        .where(StoryItemRow.item_id == ItemRow.id)
    )
    return or_(ItemRow.kind == ItemKind.ARTICLE, alerted.exists())


def _is_whole(embedding: Floats) -> bool:
    return embedding.size == EMBEDDING_DIM


def _stack(vectors: Sequence[Floats]) -> Floats:
    return policy.unit_rows(np.stack(vectors) if vectors else np.zeros((0, EMBEDDING_DIM), dtype=np.float32))


def _head(row: TopicHeadRow) -> StoredHead:
    return StoredHead(row.version, row.model, row.used, Figures(**row.figures), row.at)
