"""SQL about labels, and about the items that wait for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from waspada.alerts.items import lies_within
from waspada.items.standing import last_is_read, stands
from waspada.labels.policy import proposal
from waspada.labels.types import Answer, Label, LabelSpan, Queue, Role
from waspada.store.tables import (
    ItemRow,
    ItemVersionRow,
    LabelRow,
    LabelSeatRow,
    LabelTaskRow,
    StoryItemRow,
    TagRow,
)
from waspada.store.turns import take_turns
from waspada.store.upsert import insert_into
from waspada.taxonomy import TextField

#: Key of the advisory lock under which items are given out.
_LOCK = 7_302_027
#: SQLite allows 32,766 variables a statement.
_CHUNK = 500


def label(row: LabelRow) -> Label:
    return Label(
        id=row.id,
        key=row.key,
        item_id=row.item_id,
        version=row.version,
        role=Role(row.role),
        values=row.fields,
        spans=[LabelSpan(one["label"], TextField(one["field"]), one["start"], one["end"]) for one in row.spans],
        note=row.note,
        codebook=row.codebook,
        queue=Queue(row.queue),
        queue_label=row.queue_label,
        model=row.model,
        proposed=row.proposed,
        shown=row.shown,
        seconds=row.seconds,
        actor=row.actor,
        at=row.at,
        standing=row.standing,
    )


def hold_queue(session: Session) -> None:
    """Nobody else is given an item until the transaction ends. SQLite has one writer at a time by itself."""
    take_turns(session, _LOCK)


def given_out(session: Session, actor: str, now: datetime) -> list[LabelTaskRow]:
    """What the account has on its screen, in the order in which it comes."""
    query = (
        select(LabelTaskRow)
        .join(LabelSeatRow, LabelSeatRow.item_id == LabelTaskRow.item_id)
        .where(LabelSeatRow.actor == actor, LabelSeatRow.until > now, ~LabelSeatRow.skipped, ~_answered_by(actor))
    )
    return list(session.scalars(query.order_by(LabelTaskRow.rank, LabelTaskRow.item_id)))


def free(session: Session, actor: str, now: datetime, limit: int, *, within: str | None) -> list[LabelTaskRow]:
    """The next items that have a seat for the account: it has neither answered, left nor got them yet."""
    of_task = LabelSeatRow.item_id == LabelTaskRow.item_id
    own = select(LabelSeatRow.item_id).where(of_task, LabelSeatRow.actor == actor)
    mine = own.where(or_(LabelSeatRow.skipped, LabelSeatRow.until > now))
    held = (
        select(func.count())
        .select_from(LabelSeatRow)
        .where(of_task, LabelSeatRow.actor != actor, LabelSeatRow.until > now, ~LabelSeatRow.skipped)
        .scalar_subquery()
    )
    answered = (
        select(func.count())
        .select_from(LabelRow)
        .where(LabelRow.item_id == LabelTaskRow.item_id, LabelRow.standing)
        .scalar_subquery()
    )
    query = (
        select(LabelTaskRow)
        .join(ItemRow, ItemRow.id == LabelTaskRow.item_id)
        .where(~mine.exists(), ~_answered_by(actor), held + answered < LabelTaskRow.seats)
    )
    if within is not None:
        query = query.where(lies_within(within))
    return list(session.scalars(query.order_by(LabelTaskRow.rank, LabelTaskRow.item_id).limit(limit)))


def take_seats(session: Session, actor: str, item_ids: Sequence[int], until: datetime) -> None:
    rows = [{"item_id": item_id, "actor": actor, "until": until, "skipped": False} for item_id in item_ids]
    _seats(session, rows, {"until": until, "skipped": False})


def leave_seat(session: Session, actor: str, item_id: int, now: datetime) -> None:
    """Leaves an item to others: it does not come back to this account."""
    _seats(session, [{"item_id": item_id, "actor": actor, "until": now, "skipped": True}], {"skipped": True})


def free_seat(session: Session, actor: str, item_id: int) -> None:
    session.execute(delete(LabelSeatRow).where(LabelSeatRow.item_id == item_id, LabelSeatRow.actor == actor))


def task(session: Session, item_id: int) -> LabelTaskRow | None:
    return session.get(LabelTaskRow, item_id)


def close_task(session: Session, item_id: int) -> None:
    session.execute(delete(LabelTaskRow).where(LabelTaskRow.item_id == item_id))
    session.execute(delete(LabelSeatRow).where(LabelSeatRow.item_id == item_id))


def by_key(session: Session, key: str) -> LabelRow | None:
    return session.scalar(select(LabelRow).where(LabelRow.key == key))


def own_standing(session: Session, actor: str, item_id: int) -> LabelRow | None:
    return session.scalar(
        select(LabelRow).where(LabelRow.item_id == item_id, LabelRow.actor == actor, LabelRow.standing)
    )


def last_of(session: Session, actor: str) -> LabelRow | None:
    """The account's last answer that stands."""
    query = select(LabelRow).where(LabelRow.actor == actor, LabelRow.standing, LabelRow.role != Role.IMPORT)
    return session.scalar(query.order_by(LabelRow.at.desc(), LabelRow.id.desc()).limit(1))


