"""When a source is polled next: the table, and what holds for every history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from waspada.sources import policy, usual_hours
from waspada.sources.policy import next_poll, validators
from waspada.sources.types import Fault, PollOutcome, PollState, SourceState
from waspada.sources.usual_hours import UsualHours

NOW = datetime(2024, 11, 3, 8, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


def state(**given: object) -> PollState:
    return replace(PollState(next_poll_at=NOW, last_poll_at=NOW - timedelta(minutes=30)), **given)  # type: ignore[arg-type]


def ok(seen: int, entries: int = 20, **given: object) -> PollOutcome:
    outcome = PollOutcome(SourceState.OK, http_status=200, entries=entries, seen_entries=seen)
    return replace(outcome, **given)  # type: ignore[arg-type]


def failed(fault: Fault = Fault.SOFT, **given: object) -> PollOutcome:
    return replace(PollOutcome(SourceState.BROKEN, fault, 500), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "successes", "expected_seconds"),
    [
        (20, 0, 1800),  # the first success never moves the interval
        (20, 1, 2700),  # nothing new: longer
        (14, 1, 2700),
        (13, 1, 1800),  # between a third and two thirds: stays
        (7, 1, 1800),
        (6, 1, 1200),  # much new: shorter
        (0, 1, 1200),
    ],
)
def test_the_interval_moves_after_two_on_time_successes(seen: int, successes: int, expected_seconds: int) -> None:
    after = next_poll(state(on_time_successes=successes), ok(seen), NOW, 0.5)
    assert after.interval_seconds == expected_seconds
    assert after.next_poll_at == NOW + timedelta(seconds=expected_seconds)


def test_a_late_poll_says_nothing_about_the_usual_hours() -> None:
    late = state(next_poll_at=NOW - timedelta(hours=5), on_time_successes=1)
    assert next_poll(late, ok(20), NOW, 0.5).interval_seconds == 1800


@pytest.mark.parametrize(("fault", "weight"), [(Fault.HARD, 1.0), (Fault.SOFT, 0.5), (Fault.TEMPORARY_DNS, 0.25)])
def test_failures_weigh_by_their_kind(fault: Fault, weight: float) -> None:
    after = next_poll(state(failures=2.0), failed(fault), NOW, 0.5)
    assert after.failures == 2.0 + weight
    assert after.next_poll_at > NOW + timedelta(seconds=1800)


def test_a_source_is_parked_at_thirty_retried_daily_and_comes_back_by_itself() -> None:
    parked = next_poll(state(failures=29.5), failed(), NOW, 0.0)
    assert parked.parked
    assert parked.next_poll_at == NOW + DAY
    back = next_poll(replace(parked, next_poll_at=NOW + DAY), ok(3), NOW + DAY, 0.0)
    assert (back.parked, back.failures, back.state) == (False, 0.0, SourceState.OK)


@pytest.mark.parametrize(
    ("asked", "least"),
    [(timedelta(seconds=5), timedelta(minutes=30)), (timedelta(hours=3), timedelta(hours=3)), (DAY * 9, DAY)],
)
def test_retry_after_is_obeyed_up_to_a_day(asked: timedelta, least: timedelta) -> None:
    wait = next_poll(state(), failed(retry_after=asked), NOW, 0.0).next_poll_at - NOW
    assert least <= wait <= max(least, timedelta(hours=1))


def test_after_too_many_requests_up_to_a_minute_is_added_at_random() -> None:
    waits = [next_poll(state(), failed(http_status=429), NOW, jitter).next_poll_at for jitter in (0.0, 1.0)]
    assert waits[1] - waits[0] == timedelta(seconds=60)


def test_one_validator_only_and_a_full_request_at_least_daily() -> None:
    fresh = state(etag='"a"', last_modified="b", last_full_fetch_at=NOW - timedelta(hours=1))
    assert validators(fresh, NOW) == {"If-None-Match": '"a"'}
    assert validators(replace(fresh, etag=None), NOW) == {"If-Modified-Since": "b"}
    assert validators(replace(fresh, last_full_fetch_at=NOW - timedelta(hours=23, minutes=31)), NOW) == {}
    assert validators(replace(fresh, last_full_fetch_at=None), NOW) == {}


def test_a_304_keeps_the_validators_and_does_not_count_as_a_full_request() -> None:
    before = state(etag='"a"', body_sha256="x", last_full_fetch_at=NOW - timedelta(hours=2))
    outcome = PollOutcome(SourceState.UNCHANGED, http_status=304, conditional=True)
    after = next_poll(before, outcome, NOW, 0.0)
    assert (after.etag, after.body_sha256, after.last_full_fetch_at) == ('"a"', "x", NOW - timedelta(hours=2))
    assert after.last_success_at == NOW


def test_pages_are_tried_five_times_with_growing_pauses() -> None:
    waits = [policy.page_retry_at(attempts, NOW) for attempts in range(1, 6)]
    assert [int((w - NOW).total_seconds() // 60) for w in waits if w] == [10, 20, 40, 80]
    assert waits[-1] is None


@pytest.mark.parametrize(
    ("old", "new", "updated", "checked", "edited"),
    [
        ("Judul", "Judul baru", None, None, True),
        ("Judul", "Judul", None, NOW, False),
        ("Judul", "", None, NOW, False),
        ("Judul", "Judul", NOW - timedelta(hours=1), NOW - timedelta(hours=2), True),
        ("Judul", "Judul", NOW - timedelta(hours=3), NOW - timedelta(hours=2), False),
        ("Judul", "Judul", NOW + timedelta(hours=3), NOW - timedelta(hours=2), False),  # stamped ahead of time
        ("Judul", "Judul", NOW - timedelta(hours=1), None, False),  # not fetched yet anyway
    ],
)
def test_what_counts_as_an_edit(
    old: str, new: str, updated: datetime | None, checked: datetime | None, edited: bool
) -> None:
    assert policy.is_edited(old, new, updated, checked, NOW) is edited


def test_a_feed_that_stamps_the_time_of_serving_on_all_entries_is_not_believed() -> None:
    assert not policy.updates_are_believable([True] * 19 + [False])
    assert policy.updates_are_believable([True] * 5 + [False] * 15)
    assert policy.updates_are_believable([True, True])


@pytest.mark.parametrize(
    ("interval_seconds", "seen", "expected_seconds"),
    [
        (1800, 20, 2700),  # longer, but
        (3600, 20, 4320),  # not beyond the mean time between two entries: 20 a day are 72 minutes
        (9000, 13, 6000),  # beyond it: shorter, one step
        (5000, 19, 4320),
        (5000, 20, 5000),  # nothing new: as before
        (4320, 20, 4320),
        (4320, 6, 2880),  # much new at once: shorter
    ],
)
def test_an_interval_grows_no_further_than_the_mean_time_between_two_entries(
    interval_seconds: int, seen: int, expected_seconds: int
) -> None:
    known = UsualHours((20 * 10 / 24,) * 24, days=10.0)
    before = state(interval_seconds=interval_seconds, on_time_successes=1, usual_hours=known, last_success_at=NOW)
    assert next_poll(before, ok(seen), NOW, 0.0).interval_seconds == pytest.approx(expected_seconds, rel=0.1)


def test_a_source_of_which_nothing_is_known_keeps_the_plain_rule() -> None:
    assert next_poll(state(interval_seconds=50_000, on_time_successes=1), ok(20), NOW, 0.0).interval_seconds == 75_000


def test_a_poll_by_hand_before_its_time_moves_nothing() -> None:
    current = state(next_poll_at=NOW + timedelta(minutes=20), on_time_successes=1)
    for minute in range(10):
        current = replace(next_poll(current, ok(20), NOW + timedelta(minutes=minute), 0.0), next_poll_at=NOW + DAY)
    assert (current.interval_seconds, current.on_time_successes) == (1800, 1)


def test_a_failure_breaks_the_row_of_successes_and_leaves_the_interval() -> None:
    after = next_poll(next_poll(state(), ok(20), NOW, 0.0), failed(), NOW + timedelta(minutes=30), 0.0)
    assert (after.on_time_successes, after.interval_seconds) == (0, 1800)


def test_the_pause_after_failures_grows_linearly_to_a_day() -> None:
    waits, current = [], state()
    for _ in range(60):
        current = next_poll(current, failed(), NOW, 0.0)
        waits.append((current.next_poll_at - NOW).total_seconds())
    steps = {round(after - before) for before, after in pairwise(waits)}
    assert steps == {round((86_400 - 1800) / 60)}
    assert waits[-1] == 86_400
    assert current.parked


@given(st.lists(st.sampled_from(Fault), min_size=130, max_size=200), st.floats(0, 1))
def test_a_source_that_only_fails_is_parked_asked_daily_and_comes_back_by_itself(
    faults: list[Fault], jitter: float
) -> None:
    now, current = NOW, state()
    for fault in faults:
        current = next_poll(current, failed(fault), now, jitter)
        now = current.next_poll_at
        if current.parked:
            assert policy.is_due(current, now)
            assert timedelta(0) < now - (current.last_poll_at or NOW) <= DAY
    assert current.parked
    back = next_poll(current, ok(20), now, jitter)
    assert (back.parked, back.failures) == (False, 0.0)
    assert back.next_poll_at - now < timedelta(hours=1)


@pytest.mark.parametrize(("status", "most_seconds"), [(429, 60), (503, 0), (500, 0)])
def test_a_day_of_retry_after_and_the_minute_after_429_are_the_longest_wait(status: int, most_seconds: int) -> None:
    after = next_poll(state(failures=30.0), failed(http_status=status, retry_after=DAY * 400), NOW, 1.0)
    assert after.next_poll_at - NOW == DAY + timedelta(seconds=most_seconds)


@pytest.mark.parametrize("interval_seconds", [600, 1800, 7000, 40_000, 60_000, 86_400])
@pytest.mark.parametrize("lying", [True, False], ids=["always 304", "always 200"])
def test_a_polled_source_gets_a_request_without_conditions_at_least_daily(interval_seconds: int, lying: bool) -> None:
    now, current, full = NOW, state(interval_seconds=interval_seconds), None
    for _ in range(400):
        conditional = bool(validators(current, now))
        if not conditional:
            assert full is None or now - full <= DAY
            full = now
        known = replace(ok(20), etag='"a"', conditional=conditional)
        same = PollOutcome(SourceState.UNCHANGED, http_status=304, conditional=True)
        current = next_poll(current, same if conditional and lying else known, now, 0.0)
        now = current.next_poll_at


def test_polls_gather_in_the_hours_that_bring_entries() -> None:
    busy = UsualHours(tuple(20.0 if 0 <= hour < 10 else 0.0 for hour in range(24)), days=10.0)
    current = state(interval_seconds=4320, usual_hours=busy, last_success_at=NOW - timedelta(hours=1))
    by_day = next_poll(current, ok(10), NOW.replace(hour=4), 0.0).next_poll_at - NOW.replace(hour=4)
    by_night = next_poll(current, ok(10), NOW.replace(hour=14), 0.0).next_poll_at - NOW.replace(hour=14)
    assert by_day < timedelta(seconds=4320) < by_night
    assert by_night <= 4 * timedelta(seconds=4320)


@given(st.lists(st.floats(0, 1000), min_size=24, max_size=24), st.floats(0, 20), st.integers(0, 86_399))
def test_a_day_of_waiting_is_a_day_whatever_the_usual_hours(hours: list[float], days: float, second: int) -> None:
    """So the number of polls a day is that of the interval: the hours only say when."""
    start = NOW.replace(hour=0) + timedelta(seconds=second)
    after = usual_hours.moment_after(UsualHours(tuple(hours), days), start, 86_400)
    assert abs(after - start - DAY) < timedelta(seconds=1)


def test_usual_hours_are_learned_from_dates_and_without_them_from_the_time_between_two_polls() -> None:
    at = [NOW - timedelta(hours=hour) for hour in (1, 1, 2, 30)]
    first = usual_hours.heard(UsualHours(), None, NOW, 4, at)
    assert (first.hours[7], first.hours[6], first.hours[2], first.days) == (2.0, 1.0, 1.0, 30 / 24)
    undated = usual_hours.heard(UsualHours(), NOW - timedelta(hours=2), NOW, 4, [NOW - timedelta(days=3)])
    assert (undated.hours[6], undated.hours[7], sum(undated.hours)) == (2.0, 2.0, 4.0)


def test_an_old_archive_read_for_the_first_time_says_that_nothing_comes() -> None:
    first = usual_hours.heard(UsualHours(), None, NOW, 2000, [NOW - timedelta(days=400)] * 2000)
    assert (sum(first.hours), first.days) == (0.0, 7.0)
    assert usual_hours.longest_interval_seconds(first) is None


def test_an_archive_that_is_listed_again_is_not_the_news_of_today() -> None:
    """A site's system lists 2,000 addresses of ten years anew: one of today is among them."""
    relisted = [NOW - timedelta(days=400 + number) for number in range(2000)]
    after = usual_hours.heard(UsualHours((0.125,) * 24, 1.0), NOW - DAY, NOW, 2001, [*relisted, NOW - DAY / 2])
    assert sum(after.hours) < 4
    assert usual_hours.longest_interval_seconds(after) > 3600 * 8  # type: ignore[operator]


