"""SQL about CAP messages. Never commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from waspada.alerts.policy import REFUTED_STATES
from waspada.alerts.types import ERASED, AlertState
from waspada.cap.types import Issued, MsgType, Status
from waspada.errors import NotFoundError
from waspada.store.tables import AlertPlaceRow, AlertRegionRow, AlertRow, CapMessageRow, StoryRow

#: An alert without news for so long gets no new message but a Cancel.
LIVE_FOR = timedelta(days=14)
_REGENCY_CHARACTERS = len("63.03")


def message(session: Session, identifier: str, *, within: str | None = None) -> Issued:
    """Raises NotFoundError, also where its alert lies outside the region that a reader is bound to."""
    row = session.scalar(select(CapMessageRow).where(CapMessageRow.identifier == identifier, *_inside(within)))
    if row is None:
        raise NotFoundError("There is no CAP message with this identifier in your area.", hint="/api/v1/cap lists all.")
    return _issued(row)


def newest(
    session: Session, *, within: str | None = None, region: str | None = None, since: datetime | None = None, limit: int
) -> list[Issued]:
    """The newest messages, newest first."""
    query = select(CapMessageRow).where(*_inside(within), *_inside(region))
    if since is not None:
        query = query.where(CapMessageRow.sent_at >= since)
    rows = session.scalars(query.order_by(CapMessageRow.sent_at.desc(), CapMessageRow.id.desc()).limit(limit))
    return [_issued(row) for row in rows]


def of_alert(session: Session, alert_id: int) -> list[CapMessageRow]:
    """The messages of an alert, oldest first."""
    query = select(CapMessageRow).where(CapMessageRow.alert_id == alert_id).order_by(CapMessageRow.number)
    return list(session.scalars(query))


def due_ids(session: Session, now: datetime, *, limit: int = 200) -> Sequence[int]:
    """Alerts that may need a message: verified ones with news, and those with messages of which the last is no Cancel
    and whose alert changed after it."""
    last = (
        select(CapMessageRow.alert_id, func.max(CapMessageRow.number).label("number"))
        .group_by(CapMessageRow.alert_id)
        .subquery()
    )
    of_last = and_(CapMessageRow.alert_id == last.c.alert_id, CapMessageRow.number == last.c.number)
    merged = select(StoryRow.id).where(StoryRow.id == AlertRow.story_id, StoryRow.merged_into.is_not(None))
    verified = (
        (AlertRow.state == AlertState.VERIFIED.value) & (AlertRow.level > 0) & (AlertRow.last_item_at > now - LIVE_FOR)
    )
    told = CapMessageRow.told
    changed = or_(
        told["level"].as_integer() != AlertRow.level,
        told["state"].as_string() != AlertRow.state,
        told["label"].as_string() != AlertRow.label,
        told["outlets"].as_integer() != AlertRow.outlet_count,
        _stands_elsewhere(),
        merged.exists(),
    )
    #: One that is in hand again keeps what was told of it, until it is decided anew.
    decided = or_(
        AlertRow.state.in_([AlertState.VERIFIED.value, AlertState.CLOSED.value, *sorted(REFUTED_STATES)]),
        AlertRow.level == 0,
    )
    query = (
        select(AlertRow.id)
        .outerjoin(last, last.c.alert_id == AlertRow.id)
        .outerjoin(CapMessageRow, of_last)
        .where(
            or_(
                and_(CapMessageRow.id.is_(None), verified, ~merged.exists()),
                and_(CapMessageRow.msg_type != MsgType.CANCEL.value, changed, decided),
                and_(CapMessageRow.msg_type == MsgType.CANCEL.value, verified, ~merged.exists()),
            )
        )
    )
    return session.scalars(query.order_by(AlertRow.id).limit(limit)).all()


def old(before: datetime) -> Select[int]:
    """Messages whose words are past their time."""
    return select(CapMessageRow.id).where(CapMessageRow.sent_at < before, CapMessageRow.xml != "")


def forget_words(session: Session, ids: Sequence[int]) -> None:
    """Takes the documents; that they were issued, and when, stays."""
    session.execute(update(CapMessageRow).where(CapMessageRow.id.in_(ids)).values(xml=""))


def erased_ids(session: Session) -> Sequence[int]:
    """Messages with words of alerts whose news were erased, but for Cancels: those repeat none."""
    query = (
        select(CapMessageRow.id)
        .join(AlertRow, AlertRow.id == CapMessageRow.alert_id)
        .where(AlertRow.headline == ERASED, CapMessageRow.msg_type != MsgType.CANCEL.value, CapMessageRow.xml != "")
    )
    return session.scalars(query).all()


def _stands_elsewhere() -> ColumnElement[bool]:
    """Whether the places of an alert are others than its last message told: one is not among those, or their number is
    another. Never true of a message of before places were told. Places are those that people see
    (`waspada.alerts.repository`): without the kabupaten that stands behind its own kecamatan."""
    told = CapMessageRow.told["regions"].as_string()  # a JSON list: '["63.03.05", "63.71"]'
    place, finer = aliased(AlertPlaceRow), aliased(AlertPlaceRow)
    below = and_(finer.alert_id == place.alert_id, finer.code.like(place.code + ".%"))
    is_behind = and_(func.length(place.code) == _REGENCY_CHARACTERS, select(finer.code).where(below).exists())
    seen = select(place.code).where(place.alert_id == AlertRow.id, ~is_behind)
    count = select(func.count()).select_from(seen.correlate(AlertRow).subquery())
    is_new = seen.where(~told.like(literal('%"') + place.code + literal('"%'))).correlate(AlertRow, CapMessageRow)
    quotes = func.length(told) - func.length(func.replace(told, '"', ""))
    return or_(is_new.exists(), quotes != 2 * count.scalar_subquery())


def _inside(region: str | None) -> list[ColumnElement[bool]]:
    if region is None:
        return []
    standing = select(AlertRegionRow.code).where(
        AlertRegionRow.alert_id == CapMessageRow.alert_id, AlertRegionRow.code == region
    )
    return [standing.exists()]


def _issued(row: CapMessageRow) -> Issued:
    return Issued(
        id=row.id,
        identifier=row.identifier,
        alert_id=row.alert_id,
        number=row.number,
        msg_type=MsgType(row.msg_type),
        status=Status(row.status),
        sender=row.sender,
        sent_at=row.sent_at,
        refs=list(row.refs),
        xml=row.xml,
    )
