"""SQL about field reports. Never commits, and never tells who sent one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from waspada.alerts.items import under
from waspada.errors import NotFoundError
from waspada.reports import policy
from waspada.reports.types import (
    VERDICTS,
    EventKind,
    FieldReport,
    HowKnown,
    Level,
    PeriodicReport,
    Recap,
    RecapRow,
    ReportEvent,
    ReportFilter,
    ReportState,
    Span,
    Step,
    StoryReports,
)
from waspada.store.tables import (
    AlertRow,
    FieldReportCitationRow,
    FieldReportEventRow,
    FieldReportRow,
    FieldReportSenderRow,
    ItemRow,
    ItemVersionRow,
    PeriodicReportRow,
    StoryItemRow,
)


def report(session: Session, report_id: int, *, within: str | None = None) -> FieldReport:
    """One report with its history. Raises NotFoundError, also where it lies outside somebody's region."""
    row = session.get(FieldReportRow, report_id)
    if row is None or not policy.may_clarify(within, row.region):
        raise no_report(report_id)
    return _read(session, [row], with_history=True)[0]


def no_report(report_id: int) -> NotFoundError:
    return NotFoundError(f"There is no field report {report_id} in your area.", hint="See the list of field reports.")


def search(
    session: Session, wanted: ReportFilter, *, before_id: int | None = None, limit: int = 50
) -> list[FieldReport]:
    """Reports that fit, the newest first, without their history."""
    query = select(FieldReportRow).where(*_conditions(wanted)).order_by(FieldReportRow.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(FieldReportRow.id < before_id)
    return _read(session, session.scalars(query).all())


def inbox(session: Session, *, within: str | None, limit: int = 50) -> list[FieldReport]:
    """What a desk has to clarify, the oldest first: open, undecided reports of its area."""
    wanted = ReportFilter(within=within, states=(ReportState.SENT, ReportState.ASKED), is_open=True)
    query = select(FieldReportRow).where(*_conditions(wanted)).order_by(FieldReportRow.id).limit(limit)
    return _read(session, session.scalars(query).all())


def count(session: Session, wanted: ReportFilter) -> int:
    return session.scalar(select(func.count()).select_from(FieldReportRow).where(*_conditions(wanted))) or 0


def by_ids(
    session: Session, ids: Collection[int], *, within: str | None = None, with_history: bool = False
) -> list[FieldReport]:
    """Those of the reports that lie in somebody's region, in the order of their ids."""
    query = select(FieldReportRow).where(FieldReportRow.id.in_(ids), *_inside(within)).order_by(FieldReportRow.id)
    return _read(session, session.scalars(query).all(), with_history=with_history)


def of_story(session: Session, story_id: int, *, within: str | None = None) -> list[FieldReport]:
    """The reports whose items stand in a story, the oldest first."""
    query = (
        select(FieldReportRow)
        .join(StoryItemRow, StoryItemRow.item_id == FieldReportRow.item_id)
        .where(StoryItemRow.story_id == story_id, *_inside(within))
        .order_by(FieldReportRow.id)
    )
    return _read(session, session.scalars(query).all())


def counts_of_stories(session: Session, story_ids: Collection[int]) -> Mapping[int, StoryReports]:
    """Story -> how many reports stand in it; refuted ones and those that cite others are left out."""
    clarified = FieldReportRow.state == ReportState.CLARIFIED.value
    query = (
        select(StoryItemRow.story_id, clarified, func.count())
        .join(FieldReportRow, FieldReportRow.item_id == StoryItemRow.item_id)
        .where(StoryItemRow.story_id.in_(story_ids), FieldReportRow.state != ReportState.REFUTED.value, ~cites())
        .group_by(StoryItemRow.story_id, clarified)
    )
    found: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for story_id, is_clarified, number in session.execute(query):
        found[story_id][bool(is_clarified)] = number
    return {story_id: StoryReports(*numbers) for story_id, numbers in found.items()}


def cites() -> ColumnElement[bool]:
    """Whether a report was made of others. A condition on `FieldReportRow`."""
    children = select(FieldReportCitationRow.child_id).where(FieldReportCitationRow.report_id == FieldReportRow.id)
    return children.exists()


def recap(
    session: Session, region: str, level: Level, weeks: Sequence[date], zone: ZoneInfo, *, within: str | None = None
) -> Recap:
    """How many reports of one level were sent in these weeks from `region`, by the region below it and by week.

    The weeks (Mondays) follow each other; days are those of the zone.
    """
    first, last = weeks[0], weeks[-1] + timedelta(days=6)
    query = select(FieldReportRow.region, FieldReportRow.kind, FieldReportRow.state, FieldReportRow.sent_at).where(
        under(FieldReportRow.region, region),
        func.length(FieldReportRow.region) == policy.code_length(level),
        FieldReportRow.sent_at >= datetime.combine(first, time(), zone),
        FieldReportRow.sent_at < datetime.combine(last + timedelta(days=1), time(), zone),
        *_inside(within),
    )
    by_region: dict[str, list[tuple[str, str]]] = defaultdict(list)
    by_week: dict[str, list[tuple[str, str]]] = {week.isoformat(): [] for week in weeks}
    for code, kind, state, sent_at in session.execute(query):
        by_region[_below(code, region)].append((kind, state))
        by_week[policy.week_of(sent_at.astimezone(zone).date()).isoformat()].append((kind, state))
    return Recap(
        region=region,
        level=level,
        span=Span(first, last),
        by_region=[_recap_row(code, rows) for code, rows in sorted(by_region.items())],
        by_week=[_recap_row(week, rows) for week, rows in by_week.items()],
    )


def _below(code: str, region: str) -> str:
    """The region right below `region` that holds `code`; itself where it is the region."""
    lengths = [length for length in (2, 5, 8, 13) if length > len(region)]
    return code[: lengths[0]] if lengths else code


def _recap_row(key: str, rows: Sequence[tuple[str, str]]) -> RecapRow:
    kinds = {kind: sum(name == kind for name, _ in rows) for kind in EventKind}
    decided = {verdict.value for verdict in VERDICTS}
    return RecapRow(
        key=key,
        kinds={kind: number for kind, number in kinds.items() if number},
        unclarified=sum(state not in decided for _, state in rows),
        refuted=sum(state == ReportState.REFUTED for _, state in rows),
    )


def periodic(session: Session, spans: Collection[Span], *, within: str | None = None) -> list[PeriodicReport]:
    """The periodic reports of these spans, by region."""
    firsts = [span.first for span in spans]
    query = select(PeriodicReportRow).where(PeriodicReportRow.first_day.in_(firsts))
    if within is not None:
        query = query.where(under(PeriodicReportRow.region, within))
    found = [as_periodic(row) for row in session.scalars(query.order_by(PeriodicReportRow.region))]
    return [one for one in found if one.span in spans]


def as_periodic(row: PeriodicReportRow) -> PeriodicReport:
    span = Span(row.first_day, row.last_day)
    return PeriodicReport(row.id, row.region, span, row.is_nil, row.text, row.sent_at, row.erased_at is not None)


def to_close(session: Session, now: datetime) -> list[int]:
    """Open reports that nobody closes: decided long ago, or never decided."""
    decided = FieldReportRow.state.in_([verdict.value for verdict in VERDICTS])
    query = select(FieldReportRow.id).where(
        FieldReportRow.closed_at.is_(None),
        or_(
            decided & (FieldReportRow.decided_at <= now - policy.CLOSED_AFTER),
            ~decided & (FieldReportRow.sent_at <= now - policy.GIVEN_UP_AFTER),
        ),
    )
    return list(session.scalars(query.order_by(FieldReportRow.id)))


def _inside(within: str | None) -> list[ColumnElement[bool]]:
    return [] if within is None else [under(FieldReportRow.region, within)]


def _conditions(wanted: ReportFilter) -> list[ColumnElement[bool]]:
    found = _inside(wanted.within)
    if wanted.region is not None:
        found.append(or_(under(FieldReportRow.region, wanted.region), under(FieldReportRow.place, wanted.region)))
    if wanted.kinds:
        found.append(FieldReportRow.kind.in_([kind.value for kind in wanted.kinds]))
    if wanted.states:
        found.append(FieldReportRow.state.in_([state.value for state in wanted.states]))
    if wanted.level is not None:
        found.append(func.length(FieldReportRow.region) == policy.code_length(wanted.level))
    if wanted.since is not None:
        found.append(FieldReportRow.sent_at >= wanted.since)
    if wanted.until is not None:
        found.append(FieldReportRow.sent_at < wanted.until)
    if wanted.is_open is not None:
        found.append(FieldReportRow.closed_at.is_(None) if wanted.is_open else FieldReportRow.closed_at.is_not(None))
    return found


def _read(session: Session, rows: Sequence[FieldReportRow], *, with_history: bool = False) -> list[FieldReport]:
    ids = [row.id for row in rows]
    texts = _texts(session, [row.item_id for row in rows if row.item_id is not None])
    stories = _stories(session, [row.item_id for row in rows if row.item_id is not None])
    children, parents = _citations(session, ids)
    senders = set(
        session.scalars(select(FieldReportSenderRow.report_id).where(FieldReportSenderRow.report_id.in_(ids)))
    )
    history = _history(session, ids) if with_history else {}
    return [
        FieldReport(
            id=row.id,
            region=row.region,
            place=row.place,
            level=policy.level_of(row.region),
            kind=EventKind(row.kind),
            known=HowKnown(row.known),
            state=ReportState(row.state),
            revision=row.revision,
            text=texts.get(row.item_id or 0, ""),
            happened_at=row.happened_at,
            sent_at=row.sent_at,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            note=row.note,
            closed_at=row.closed_at,
            item_id=row.item_id,
            story_id=stories.get(row.item_id or 0, (None, None))[0],
            alert_id=stories.get(row.item_id or 0, (None, None))[1],
            has_sender=row.id in senders,
            cites=children.get(row.id, ()),
            cited_by=parents.get(row.id),
            history=history.get(row.id, ()),
        )
        for row in rows
    ]


def _texts(session: Session, item_ids: Sequence[int]) -> dict[int, str]:
    query = (
        select(ItemRow.id, ItemVersionRow.text)
        .join(ItemVersionRow, (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == ItemRow.version))
        .where(ItemRow.id.in_(item_ids))
    )
    return {id_: text for id_, text in session.execute(query)}  # noqa: C416


def _stories(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[int, int | None]]:
    """Item -> its story and the alert of that."""
    query: Select[int, int, int | None] = (
        select(StoryItemRow.item_id, StoryItemRow.story_id, AlertRow.id)
        .outerjoin(AlertRow, AlertRow.story_id == StoryItemRow.story_id)
        .where(StoryItemRow.item_id.in_(item_ids))
    )
    return {item_id: (story_id, alert_id) for item_id, story_id, alert_id in session.execute(query)}


def _citations(session: Session, ids: Sequence[int]) -> tuple[dict[int, tuple[int, ...]], dict[int, int]]:
    """Report -> its children, and report -> the one that it went into."""
    query = select(FieldReportCitationRow.report_id, FieldReportCitationRow.child_id).where(
        or_(FieldReportCitationRow.report_id.in_(ids), FieldReportCitationRow.child_id.in_(ids))
    )
    children: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
    parents = {}
    for report_id, child_id in session.execute(query.order_by(FieldReportCitationRow.child_id)):
        children[report_id] += (child_id,)
        parents[child_id] = report_id
    return children, parents


def _history(session: Session, ids: Sequence[int]) -> dict[int, list[ReportEvent]]:
    found: defaultdict[int, list[ReportEvent]] = defaultdict(list)
    query = select(FieldReportEventRow).where(FieldReportEventRow.report_id.in_(ids)).order_by(FieldReportEventRow.id)
    for row in session.scalars(query):
        state = ReportState(row.state) if row.state else None
        found[row.report_id].append(ReportEvent(row.at, row.actor, Step(row.step), state, row.text, row.other_id))
    return found