def test_polls_that_bring_nothing_new_make_no_source_be_asked_more_often() -> None:
    """It is said to bring an entry a half hour, and is asked every four hours: nothing but new entries speeds it up."""
    busy = state(interval_seconds=4 * 3600, usual_hours=UsualHours((2.0,) * 24, 1.0), last_success_at=NOW)
    for outcome, shrinks in ((ok(20), False), (ok(19), True)):
        now, current = NOW, busy
        for _ in range(2):
            current = next_poll(current, outcome, now, 0.0)
            now = current.next_poll_at
        assert (current.interval_seconds < busy.interval_seconds) is shrinks


def test_old_hours_are_forgotten_by_half_in_a_week() -> None:
    before = UsualHours((8.0,) * 24, days=8.0)
    after = usual_hours.heard(before, NOW - timedelta(days=7), NOW, 0, [])
    assert after == UsualHours((4.0,) * 24, days=11.0)


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
OUTCOMES = st.one_of(
    st.builds(
        ok,
        seen=st.integers(0, 20),
        conditional=st.booleans(),
        published=st.lists(MOMENTS | st.just(NOW - timedelta(hours=5)), max_size=20).map(tuple),
    ),
    st.builds(
        failed,
        fault=st.sampled_from(Fault),
        http_status=st.sampled_from([None, 403, 404, 429, 503]),
        retry_after=st.none() | st.timedeltas(timedelta(0), timedelta(days=400)),
    ),
    st.just(PollOutcome(SourceState.UNCHANGED, http_status=304, conditional=True)),
)


