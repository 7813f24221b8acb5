"""SQL that reads alerts for people: the ranking, one alert, its history. The ranking job writes in `writer.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.sql import ColumnElement

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
from waspada.alerts.weights import Weights
from waspada.claims import repository as claims
from waspada.errors import NotFoundError
from waspada.escalations import repository as escalations
from waspada.places import regency_of
from waspada.sources import service
from waspada.sources.coverage import regions_in
from waspada.sources.health import is_heard
from waspada.sources.types import UNHEARD_STATES, CoverageState, Reach, RegionCoverage, SourceHealth
from waspada.store.tables import AlertEventRow, AlertPlaceRow, AlertRegionRow, AlertRow, StoryRow
from waspada.stories.edits import end_of
from waspada.topics import repository as topics
from waspada.topics.types import TopicName

ITEMS_SHOWN = 50
HISTORY_SHOWN = 200
#: Up to so many alerts in a span of time are looked at one by one.
_MOST_BY_TIME = 5_000


def search(
    session: Session, wanted: AlertFilter, *, after: RankPosition | None = None, limit: int = 50
) -> Sequence[AlertSummary]:
    """Alerts that fit, best first, from `after` on. A page is stable: what is inserted above it does not shift it.

    An alert whose story was merged into another is left out: the other one's alert speaks for its items. Raises
    NotFoundError for a topic that the reader may not read.
    """
    _check_topic(session, wanted)
    by_time = _is_recent(session, wanted)
    query, score, id_ = _fitting(wanted, by_time=by_time)
    if after is not None:
        query = query.where(tuple_(score, id_) < (after.score, after.id))
    # A sum is in no index: by time, none is to be walked for its order.
    order = (score + 0.0).desc() if by_time else score.desc()
    rows = session.scalars(query.order_by(order, id_.desc()).limit(limit)).all()
    return _summaries(session, rows, wanted.within)


def right_above(session: Session, wanted: AlertFilter, place: RankPosition) -> AlertSummary | None:
    """The alert right above a place in the list of those that fit. Looks where `search` does, at no more."""
    by_time = _is_recent(session, wanted)
    query, score, id_ = _fitting(wanted, by_time=by_time)
    order = score + 0.0 if by_time else score
    query = query.where(tuple_(order, id_) > (place.score, place.id)).order_by(order, id_).limit(1)
    return next(iter(_summaries(session, session.scalars(query).all(), wanted.within)), None)


def right_below(session: Session, wanted: AlertFilter, place: RankPosition) -> AlertSummary | None:
    """The alert right below a place in the list of those that fit."""
    return next(iter(search(session, wanted, after=place, limit=1)), None)


def count(session: Session, wanted: AlertFilter, *, at_most: int = 1000) -> int:
    """How many alerts fit, counted no further than `at_most`."""
    return count_where(session, wanted, at_most=at_most)


def count_where(session: Session, wanted: AlertFilter, *more: ColumnElement[bool], at_most: int) -> int:
    """How many alerts fit and fulfil further conditions, counted no further than `at_most`."""
    _check_topic(session, wanted)
    found = _fitting(wanted, by_time=_is_recent(session, wanted))[0]
    some: Select[Any] = found.with_only_columns(AlertRow.id).where(*more).limit(at_most)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def tally(session: Session, wanted: AlertFilter, special: ColumnElement[bool], *, at_most: int) -> tuple[int, int]:
    """How many alerts fit, and how many of those fulfil a condition, in one walk of at most `at_most`."""
    _check_topic(session, wanted)
    found = _fitting(wanted, by_time=_is_recent(session, wanted))[0]
    some: Select[Any] = found.with_only_columns(case((special, 1), else_=0).label("special")).limit(at_most)
    rows = some.subquery()
    total, special_ones = session.execute(select(func.count(), func.sum(rows.c.special)).select_from(rows)).one()
    return total, special_ones or 0


def matching(session: Session, wanted: AlertFilter) -> Select[AlertRow]:
    """The alerts that fit, in no order, for those who count them. Raises as `search` does."""
    _check_topic(session, wanted)
    return _fitting(wanted, by_time=_is_recent(session, wanted))[0]


def not_before(wanted: AlertFilter, moment: datetime) -> AlertFilter:
    """The same choice, no further back than this moment."""
    return replace(wanted, since=moment if wanted.since is None else max(moment, wanted.since))


def fitting(session: Session, wanted: AlertFilter, alert_ids: Sequence[int]) -> set[int]:
    """Which of these alerts fit. Raises NotFoundError for a topic that the reader may not read."""
    _check_topic(session, wanted)
    query: Select[Any] = _fitting(wanted)[0].with_only_columns(AlertRow.id).where(AlertRow.id.in_(alert_ids))
    return set(session.scalars(query))


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
    query, score, id_ = _fitting(wanted)
    ordered: Select[Any] = query.order_by(score.desc(), id_.desc()).with_only_columns(AlertRow.id)
    return session.scalars(ordered.limit(at_most)).all()


def newest(session: Session, wanted: AlertFilter, *, limit: int) -> Sequence[AlertSummary]:
    """Alerts that fit, the last opened first. Raises as `search` does."""
    _check_topic(session, wanted)
    query = _fitting(wanted)[0].order_by(AlertRow.id.desc()).limit(limit)
    return _summaries(session, session.scalars(query).all(), wanted.within)


def by_ids(session: Session, ids: Sequence[int], *, within: str | None = None) -> Sequence[AlertSummary]:
    """These alerts in this order, without those that are gone or lie outside the reader's region."""
    query = select(AlertRow).where(AlertRow.id.in_(ids), *_inside(within))
    place = {id_: number for number, id_ in enumerate(ids)}
    rows = sorted(session.scalars(query), key=lambda row: place[row.id])
    return _summaries(session, rows, within)


