"""Notices and parents follow an alert that is folded into another one, and go back when that is undone.

The desk was told of one event, whichever of the two alerts it was told by: what it knows of either is known of both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from waspada.notify import repository
from waspada.notify.types import KNOWN_TO_PEOPLE, DropReason
from waspada.store.tables import AlertParentRow, NoticeRow


def follow(session: Session, lost_id: int, kept_id: int, now: datetime) -> dict[str, Any]:
    """Gives notices, children and parent of an alert to the one that stays; returns what went over, for `go_back`.

    Its story must be marked as merged already, and `repository.lock` be held.
    """
    return {"notices": _notices(session, lost_id, kept_id, now), **_relations(session, lost_id, kept_id)}


def go_back(session: Session, followed: Mapping[str, Any], lost_id: int, kept_id: int) -> None:
    """Takes `follow` back, as far as nobody changed it since. What was told meanwhile stays with the other alert."""
    for id_, number, texts in followed.get("notices", ()):
        row = session.get(NoticeRow, id_)
        if row is not None and row.alert_id == kept_id:
            row.alert_id, row.number, row.facts = lost_id, number, {**row.facts, "texts": texts}
    session.flush()
    child, parent = AlertParentRow.alert_id, AlertParentRow.parent_id
    children, speaker = followed.get("children", ()), followed.get("speaker")
    _change(session, child.in_(children) & (parent == speaker), parent_id=lost_id)
    _change(session, (child == kept_id) & (parent == followed.get("parent")), alert_id=lost_id)


def _notices(session: Session, lost_id: int, kept_id: int, now: datetime) -> list[list[int]]:
    """Id, number and texts of the notices that went over, as they were. One that waited is dropped.

    The story has the texts of both from now on, so that those told of the other alert are added to each.
    """
    mine = session.scalars(select(NoticeRow).where(NoticeRow.alert_id == kept_id)).all()
    last: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for row in mine:
        last[row.desk] = max(last[row.desk], row.number)
        if row.ready_at is not None or row.drop_reason in KNOWN_TO_PEOPLE:
            told[row.desk] = max(told[row.desk], row.facts["texts"])
    before = []
    for row in session.scalars(select(NoticeRow).where(NoticeRow.alert_id == lost_id).order_by(NoticeRow.number)).all():
        before.append([row.id, row.number, row.facts["texts"]])
        if row.ready_at is None and row.dropped_at is None:
            row.dropped_at, row.drop_reason = now, DropReason.MERGED
        last[row.desk] += 1
        row.alert_id, row.number = kept_id, last[row.desk]
        row.facts = {**row.facts, "texts": row.facts["texts"] + told[row.desk]}
    session.flush()
    return before


def _relations(session: Session, lost_id: int, kept_id: int) -> dict[str, Any]:
    """One step from child to parent stays one: children get the parent of the alert that stays, where it has one.

    What the alert that stays had with finished ones ends where it would make a chain.
    """
    child, parent = AlertParentRow.alert_id, AlertParentRow.parent_id
    above = session.execute(repository.relations().where(child == kept_id)).first()
    speaker = kept_id if above is None else above.parent_id
    children = list(session.scalars(select(child).where(parent == lost_id, child.not_in((speaker, kept_id)))))
    if children and above is None:
        _end(session, (child == kept_id) & (parent != lost_id))
    _change(session, child.in_(children), parent_id=speaker)
    theirs = session.scalar(select(parent).where(child == lost_id, parent != kept_id))
    if theirs is not None:
        in_its_way = (child == kept_id) | (parent == kept_id)
        if session.execute(repository.relations().where(in_its_way).limit(1)).first() is None:
            _end(session, in_its_way)
            _change(session, child == lost_id, alert_id=kept_id)
        else:
            theirs = None
    return {"children": children, "speaker": speaker, "parent": theirs}


def _end(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(delete(AlertParentRow).where(which).execution_options(synchronize_session=False))


def _change(session: Session, which: ColumnElement[bool], **values: int) -> None:
    changed = update(AlertParentRow).where(which).values(**values)
    session.execute(changed.execution_options(synchronize_session=False))
