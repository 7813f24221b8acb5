"""SQL that reads alerts for people: the ranking, one alert, its history. The ranking job writes in `writer.py`."""

from __future__ import annotations

import json
import operator
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Float, Select, Text, bindparam, case, cast, func, or_, select, tuple_, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.sql import ColumnElement
from sqlalchemy.types import NullType

from waspada.alerts import items, weight_versions
from waspada.alerts.regions import holders
from waspada.alerts.types import (
    NOBODY,
    AlertDetail,
    AlertEventView,
    AlertFilter,
    AlertState,
    AlertSummary,
    Coverage,
    RankPosition,
)
from waspada.claims import repository as claims
from waspada.errors import NotFoundError
from waspada.escalations import repository as escalations
from waspada.places import regency_of
from waspada.reports.repository import counts_of_stories
from waspada.reports.types import NO_REPORTS
from waspada.sources import service
from waspada.sources.coverage import regions_in
from waspada.sources.health import is_heard
from waspada.sources.types import UNHEARD_STATES, CoverageState, Reach, RegionCoverage, SourceHealth
from waspada.store.asking import Answer, Asked, ask
from waspada.store.tables import AlertEventRow, AlertPlaceRow, AlertRegionRow, AlertRow, StoryRow
from waspada.store.tables.base import BigKey
from waspada.store.types import UtcDateTime
from waspada.stories.edits import end_of
from waspada.topics import repository as topics
from waspada.topics.types import TopicName

ITEMS_SHOWN = 50
HISTORY_SHOWN = 200
#: Up to so many alerts in a span of time are looked at one by one.
_MOST_BY_TIME = 5_000
#: Statements of lists, and alerts as people see them, that a process remembers.
_STATEMENTS, _SUMMARIES = 512, 4_000