HISTORIES = st.lists(st.tuples(OUTCOMES, st.floats(0, 1), st.timedeltas(timedelta(0), timedelta(days=2))), max_size=60)


@given(HISTORIES)
def test_no_source_starves_and_none_is_polled_under_ten_minutes_apart(
    history: list[tuple[PollOutcome, float, timedelta]],
) -> None:
    now, current = NOW, state()
    for outcome, jitter, late in history:
        current = next_poll(current, outcome, now, jitter)
        wait = current.next_poll_at - now
        assert timedelta(minutes=10) <= wait <= DAY + timedelta(seconds=60)
        assert wait <= DAY or outcome.http_status == 429
        assert 600 <= current.interval_seconds <= 86_400
        assert 0 <= current.failures <= policy.PARK_AT
        assert current.parked == (current.failures >= policy.PARK_AT)
        now = current.next_poll_at + late


@given(HISTORIES)
@example([(ok(20), 0.0, timedelta(0))] * 8)
def test_the_interval_moves_only_with_the_second_of_two_on_time_successes(
    history: list[tuple[PollOutcome, float, timedelta]],
) -> None:
    now, current, row = NOW, state(), 0
    for outcome, jitter, late in history:
        on_time = now - current.next_poll_at <= timedelta(seconds=current.interval_seconds)
        row = row + 1 if outcome.is_good and on_time else 0
        after = next_poll(current, outcome, now, jitter)
        if after.interval_seconds != current.interval_seconds:
            assert row == 2
            assert 1 / 1.51 < after.interval_seconds / current.interval_seconds < 1.51
        row = row % 2
        current, now = after, after.next_poll_at + late
