"""Whether a source is silent beyond its own habit: pure decisions. A silent source is not a calm region.

The rule. A source speaks in an hour when at least one of its items is of that hour; a burst of twenty items is one
voice. Learned from are the 28 days *before its last item*, so that a rhythm is not unlearned while a source is silent.

1. Time is stretched to the source's week. Hour h of weekday d, on the source's own clock, weighs
   rate x day(d) x hour(h): an additive-smoothed product of how often it speaks on that weekday and at that hour. Under
   these weights an hour at night or on its free Sunday adds next to nothing to a silence. This is the time-rescaling
   of point processes (Brown, Barbieri, Ventura, Kass and Frank, Neural Computation 14, 2002). Below 40 hours with a
   voice, or 14 days, there is too little for a week: every hour weighs the same.
2. A silence is implausible when one as long would come up in a day with a probability below 1 %: with r hours of voice
   a day, the probability of a single gap must be below 0.01 / max(1, r). Asking for 1 % a gap would ring at a busy
   newsroom every second day.
3. That gap is read from the source's own stretched gaps: from 20 gaps on, the empirical 90 % quantile continued by an
   exponential tail (peaks over threshold: Pickands, Annals of Statistics 3, 1975; for alarms in streams: Siffer,
   Fouque, Termier and Largouet, KDD 2017). The scale of the tail is the median excess over ln 2, so that one outage
   that is over does not teach the next; it is never below half a mean gap: clockwork may miss a beat. With fewer gaps
   the voices are a Poisson process of unknown rate; after n gaps in the time T, one beyond T (p^(-1/n) - 1) has the
   probability p (gamma-Poisson predictive distribution; Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6).
4. The source's usual lag from publication to find is added (a clock that is slow by hours must not ring for ever), and
   an alarm never rings before 6 hours or later than 28 days of silence, whatever the history.
5. Silence is what a poll heard: the alarm rings when the last poll that was read came after its time. While polls fail,
   or nobody collects, nobody knows whether the source speaks.

Fewer than 8 hours with a voice, or less than 7 days between first and last, are no rhythm; then only the 28 days count.
Zones: Indonesia has no daylight saving; a zone that has gets the offset of the source's last item.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from waspada.clock import zone_of
from waspada.sources.types import (
    GOOD_STATES,
    ActiveHour,
    HealthState,
    Notice,
    NoticeKind,
    SourceFacts,
    SourceHealth,
)

LEARNED_FROM = timedelta(days=28)
#: No silence is shorter than this, and none is excused beyond that.
MIN_SILENCE = timedelta(hours=6)
MAX_SILENCE = timedelta(days=28)
#: Rhythms of sources that fell silent are learned from as far back.
LOOK_BACK = LEARNED_FROM + MAX_SILENCE
MIN_HOURS = 8
MIN_SPAN_HOURS = 7 * 24
MIN_HOURS_OF_WEEK = 40
MIN_SPAN_HOURS_OF_WEEK = 14 * 24
MIN_GAPS_OF_TAIL = 20
IMPLAUSIBLE_IN_A_DAY = 0.01
_TAIL_SHARE = 0.1
_THINNEST_TAIL = 0.5
_SMOOTHING_HOURS = 0.5
_MAX_LAG = timedelta(hours=24)
#: A source whose polls fail counts as reached this long; one that is just not asked (nobody collects) twice as long,
#: since the longest interval between two polls is a day.
REACHED_FOR = timedelta(hours=24)
#: When of the sources asked within so long before the last poll none was read, the fault is the desk's.
CUT_OFF_WITHIN = timedelta(hours=1)
_NUMBER_TO_MONDAY = 3 * 24  # 1970 began on a Thursday

Weight = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a source's history says of its silences. `alarm_after` counts from its last item."""

    usual_gap: timedelta
    alarm_after: timedelta


