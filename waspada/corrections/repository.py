"""SQL about requests from outside, and about what was erased. Nothing here commits: the caller does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from waspada.alerts.items import under
from waspada.audit.types import AuditAction
from waspada.corrections.types import CorrectionRequest, Reach, RequestKind, RequestState
from waspada.errors import NotFoundError
from waspada.items.addresses import article_key, same_address
from waspada.items.policy import url_key
from waspada.places import is_within
from waspada.reports.erasing import citing_items
from waspada.store.tables import (
    AlertEventRow,
    AlertPlaceRow,
    AlertRegionRow,
    AlertRow,
    AuditRow,
    CorrectionRow,
    ErasureRow,
    ItemRow,
    PageRow,
    PeriodicReportRow,
    StoryItemRow,
)

#: No article has more addresses than this; a site whose addresses all look alike would have.
_SAME_KEY = 500
#: Digests and exports that are looked through for alerts that lost items, newest first.
_LOOKED_THROUGH = 2000
MOST_ITEMS = 5000


def requests(
    session: Session, *, state: RequestState | None, within: str | None, before_id: int | None, limit: int
) -> list[CorrectionRequest]:
    """Requests, newest first; those of a region for a reader who is bound to it."""
    query = select(CorrectionRow).order_by(CorrectionRow.id.desc()).limit(limit)
    if state is not None:
        query = query.where(CorrectionRow.state == state.value)
    if before_id is not None:
        query = query.where(CorrectionRow.id < before_id)
    return [as_request(row) for row in session.scalars(query.where(*_within(within)))]


def row_of(session: Session, request_id: int, within: str | None, *, lock: bool = False) -> CorrectionRow:
    """Raises NotFoundError, also outside the reader's region."""
    query = select(CorrectionRow).where(CorrectionRow.id == request_id, *_within(within))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFoundError(f"There is no request {request_id} in your area.", hint="See /corrections.")
    return row


def as_request(row: CorrectionRow) -> CorrectionRequest:
    return CorrectionRequest(
        id=row.id,
        at=row.at,
        due_at=row.due_at,
        actor=row.actor,
        kind=RequestKind(row.kind),
        about=row.about,
        region=row.region,
        reason=row.reason,
        state=RequestState(row.state),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        decision=row.decision,
        effects=row.effects,
        revision=row.revision,
    )


def items_at(session: Session, url: str) -> list[int]:
    """Items that an address leads to: it is theirs, that of one of their pages, or surely one of the same article."""
    keys = {url_key(each) for each in (url, url.partition("#")[0], url.partition("#")[0].rstrip("/"))}
    found = set(session.scalars(select(ItemRow.id).where(ItemRow.url_key.in_(keys))))
    paged = select(PageRow.item_id).where(PageRow.url_key.in_(keys), PageRow.item_id.is_not(None))
    found |= {item_id for item_id in session.scalars(paged) if item_id is not None}
    key = article_key(url)
    if key is not None:
        of_items = select(ItemRow.id, ItemRow.url).where(ItemRow.article_key == key)
        of_pages = select(PageRow.item_id, PageRow.url).where(PageRow.article_key == key, PageRow.item_id.is_not(None))
        rows = session.execute(of_items.union(of_pages).limit(_SAME_KEY))
        found |= {item_id for item_id, known in rows if same_address(known, url)}
    return sorted(found)


def reach_of(session: Session, about: str) -> Reach:
    """What a request is about, as it stands now; nothing for what is gone or was never stored."""
    kind, _, id_ = about.partition("/")
    if kind == "periodic":
        has_words = select(PeriodicReportRow.id).where(PeriodicReportRow.id == int(id_), PeriodicReportRow.text != "")
        return Reach([], [], periodic=session.scalar(has_words))
    stories: Sequence[int] = []
    if kind == "item":
        items = list(session.scalars(select(ItemRow.id).where(ItemRow.id == int(id_))))
    else:
        if kind == "alert":
            stories = session.scalars(select(AlertRow.story_id).where(AlertRow.id == int(id_))).all()
        elif kind == "story":
            stories = [int(id_)]
        members = select(StoryItemRow.item_id).where(StoryItemRow.story_id.in_(stories))
        items = list(session.scalars(members.order_by(StoryItemRow.item_id).limit(MOST_ITEMS)))
    above = citing_items(session, items)
    of_items = select(StoryItemRow.story_id).where(StoryItemRow.item_id.in_([*items, *above]))
    alerts = select(AlertRow.id).where(or_(AlertRow.story_id.in_(of_items), AlertRow.story_id.in_(stories)))
    return Reach(items, list(session.scalars(alerts.order_by(AlertRow.id))), above)


def region_of_periodic(session: Session, report_id: int, within: str | None) -> str:
    """The kecamatan of a periodic report. Raises NotFoundError, also outside the reader's region."""
    region = session.scalar(select(PeriodicReportRow.region).where(PeriodicReportRow.id == report_id))
    if region is None or not is_within(region, within or ""):
        raise NotFoundError(f"There is no periodic report {report_id} in your area.", hint="See /reports/periodic.")
    return region


def region_of(session: Session, alerts: Collection[int]) -> str | None:
    """Where the first of these alerts happened: the code of its kabupaten or kota, or of its province."""
    query = select(AlertPlaceRow.code).where(AlertPlaceRow.alert_id.in_(alerts))
    code = session.scalar(query.order_by(AlertPlaceRow.alert_id, AlertPlaceRow.position).limit(1))
    return code[:5] if code is not None else None


def notes_on(session: Session, alerts: Collection[int]) -> int:
    """Notes that persons wrote on these alerts: whether they repeat what is erased, a person has to read."""
    query = select(func.count()).where(AlertEventRow.alert_id.in_(alerts), AlertEventRow.note != "")
    return session.scalar(query) or 0


def left_before(session: Session, alerts: Collection[int], action: AuditAction) -> list[int]:
    """Rows of the audit log of an action (a digest, an export) whose detail names one of these alerts."""
    wanted = set(alerts)
    query = select(AuditRow.id, AuditRow.detail).where(AuditRow.action == action.value)
    rows = session.execute(query.order_by(AuditRow.id.desc()).limit(_LOOKED_THROUGH)).all()
    return sorted(id_ for id_, detail in rows if wanted & _ids_in(detail.get("alerts")))


def erased_alerts(session: Session, region: str, start: datetime, end: datetime) -> int:
    """Alerts of a region whose newest item is of this time and which lost items to an erasure."""
    query = (
        select(func.count(ErasureRow.alert_id.distinct()))
        .join(AlertRow, AlertRow.id == ErasureRow.alert_id)
        .join(AlertRegionRow, AlertRegionRow.alert_id == AlertRow.id)
        .where(AlertRegionRow.code == region, AlertRow.last_item_at >= start, AlertRow.last_item_at < end)
    )
    return session.scalar(query) or 0


def _within(region: str | None) -> list[ColumnElement[bool]]:
    return [] if region is None else [under(CorrectionRow.region, region)]


def _ids_in(found: object) -> set[int]:
    return {one for one in found if isinstance(one, int)} if isinstance(found, list) else set()
