"""What is known at a moment, asked of the store once for thousands of digests: alerts by region, what they rest on,
what changed, what was wrong, how well each region is heard. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from waspada.alerts import items, repository
from waspada.alerts.exits import Span, mask, masked
from waspada.alerts.types import AlertFilter, AlertState, AlertSummary, Coverage, ItemView
from waspada.calendar import Stage, StageNow, load_stages, stage_at
from waspada.claims import repository as claims
from waspada.claims.types import MatchState, MatchView
from waspada.clock import zone_of
from waspada.corrections.repository import erased_alerts
from waspada.digests import repository as kept
from waspada.digests.policy import CORRECTED_WITHIN, STATES, fits, since_of
from waspada.digests.types import Period, Wanted
from waspada.places import is_within
from waspada.reports.repository import counts_of_stories
from waspada.reports.types import NO_REPORTS, StoryReports
from waspada.settings import Settings
from waspada.sources import service as sources
from waspada.sources.types import SourceHealth
from waspada.stops.repository import in_force
from waspada.stops.types import Stop
from waspada.store.tables import AlertEventRow, AlertRegionRow, AlertRow, ClaimMatchRow, StoryItemRow, StoryRow
from waspada.taxonomy import ItemKind, TextField

#: More alerts than a country has in a month of elections.
_MOST_ALERTS = 100_000
_ITEMS_READ = 50
_CHUNK = 500
_QUOTES = '"“”'
#: Around a sentence of a text that is longer than any article, so much is read to know its names.
_MOST_TEXT, _MOST_QUOTED = 200_000, 2_000
_TAKEN_BACK = (AlertState.NOT_A_THREAT, AlertState.DUPLICATE)
_TOLD_STATES = (AlertState.VERIFIED, AlertState.CLOSED, *_TAKEN_BACK)


@dataclass(frozen=True, slots=True)
class Rests:
    """What an alert rests on. `quote` is masked; only articles are quoted and named (design, rule 4); field reports are
    counted."""

    quote: str
    outlets: Sequence[str]
    matches: Sequence[MatchView]
    field_reports: StoryReports = NO_REPORTS


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an alert: the levels where they changed, the state where a person gave one, the last of each."""

    alert: AlertSummary
    levels: tuple[int, int] | None
    state: AlertState | None
    reason: str | None

    @property
    def is_one(self) -> bool:
        return self.levels is not None or self.state is not None


