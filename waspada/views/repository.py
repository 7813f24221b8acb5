"""SQL about saved views."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Integer, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from waspada.errors import NotFoundError
from waspada.store.asking import Answer, ask
from waspada.store.tables import AlertRow, SavedViewRow, UserRow, ViewLookRow
from waspada.topics import repository as topics
from waspada.views.types import Period, View, ViewFilter


def visible(session: Session, user_id: int, *, within: str | None) -> list[View]:
    """The views that an account may use: its own, and those shared that touch its region; its own first, by title."""
    readable = {one.id for one in topics.names(session, within=within)} if within is not None else None
    rows = ask(session, _VISIBLE, {"reader": user_id})
    return [_view(row, row.owner) for row in rows if _touches(row, within, readable)]


_COLUMNS = (
    SavedViewRow.id,
    SavedViewRow.title,
    SavedViewRow.shared,
    SavedViewRow.region,
    SavedViewRow.label,
    SavedViewRow.min_level,
    SavedViewRow.state,
    SavedViewRow.period,
    SavedViewRow.topic_id,
    SavedViewRow.mine,
    SavedViewRow.created_at,
)
_READER = bindparam("reader", type_=Integer())
_VISIBLE = (
    select(*_COLUMNS, UserRow.name.label("owner"))
    .join(UserRow, UserRow.id == SavedViewRow.user_id)
    .where(or_(SavedViewRow.user_id == _READER, SavedViewRow.shared & UserRow.active))
    .order_by(SavedViewRow.user_id != _READER, func.lower(SavedViewRow.title))
)


def view(session: Session, view_id: int, user_id: int, *, within: str | None) -> View:
    """One view that an account may use. Raises NotFoundError."""
    found = session.execute(_views(user_id).where(SavedViewRow.id == view_id)).one_or_none()
    if found is not None:
        row, owner = found
        topic = row.topic_id
        readable = {topic} if topic is not None and within is not None and _reads(session, topic, within) else set()
        if _touches(row, within, readable):
            return _view(row, owner)
    raise NotFoundError(f"There is no view {view_id} in your area.", hint="It may be somebody's own, or removed.")


def own_row(session: Session, view_id: int) -> SavedViewRow:
    """Raises NotFoundError."""
    row = session.get(SavedViewRow, view_id)
    if row is None:
        raise NotFoundError(f"There is no view {view_id}.", hint="It may have been removed.")
    return row


def every(session: Session) -> list[View]:
    """All views, by account and title."""
    query = _joined().order_by(UserRow.name, func.lower(SavedViewRow.title))
    return [_view(row, owner) for row, owner in session.execute(query)]


def count_of(session: Session, user_id: int) -> int:
    return session.scalar(select(func.count()).select_from(SavedViewRow).where(SavedViewRow.user_id == user_id)) or 0


def has_title(session: Session, user_id: int, title: str, *, but: int | None = None) -> bool:
    """Whether the account has a view of this title, in capitals or not; `but` is one that does not count."""
    query = select(SavedViewRow.id, SavedViewRow.title).where(SavedViewRow.user_id == user_id)
    return any(known.casefold() == title.casefold() and id_ != but for id_, known in session.execute(query))


def newest_alert(session: Session) -> int:
    """The id of the newest alert, 0 where there is none."""
    return session.scalar(select(func.max(AlertRow.id))) or 0


def looks(session: Session, user_id: int, view_ids: Sequence[int]) -> dict[int, int]:
    """View -> the newest alert there was when the account last looked; views that it never opened are left out."""
    if not view_ids:
        return {}
    query = select(ViewLookRow.view_id, ViewLookRow.alert_id).where(
        ViewLookRow.user_id == user_id, ViewLookRow.view_id.in_(view_ids)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def as_view(row: SavedViewRow, owner: str) -> View:
    return _view(row, owner)


def _joined() -> Select[SavedViewRow, str]:
    return select(SavedViewRow, UserRow.name).join(UserRow, UserRow.id == SavedViewRow.user_id)


def _views(user_id: int) -> Select[SavedViewRow, str]:
    """Own ones, and shared ones of accounts that are still active."""
    return _joined().where(or_(SavedViewRow.user_id == user_id, SavedViewRow.shared & UserRow.active))


def _touches(row: SavedViewRow | Answer, within: str | None, topics_read: set[int] | None) -> bool:
    """Whether somebody bound to a region could see anything in a view."""
    if within is None:
        return True
    near = row.region is None or _holds(row.region, within) or _holds(within, row.region)
    return near and (row.topic_id is None or topics_read is None or row.topic_id in topics_read)


def _holds(region: str, code: str) -> bool:
    return code == region or code.startswith(f"{region}.")


def _reads(session: Session, topic: int, within: str) -> bool:
    try:
        topics.check_readable(session, topic, within=within)
    except NotFoundError:
        return False
    return True


def _view(row: SavedViewRow | Answer, owner: str) -> View:
    return View(
        id=row.id,
        owner=owner,
        title=row.title,
        shared=row.shared,
        filter=ViewFilter(
            region=row.region,
            label=row.label,
            min_level=row.min_level,
            state=row.state,
            period=Period(row.period),
            topic=row.topic_id,
            mine=row.mine,
        ),
        created_at=row.created_at,
    )