def judge(source: SourceFacts, now: datetime) -> SourceHealth:
    """How a source stands at `now`. What its clock puts after `now` is not counted: it would hide a silence."""
    hours = _known_hours(source, now)
    last = hours[-1].last_at if hours else None
    rhythm = rhythm_of(hours, zone_of(source.zone), source.added_at)
    rings_at = _rings_at(source, last, rhythm)
    heard_until = min(now, source.last_success_at) if source.last_success_at else None
    alarm = source.enabled and rings_at is not None and heard_until is not None and rings_at <= heard_until
    return SourceHealth(
        source,
        state=_state(source, now, alarm, rhythm is not None),
        alarm=alarm,
        last_at=last,
        usual_gap=rhythm.usual_gap if rhythm else None,
        rings_at=rings_at,
        items_7_days=_items_since(hours, now - timedelta(days=7)),
        items_28_days=_items_since(hours, now - timedelta(days=28)),
    )


def is_reached(source: SourceFacts, now: datetime) -> bool:
    """Whether somebody listens: a poll succeeded within a day, or within two if the last one did not fail."""
    if source.last_success_at is None:
        return False
    kept = REACHED_FOR * (2 if source.poll_state in GOOD_STATES else 1)
    return now - source.last_success_at < kept


def is_heard(health: SourceHealth, now: datetime) -> bool:
    """Whether a source works and said something of late: that it answers is no voice."""
    if health.state is HealthState.UNKNOWN:
        return health.last_at is not None and now - health.last_at < LEARNED_FROM
    return health.state is HealthState.SPEAKING


def rhythm_of(hours: Sequence[ActiveHour], zone: ZoneInfo, added_at: datetime) -> Rhythm | None:
    """The rhythm of the 28 days before the last of these hours (oldest first), or None when they are too few.

    `zone` is the source's own. Items from before `added_at` tell nothing about how late items are found.
    """
    learned = _learned_from(hours)
    numbers = [hour.number for hour in learned]
    if len(numbers) < MIN_HOURS or _span(numbers) < MIN_SPAN_HOURS:
        return None
    weight = _weights(numbers, zone, learned[-1].last_at)
    limit = _implausible_gap(_stretched_gaps(numbers, weight), _voices_a_day(numbers))
    silence = timedelta(hours=_hours_until(limit, numbers[-1], weight)) - _within_hour(learned[-1].last_at)
    usual_gap = timedelta(hours=median(after - before for before, after in pairwise(numbers)))
    return Rhythm(usual_gap, max(MIN_SILENCE, min(MAX_SILENCE, silence + usual_lag(learned, added_at))))


def usual_lag(hours: Sequence[ActiveHour], added_at: datetime) -> timedelta:
    """The median time from publication to find since the source was added, at most a day."""
    lags = [hour.least_lag.total_seconds() for hour in hours if hour.items and hour.last_at >= added_at]
    return min(_MAX_LAG, max(timedelta(0), timedelta(seconds=median(lags)))) if lags else timedelta(0)


def silent_for(health: SourceHealth, now: datetime) -> timedelta:
    """How long a source has said nothing; one that never spoke counts from when it was added."""
    return max(timedelta(0), now - (health.last_at or health.source.added_at))


def unasked_for(source: SourceFacts, asked_at: datetime | None) -> timedelta | None:
    """How long nobody asked a source while others were asked, None for less than two days: the longest interval between
    two polls is one.

    `asked_at` is the desk's last poll of any source that is an hour old: after a pause everybody has his turn by then.
    """
    if asked_at is None or not source.enabled:
        return None
    gap = asked_at - (source.last_poll_at or source.added_at)
    return gap if gap >= 2 * REACHED_FOR else None