class Gathered:
    """One moment. `at` is aware; what is asked twice is looked up once."""

    def __init__(self, session: Session, at: datetime, settings: Settings) -> None:
        self.session, self.at, self.settings = session, at, settings
        self._regions: dict[datetime, dict[str, list[AlertSummary]]] = {}
        self._rests: dict[int, Rests] = {}
        self._coverage: dict[str, Coverage] = {}
        self._erased: dict[tuple[str, datetime], int] = {}
        self._events: dict[datetime, dict[str, dict[int, list[AlertEventRow]]]] = {}
        self._changed: dict[int, AlertSummary] = {}
        self._stages: dict[tuple[date, str], StageNow] = {}

    def since(self, wanted: Wanted, last: datetime | None = None) -> datetime:
        """From when on a digest tells: a period back, or from the last of the same on where that came earlier, so that
        one which comes later than usual leaves nothing out."""
        return min(since_of(self.at, wanted.period, zone_of(wanted.zone)), self.since_last(wanted, last))

    def ranked(self, wanted: Wanted, last: datetime | None = None) -> list[AlertSummary]:
        """What `repository.search` gives for `policy.filter_of`, without a question of its own."""
        since, floor = self.since(wanted, last), self._floor(wanted)
        if floor not in self._regions:
            self._regions[floor] = self._by_region(floor)
        found = self._regions[floor].get(wanted.region, ())
        return [alert for alert in found if alert.last_item_at >= since and fits(alert, wanted)]

    def _floor(self, wanted: Wanted) -> datetime:
        """Two periods back: no digest looks further."""
        zone = zone_of(wanted.zone)
        return since_of(since_of(self.at, wanted.period, zone), wanted.period, zone)

    @property
    def _earliest(self) -> datetime:
        """No digest of any period and zone looks back further."""
        zone = self.settings.zone_info
        return since_of(since_of(self.at, Period.MONTHLY, zone), Period.MONTHLY, zone) - timedelta(days=1)

    @cached_property
    def checked(self) -> frozenset[int]:
        """Stories of the time that repeat a claim that was checked."""
        query = (
            select(StoryItemRow.story_id)
            .join(ClaimMatchRow, ClaimMatchRow.item_id == StoryItemRow.item_id)
            .join(AlertRow, AlertRow.story_id == StoryItemRow.story_id)
            .where(
                ClaimMatchRow.state.in_([MatchState.SUGGESTED.value, MatchState.CONFIRMED.value]),
                AlertRow.last_item_at >= self._earliest,
            )
            .distinct()
        )
        return frozenset(self.session.scalars(query))

    @cached_property
    def ended_verified(self) -> frozenset[int]:
        """Closed alerts of the time that a person had verified before."""
        query = (
            select(AlertEventRow.alert_id)
            .join(AlertRow, AlertRow.id == AlertEventRow.alert_id)
            .where(
                AlertEventRow.to_state == AlertState.VERIFIED.value,
                AlertRow.state == AlertState.CLOSED.value,
                AlertRow.last_item_at >= self._earliest,
            )
            .distinct()
        )
        return frozenset(self.session.scalars(query))

    def rests(self, alert: AlertSummary) -> Rests:
        if alert.id not in self._rests:
            members = items.of_story(self.session, alert.story_id, limit=_ITEMS_READ)
            articles = [member for member in members if member.kind is ItemKind.ARTICLE]
            self._rests[alert.id] = Rests(
                quote=_quote(articles, alert.label),
                outlets=sorted({mask(one.outlet[:_MOST_QUOTED]) for one in articles if one.outlet}),
                matches=claims.of_story(self.session, alert.story_id),
                field_reports=counts_of_stories(self.session, [alert.story_id]).get(alert.story_id, NO_REPORTS),
            )
        return self._rests[alert.id]

    def coverage(self, region: str) -> Coverage:
        if region not in self._coverage:
            self._coverage[region] = repository.coverage(self.session, region, self.at, healths=self._healths)
        return self._coverage[region]

    def stage(self, day: date, region: str) -> StageNow:
        if (day, region) not in self._stages:
            self._stages[day, region] = stage_at(day, region, self._calendar)
        return self._stages[day, region]

    def stopped_since(self, region: str) -> datetime | None:
        """Since when the collection is stopped for the whole region, by the oldest stop in force that holds it."""
        stops = (stop for stop in self._stops if stop.source_id is None)
        return next((stop.at for stop in stops if stop.region is None or is_within(region, stop.region)), None)

    def erased(self, region: str, since: datetime) -> int:
        """Alerts of the region and time that lost items to an erasure."""
        if (region, since) not in self._erased:
            self._erased[region, since] = erased_alerts(self.session, region, since, self.at)
        return self._erased[region, since]

    def since_last(self, wanted: Wanted, last: datetime | None = None) -> datetime:
        """The moment of the last digest of the same, or of `last`; of one that is long ago, no more than twice its
        period back."""
        last = last or self._last.get(wanted.key)
        if last is not None and last >= self._floor(wanted):
            return last
        return since_of(self.at, wanted.period, zone_of(wanted.zone))

    def changes(self, wanted: Wanted, last: datetime | None = None) -> list[Change]:
        """What became of alerts that were open before the last digest, the latest first."""
        since, floor = self.since_last(wanted, last), self._floor(wanted)
        if floor not in self._events:
            self._events[floor] = self._events_by_region(floor)
        told = []
        for alert_id, rows in self._events[floor].get(wanted.region, {}).items():
            alert, recent = self._changed[alert_id], [row for row in rows if row.at >= since]
            if recent and alert.opened_at < since:
                change = _change(alert, recent)
                told += [(recent[-1].id, change)] if change.is_one and _concerns(change, wanted) else []
        return [change for _, change in sorted(told, key=lambda pair: -pair[0])]

    def wrongs(self, wanted: Wanted, last: datetime | None = None) -> list[kept.Wrong]:
        """What earlier digests of the same told that was found wrong since the last of them."""
        since = self.since_last(wanted, last)
        return [one for one in self._wrong.get(wanted.key, ()) if one.at >= since]

    def alerts(self, ids: Sequence[int]) -> dict[int, AlertSummary]:
        return {alert.id: alert for alert in repository.by_ids(self.session, ids)}

    @cached_property
    def _healths(self) -> Sequence[SourceHealth]:
        return sources.healths(self.session, self.at)

    @cached_property
    def _calendar(self) -> Sequence[Stage]:
        return load_stages(self.settings.calendar_file)

    @cached_property
    def _stops(self) -> Sequence[Stop]:
        return in_force(self.session)

    @cached_property
    def _last(self) -> dict[str, datetime]:
        return kept.last_of_each(self.session, self.at)

    @cached_property
    def _wrong(self) -> dict[str, list[kept.Wrong]]:
        found: dict[str, list[kept.Wrong]] = defaultdict(list)
        for one in kept.wrongs(self.session, self.at - CORRECTED_WITHIN, self.at):
            found[one.key].append(one)
        return found

    def _by_region(self, since: datetime) -> dict[str, list[AlertSummary]]:
        wanted = AlertFilter(states=STATES, since=since, until=self.at)
        ranked = repository.search(self.session, wanted, limit=_MOST_ALERTS)
        return _by_region(ranked, self._standing(since))

    def _standing(self, since: datetime) -> dict[int, list[str]]:
        """The regions that each alert of the time stands in."""
        query = (
            select(AlertRegionRow.alert_id, AlertRegionRow.code)
            .join(AlertRow, AlertRow.id == AlertRegionRow.alert_id)
            .where(AlertRow.last_item_at >= since, AlertRow.last_item_at < self.at)
        )
        found: dict[int, list[str]] = defaultdict(list)
        for alert_id, code in self.session.execute(query):
            found[alert_id].append(code)
        return found

    def _events_by_region(self, since: datetime) -> dict[str, dict[int, list[AlertEventRow]]]:
        events: dict[int, list[AlertEventRow]] = defaultdict(list)
        for row in self.session.scalars(_events(since, self.at)):
            events[row.alert_id].append(row)
        ids = list(events)
        found: dict[str, dict[int, list[AlertEventRow]]] = defaultdict(dict)
        for chunk in (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)):
            self._changed |= self.alerts(chunk)
            standing = select(AlertRegionRow.alert_id, AlertRegionRow.code).where(AlertRegionRow.alert_id.in_(chunk))
            for alert_id, code in self.session.execute(standing):
                found[code][alert_id] = events[alert_id]
        return found