def summary(session: Session, alert_id: int, *, within: str | None = None) -> AlertSummary:
    """One alert. Raises NotFoundError, also when it lies outside the region that the reader is bound to."""
    row = session.scalar(select(AlertRow).where(AlertRow.id == alert_id, *_inside(within)))
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
    members = items.of_story(session, found.story_id, limit=limit)
    return AlertDetail(
        found,
        items.with_versions(session, members),
        history(session, alert_id),
        claims.of_story(session, found.story_id),
    )


def history(session: Session, alert_id: int) -> Sequence[AlertEventView]:
    """What happened to an alert, newest first."""
    query = select(AlertEventRow).where(AlertEventRow.alert_id == alert_id)
    rows = session.scalars(query.order_by(AlertEventRow.id.desc()).limit(HISTORY_SHOWN))
    return [_event(row) for row in rows]


def line(session: Session, line_id: int) -> AlertEventView:
    """One line of a history."""
    return _event(session.get_one(AlertEventRow, line_id))


def coverage(session: Session, region: str | None, now: datetime, *, home: str | None = None) -> Coverage:
    """Which enabled sources are heard (`waspada.sources.health`), and how well the regions can be; `region` narrows to
    the sources that speak for it, `home` is the region whose kabupaten and kota are counted without one. A feed that
    answers without a new word for weeks is not heard."""
    healths = service.healths(session, now)
    around = region or home
    covered = service.coverages(session, healths, regions_in(around), now, within=around) if around else []
    mine = healths if region is None else _speakers(covered)
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
    some = select(AlertRow.last_item_at).where(*_times(wanted)).limit(_MOST_BY_TIME + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) <= _MOST_BY_TIME


def _fitting(
    wanted: AlertFilter,
    *,
    by_time: bool = False,
) -> tuple[Select[AlertRow], InstrumentedAttribute[float], InstrumentedAttribute[int]]:
    """The alerts that fit, with the columns of score and id by which they are ordered.

    Within a region these are the columns of `alert_regions`: the best of it are found by walking one index. `by_time`
    looks through the time asked for instead: the limit of the inner query keeps a planner from mixing it with the rest.
    """
    query = select(AlertRow).where(*_conditions(wanted))
    if by_time:
        recent = select(AlertRow.id).where(*_times(wanted)).limit(_MOST_BY_TIME).subquery()
        query = query.join(recent, recent.c.id == AlertRow.id)
    regions = sorted({code for code in (wanted.region, wanted.within) if code is not None}, key=len)
    if not regions:
        return query, AlertRow.score, AlertRow.id
    *wider, narrowest = regions
    query = query.join(AlertRegionRow, AlertRegionRow.alert_id == AlertRow.id)
    query = query.where(AlertRegionRow.code == narrowest)
    for code in wider:  # the wider one holds the narrower one, or is another region that the alert must stand in too
        if code not in holders(narrowest):
            query = query.where(*_inside(code))
    return query, AlertRegionRow.score, AlertRegionRow.alert_id