def notice_of(health: SourceHealth, now: datetime, asked_at: datetime | None = None) -> Notice | None:
    """What the operator has to know of a source: that nobody asks it, or that it is parked, or that its polls fail, or
    that its articles are refused, or else that it is silent. The first that fits."""
    source = health.source
    if (gap := unasked_for(source, asked_at)) is not None:
        words = f"not asked: nobody asked it for {_in_words(gap)} while others were asked"
        return Notice(source.id, NoticeKind.FAILING, source.last_poll_at, words)
    if health.state is HealthState.PARKED:
        words = "parked: its polls fail; it is asked once a day and comes back by itself"
        return Notice(source.id, NoticeKind.PARKED, source.last_success_at, words)
    if health.state is HealthState.BROKEN and _fails(source):
        words = f"failing: its polls fail for {_in_words(now - _answered_at(source))} ({source.poll_state})"
        return Notice(source.id, NoticeKind.FAILING, source.last_success_at, words)
    if health.state is HealthState.BLOCKED:
        words = "refused: it answers, but every article asked for in the last day was refused"
        return Notice(source.id, NoticeKind.REFUSED, source.last_item_at, words)
    if health.alarm:
        return Notice(source.id, NoticeKind.SILENT, health.last_at, _silence_in_words(health, now))
    return None


def is_cut_off(sources: Iterable[SourceFacts]) -> bool:
    """Whether the desk reaches nobody: two sources or more were asked in the hour before the last poll, and none was
    read. What seems wrong with a source may then be the desk's own line."""
    polls = [(source.last_poll_at, source.last_success_at) for source in sources if source.last_poll_at]
    since = max((polled for polled, _ in polls), default=datetime.max.replace(tzinfo=UTC)) - CUT_OFF_WITHIN
    asked = sum(polled >= since for polled, _ in polls)
    return asked > 1 and not any(read is not None and read >= since for _, read in polls)


def is_news(notice: Notice, told_at: datetime | None) -> bool:
    """Whether a notice has not been given since the source last spoke (or answered)."""
    return told_at is None or (notice.since is not None and told_at < notice.since)


def _silence_in_words(health: SourceHealth, now: datetime) -> str:
    usual = f"; usually every {health.usual_gap / timedelta(hours=1):.0f} h" if health.usual_gap else ""
    return f"silent: nothing new for {_in_words(silent_for(health, now))}{usual}"


