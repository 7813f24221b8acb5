"""SQL of a region's volume: its stories by the time of their first report, and who is heard of it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, extract, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from waspada.alerts import burst
from waspada.alerts.burst import Rate, Window
from waspada.places import PlaceLevel, children, regency_or_self
from waspada.store.tables import SourceMentionRow, StoryPlaceRow
from waspada.stories.groups import group_bits
from waspada.taxonomy import Label

_DAY_SECONDS = 86_400
#: Days of the week are told apart by the clock of the country's middle; an hour more or less is no other weekday.
_ZONE_SECONDS = 8 * 3600
_THURSDAY = 3  # 1 January 1970, Monday being 0


@dataclass(frozen=True, slots=True)
class _Province:
    """A province's events of a group: how far back they go, a day and region, and what each weekday counts as."""

    past_days: float
    per_day: float
    weekdays: list[float]


@dataclass
class Volumes:
    """The windows of regions as of `now`. What stories of one region or province share is read once: keep it for a
    batch, and for no longer: stories that are grouped meanwhile are not seen."""

    now: datetime
    _regions: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    _provinces: dict[tuple[str, int], _Province] = field(default_factory=dict)
    _ears: dict[str, float] = field(default_factory=dict)

    def windows(self, session: Session, region: str | None, label: Label, story_id: int) -> tuple[Window, ...]:
        """Other stories of the label's group in the kabupaten (or province) of a region; empty without a past."""
        if region is None:
            return ()
        code, bits = regency_or_self(region), group_bits([label])
        province = self._province(session, code[:2], bits)
        if province.past_days < burst.LEAST_PAST_DAYS:
            return ()
        *counts, past = self._counts(session, code, bits, story_id)
        rate = self._rate(past, province, whole=code == code[:2])
        heard = self._heard(session, code)
        return tuple(
            Window(days, count, heard * self._weekday_weight(days, province), rate)
            for days, count in zip(burst.WINDOW_DAYS, counts, strict=True)
        )

    def _rate(self, past: int, province: _Province, *, whole: bool) -> Rate:
        return burst.rate_of(past, province.past_days, 0.0 if whole else province.per_day)

    def _counts(self, session: Session, code: str, bits: int, story_id: int) -> list[int]:
        """Other stories that began within each window, and before all of them."""
        if (code, bits) not in self._regions:
            began = StoryPlaceRow.first_item_at
            spans = [_sum(and_(began > first, began <= last)) for first, last in self._spans()]
            row = session.execute(select(*spans).where(*self._within_sight(code, bits))).one()
            self._regions[code, bits] = [int(value or 0) for value in row]
        own = session.get(StoryPlaceRow, (code, story_id))
        at = own.first_item_at if own is not None and own.label_groups & bits else None
        is_own = [at is not None and first < at <= last for first, last in self._spans()]
        return [count - mine for count, mine in zip(self._regions[code, bits], is_own, strict=True)]

    def _spans(self) -> list[tuple[datetime, datetime]]:
        first, edge = self._sight()
        return [*((self.now - timedelta(days=days), self.now) for days in burst.WINDOW_DAYS), (first, edge)]

    def _sight(self) -> tuple[datetime, datetime]:
        """Where the past begins and ends."""
        edge = self.now - timedelta(days=burst.WINDOW_DAYS[-1])
        return edge - timedelta(days=burst.PAST_DAYS), edge

    def _within_sight(self, code: str, bits: int) -> list[ColumnElement[bool]]:
        first, began = self._sight()[0], StoryPlaceRow.first_item_at
        return [
            StoryPlaceRow.code == code,
            and_(began > first, began <= self.now),
            StoryPlaceRow.label_groups.bitwise_and(bits) != 0,
        ]

    def _province(self, session: Session, code: str, bits: int) -> _Province:
        if (code, bits) not in self._provinces:
            self._provinces[code, bits] = self._read_province(session, code, bits)
        return self._provinces[code, bits]

    def _read_province(self, session: Session, code: str, bits: int) -> _Province:
        began = StoryPlaceRow.first_item_at
        _, edge = self._sight()
        oldest = session.scalar(select(func.min(began)).where(StoryPlaceRow.code == code))
        known = (edge - oldest) / timedelta(days=1) if oldest else 0.0
        past_days = min(float(burst.PAST_DAYS), max(0.0, known))
        day = ((_seconds(began) + _ZONE_SECONDS) // _DAY_SECONDS).label("day")
        query = select(day, func.count()).where(*self._within_sight(code, bits), began <= edge).group_by(day)
        by_weekday = [0] * 7
        for number, count in session.execute(query):
            by_weekday[(int(number) + _THURSDAY) % 7] += count
        regions = max(1, sum(one.level is PlaceLevel.REGENCY for one in children(code)))
        per_day = sum(by_weekday) / past_days / regions if past_days else 0.0
        is_whole = past_days >= burst.PAST_DAYS
        return _Province(past_days, per_day, burst.weekday_factors(by_weekday) if is_whole else [1.0] * 7)

    def _weekday_weight(self, days: int, province: _Province) -> float:
        """The weekdays that the last `days` times 24 hours lie in, each by its hours among them."""
        day, seconds = divmod(self.now.timestamp() + _ZONE_SECONDS, _DAY_SECONDS)
        today = seconds / _DAY_SECONDS
        shares = (today, *[1.0] * (days - 1), 1.0 - today)
        return sum(share * province.weekdays[(int(day) - back + _THURSDAY) % 7] for back, share in enumerate(shares))

    def _heard(self, session: Session, code: str) -> float:
        if code not in self._ears:
            recent, month = SourceMentionRow.items_7_days, SourceMentionRow.items_28_days
            rows = session.execute(select(recent, month).where(SourceMentionRow.code == code)).all()
            now = sum(week > 0 for week, _ in rows)
            self._ears[code] = burst.ears(now, sum(burst.heard_in_a_week(all_ - week) for week, all_ in rows))
        return self._ears[code]


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _seconds(moment: InstrumentedAttribute[datetime | None]) -> ColumnElement[int]:
    return cast(func.floor(extract("epoch", moment)), BigInteger)