def _by_region(ranked: Sequence[AlertSummary], standing: dict[int, list[str]]) -> dict[str, list[AlertSummary]]:
    found: dict[str, list[AlertSummary]] = defaultdict(list)
    for alert in ranked:
        for code in standing.get(alert.id, ()):
            found[code].append(alert)
    return found


def _events(since: datetime, until: datetime) -> Select[AlertEventRow]:
    """What happened to alerts, in its order."""
    merged = select(StoryRow.id).where(StoryRow.id == AlertRow.story_id, StoryRow.merged_into.is_not(None))
    told = [state.value for state in _TOLD_STATES]
    return (
        select(AlertEventRow)
        .join(AlertRow, AlertRow.id == AlertEventRow.alert_id)
        .where(
            AlertEventRow.at >= since,
            AlertEventRow.at < until,
            or_(AlertEventRow.action.in_(("raised", "lowered")), AlertEventRow.to_state.in_(told)),
            AlertRow.exercise.is_(False),
            ~merged.exists(),
        )
        .order_by(AlertEventRow.id)
    )


def _change(alert: AlertSummary, events: Sequence[AlertEventRow]) -> Change:
    """All that happened to one alert as one change; what did not last is none."""
    levels = [(row.detail.get("from"), row.detail.get("to")) for row in events if row.action in ("raised", "lowered")]
    numbers = [(before, after) for before, after in levels if isinstance(before, int) and isinstance(after, int)]
    moved = (numbers[0][0], numbers[-1][1]) if numbers and numbers[0][0] != numbers[-1][1] else None
    told = [row.to_state for row in events if row.to_state is not None]
    state = AlertState(told[-1]) if told and told[-1] == alert.state else None
    return Change(alert, moved, state, alert.reason if state is not None else None)


def _concerns(change: Change, wanted: Wanted) -> bool:
    """Whether a change is of the labels that are wanted, and of the level before it or after it."""
    highest = max(change.alert.level, *(change.levels or (0, 0)))
    return fits(replace(change.alert, level=highest), wanted)


def _quote(articles: Sequence[ItemView], label: str) -> str:
    """The first sentence of an article's text that carries the label, masked; titles are the headline already."""
    for article in articles:
        for evidence in article.evidence:
            if evidence.label == label and evidence.field == TextField.TEXT:
                quotes = _masked_part(article.text, evidence.start, evidence.end)
                if quotes:
                    return _unquoted(" ".join(quotes[0].split()))
    return ""


def _unquoted(sentence: str) -> str:
    """Without the quotation marks around the whole of it; those within stay."""
    inner = sentence.strip()
    if len(inner) > 1 and inner[0] in _QUOTES and inner[-1] in _QUOTES and not set(inner[1:-1]) & set(_QUOTES):
        inner = inner[1:-1].strip()
    return inner


def _masked_part(text: str, start: int, end: int) -> list[str]:
    """The masked sentence of a text: of one without end only what is around it is looked at."""
    end = min(end, start + _MOST_QUOTED)
    first = max(0, start - _MOST_TEXT) if len(text) > _MOST_TEXT else 0
    part = text[first : end + _MOST_TEXT] if len(text) > _MOST_TEXT else text
    return masked(part, [Span(start - first, end - first)]).quotes()