def _conditions(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    """All but the regions."""
    merged = select(StoryRow.id).where(StoryRow.id == AlertRow.story_id, StoryRow.merged_into.is_not(None))
    conditions = [AlertRow.exercise.is_(wanted.exercise), ~merged.exists()]
    if wanted.labels:
        conditions.append(or_(*(_carries(label) for label in wanted.labels)))
    if wanted.min_level:
        conditions.append(AlertRow.level >= wanted.min_level)
    if wanted.states:
        conditions.append(AlertRow.state.in_([state.value for state in wanted.states]))
    conditions += _times(wanted)
    if wanted.opened_since is not None:
        conditions.append(AlertRow.opened_at >= wanted.opened_since)
    if wanted.opened_until is not None:
        conditions.append(AlertRow.opened_at < wanted.opened_until)
    if wanted.topic is not None:
        conditions.append(topics.tags_story_of_alert(wanted.topic))
    if wanted.owner is not None:
        conditions.append(AlertRow.owner.is_(None) if wanted.owner == NOBODY else AlertRow.owner == wanted.owner)
    if wanted.after_id is not None:
        conditions.append(AlertRow.id > wanted.after_id)
    return conditions


def _times(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    conditions = [AlertRow.last_item_at >= wanted.since] if wanted.since is not None else []
    return [*conditions, AlertRow.last_item_at < wanted.until] if wanted.until is not None else conditions


def _inside(region: str | None) -> list[ColumnElement[bool]]:
    if region is None:
        return []
    standing = aliased(AlertRegionRow)
    return [select(standing.code).where(standing.code == region, standing.alert_id == AlertRow.id).exists()]


def _carries(label: str) -> ColumnElement[bool]:
    return or_(AlertRow.label == label, AlertRow.labels[label].as_float().is_not(None))


def _regions_of(session: Session, alert_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {id_: [] for id_ in alert_ids}
    query = select(AlertPlaceRow.alert_id, AlertPlaceRow.code).where(AlertPlaceRow.alert_id.in_(alert_ids))
    for alert_id, code in session.execute(query.order_by(AlertPlaceRow.position)):
        found[alert_id].append(code)
    return {id_: _finest(codes) for id_, codes in found.items()}


def _finest(codes: Sequence[str]) -> list[str]:
    """Without the kabupaten/kota that stands behind its own kecamatan or desa only to be found."""
    behind = {regency_of(code) for code in codes if code != regency_of(code)}
    return [code for code in codes if code not in behind]


def _summaries(session: Session, rows: Sequence[AlertRow], within: str | None = None) -> list[AlertSummary]:
    regions = _regions_of(session, [row.id for row in rows])
    weights = weight_versions.by_version(session, [row.weights_version for row in rows])
    named = topics.names_of_stories(session, [row.story_id for row in rows], within=within)
    raised = escalations.raised_to(session, [row.id for row in rows])
    return [
        replace(
            _summary(row, regions[row.id], weights[row.weights_version], named[row.story_id]),
            raised_to=raised.get(row.id, ()),
        )
        for row in rows
    ]


def _summary(row: AlertRow, regions: Sequence[str], weights: Weights, named: Sequence[TopicName]) -> AlertSummary:
    return AlertSummary(
        id=row.id,
        story_id=row.story_id,
        state=AlertState(row.state),
        label=row.label,
        level=row.level,
        score=row.score,
        parts=row.parts,
        confidence=row.confidence,
        labels=row.labels,
        headline=row.headline,
        why=row.why,
        item_count=row.item_count,
        outlet_count=row.outlet_count,
        voice_count=row.voice_count,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        last_item_at=row.last_item_at,
        ranked_at=row.ranked_at,
        reason=row.reason,
        revision=row.revision,
        regions=regions,
        limits=weights.points,
        weights_version=row.weights_version,
        notes=row.notes or {},
        exercise=row.exercise,
        owner=row.owner,
        due_at=row.due_at,
        topics=named,
    )


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
