"""When a source is polled next, and what counts as an edited or repeated entry: pure decisions.

The rules are those of a fetcher that serves about 180,000 feeds: adaptive interval, weighted failures, parking. Two are
added for early warning: an interval is not stretched beyond the mean time between two entries of the source (else a
long feed is read twice a day), and it is spent faster in the hours in which the source publishes (`usual_hours`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from waspada.sources import usual_hours
from waspada.sources.types import Fault, PollOutcome, PollState, SourceState

MIN_INTERVAL_SECONDS = 600
MAX_INTERVAL_SECONDS = 86_400
#: Between two unconditional requests at most: servers answer 304 although the feed changed.
FULL_FETCH_EVERY = timedelta(hours=24)
MAX_RETRY_AFTER = timedelta(hours=24)
PARK_AT = 30.0
#: How often a parked source is asked.
PARKED_FOR = timedelta(seconds=MAX_INTERVAL_SECONDS)
FAULT_WEIGHTS = {Fault.HARD: 1.0, Fault.SOFT: 0.5, Fault.TEMPORARY_DNS: 0.25}
#: Shares of known entries beyond which the interval grows or shrinks, and by how much.
MANY_SEEN, FEW_SEEN = 0.67, 0.33
STEP = 1.5
SUCCESSES_BEFORE_STEP = 2
TOO_MANY_REQUESTS = 429
TOO_MANY_REQUESTS_SPREAD_SECONDS = 60

#: The same title within this time in one source is the same article under another address.
SAME_TITLE_FOR = timedelta(days=7)
KEPT_EVENTS = 30
MAX_ENTRIES = 2000
MAX_PAGE_ATTEMPTS = 5
PAGE_RETRY = timedelta(minutes=10)


def next_poll(state: PollState, outcome: PollOutcome, now: datetime, jitter: float) -> PollState:
    """The state of a source after a poll that ended at `now`. `jitter` is a random number from 0 to 1.

    The next poll lies between 10 minutes and 24 hours (and a minute) after `now`.
    """
    after = _success(state, outcome, now) if outcome.is_good else _failure(state, outcome)
    wait = _wait(after, outcome, now, jitter)
    cursor = state.cursor if outcome.cursor is None else outcome.cursor
    return replace(after, state=outcome.state, last_poll_at=now, next_poll_at=now + wait, cursor=cursor)


def validators(state: PollState, now: datetime) -> dict[str, str]:
    """The one conditional header to send (ETag, else Last-Modified), or none when a full request is due.

    A full request is due when waiting for the poll after this one could make more than a day since the last; that poll
    is then no later (`_wait`).
    """
    full = state.last_full_fetch_at
    longest = _spaced(state, _clamped(round(state.interval_seconds * STEP)), now)
    if full is None or now + longest - full >= FULL_FETCH_EVERY:
        return {}
    if state.etag:
        return {"If-None-Match": state.etag}
    if state.last_modified:
        return {"If-Modified-Since": state.last_modified}
    return {}


def is_due(state: PollState, now: datetime) -> bool:
    return state.next_poll_at <= now


def is_held_back(state: PollState, now: datetime) -> bool:
    """Whether a crawl of all sources should leave this one alone: it is failing or asked us to wait."""
    return not is_due(state, now) and (state.parked or state.failures > 0)


def page_retry_at(attempts: int, now: datetime, retry_after: timedelta | None = None) -> datetime | None:
    """When a page that failed `attempts` times is tried again: 10, 20, 40, 80 minutes; None after the fifth time."""
    if attempts >= MAX_PAGE_ATTEMPTS:
        return None
    wait = PAGE_RETRY * (1 << max(0, attempts - 1))
    return now + max(wait, min(retry_after or wait, MAX_RETRY_AFTER))


def is_edited(
    old_title: str, new_title: str, updated_at: datetime | None, checked_at: datetime | None, now: datetime
) -> bool:
    """Whether a known entry says that its article changed since the page was last fetched."""
    if new_title and old_title and new_title != old_title:
        return True
    return updated_at is not None and checked_at is not None and checked_at < updated_at <= now


def updates_are_believable(changed: Sequence[bool]) -> bool:
    """False when nearly all known entries of a feed claim an update at once: such a feed stamps the time of serving."""
    return len(changed) < 5 or sum(changed) < 0.8 * len(changed)


def _success(state: PollState, outcome: PollOutcome, now: datetime) -> PollState:
    new = 0 if outcome.state is SourceState.UNCHANGED else max(0, outcome.entries - outcome.seen_entries)
    learned = usual_hours.heard(state.usual_hours, state.last_success_at, now, new, outcome.published)
    interval, successes = state.interval_seconds, _successes(state, now)
    if successes >= SUCCESSES_BEFORE_STEP:
        interval, successes = _step(interval, _seen_share(outcome), usual_hours.longest_interval_seconds(learned)), 0
    fresh = replace(
        state,
        interval_seconds=_clamped(interval),
        on_time_successes=successes,
        failures=0.0,
        parked=False,
        last_success_at=now,
        usual_hours=learned,
    )
    return _with_validators(fresh, outcome, now)


def _successes(state: PollState, now: datetime) -> int:
    """On-time successes with this one: a late poll breaks the row, one by hand before its time does not count."""
    if state.last_poll_at is not None and now < state.next_poll_at:
        return state.on_time_successes
    on_time = state.last_poll_at is None or now - state.next_poll_at <= timedelta(seconds=state.interval_seconds)
    return state.on_time_successes + 1 if on_time else 0


def _with_validators(state: PollState, outcome: PollOutcome, now: datetime) -> PollState:
    """Keeps what the next conditional request needs; an incomplete answer leaves no validator behind."""
    if outcome.http_status == 304:
        return state
    return replace(
        state,
        etag=outcome.etag,
        last_modified=outcome.last_modified,
        body_sha256=outcome.body_sha256,
        last_full_fetch_at=state.last_full_fetch_at if outcome.conditional else now,
    )


def _failure(state: PollState, outcome: PollOutcome) -> PollState:
    weight = FAULT_WEIGHTS[outcome.fault or Fault.HARD]
    failures = min(PARK_AT, state.failures + weight)
    return replace(
        state,
        interval_seconds=_clamped(state.interval_seconds),
        failures=failures,
        on_time_successes=0,
        parked=failures >= PARK_AT,
    )


def _wait(state: PollState, outcome: PollOutcome, now: datetime, jitter: float) -> timedelta:
    """The interval, stretched linearly to 24 hours as failures grow, and never less than the server asked for.

    After a conditional request the next poll comes in time for the daily full one.
    """
    wait = _spaced(state, state.interval_seconds, now)
    wait += (timedelta(seconds=MAX_INTERVAL_SECONDS) - wait) * min(1.0, state.failures / PARK_AT)
    if outcome.is_good and outcome.conditional and state.last_full_fetch_at is not None:
        rest = state.last_full_fetch_at + FULL_FETCH_EVERY - now
        wait = min(wait, max(rest, timedelta(seconds=MIN_INTERVAL_SECONDS)))
    if outcome.retry_after is not None:
        wait = max(wait, min(outcome.retry_after, MAX_RETRY_AFTER))
    if outcome.http_status == TOO_MANY_REQUESTS:
        wait += timedelta(seconds=TOO_MANY_REQUESTS_SPREAD_SECONDS * jitter)
    return wait


def _spaced(state: PollState, interval_seconds: int, now: datetime) -> timedelta:
    """The wait that an interval means at this hour for this source, between 10 minutes and 24 hours."""
    seconds = (usual_hours.moment_after(state.usual_hours, now, interval_seconds) - now).total_seconds()
    return timedelta(seconds=max(MIN_INTERVAL_SECONDS, min(MAX_INTERVAL_SECONDS, seconds)))


def _seen_share(outcome: PollOutcome) -> float:
    if outcome.state is SourceState.UNCHANGED or outcome.entries == 0:
        return 1.0
    return outcome.seen_entries / outcome.entries


def _step(interval_seconds: int, seen_share: float, longest_seconds: float | None) -> int:
    """One step longer, at most to the mean time between two entries; one step shorter; or as before.

    A poll that brought nothing new is no reason to ask more often, whatever the mean says.
    """
    longest = MAX_INTERVAL_SECONDS if longest_seconds is None else max(MIN_INTERVAL_SECONDS, longest_seconds)
    if seen_share < FEW_SEEN:
        return round(interval_seconds / STEP)
    if interval_seconds > longest:
        return interval_seconds if seen_share >= 1.0 else round(max(interval_seconds / STEP, longest))
    return round(min(interval_seconds * STEP, longest)) if seen_share > MANY_SEEN else interval_seconds


def _clamped(interval_seconds: int) -> int:
    return max(MIN_INTERVAL_SECONDS, min(MAX_INTERVAL_SECONDS, interval_seconds))
