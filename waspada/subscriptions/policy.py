"""When a digest is due, when it may go, and what a subscription may ask for. Pure.

Indonesia's zones know no daylight saving, so that every local hour comes once a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from waspada.clock import ZONES, local_day, month_after
from waspada.digests.policy import check_wanted
from waspada.digests.types import Period, Wanted
from waspada.errors import InputError
from waspada.notify.messages import Channel
from waspada.subscriptions.types import CHANNELS, ZONE_NAMES, Occasion, Rhythm, Topic
from waspada.taxonomy import EVENT_LABELS

#: A digest that could not go when it was due (the service was down, a mail server was) is caught up within this; a
#: morning's digest in the evening misleads more than it tells.
CATCH_UP = timedelta(hours=6)
#: Words older than this are made anew before they are sent; until then their own text says of which moment they are.
FRESH_FOR = timedelta(hours=2)
CONFIRM_FOR = timedelta(days=7)
MANAGE_FOR = timedelta(days=365)
OPT_IN_EVERY = timedelta(hours=1)
MOST_OPT_INS_A_DAY = 3
#: Of the whole installation: a form on the web must not become somebody's mail cannon.
MOST_STRANGERS_A_DAY = 200
MOST_AN_ADDRESS = 10
#: Digests to one subscription in one of its days, and as many corrections.
MOST_A_DAY = 3
#: So many refusals in a row that may pass (a full mailbox) end a subscription, too.
MOST_BOUNCES = 4
MAX_PAUSE = timedelta(days=366)
_HOURS = 24
_DAYS_A_WEEK = 7
EVERY_DAY = tuple(range(_DAYS_A_WEEK))


def after(rhythm: Rhythm, moment: datetime) -> Occasion:
    """The first occasion after a moment."""
    return next(one for one in _from_day(rhythm, local_day(moment, ZONES[rhythm.zone])) if one.due_at > moment)


def is_quiet(rhythm: Rhythm, moment: datetime) -> bool:
    return _in_hours(moment.astimezone(ZONES[rhythm.zone]).hour, rhythm)


def quiet_end(rhythm: Rhythm, moment: datetime) -> datetime:
    """When the quiet hours that hold this moment end."""
    here = moment.astimezone(ZONES[rhythm.zone])
    end = datetime.combine(here.date(), time(rhythm.quiet_until), here.tzinfo)
    return (end if end > here else end + timedelta(days=1)).astimezone(UTC)


def is_late(due_at: datetime, now: datetime) -> bool:
    return now - due_at > CATCH_UP


def wanted(topic: Topic, rhythm: Rhythm) -> Wanted:
    """What the maker of digests is asked for."""
    return Wanted(
        region=topic.region,
        labels=topic.labels,
        min_level=topic.min_level,
        language=topic.language,
        zone=ZONES[rhythm.zone].key,
        period=rhythm.period,
    )


def checked_topic(topic: Topic) -> Topic:
    """The same with its labels once each, in their order. Raises InputError saying what cannot be asked for."""
    check_wanted(Wanted(topic.region, min_level=topic.min_level, language=topic.language))
    unknown = set(topic.labels) - set(EVENT_LABELS)
    if unknown:
        raise InputError(
            f"Alerts have no label {sorted(unknown)[0][:20]!r}.", hint=f"Use some of: {', '.join(EVENT_LABELS)}."
        )
    labels = tuple(label.value for label in EVENT_LABELS if label in set(topic.labels))
    return Topic(topic.region, labels, topic.min_level, topic.language)


def checked_rhythm(rhythm: Rhythm) -> Rhythm:
    """The same with its days once each. Raises InputError: no such hour, day or zone, or an hour that is quiet."""
    if rhythm.zone not in ZONE_NAMES:
        raise InputError("This zone is not known.", hint=f"Use one of: {', '.join(ZONE_NAMES)}.")
    if not all(0 <= hour < _HOURS for hour in (rhythm.hour, rhythm.quiet_from, rhythm.quiet_until)):
        raise InputError("This is no hour.", hint="Hours are 0 to 23.")
    days = tuple(sorted(set(rhythm.days)))
    if not days or not set(days) <= set(EVERY_DAY):
        raise InputError("A day of the week is needed.", hint="Days are 0 (Monday) to 6 (Sunday).")
    if rhythm.period is Period.WEEKLY and len(days) != 1:
        raise InputError("A weekly digest comes on one day of the week.", hint="Choose one day.")
    if _in_hours(rhythm.hour, rhythm):
        raise InputError("The hour lies in the quiet hours.", hint="Choose another hour, or other quiet hours.")
    return Rhythm(rhythm.period, days, rhythm.hour, rhythm.zone, rhythm.quiet_from, rhythm.quiet_until)


def checked_channel(channel: Channel) -> Channel:
    if channel not in CHANNELS:
        raise InputError(
            f"No digest goes by {channel.value}.", hint=f"Use one of: {', '.join(one.value for one in CHANNELS)}."
        )
    return channel


def check_pause(until: datetime, now: datetime) -> None:
    """Raises InputError for a pause that is over or lasts too long."""
    if until <= now:
        raise InputError("The pause ends in the past.", hint="Name a day that is still to come.")
    if until > now + MAX_PAUSE:
        raise InputError("The pause is too long.", hint=f"It may last {MAX_PAUSE.days} days at most.")


def bits_of(days: Iterable[int]) -> int:
    return sum(1 << day for day in set(days))


def days_of(bits: int) -> tuple[int, ...]:
    return tuple(day for day in EVERY_DAY if bits & 1 << day)


def _in_hours(hour: int, rhythm: Rhythm) -> bool:
    start, end = rhythm.quiet_from, rhythm.quiet_until
    return start <= hour < end if start <= end else hour >= start or hour < end


def _from_day(rhythm: Rhythm, first: date) -> Iterator[Occasion]:
    """Occasions from a day on, without end."""
    day = first
    while True:
        if rhythm.period is Period.MONTHLY:
            day = day if day.day == 1 else month_after(day)
            yield _occasion(f"{day:%Y-%m}", day, rhythm)
        elif day.weekday() in rhythm.days:
            week = day.isocalendar()
            is_weekly = rhythm.period is Period.WEEKLY
            yield _occasion(f"{week.year}-W{week.week:02}" if is_weekly else day.isoformat(), day, rhythm)
        day += timedelta(days=1)


def _occasion(key: str, day: date, rhythm: Rhythm) -> Occasion:
    due_at = datetime.combine(day, time(rhythm.hour), ZONES[rhythm.zone])
    return Occasion(key, day, due_at.astimezone(UTC))