def _raw(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A moment as the driver gives it: most rows are known already, and need not be read."""
    return type_coerce(column, NullType())


#: What a summary is made of, in an order that `_read` knows. Nothing else is asked for: equal rows are equal alerts.
_COLUMNS: tuple[Any, ...] = (
    AlertRow.id,
    AlertRow.story_id,
    AlertRow.state,
    AlertRow.label,
    AlertRow.level,
    AlertRow.score,
    cast(AlertRow.parts, Text).label("parts"),
    AlertRow.confidence,
    AlertRow.headline,
    AlertRow.why,
    cast(AlertRow.labels, Text).label("labels"),
    AlertRow.item_count,
    AlertRow.outlet_count,
    AlertRow.voice_count,
    _raw(AlertRow.opened_at).label("opened_at"),
    _raw(AlertRow.changed_at).label("changed_at"),
    _raw(AlertRow.last_item_at).label("last_item_at"),
    _raw(AlertRow.ranked_at).label("ranked_at"),
    AlertRow.reason,
    AlertRow.revision,
    AlertRow.weights_version,
    cast(AlertRow.notes, Text).label("notes"),
    AlertRow.exercise,
    AlertRow.owner,
    _raw(AlertRow.due_at).label("due_at"),
)


def search(
    session: Session, wanted: AlertFilter, *, after: RankPosition | None = None, limit: int = 50
) -> Sequence[AlertSummary]:
    """Alerts that fit, best first, from `after` on. A page is stable: what is inserted above it does not shift it.

    An alert whose story was merged into another is left out: the other one's alert speaks for its items. Raises
    NotFoundError for a topic that the reader may not read.
    """
    _check_topic(session, wanted)
    query = _page(_shape(wanted), _is_recent(session, wanted), after is not None, limit)
    values = _values(wanted)
    if after is not None:
        values |= {"after_score": after.score, "after_number": after.id}
    return _summaries(session, ask(session, query, values).all(), wanted.within)


def right_above(session: Session, wanted: AlertFilter, place: RankPosition) -> AlertSummary | None:
    """The alert right above a place in the list of those that fit. Looks where `search` does, at no more."""
    query = _above(_shape(wanted), _is_recent(session, wanted))
    values = _values(wanted) | {"below_score": place.score, "below_number": place.id}
    return next(iter(_summaries(session, ask(session, query, values).all(), wanted.within)), None)


def right_below(session: Session, wanted: AlertFilter, place: RankPosition) -> AlertSummary | None:
    """The alert right below a place in the list of those that fit."""
    return next(iter(search(session, wanted, after=place, limit=1)), None)


def count(session: Session, wanted: AlertFilter, *, at_most: int = 1000) -> int:
    """How many alerts fit, counted no further than `at_most`."""
    return count_where(session, wanted, at_most=at_most)


def count_where(session: Session, wanted: AlertFilter, condition: Condition | None = None, *, at_most: int) -> int:
    """How many alerts fit and fulfil a further condition, counted no further than `at_most`."""
    _check_topic(session, wanted)
    query = _number(_shape(wanted), _is_recent(session, wanted), condition.where if condition else None, at_most)
    return ask(session, query, _values(wanted, condition)).scalar() or 0


def tally(session: Session, wanted: AlertFilter, condition: Condition, *, at_most: int) -> tuple[int, int]:
    """How many alerts fit, and how many of those fulfil a condition, in one walk of at most `at_most`."""
    _check_topic(session, wanted)
    query = _numbers(_shape(wanted), _is_recent(session, wanted), condition.where, at_most)
    total, special_ones = ask(session, query, _values(wanted, condition)).one()
    return total, special_ones or 0


def matching(session: Session, wanted: AlertFilter) -> Select[AlertRow]:
    """The alerts that fit, in no order, for those who count them. Raises as `search` does."""
    _check_topic(session, wanted)
    return _fitting(_shape(wanted), by_time=_is_recent(session, wanted))[0].params(_values(wanted))


def not_before(wanted: AlertFilter, moment: datetime) -> AlertFilter:
    """The same choice, no further back than this moment."""
    return replace(wanted, since=moment if wanted.since is None else max(moment, wanted.since))


def fitting(session: Session, wanted: AlertFilter, alert_ids: Sequence[int]) -> set[int]:
    """Which of these alerts fit. Raises NotFoundError for a topic that the reader may not read."""
    _check_topic(session, wanted)
    found: Asked = _fitting(_shape(wanted))[0].with_only_columns(AlertRow.id)
    return set(session.scalars(found.where(AlertRow.id.in_(alert_ids)), _values(wanted)))


def headlines(session: Session, alert_ids: Sequence[int], *, within: str | None = None) -> dict[int, str]:
    """The headlines of those alerts that are there and lie in the reader's region."""
    query = select(AlertRow.id, AlertRow.headline).where(AlertRow.id.in_(alert_ids), *_inside(within))
    return {id_: headline for id_, headline in session.execute(query)}  # noqa: C416


def revisions(session: Session, alert_ids: Sequence[int], *, within: str | None = None) -> dict[int, int]:
    """The current revisions of those alerts that are there and lie in the reader's region."""
    query = select(AlertRow.id, AlertRow.revision).where(AlertRow.id.in_(alert_ids), *_inside(within))
    return {id_: revision for id_, revision in session.execute(query)}  # noqa: C416


def ranked_ids(session: Session, wanted: AlertFilter, *, at_most: int) -> Sequence[int]:
    """The ids of the alerts that fit, best first. Raises as `search` does."""
    _check_topic(session, wanted)
    query, score, id_ = _fitting(_shape(wanted))
    ordered: Asked = query.order_by(score.desc(), id_.desc()).with_only_columns(AlertRow.id)
    return session.scalars(ordered.limit(at_most), _values(wanted)).all()


def newest(session: Session, wanted: AlertFilter, *, limit: int) -> Sequence[AlertSummary]:
    """Alerts that fit, the last opened first. Raises as `search` does."""
    _check_topic(session, wanted)
    query = _fitting(_shape(wanted))[0].order_by(AlertRow.id.desc()).limit(limit)
    return _summaries(session, ask(session, query.with_only_columns(*_COLUMNS), _values(wanted)).all(), wanted.within)


def by_ids(session: Session, ids: Sequence[int], *, within: str | None = None) -> Sequence[AlertSummary]:
    """These alerts in this order, without those that are gone or lie outside the reader's region."""
    query = select(*_COLUMNS).where(AlertRow.id.in_(ids), *_inside(within))
    place = {id_: number for number, id_ in enumerate(ids)}
    rows = sorted(ask(session, query), key=lambda row: place[row.id])
    return _summaries(session, rows, within)


def summary(session: Session, alert_id: int, *, within: str | None = None) -> AlertSummary:
    """One alert. Raises NotFoundError, also when it lies outside the region that the reader is bound to."""
    row = ask(session, select(*_COLUMNS).where(AlertRow.id == alert_id, *_inside(within))).first()
    if row is None:
        raise NotFoundError(f"There is no alert {alert_id} in your area.", hint="It may belong to another region.")
    found = _summaries(session, [row], within)[0]
    into = end_of(session, row.story_id)
    if into == row.story_id:
        return found
    return replace(found, merged_into=session.scalar(select(AlertRow.id).where(AlertRow.story_id == into)))


def detail(session: Session, alert_id: int, *, within: str | None = None, limit: int = ITEMS_SHOWN) -> AlertDetail:
    """One alert with the newest items of its story, their versions, evidence and places. Raises NotFoundError."""
    found = summary(session, alert_id, within=within)
    members = items.of_story(session, found.story_id, limit=limit, within=within)
    return AlertDetail(
        found,
        items.with_versions(session, members),
        history(session, alert_id),
        claims.of_story(session, found.story_id),
        counts_of_stories(session, [found.story_id]).get(found.story_id, NO_REPORTS),
    )


def history(session: Session, alert_id: int) -> Sequence[AlertEventView]:
    """What happened to an alert, newest first."""
    query = select(AlertEventRow).where(AlertEventRow.alert_id == alert_id)
    rows = session.scalars(query.order_by(AlertEventRow.id.desc()).limit(HISTORY_SHOWN))
    return [_event(row) for row in rows]


def line(session: Session, line_id: int) -> AlertEventView:
    """One line of a history."""
    return _event(session.get_one(AlertEventRow, line_id))


def coverage(
    session: Session,
    region: str | None,
    now: datetime,
    *,
    home: str | None = None,
    healths: Sequence[SourceHealth] | None = None,
) -> Coverage:
    """Which enabled sources are heard (`waspada.sources.health`), and how well the regions can be; `region` narrows to
    the sources that speak for it, `home` is the region whose kabupaten and kota are counted without one. A feed that
    answers without a new word for weeks is not heard. Whoever asks for many regions gives the `healths` of the
    moment."""
    healths = service.healths(session, now) if healths is None else healths
    around = region or home
    covered = service.coverages(session, healths, regions_in(around), now, within=around) if around else []
    mine = list(healths) if region is None else _speakers(covered)
    silent = sorted(one.source.name for one in mine if not is_heard(one, now))
    counts = Counter(one.state for one in covered)
    return Coverage(
        heard=len(mine) - len(silent),
        enabled=len(mine),
        silent=silent,
        regions={state: counts[state] for state in CoverageState if counts[state]},
        unheard=[one.region.name for one in covered if one.state in UNHEARD_STATES],
    )


def _speakers(covered: Sequence[RegionCoverage]) -> list[SourceHealth]:
    """The sources that speak for these regions; the national ones only where there are no others."""
    found = {one.health.source.id: one for each in covered for one in each.sources}
    nearer = [one.health for one in found.values() if one.reach is not Reach.COUNTRY]
    return nearer or [one.health for one in found.values()]


def _check_topic(session: Session, wanted: AlertFilter) -> None:
    if wanted.topic is not None:
        topics.check_readable(session, wanted.topic, within=wanted.within)


def _is_recent(session: Session, wanted: AlertFilter) -> bool:
    """Whether so few alerts lie in the time asked for that it is cheapest to look at each of them.

    A week of a country's alerts is a thousand; the best of them by score may stand anywhere among all that are stored.
    """
    if wanted.since is None:
        return False
    known: dict[object, bool] = session.info.setdefault("recent", {})  # a page asks three times of the same span
    span = (wanted.since, wanted.until)
    if span not in known:
        known[span] = _are_few(session, wanted)
    return known[span]


def _are_few(session: Session, wanted: AlertFilter) -> bool:
    number = ask(
        session, _recent(_shape(AlertFilter(since=wanted.since, until=wanted.until))), _values(wanted)
    ).scalar()
    return (number or 0) <= _MOST_BY_TIME


@dataclass(frozen=True, slots=True)
class Condition:
    """A further condition on alerts: made once, with the values of its parameters."""

    where: ColumnElement[bool]
    values: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _Shape:
    """What of a filter its statement depends on; the rest are its parameters (`_values`)."""

    wanted: AlertFilter
    since: bool
    until: bool
    owner: bool
    after_id: bool
    opened_since: bool
    opened_until: bool


def _shape(wanted: AlertFilter) -> _Shape:
    fixed = replace(
        wanted,
        labels=tuple(wanted.labels),
        states=tuple(wanted.states),
        since=None,
        until=None,
        owner=NOBODY if wanted.owner == NOBODY else None,
        after_id=None,
        opened_since=None,
        opened_until=None,
    )
    return _Shape(
        fixed,
        wanted.since is not None,
        wanted.until is not None,
        wanted.owner not in (None, NOBODY),
        wanted.after_id is not None,
        wanted.opened_since is not None,
        wanted.opened_until is not None,
    )


def _values(wanted: AlertFilter, condition: Condition | None = None) -> dict[str, Any]:
    named = {
        "since": wanted.since,
        "until": wanted.until,
        "owner": wanted.owner,
        "after_id": wanted.after_id,
        "opened_since": wanted.opened_since,
        "opened_until": wanted.opened_until,
    }
    found = {name: value for name, value in named.items() if value is not None and value != NOBODY}
    return found | dict(condition.values) if condition is not None else found


@lru_cache(maxsize=_STATEMENTS)
def _page(shape: _Shape, by_time: bool, goes_on: bool, limit: int) -> Asked:
    query, score, id_ = _fitting(shape, by_time=by_time)
    if goes_on:
        last = tuple_(bindparam("after_score", type_=Float()), bindparam("after_number", type_=BigKey))
        query = query.where(tuple_(score, id_) < last)
    if not by_time:
        return query.order_by(score.desc(), id_.desc()).limit(limit).with_only_columns(*_COLUMNS)
    # A sum is in no index: by time, none is to be walked for its order. What is put in order is short: whole rows are
    # read of those shown alone.
    best = query.order_by((score + 0.0).desc(), id_.desc()).limit(limit)
    page = best.with_only_columns(id_.label("id"), score.label("score")).subquery()
    whole = select(*_COLUMNS).join(page, page.c.id == AlertRow.id)
    return whole.order_by(page.c.score.desc(), page.c.id.desc())


@lru_cache(maxsize=_STATEMENTS)
def _above(shape: _Shape, by_time: bool) -> Asked:
    query, score, id_ = _fitting(shape, by_time=by_time)
    order = score + 0.0 if by_time else score
    place = tuple_(bindparam("below_score", type_=Float()), bindparam("below_number", type_=BigKey))
    best = query.where(tuple_(order, id_) > place).order_by(order, id_).limit(1)
    return best.with_only_columns(*_COLUMNS)


@lru_cache(maxsize=_STATEMENTS)
def _number(shape: _Shape, by_time: bool, where: ColumnElement[bool] | None, at_most: int) -> Asked:
    some: Asked = _fitting(shape, by_time=by_time)[0].with_only_columns(AlertRow.id)
    if where is not None:
        some = some.where(where)
    return select(func.count()).select_from(some.limit(at_most).subquery())


@lru_cache(maxsize=_STATEMENTS)
def _numbers(shape: _Shape, by_time: bool, where: ColumnElement[bool], at_most: int) -> Asked:
    found = _fitting(shape, by_time=by_time)[0]
    some: Asked = found.with_only_columns(case((where, 1), else_=0).label("special"))
    rows = some.limit(at_most).subquery()
    return select(func.count(), func.sum(rows.c.special)).select_from(rows)


@lru_cache(maxsize=_STATEMENTS)
def _recent(shape: _Shape) -> Asked:
    some = select(AlertRow.last_item_at).where(*_times(shape)).limit(_MOST_BY_TIME + 1).subquery()
    return select(func.count()).select_from(some)


def _fitting(
    shape: _Shape,
    *,
    by_time: bool = False,
) -> tuple[Select[AlertRow], InstrumentedAttribute[float], InstrumentedAttribute[int]]:
    """The alerts that fit, with the columns of score and id by which they are ordered.

    Within a region these are the columns of `alert_regions`: the best of it are found by walking one index. `by_time`
    looks through the time asked for instead: the limit of the inner query keeps a planner from mixing it with the rest.
    """
    query = select(AlertRow).where(*_conditions(shape))
    if by_time:
        recent = select(AlertRow.id).where(*_times(shape)).limit(_MOST_BY_TIME).subquery()
        query = query.join(recent, recent.c.id == AlertRow.id)
    regions = sorted({code for code in (shape.wanted.region, shape.wanted.within) if code is not None}, key=len)
    if not regions:
        return query, AlertRow.score, AlertRow.id
    *wider, narrowest = regions
    query = query.join(AlertRegionRow, AlertRegionRow.alert_id == AlertRow.id)
    query = query.where(AlertRegionRow.code == narrowest)
    for code in wider:  # the wider one holds the narrower one, or is another region that the alert must stand in too
        if code not in holders(narrowest):
            query = query.where(*_inside(code))
    return query, AlertRegionRow.score, AlertRegionRow.alert_id


def _conditions(shape: _Shape) -> list[ColumnElement[bool]]:
    """All but the regions."""
    wanted = shape.wanted
    merged = select(StoryRow.id).where(StoryRow.id == AlertRow.story_id, StoryRow.merged_into.is_not(None))
    conditions = [AlertRow.exercise.is_(wanted.exercise), ~merged.exists()]
    if wanted.labels:
        conditions.append(or_(*(_carries(label) for label in wanted.labels)))
    if wanted.min_level:
        conditions.append(AlertRow.level >= wanted.min_level)
    if wanted.states:
        conditions.append(AlertRow.state.in_([state.value for state in wanted.states]))
    conditions += _times(shape)
    for opened, named, compare in (
        (shape.opened_since, "opened_since", operator.ge),
        (shape.opened_until, "opened_until", operator.lt),
    ):
        if opened:
            conditions.append(compare(AlertRow.opened_at, bindparam(named, type_=UtcDateTime())))
    if wanted.topic is not None:
        conditions.append(topics.tags_story_of_alert(wanted.topic))
    if wanted.owner == NOBODY:
        conditions.append(AlertRow.owner.is_(None))
    if shape.owner:
        conditions.append(AlertRow.owner == bindparam("owner", type_=Text()))
    if shape.after_id:
        conditions.append(AlertRow.id > bindparam("after_id", type_=BigKey))
    return conditions


def _times(shape: _Shape) -> list[ColumnElement[bool]]:
    since, until = (bindparam(name, type_=UtcDateTime()) for name in ("since", "until"))
    conditions = [AlertRow.last_item_at >= since] if shape.since else []
    return [*conditions, AlertRow.last_item_at < until] if shape.until else conditions


def _inside(region: str | None) -> list[ColumnElement[bool]]:
    if region is None:
        return []
    standing = aliased(AlertRegionRow)
    return [select(standing.code).where(standing.code == region, standing.alert_id == AlertRow.id).exists()]


def _carries(label: str) -> ColumnElement[bool]:
    return or_(AlertRow.label == label, AlertRow.labels[label].as_float().is_not(None))


_PLACES = (
    select(AlertPlaceRow.alert_id, AlertPlaceRow.code)
    .where(AlertPlaceRow.alert_id.in_(bindparam("alerts", expanding=True)))
    .order_by(AlertPlaceRow.position)
)


def _regions_of(session: Session, alert_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {id_: [] for id_ in alert_ids}
    for alert_id, code in ask(session, _PLACES, {"alerts": alert_ids}):
        found[alert_id].append(code)
    return {id_: _finest(tuple(codes)) for id_, codes in found.items()}


@lru_cache(maxsize=_SUMMARIES)
def _finest(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Without the kabupaten/kota that stands behind its own kecamatan or desa only to be found."""
    behind = {regency_of(code) for code in codes if code != regency_of(code)}
    return tuple(code for code in codes if code not in behind)


def _summaries(session: Session, rows: Sequence[Answer], within: str | None = None) -> list[AlertSummary]:
    if not rows:
        return []
    ids = [row.id for row in rows]
    regions = _regions_of(session, ids)
    weights = weight_versions.by_version(session, [row.weights_version for row in rows])
    limits = {version: tuple(one.points.items()) for version, one in weights.items()}
    named = topics.names_of_stories(session, [row.story_id for row in rows], within=within)
    raised = escalations.raised_to(session, ids)
    return [
        _read(
            tuple(row),
            regions[row.id],
            limits[row.weights_version],
            tuple(named[row.story_id]),
            tuple(raised.get(row.id, ())),
        )
        for row in rows
    ]


@lru_cache(maxsize=_SUMMARIES)
def _read(
    row: tuple[Any, ...],
    regions: tuple[str, ...],
    limits: tuple[tuple[str, float], ...],
    named: tuple[TopicName, ...],
    raised: tuple[str, ...],
) -> AlertSummary:
    """An alert out of all that it is made of: where any of it changed, it is another call."""
    names = [column.key for column in _COLUMNS]
    values: dict[str, Any] = dict(zip(names, row, strict=True))
    for name in ("opened_at", "changed_at", "last_item_at", "ranked_at", "due_at"):
        values[name] = _moment(values[name])
    for name in ("parts", "labels", "notes"):
        values[name] = json.loads(values[name]) if values[name] is not None else {}
    values["state"] = AlertState(values["state"])
    return AlertSummary(
        **values, regions=list(regions), limits=dict(limits), topics=list(named), raised_to=list(raised)
    )


def _moment(raw: str | datetime | None) -> datetime | None:
    """What `UtcDateTime` makes of it: SQLite's driver gives text."""
    if raw is None:
        return None
    moment = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _event(row: AlertEventRow) -> AlertEventView:
    return AlertEventView(
        id=row.id,
        at=row.at,
        actor=row.actor,
        action=row.action,
        from_state=row.from_state,
        to_state=row.to_state,
        reason=row.reason,
        note=row.note,
        detail=row.detail,
    )