def standing(session: Session, item_ids: Sequence[int] | None = None) -> list[Label]:
    """The answers that stand, of all items or of some, by item and time."""
    query = select(LabelRow).where(LabelRow.standing).order_by(LabelRow.item_id, LabelRow.at, LabelRow.id)
    if item_ids is None:
        return [label(row) for row in session.scalars(query)]
    found: list[Label] = []
    for start in range(0, len(item_ids), _CHUNK):
        chunk = item_ids[start : start + _CHUNK]
        found += [label(row) for row in session.scalars(query.where(LabelRow.item_id.in_(chunk)))]
    return found


def answers(session: Session) -> list[Answer]:
    """The answers that stand, but for those that decide between others, by item and time."""
    query = select(
        LabelRow.item_id, LabelRow.actor, LabelRow.fields, LabelRow.at, LabelRow.proposed, LabelRow.shown
    ).where(LabelRow.standing, LabelRow.role != Role.ADJUDICATOR)
    return [Answer(*row) for row in session.execute(query.order_by(LabelRow.item_id, LabelRow.at, LabelRow.id))]


def history(session: Session, item_id: int) -> list[Label]:
    """Every answer that was given for an item, the oldest first."""
    query = select(LabelRow).where(LabelRow.item_id == item_id).order_by(LabelRow.at, LabelRow.id)
    return [label(row) for row in session.scalars(query)]


def count_standing(session: Session, item_id: int) -> int:
    query = select(func.count()).select_from(LabelRow).where(LabelRow.item_id == item_id, LabelRow.standing)
    return session.scalar(query) or 0


def version(session: Session, item_id: int, number: int) -> ItemVersionRow | None:
    return session.get(ItemVersionRow, (item_id, number))


def current(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[int, TagRow | None]]:
    """The items that are there: current version, and its newest tags."""
    query = (
        select(ItemRow.id, ItemRow.version, TagRow)
        .outerjoin(TagRow, (TagRow.item_id == ItemRow.id) & (TagRow.version == ItemRow.version) & stands())
        .where(ItemRow.id.in_(item_ids))
        .order_by(ItemRow.id, *last_is_read())
    )
    return {id_: (number, tags) for id_, number, tags in session.execute(query)}


def proposed(tags: TagRow | None) -> dict[str, int] | None:
    return proposal(tags.labels, tags.conflict_level, tags.alert_level) if tags is not None else None


def story_of(session: Session, item_id: int) -> int | None:
    return session.scalar(select(StoryItemRow.story_id).where(StoryItemRow.item_id == item_id))


def counts(session: Session) -> tuple[dict[Queue, int], int, int]:
    """Items that wait by queue, answers that stand, items that have one."""
    waiting = session.execute(select(LabelTaskRow.queue, func.count()).group_by(LabelTaskRow.queue)).all()
    labels, items = session.execute(
        select(func.count(), func.count(LabelRow.item_id.distinct())).where(LabelRow.standing)
    ).one()
    return {Queue(name): count for name, count in waiting}, labels, items


def count_since(session: Session, actor: str, since: datetime) -> int:
    query = select(func.count()).select_from(LabelRow)
    return session.scalar(query.where(LabelRow.actor == actor, LabelRow.at >= since, LabelRow.standing)) or 0


def differing_items(session: Session, limit: int) -> list[int]:
    """Items with two standing answers or more and none of an adjudicator, the newest answers first. Whether the answers
    differ is for the policy to say."""
    judged = select(LabelRow.item_id).where(LabelRow.standing, LabelRow.role == Role.ADJUDICATOR)
    query = (
        select(LabelRow.item_id)
        .where(LabelRow.standing, LabelRow.item_id.not_in(judged))
        .group_by(LabelRow.item_id)
        .having(func.count() > 1)
        .order_by(func.max(LabelRow.at).desc())
    )
    return list(session.scalars(query.limit(limit)))


def forget_words(session: Session, item_ids: Sequence[int]) -> int:
    """Empties what persons wrote to their answers for items that go; the values stay. Returns how many there were."""
    changed = update(LabelRow).where(LabelRow.item_id.in_(item_ids), LabelRow.note != "").values(note="")
    return session.execute(changed).rowcount  # type: ignore[attr-defined, no-any-return]


def _answered_by(actor: str) -> ColumnElement[bool]:
    own = select(LabelRow.id).where(
        LabelRow.item_id == LabelTaskRow.item_id, LabelRow.actor == actor, LabelRow.standing
    )
    return own.exists()


def _seats(session: Session, rows: Sequence[Mapping[str, object]], changes: Mapping[str, object]) -> None:
    if rows:
        into = insert_into(session, LabelSeatRow).values(list(rows))
        session.execute(into.on_conflict_do_update(index_elements=["item_id", "actor"], set_=dict(changes)))
