"""Replaying items through the real stages on a store in memory: `waspada cluster` and `waspada backtest`.

Nothing is simulated but the clock: items are stored, tagged, grouped and ranked by the same jobs that a desk runs.
Stories are repaired, as a desk does every five minutes, when what was loaded is grouped: in a backtest as a day ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.alerts.volume import Volumes
from waspada.alerts.wording import UNVERIFIED
from waspada.clock import day_bounds, local_day
from waspada.items import policy
from waspada.items.jsonl import JsonlItem
from waspada.items.repository import WaitingItem, save_tags
from waspada.jobs.baselines import DayItem
from waspada.jobs.group import group_tagged
from waspada.jobs.rank import RankingData, rank_story
from waspada.jobs.repair import repair_all
from waspada.places import regency_or_self
from waspada.store import Store, open_url
from waspada.store.tables import (
    AlertPlaceRow,
    AlertRow,
    FingerprintRow,
    ItemRow,
    ItemVersionRow,
    SourceRow,
    StoryItemRow,
    StoryRow,
)
from waspada.taxonomy import ItemKind, Tagger, Tags

Step = Callable[[int], None]
_BATCH_ITEMS = 64
#: How far back `Replay.eventful_before` looks.
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Outlet:
    """What is known of the outlet that an item names: its home region, what kind of source, how reliable (0..1)."""

    home: str | None = None
    role: str = "news"
    reliability: float = 0.5


@dataclass(frozen=True, slots=True)
class DayAlert:
    """An alert as it stood at the end of a day; `as_contract` is a line of `waspada backtest`.

    `items` are the ids of its items of that day, which need not be unique; `lines` are where they stand in the file.
    """

    day: date
    rank: int
    alert: AlertRow
    places: tuple[str, ...]
    items: tuple[Any, ...]
    lines: tuple[int, ...]

    def as_contract(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "rank": self.rank,
            "alert": str(self.alert.id),
            "score": self.alert.score,
            "parts": self.alert.parts,
            "label": self.alert.label,
            "level": self.alert.level,
            "places": list(self.places),
            "items": list(self.items),
            "why": f"{self.alert.why} {UNVERIFIED}",
        }


@dataclass(frozen=True, slots=True)
class ReplayedDay:
    """A day and its alerts, best first."""

    day: date
    alerts: list[DayAlert]


@dataclass(frozen=True, slots=True)
class _Grouped:
    item_id: int
    story_id: int
    region: str | None
    is_eventful: bool


class Replay:
    """Items on their way through a store in memory. `outlets` maps a lower-cased outlet name to what is known of it."""

    def __init__(self, tagger: Tagger, outlets: Mapping[str, Outlet] | None = None) -> None:
        self.store: Store = open_url("sqlite://")
        self._tagger = tagger
        self._outlets = outlets or {}
        self._ids: dict[int, JsonlItem] = {}

    def load(self, items: Sequence[JsonlItem], now: datetime, step: Step = lambda _n: None) -> None:
        """Stores and tags items in the order they happened; those without a date come last, found at `now`."""
        ordered = sorted(items, key=lambda item: (item.published_at or now, item.line))
        for start in range(0, len(ordered), _BATCH_ITEMS):
            batch = ordered[start : start + _BATCH_ITEMS]
            tags = self._tagger.classify([item.as_text(self._outlet(item).home) for item in batch])
            with self.store.write() as session:
                for item, tag in zip(batch, tags, strict=True):
                    self._ids[self._insert(session, item, tag, now)] = item
            step(len(batch))

    def group(self, now: datetime, step: Step = lambda _n: None) -> None:
        while count := group_tagged(self.store, now):
            step(count)

    def repair(self, now: datetime) -> None:
        """Repairs the stories until they are at rest."""
        repair_all(self.store, now)

    def stories(self) -> dict[int, int]:
        """Line of an item -> id of its story."""
        with self.store.read() as session:
            rows = session.execute(select(StoryItemRow.item_id, StoryItemRow.story_id)).all()
        return {self._ids[item_id].line: story_id for item_id, story_id in rows}

    def days(
        self, items: Sequence[JsonlItem], data: RankingData, zone: ZoneInfo, step: Step = lambda _n: None
    ) -> Iterator[list[DayAlert]]:
        """The alerts of each day, best first, as a desk would have seen them when the day ended."""
        return (one.alerts for one in self.each_day(items, data, zone, step))

    def each_day(
        self, items: Sequence[JsonlItem], data: RankingData, zone: ZoneInfo, step: Step = lambda _n: None
    ) -> Iterator[ReplayedDay]:
        """The days, also those without an alert, in order. The store holds nothing of a later day when one comes out.

        Only items with a date take part; a day's items go through all stages before those of the next.
        """
        dated = sorted((i for i in items if i.published_at), key=lambda item: (_at(item), item.line))
        for day, group in groupby(dated, key=lambda item: local_day(_at(item), zone)):
            end = day_bounds(day, zone)[1]
            self.load(list(group), end, step)
            self.group(end)
            self.repair(end)
            yield ReplayedDay(day, self._ranked(day, data, zone, end))

    def items_of(self, day: date, zone: ZoneInfo) -> list[DayItem]:
        """The items of a day that was replayed, in the order in which they happened: what baselines put in order."""
        start, end = day_bounds(day, zone)
        with self.store.read() as session:
            grouped = _grouped(session, start, end)
        return [_day_item(self._ids[one.item_id], one.region) for one in grouped]

    def eventful_before(self, day: date, zone: ZoneInfo) -> dict[str, int]:
        """Region -> its stories with an eventful item in the seven days before a day that was replayed."""
        start = day_bounds(day, zone)[0]
        with self.store.read() as session:
            grouped = _grouped(session, start - _WEEK, start)
        stories = {(one.region, one.story_id) for one in grouped if one.is_eventful}
        return dict(Counter(region for region, _ in stories if region is not None))

    def close(self) -> None:
        self.store.close()

    def _ranked(self, day: date, data: RankingData, zone: ZoneInfo, now: datetime) -> list[DayAlert]:
        start, end = day_bounds(day, zone)
        with self.store.write() as session:
            volumes = Volumes(now)
            for story in session.scalars(select(StoryRow).where(StoryRow.stale).order_by(StoryRow.id)).all():
                rank_story(session, story, data, now, volumes)
            rows = session.execute(
                select(AlertRow, StoryItemRow.item_id)
                .join(StoryItemRow, StoryItemRow.story_id == AlertRow.story_id)
                .join(ItemRow, ItemRow.id == StoryItemRow.item_id)
                .where(AlertRow.level > 0, ItemRow.published_at >= start, ItemRow.published_at < end)
                .order_by(AlertRow.score.desc(), AlertRow.id.desc(), ItemRow.id)
            ).all()
            places = _places(session, {alert.id for alert, _ in rows})
            session.flush()
            session.expunge_all()
        by_alert = [(alert, [id_ for _, id_ in pairs]) for alert, pairs in groupby(rows, key=lambda row: row[0])]
        return [
            DayAlert(
                day,
                rank,
                alert,
                places.get(alert.id, ()),
                tuple(self._ids[id_].id for id_ in ids),
                tuple(self._ids[id_].line for id_ in ids),
            )
            for rank, (alert, ids) in enumerate(by_alert, start=1)
        ]

    def _insert(self, session: Session, item: JsonlItem, tags: Tags, now: datetime) -> int:
        source_id = self._source(session, item, now)
        row = ItemRow(
            source_id=source_id,
            kind=item.kind,
            outlet=item.outlet or "",
            url=item.url or "",
            url_key=policy.url_key(f"line:{item.line}"),
            title=policy.clean_title(item.title),
            voice=item.voice,
            published_at=item.published_at,
            found_at=item.published_at or now,
        )
        session.add(row)
        session.flush()
        title, text = row.title, policy.clean_text(item.text)
        session.add(ItemVersionRow(item_id=row.id, version=1, title=title, text=text, sha256="", seen_at=now))
        session.flush()
        save_tags(session, WaitingItem(row.id, 1, item.as_text()), tags, now.astimezone(UTC))
        return row.id

    def _source(self, session: Session, item: JsonlItem, now: datetime) -> str:
        outlet = self._outlet(item)
        id_ = policy.url_key(f"{item.kind}:{item.outlet or ''}")
        if session.get(SourceRow, id_) is None:
            session.add(
                SourceRow(
                    id=id_,
                    name=item.outlet or "",
                    outlet=item.outlet or "",
                    url=f"replay:{id_}",
                    kind="replay",
                    role="post" if item.kind is ItemKind.POST else outlet.role,
                    region=outlet.home,
                    reliability=outlet.reliability,
                    added_at=now,
                    next_poll_at=now,
                )
            )
            session.flush()
        return id_

    def _outlet(self, item: JsonlItem) -> Outlet:
        return self._outlets.get((item.outlet or "").strip().lower(), Outlet())


def _grouped(session: Session, start: datetime, end: datetime) -> list[_Grouped]:
    """The grouped items that were published within start <= time < end, in the order in which they happened."""
    rows = session.execute(
        select(ItemRow.id, StoryItemRow.story_id, FingerprintRow.regions, FingerprintRow.labels)
        .join(FingerprintRow, FingerprintRow.item_id == ItemRow.id)
        .join(StoryItemRow, StoryItemRow.item_id == ItemRow.id)
        .where(ItemRow.published_at >= start, ItemRow.published_at < end)
        .order_by(ItemRow.published_at, ItemRow.id)
    )
    return [
        _Grouped(id_, story, regency_or_self(regions[0]) if regions else None, bool(labels))
        for id_, story, regions, labels in rows
    ]


def _day_item(item: JsonlItem, region: str | None) -> DayItem:
    return DayItem(item.line, item.id, item.title, item.text, _at(item), region)


def _at(item: JsonlItem) -> datetime:
    if item.published_at is None:
        raise ValueError("an item without a date has no place in a day")
    return item.published_at


def _places(session: Session, alert_ids: set[int]) -> dict[int, tuple[str, ...]]:
    rows = session.execute(
        select(AlertPlaceRow.alert_id, AlertPlaceRow.code)
        .where(AlertPlaceRow.alert_id.in_(alert_ids))
        .order_by(AlertPlaceRow.alert_id, AlertPlaceRow.position)
    ).all()
    return {id_: tuple(code for _, code in group) for id_, group in groupby(rows, key=lambda row: row[0])}
