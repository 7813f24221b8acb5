"""SQL about how the sources are heard: their hours, the kept judgements, the regions they name. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import BigInteger, and_, case, cast, delete, extract, func, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

from waspada.sources.types import (
    OWN_ROLES,
    ActiveHour,
    HealthState,
    Mentions,
    PageState,
    SourceFacts,
    SourceHealth,
    SourceRole,
    SourceState,
)
from waspada.store.tables import (
    ItemRow,
    PageRow,
    PlaceRow,
    SourceHealthRow,
    SourceMentionRow,
    SourceRow,
)

_ROWS_AT_ONCE = 10_000
#: So many pages within this time tell that a source's articles are refused.
REFUSED_WITHIN = timedelta(days=1)
REFUSED_PAGES = 3


def facts(
    session: Session, since: datetime, now: datetime, ids: Collection[str] | None = None
) -> Iterator[SourceFacts]:
    """The enabled sources (or those named) in any order, each with the hours since then in which it spoke.

    One at a time: the hours of thousands of sources are millions.
    """
    query = select(SourceRow, only_blocked(now - REFUSED_WITHIN)).where(_wanted(ids))
    left = {row.id: (row, refused) for row, refused in session.execute(query)}
    for source_id, hours in _active_hours(session, since, ids):
        if source_id in left:
            row, refused = left.pop(source_id)
            yield _facts(row, refused, hours)
    for row, refused in left.values():
        yield _facts(row, refused, ())


def only_blocked(since: datetime) -> ColumnElement[bool]:
    """Whether pages of a source were asked for since then, several of them, and every one was refused.

    What a backfill found tells nothing of the news; a page that was read and is no article was not refused.
    """
    asked = (PageRow.source_id == SourceRow.id, PageRow.checked_at >= since, PageRow.backfill_id.is_(None))
    refused = select(func.count()).where(*asked, PageRow.state == PageState.BLOCKED).scalar_subquery()
    read = select(PageRow.id).where(*asked, PageRow.state.in_((PageState.DONE, PageState.SKIPPED)))
    return and_(refused >= REFUSED_PAGES, ~read.exists())


def chosen_ids(session: Session, ids: Collection[str] | None = None) -> list[str]:
    """The ids of the enabled sources (or those named), in their order."""
    return sorted(session.scalars(select(SourceRow.id).where(_wanted(ids))))


def keep_health(
    session: Session, found: Iterable[SourceHealth], mentions: Mapping[str, Mapping[str, Mentions]], now: datetime
) -> None:
    """Keeps what a look at all sources found, in the place of the look before. `mentions` by region and source."""
    known = set(session.scalars(select(SourceRow.id)))
    healths = [_health_columns(each, now) for each in found if each.source.id in known]
    named = [
        {"code": code, "source_id": source_id, **asdict(each)}
        for code, sources in mentions.items()
        for source_id, each in sources.items()
        if source_id in known
    ]
    session.execute(delete(SourceHealthRow))
    session.execute(delete(SourceMentionRow))
    if healths:
        session.execute(insert(SourceHealthRow), healths)
    if named:
        session.execute(insert(SourceMentionRow), named)


def kept_health(
    session: Session, since: datetime, until: datetime, ids: Collection[str] | None = None
) -> list[SourceHealth]:
    """What the last look found of the enabled sources (or those named), where it was within this time.

    The sources are as they are now, without their hours; one of which the look is overtaken is left out.
    """
    query = select(SourceRow, SourceHealthRow).join(SourceHealthRow, SourceHealthRow.source_id == SourceRow.id)
    query = query.where(_wanted(ids), SourceHealthRow.at > since, SourceHealthRow.at <= until)
    rows = session.execute(query)
    return [_kept_health(source, kept) for source, kept in rows if not _is_overtaken(source, kept)]


def is_kept(session: Session, since: datetime, until: datetime) -> bool:
    """Whether the last look at the sources was within this time."""
    query = select(SourceHealthRow.source_id).where(SourceHealthRow.at > since, SourceHealthRow.at <= until)
    return session.scalar(query.limit(1)) is not None


def kept_mentions(session: Session, within: str = "") -> dict[str, dict[str, Mentions]]:
    """`mentions` of kabupaten and kota as the last look found them."""
    query = select(SourceMentionRow).where(SourceMentionRow.code.startswith(within, autoescape=True))
    found: dict[str, dict[str, Mentions]] = {}
    for row in session.scalars(query):
        found.setdefault(row.code, {})[row.source_id] = Mentions(row.items_7_days, row.items_28_days, row.last_at)
    return found


def mentions(
    session: Session, since: datetime, recently: datetime, depth: int, within: str = ""
) -> dict[str, dict[str, Mentions]]:
    """By region and source: items since then that name places in the region, and how many of them since `recently`.

    Regions are the first `depth` characters of a place's code; `within` narrows to those in one region.
    """
    heard = _heard_at()
    code = func.substr(PlaceRow.code, 1, depth).label("code")
    named = (
        select(ItemRow.id, ItemRow.source_id, heard.label("heard_at"), code)
        .join(PlaceRow, PlaceRow.item_id == ItemRow.id)
        .where(ItemRow.found_at >= since, heard >= since, func.length(PlaceRow.code) >= depth)
        .distinct()
    )
    if within:
        named = named.where(func.substr(PlaceRow.code, 1, len(within)) == within)
    each = named.subquery()
    recent = func.sum(case((each.c.heard_at >= recently, 1), else_=0))
    query = select(each.c.code, each.c.source_id, recent, func.count(), func.max(each.c.heard_at)).group_by(
        each.c.code, each.c.source_id
    )
    found: dict[str, dict[str, Mentions]] = {}
    for region, source_id, few, all_, last_at in session.execute(query):
        found.setdefault(region, {})[source_id] = Mentions(few, all_, last_at)
    return found


def _heard_at() -> ColumnElement[datetime]:
    """When an item was said: published, or found where that is earlier or all that is known."""
    return case((ItemRow.published_at < ItemRow.found_at, ItemRow.published_at), else_=ItemRow.found_at)


def _active_hours(
    session: Session, since: datetime, ids: Collection[str] | None
) -> Iterator[tuple[str, tuple[ActiveHour, ...]]]:
    """An item is found no earlier than it is said, so that the index on `found_at` bounds what is read."""
    heard = _heard_at()
    query = select(ItemRow.source_id, heard.label("heard_at"), _seconds(heard), _seconds(ItemRow.found_at))
    query = query.where(ItemRow.found_at >= since, heard >= since)
    query = query.where(ItemRow.source_id.in_(ids)) if ids is not None else query
    source_id, heard_at, said, found = query.subquery().columns
    number = (said // 3600).label("number")
    lines = select(source_id, number, func.count(), func.max(heard_at), func.min(found - said))
    lines = lines.group_by(source_id, number).order_by(source_id, number)
    rows = session.execute(lines, execution_options={"yield_per": _ROWS_AT_ONCE})
    for id_, hours in groupby(rows, key=lambda row: row[0]):
        yield (
            id_,
            tuple(
                ActiveHour(int(hour), items, last_at, timedelta(seconds=int(lag)))
                for _, hour, items, last_at, lag in hours
            ),
        )


def _seconds(moment: ColumnElement[datetime] | InstrumentedAttribute[datetime]) -> ColumnElement[int]:
    """Whole seconds since 1970. Floored first: PostgreSQL would round, and 59 min 59.6 s are not the next hour."""
    return cast(func.floor(extract("epoch", moment)), BigInteger)


def _wanted(ids: Collection[str] | None) -> ColumnElement[bool]:
    real = SourceRow.enabled.is_(True) & (SourceRow.role.not_in(OWN_ROLES))
    return real if ids is None else SourceRow.id.in_(ids)


def _health_columns(health: SourceHealth, now: datetime) -> dict[str, object]:
    gap = health.usual_gap
    return {
        "source_id": health.source.id,
        "at": now,
        "state": health.state.value,
        "alarm": health.alarm,
        "last_at": health.last_at,
        "usual_gap_seconds": None if gap is None else round(gap.total_seconds()),
        "rings_at": health.rings_at,
        "items_7_days": health.items_7_days,
        "items_28_days": health.items_28_days,
    }


def _is_overtaken(source: SourceRow, kept: SourceHealthRow) -> bool:
    """Whether a person or a poll since the look made a source another: the look at the start of a service finds all
    sources new, or broken where nobody asked them for days."""
    state = HealthState(kept.state)
    if not source.enabled or source.parked is not (state is HealthState.PARKED):
        return True
    polled_at = {HealthState.NEW: source.last_poll_at, HealthState.BROKEN: source.last_success_at}.get(state)
    return polled_at is not None and polled_at > kept.at


def _kept_health(source: SourceRow, kept: SourceHealthRow) -> SourceHealth:
    state, gap = HealthState(kept.state), kept.usual_gap_seconds
    return SourceHealth(
        source=_facts(source, state is HealthState.BLOCKED, ()),
        state=state,
        alarm=kept.alarm,
        last_at=kept.last_at,
        usual_gap=None if gap is None else timedelta(seconds=gap),
        rings_at=kept.rings_at,
        items_7_days=kept.items_7_days,
        items_28_days=kept.items_28_days,
    )


def _facts(row: SourceRow, refused: bool, hours: tuple[ActiveHour, ...]) -> SourceFacts:
    return SourceFacts(
        id=row.id,
        name=row.name,
        outlet=row.outlet,
        role=SourceRole(row.role),
        region=row.region,
        zone=row.zone,
        enabled=row.enabled,
        parked=row.parked,
        poll_state=SourceState(row.state),
        added_at=row.added_at,
        next_poll_at=row.next_poll_at,
        last_poll_at=row.last_poll_at,
        last_success_at=row.last_success_at,
        last_item_at=row.last_item_at,
        newest_entry_at=row.newest_entry_at,
        only_blocked=refused,
        hours=hours,
    )