def _in_words(time: timedelta) -> str:
    days, hours = divmod(time // timedelta(hours=1), 24)
    return f"{days} d {hours} h"


def _fails(source: SourceFacts) -> bool:
    """Whether polls were seen to fail for a day: one that fails after a night without the service is not enough."""
    if source.last_poll_at is None or source.poll_state in GOOD_STATES:
        return False
    return source.last_poll_at - _answered_at(source) >= REACHED_FOR


def _answered_at(source: SourceFacts) -> datetime:
    return source.last_success_at or source.added_at


def _state(source: SourceFacts, now: datetime, alarm: bool, has_rhythm: bool) -> HealthState:
    rules = (
        (not source.enabled, HealthState.OFF),
        (source.parked, HealthState.PARKED),
        (source.last_poll_at is None, HealthState.NEW),
        (not is_reached(source, now), HealthState.BROKEN),
        (source.only_blocked, HealthState.BLOCKED),
        (alarm, HealthState.SILENT),
        (not has_rhythm, HealthState.UNKNOWN),
    )
    return next((state for holds, state in rules if holds), HealthState.SPEAKING)


def _rings_at(source: SourceFacts, last: datetime | None, rhythm: Rhythm | None) -> datetime | None:
    """When the alarm rings. A feed that was dead before it was added gets its 28 days from then."""
    if last is None and source.last_poll_at is None:
        return None
    if last is None or source.added_at - last > MAX_SILENCE:
        return source.added_at + MAX_SILENCE
    return last + (rhythm.alarm_after if rhythm else MAX_SILENCE)


def _known_hours(source: SourceFacts, now: datetime) -> list[ActiveHour]:
    """The hours with a voice up to `now`, oldest first; the newest entry of a poll is one, with or without an item."""
    hours = sorted((hour for hour in source.hours if hour.last_at <= now), key=lambda hour: hour.last_at)
    entry_at = source.newest_entry_at
    if entry_at is None or entry_at > now or (hours and entry_at <= hours[-1].last_at):
        return hours
    number = int(entry_at.timestamp()) // 3600
    if hours and hours[-1].number == number:
        return [*hours[:-1], replace(hours[-1], last_at=entry_at)]
    return [*hours, ActiveHour(number, 0, entry_at)]


def _items_since(hours: Sequence[ActiveHour], since: datetime) -> int:
    return sum(hour.items for hour in hours if hour.last_at >= since)


def _learned_from(hours: Sequence[ActiveHour]) -> list[ActiveHour]:
    return [hour for hour in hours if hours[-1].last_at - hour.last_at < LEARNED_FROM]


def _span(numbers: Sequence[int]) -> int:
    return numbers[-1] - numbers[0]


def _voices_a_day(numbers: Sequence[int]) -> float:
    return 24 * (len(numbers) - 1) / _span(numbers)


def _weights(numbers: Sequence[int], zone: ZoneInfo, at: datetime) -> Weight:
    """How much of a voice is expected of each hour; over the hours learned from they sum to about the voices heard."""
    rate = (len(numbers) - 1) / _span(numbers)
    if len(numbers) < MIN_HOURS_OF_WEEK or _span(numbers) < MIN_SPAN_HOURS_OF_WEEK:
        return lambda _number: rate
    offset = at.astimezone(zone).utcoffset() or timedelta(0)
    shift = _NUMBER_TO_MONDAY + offset // timedelta(hours=1)
    exposed = range(numbers[0] + 1, numbers[-1] + 1)
    days = _factors([_weekday(number + shift) for number in numbers], [_weekday(n + shift) for n in exposed], rate)
    clock = _factors([(number + shift) % 24 for number in numbers], [(n + shift) % 24 for n in exposed], rate)
    return lambda number: rate * days[_weekday(number + shift)] * clock[(number + shift) % 24]


def _weekday(local_number: int) -> int:
    return local_number // 24 % 7


def _factors(spoke: Sequence[int], exposed: Sequence[int], rate: float) -> dict[int, float]:
    """Of each class of hours (a weekday, an hour of the day): how much more often than on average the source speaks."""
    voices, hours = Counter(spoke), Counter(exposed)
    return {
        key: (voices[key] + _SMOOTHING_HOURS) / (count * rate + _SMOOTHING_HOURS)
        for key, count in sorted(hours.items())
    }


def _stretched_gaps(numbers: Sequence[int], weight: Weight) -> list[float]:
    return [sum(map(weight, range(before + 1, after + 1))) for before, after in pairwise(numbers)]


def _implausible_gap(gaps: Sequence[float], voices_a_day: float) -> float:
    """The stretched gap beyond which silence is implausible (rules 2 and 3)."""
    p = IMPLAUSIBLE_IN_A_DAY / max(1.0, voices_a_day)
    if len(gaps) < MIN_GAPS_OF_TAIL:
        return sum(gaps) * math.expm1(-math.log(p) / len(gaps))
    ordered = sorted(gaps)
    place_of_quantile = math.ceil((1 - _TAIL_SHARE) * len(ordered)) - 1
    quantile = ordered[place_of_quantile]
    scale = median(gap - quantile for gap in ordered[place_of_quantile + 1 :]) / math.log(2)
    tail = max(scale, _THINNEST_TAIL * sum(gaps) / len(gaps))
    return quantile + tail * math.log(_TAIL_SHARE / p)


def _hours_until(limit: float, last: int, weight: Weight) -> int:
    """Whole hours of the clock, from the beginning of the hour `last`, until the silence after it weighs `limit`."""
    silence, number = 0.0, last
    latest = last + MAX_SILENCE // timedelta(hours=1)
    while silence < limit and number < latest:
        number += 1
        silence += weight(number)
    return number + 1 - last


def _within_hour(moment: datetime) -> timedelta:
    plain = moment.astimezone(UTC)
    return timedelta(minutes=plain.minute, seconds=plain.second, microseconds=plain.microsecond)
